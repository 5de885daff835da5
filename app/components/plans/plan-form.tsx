import type { ReactNode } from "react";
import { Form, useNavigation } from "react-router";
import type { PlanFailure } from "../../plan.server.ts";
import { Button, LinkButton } from "../ui/button.tsx";
import { OverrideFields, PlanFailureNotice } from "./plan-failure.tsx";

interface PlanFormProps {
  /** Where the form goes. */
  action: string;
  back: string;
  failure: PlanFailure | null | undefined;
  button: string;
  /** What it asks for, or says, before the button. */
  children: ReactNode;
}

/** The form that ends in a preview, with what became of the last try above it. */
export function PlanForm({ action, back, failure, button, children }: PlanFormProps) {
  const pending = useNavigation().formMethod === "POST";
  return (
    <>
      <PlanFailureNotice failure={failure} />
      <Form method="post" action={action} noValidate className="flex flex-col gap-4">
        {children}
        <OverrideFields overrides={failure?.overrides} />
        <div className="flex flex-wrap gap-2">
          <Button tone="accent" icon="arrowRight" pending={pending}>
            {pending ? "Planning…" : button}
          </Button>
          <LinkButton to={back} tone="quiet">
            Back
          </LinkButton>
        </div>
      </Form>
    </>
  );
}
