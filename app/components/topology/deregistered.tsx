import { LinkButton } from "../ui/button.tsx";
import { Notice } from "../ui/status.tsx";

/** The answer after a shard was deregistered, and how to take it back. */
export function Deregistered({ name }: { name: string }) {
  return (
    <Notice
      tone="ok"
      title={`${name} is not registered any more.`}
      actions={<LinkButton to={`/shards/register?names=${name}`}>Register it again</LinkButton>}
      announce
    >
      It held nothing. To undo it, register a shard of the same name.
    </Notice>
  );
}
