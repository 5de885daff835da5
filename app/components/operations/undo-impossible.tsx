import type { Operation } from "../../../workers/contracts.ts";
import { TextLink } from "../ui/button.tsx";

/** Why an operation that has ended has no way back, or none for now. */
export default function UndoImpossible({ operation }: { operation: Operation }) {
  const { homeGone, homeIsDrained } = operation;
  if (homeGone !== null && homeIsDrained) return <HomeDrained shard={homeGone} />;
  if (homeGone !== null) return <HomeGone shard={homeGone} />;
  if (operation.kind === "remove") return <p>Not at all: what the shard held is lost.</p>;
  return (
    <p className="max-w-prose">
      {whyImpossible(operation)} A drain, a registration or a rebalance takes slots wherever they
      are wanted.
    </p>
  );
}

/** The time is not over, so the way back is still there for a shard of that name. */
function HomeGone({ shard }: { shard: string }) {
  return (
    <p className="max-w-prose wrap-anywhere">
      Not now: {shard}, where slots would go back to, is not registered any more. Once{" "}
      <TextLink to={`/shards/register?names=${shard}`}>a shard of that name is registered</TextLink>
      , it can be undone for what is left of the 24 hours since it ended.
    </p>
  );
}

function HomeDrained({ shard }: { shard: string }) {
  return (
    <p className="max-w-prose wrap-anywhere">
      Not now: <TextLink to={`/shards/${shard}`}>{shard}</TextLink>, where slots would go back to,
      is drained. Once it is active again, it can be undone for what is left of the 24 hours since
      it ended.
    </p>
  );
}

function whyImpossible({ slotsMoved, progress }: Operation): string {
  if (slotsMoved === 0) return "It moved no slot, so there is nothing to take back.";
  if (progress.digestsVerified === 0) return "Nobody owned these slots before.";
  return "The 24 hours in which it could be undone are over.";
}
