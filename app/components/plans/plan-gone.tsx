import { LinkButton } from "../ui/button.tsx";
import { Notice } from "../ui/status.tsx";

export function PlanGone() {
  return (
    <Notice
      tone="warn"
      title="There is no such plan, or no longer."
      actions={
        <>
          <LinkButton to="/shards">Shards</LinkButton>
          <LinkButton to="/operations" tone="quiet">
            Operations
          </LinkButton>
        </>
      }
    >
      A plan can be started for a few minutes and is kept for a while longer. Begin again where it
      was made: on the page of the shard, or of all shards.
    </Notice>
  );
}
