import type { SilentShard } from "../../routes/shards-name.server.ts";
import { LinkButton } from "../ui/button.tsx";
import { Notice } from "../ui/status.tsx";
import { Time } from "../ui/values.tsx";

/** The shard does not answer: since when, what that means, and where to act. */
export default function ShardSilent({
  failure,
  mayRemove,
}: {
  failure: SilentShard;
  mayRemove: boolean;
}) {
  return (
    <Notice
      tone="danger"
      title={
        <>
          {failure.shard} has not answered since it was asked at <Time ms={failure.sinceMs} />.
        </>
      }
      actions={
        <>
          <LinkButton to={`/breakers?shard=${failure.shard}`}>Its breaker</LinkButton>
          {mayRemove && (
            <LinkButton to={`/shards/${failure.shard}/remove`}>Remove by force…</LinkButton>
          )}
        </>
      }
    >
      {failure.error} Its entries, its storage and its logs cannot be shown; what the registry knows
      of it can. Its breaker decides whether callers still try it.{" "}
      {mayRemove
        ? "If it is gone for good, remove it by force."
        : "If it is gone for good, an admin may remove it by force."}
    </Notice>
  );
}
