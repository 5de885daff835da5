import { Form } from "react-router";
import type { ViewFailure, ViewsAnswer } from "../../routes/logs-views.server.ts";
import { Button, TextLink } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { Panel, PanelAwait, Skeleton } from "../ui/panel.tsx";
import { Notice } from "../ui/status.tsx";

interface SavedViewsProps {
  views: Promise<ViewsAnswer>;
  /** The filters at hand, as they would be saved. */
  search: string;
  failure: ViewFailure | null;
}

/** Filters kept under a name. They belong to whoever is signed in. */
export default function SavedViews({ views, search, failure }: SavedViewsProps) {
  const here = search === "" ? "/logs" : `/logs?${search}`;
  return (
    <Panel title="Your views" note="Filters and time under a name. Nobody else sees them.">
      <div className="flex flex-col gap-3">
        {failure?.formError != null && <Notice tone="danger" title={failure.formError} announce />}
        <PanelAwait resolve={views} what="Your views" fallback={<Skeleton lines={1} />}>
          {(answer) => <ViewList answer={answer} here={here} />}
        </PanelAwait>
        <Form
          method="post"
          action={here}
          // A saved view leaves the field empty again.
          key={here}
          className="flex max-w-xl flex-wrap items-end gap-2"
        >
          <input type="hidden" name="search" value={search} />
          <Field
            label="Save what is shown now as"
            name="name"
            required
            maxLength={80}
            autoComplete="off"
            className="flex-1 basis-56"
            defaultValue={failure?.name}
            error={failure?.nameError ?? undefined}
          />
          <Button>Save view</Button>
        </Form>
      </div>
    </Panel>
  );
}

function ViewList({ answer, here }: { answer: ViewsAnswer; here: string }) {
  if (answer.kind === "unavailable") {
    return (
      <Notice tone="warn" title="The database does not answer, so your views are not here.">
        Everything else on this page works without it. {answer.message}
      </Notice>
    );
  }
  if (answer.value.length === 0) return <p className="text-sm text-muted">None yet.</p>;
  return (
    <ul className="flex flex-wrap gap-2">
      {answer.value.map(({ id, name, searchParams }) => (
        <li key={id} className="flex items-center gap-1 rounded-md border border-line pl-3">
          <TextLink
            to={searchParams === "" ? "/logs" : `/logs?${searchParams}`}
            className="inline-flex min-h-11 min-w-0 items-center"
          >
            {name}
          </TextLink>
          <Form method="post" action={here}>
            <input type="hidden" name="id" value={id} />
            <Button tone="quiet" icon="cross" aria-label={`Delete the view ${name}`} />
          </Form>
        </li>
      ))}
    </ul>
  );
}
