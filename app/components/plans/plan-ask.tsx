import type { ReactNode } from "react";
import { Form, useNavigation } from "react-router";
import type { PlanFailure } from "../../plan.server.ts";
import { Button, LinkButton } from "../ui/button.tsx";
import { Panel } from "../ui/panel.tsx";
import { OverrideFields, PlanFailureNotice } from "./plan-failure.tsx";

interface PlanAskProps {
  /** Where the form goes. */
  action: string;
  back: string;
  failure: PlanFailure | undefined;
  button: string;
  drastic?: boolean;
  /** What it does, in a few sentences. */
  children: ReactNode;
}

/** The step before a preview, where nothing needs to be filled in: what it does, and the button. */
export function PlanAsk(props: PlanAskProps) {
  const { action, back, failure, button, drastic = false, children } = props;
  const pending = useNavigation().formMethod === "POST";
  return (
    <div className="flex max-w-3xl flex-col gap-4">
      <PlanFailureNotice failure={failure} />
      <Panel title="What it does" className={drastic ? "border-danger/40" : undefined}>
        <p className="max-w-prose">{children}</p>
      </Panel>
      <Form method="post" action={action} className="flex flex-col gap-4">
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
    </div>
  );
}
