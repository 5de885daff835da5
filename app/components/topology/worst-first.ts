import type { BreakerStateName } from "../../../workers/contracts.ts";
import { own } from "../../own.ts";

interface JudgedShard {
  name: string;
  breaker: BreakerStateName;
}

/** As far as they are known by now; a shard that has not answered yet counts as well. */
type KnownFigures = Readonly<
  Record<string, { kind: "failed" } | { kind: "answered"; value: { alarmError: string | null } }>
>;

/**
 * What needs a person comes first: shards that do not answer, breakers that are not closed,
 * housekeeping that fails. The others stay in the order of their numbers.
 */
export function worstFirst<Shard extends JudgedShard>(
  shards: readonly Shard[],
  figures: KnownFigures,
): Shard[] {
  const rank = ({ name, breaker }: Shard): number => {
    const known = own(figures, name);
    if (known?.kind === "failed") return 0;
    if (breaker !== "closed") return 1;
    return known?.kind === "answered" && known.value.alarmError !== null ? 2 : 3;
  };
  return shards.toSorted((one, other) => rank(one) - rank(other));
}
