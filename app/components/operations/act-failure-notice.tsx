import type { ActFailure } from "../../routes/operation-acts.server.ts";
import { RefusalNotice } from "../plans/refusal-notice.tsx";
import { Notice } from "../ui/status.tsx";

/** Why an act did not happen, or that nobody knows whether it did. */
export function ActFailureNotice({ failure }: { failure: ActFailure | undefined }) {
  if (failure?.refusal) return <RefusalNotice title="Nothing was changed." {...failure.refusal} />;
  if (!failure?.unknown) return null;
  return (
    <Notice tone="danger" title="The registry did not answer in time." announce>
      {failure.unknown} It may or may not have been done: the state on this page tells.
    </Notice>
  );
}
