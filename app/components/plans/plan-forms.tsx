import { Form, useNavigation } from "react-router";
import type { PlanFailure } from "../../plan.server.ts";
import type { PreviewFailure } from "../../routes/operations-preview.server.ts";
import { Button, LinkButton } from "../ui/button.tsx";
import { ConfirmField, ReasonField } from "../ui/field.tsx";
import { OverrideFields } from "./plan-failure.tsx";
import type { PlanPreviewProps } from "./plan-preview.tsx";
import { confirmWords } from "./plan-words.ts";

type Page = PlanPreviewProps["page"];

/** The reason, for a removal the name as well, and the button that names what it is about. */
export function PlanConfirmForm({
  page,
  failure,
}: {
  page: Page;
  failure: PreviewFailure | undefined;
}) {
  const pending = useNavigation().formMethod === "POST";
  const { plan } = page.view;
  const words = confirmWords(plan);
  const [shard = ""] = plan.shards;
  return (
    <Form method="post" action={actionOf(page)} noValidate className="flex flex-col gap-3">
      <input type="hidden" name="intent" value="start" />
      {plan.kind === "remove" && (
        <ConfirmField
          name={shard}
          defaultValue={failure?.confirm}
          error={failure?.errors.confirm}
        />
      )}
      <ReasonField defaultValue={failure?.reason} error={failure?.errors.reason} />
      <div className="flex flex-wrap gap-2">
        <Button
          tone={plan.kind === "remove" ? "danger" : "accent"}
          icon={plan.kind === "remove" ? "cross" : "check"}
          pending={pending}
        >
          {pending ? words.pending : words.button}
        </Button>
        <WaysOut page={page} />
      </div>
    </Form>
  );
}

interface AgainProps {
  page: Page;
  overrides: PlanFailure["overrides"];
}

/** The same once more, as the world is now. */
export function PlanAgainForm({ page, overrides }: AgainProps) {
  const pending = useNavigation().formMethod === "POST";
  return (
    <Form method="post" action={actionOf(page)} className="flex flex-col gap-3">
      <input type="hidden" name="intent" value="again" />
      <OverrideFields overrides={overrides} />
      <div className="flex flex-wrap gap-2">
        <Button tone="accent" icon="arrowRight" pending={pending}>
          {pending ? "Planning…" : "Make a new plan"}
        </Button>
        <WaysOut page={page} />
      </div>
    </Form>
  );
}

/** To what it was made from, and away from it. */
function WaysOut({ page }: { page: Page }) {
  return (
    <>
      {page.change !== null && <LinkButton to={page.change}>Change</LinkButton>}
      <LinkButton to={backFrom(page)} tone="quiet">
        Back
      </LinkButton>
    </>
  );
}

function actionOf({ view: { plan } }: Page): string {
  return `/operations/preview?plan=${encodeURIComponent(plan.id)}`;
}

function backFrom({ view: { plan } }: Page): string {
  const [shard] = plan.shards;
  if (plan.kind === "undo") return `/operations/${plan.undoes ?? ""}`;
  return plan.kind === "drain" || plan.kind === "remove" ? `/shards/${shard}` : "/shards";
}
