import type { Violation } from "../judge/violation.ts";
import type { Aim } from "../run/faults.ts";
import type { SourcePatch } from "../server/bundle.ts";

/** One rule of the protocol, broken. */
export interface Mutation {
  name: string;
  /** False: nothing is broken, and nothing may be found. */
  isFault: boolean;
  /** The judge that has to find it, where others could find no more than that it takes long. */
  judge?: Violation["judge"];
  patches: SourcePatch[];
}

/** At random, too: where messages are lost or late, so that what a rule is for comes about. */
export const AIMS: readonly Aim[] = [
  // A cancel comes between a source's question and the registry's answer.
  { point: "commitMoves.before", fault: "delay", share: 0.3 },
  { point: "acceptLogs.before", fault: "fail", share: 0.5 },
];

const FENCE = "workers/shard/fence.ts";
const BATCH = "workers/shard/moves/batch-mover.ts";
const OUTGOING = "workers/shard/moves/outgoing.ts";
const TARGET = "workers/shard/moves/target.ts";
const LOG_MOVER = "workers/shard/moves/log-mover.ts";
const COMMIT = "workers/registry/operations/commit.ts";
const BEGIN = "workers/registry/operations/begin.ts";

/** What changed while the slots were copied stays behind. */
const DELTA_NOT_SENT: SourcePatch = {
  file: BATCH,
  from: `    return transaction(() => takeChanges(sql, { rows, bytes: CHUNK_BYTES }));`,
  to: `    transaction(() => takeChanges(sql, { rows, bytes: CHUNK_BYTES }));
    return { entries: [], removed: [] };`,
};

export const MUTATIONS: readonly Mutation[] = [
  { name: "none", isFault: false, patches: [] },
  fault("fence removed", {
    // Whoever comes is served, at whatever epoch, once the shard has heard of the slot.
    file: FENCE,
    from: `  switch (tenure.kind) {
    case "unknown":
      return "adopt";`,
    to: `  if (tenure.kind !== "unknown" && tenure.kind !== "staging") return "serve";
  switch (tenure.kind) {
    case "unknown":
      return "adopt";`,
  }),
  fault("freeze skipped", {
    // The copy is compared and committed while writes go on.
    file: FENCE,
    from: `return access === "read" ? "serve" : "moving";`,
    to: `return "serve";`,
  }),
  // The digests are unequal then, and nothing is ever committed that was written meanwhile: the
  // data stays right, and the copies differ. With the comparison gone too, it shows in the data.
  { ...fault("delta not sent", DELTA_NOT_SENT), judge: "digests" },
  fault("delta not sent, digests not compared", DELTA_NOT_SENT, {
    file: BATCH,
    from: `    if (isEqualDigest(digest, bySlot.get(digest.slot))) continue;`,
    to: `    if (isEqualDigest(digest, digest) && bySlot.size >= 0) continue;`,
  }),
  fault("commit not compared", {
    // The registry makes whoever is asked for the owner, whatever has been decided meanwhile.
    file: COMMIT,
    from: `  if (operation === null || isOver(operation) || operation.epoch !== epoch) return false;
  if (row === undefined || row.state !== "waiting" || row.source !== shard) return false;`,
    to: `  if (operation !== null && row !== undefined) return true;
  if (operation === null || isOver(operation) || operation.epoch !== epoch) return false;
  if (row === undefined || row.state !== "waiting" || row.source !== shard) return false;`,
  }),
  fault("source deletes before commit", {
    file: OUTGOING,
    from: `        fences.close(slot, fromEpoch, epoch);`,
    to: `        fences.close(slot, fromEpoch, epoch);
        this.#parts.entries.removeSlot(slot);`,
  }),
  fault("epoch not raised", {
    file: BEGIN,
    from: `const epoch = takeEpoch(sql);`,
    to: `const epoch = world.epoch > 0 ? world.epoch : takeEpoch(sql);`,
  }),
  fault("log handed over without acknowledgement", {
    // The cursor goes on whether or not the target has taken the batch.
    file: LOG_MOVER,
    from: `await this.#send(order.targets, batch);`,
    to: `void this.#send(order.targets, batch).catch(() => null);`,
  }),
  fault("adopt before commit", {
    // A target serves as soon as it holds everything.
    file: TARGET,
    from: `        this.#saveStream(stream, chunk, "sealed");`,
    to: `        this.#saveStream(stream, chunk, "sealed");
        for (const slot of slots) this.#parts.fences.adopt({ slot, epoch: stream.epoch });`,
  }),
];

function fault(name: string, ...patches: SourcePatch[]): Mutation {
  return { name, isFault: true, patches };
}
