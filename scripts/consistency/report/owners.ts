import type { Topology } from "../../../workers/contracts.ts";

/** Every slot's owner, by slot. */
export const ownersOf = ({ ranges }: Pick<Topology, "ranges">): string[] =>
  ranges.flatMap(({ first, last, shard }) => Array.from({ length: last - first + 1 }, () => shard));
