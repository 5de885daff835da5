import { LinkButton } from "../ui/button.tsx";
import { Notice } from "../ui/status.tsx";

/** Without the registry there is no topology to show: what that means, and what to do. */
export function RegistrySilent({ error }: { error: string }) {
  return (
    <Notice
      tone="danger"
      title="The registry does not answer, so nobody knows which shard owns what."
      actions={
        <LinkButton to="." reloadDocument>
          Try again
        </LinkButton>
      }
    >
      No cache operation can find its shard either. {error}
    </Notice>
  );
}
