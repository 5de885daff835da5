import { MINUTE_MS, SECOND_MS } from "../../lib/clock.ts";

/** Slots go together until their entries are so many, or weigh so much; always at least one. */
export const BATCH_ENTRIES = 256;
export const BATCH_BYTES = 4 * 1_048_576;

/** Of one message, values and names together; an RPC message may have 32 MiB. */
export const CHUNK_ENTRIES = 500;
export const CHUNK_BYTES = 4 * 1_048_576;

/** A message with one row more than the bound above and the largest of values. */
export const CHUNK_ROWS_MAX = 2 * CHUNK_ENTRIES;

/** So few changed keys may be left for the freeze; after so many rounds it comes anyway. */
export const FINAL_CHANGES = 16;
export const CHANGE_ROUNDS_MAX = 8;

/** Attempts of one message before the whole copy is given up and begun again. */
export const CHUNK_ATTEMPTS_MAX = 3;

/** Entries that one turn of a clean-up, or of a discard, removes; requests come between the turns. */
export const CLEAN_ROWS = 1_000;

/**
 * Entries of an earlier stage that a new one may drop at its beginning; where there are more, its
 * source comes again. Mostly that source has the rest dropped meanwhile, in turns as above.
 */
export const STALE_ROWS = 10 * CLEAN_ROWS;

/** Logs, or minutes, of one message and of one turn of their removal. */
export const LOG_ROWS = 1_000;

/**
 * Of the logs that one statement is given, as JSON. Cloudflare takes 2 MB a value, and a key of
 * control characters is six times as long in JSON.
 */
export const LOG_BIND_BYTES = 1_048_576;

/**
 * While clients ask it for keys, a source rests after a batch for as long as the batch took, but no
 * longer than this: its object has one thread.
 */
export const REST_MS_MAX = 50;

/** A slot is frozen for at most so long; then it is served again, and the copy begun again. */
export const FREEZE_MS_MAX = SECOND_MS;

/**
 * One slot can hold more than any batch should, and both sides read all of it while it is frozen:
 * it gets this much for an entry and for a mebibyte, several times what they take, where that is
 * more than the bound above. Else such a slot could never move.
 */
export const FREEZE_MS_PER_ENTRY = 0.1;
export const FREEZE_MS_PER_MIB = 20;

/** While a slot is frozen for long, the registry hears of it so often. */
export const FROZEN_TOLD_EVERY_MS = 2 * SECOND_MS;

/** A call that takes longer has failed; each may be repeated. */
export const STAGE_CALL_MS_MAX = 5 * SECOND_MS;
export const TARGET_CALL_MS_MAX = 5 * SECOND_MS;
export const COMMIT_CALL_MS_MAX = 5 * SECOND_MS;
export const REGISTRY_CALL_MS_MAX = 5 * SECOND_MS;

/** The registry hears of the source's progress, and the source of its wishes, so often. */
export const REPORT_EVERY_MS = 500;

/** What holds up a clean-up is told so often while nothing else is: well before it is a stall. */
export const FAILURE_TOLD_EVERY_MS = 5 * SECOND_MS;

/** Waits after failures double from the first to the second, with jitter, endlessly. */
export const RETRY_MS_MIN = 100;
export const RETRY_MS_MAX = 10 * SECOND_MS;

/**
 * The clean-up is mostly done in a moment, and the next batch comes after it; one that takes longer
 * goes on beside the moves.
 */
export const CLEAN_UP_AWAITED_MS_MAX = 250;

/**
 * What is left for a target that does not answer is tried so often at last; nobody waits for it but
 * the end of an operation, and rows that take room.
 */
export const CLEANER_RETRY_MS_MAX = MINUTE_MS;

/** The same while a slot is closed: nobody can be served until the registry has answered. */
export const CLOSED_RETRY_MS_MIN = 20;
export const CLOSED_RETRY_MS_MAX = 2 * SECOND_MS;

/** A longer wait is left to the alarm, so that the object may leave memory. */
export const WAIT_IN_MEMORY_MS_MAX = 2 * SECOND_MS;

/** While slots are on their way the alarm comes so often: whatever ended the drive, it goes on. */
export const ALARM_EVERY_MS = 5 * SECOND_MS;

/** When a source may come again whose slot is still being cleaned here. */
export const CLEANING_RETRY_MS = 200;
