import { isWaiting, SECOND_MS } from "../../lib/clock.ts";
import { type Flight, findSource, saveFlight } from "../sources-store.ts";

/**
 * What each source of the running operation said last. Sources report many times a second, so a
 * report stays in memory, and is written when it says something new, or once in a while; after an
 * eviction the next report tells the rest again.
 */

/** A flight that says nothing new is written at most once in this time. */
const SAVE_EVERY_MS = SECOND_MS;

interface Contact {
  /** When the source asked or reported last; at first, since when anybody could have heard it. */
  heardAtMs: number;
  /** Why it could not be woken, since it was heard last. */
  unreachable: string | null;
  /** The last thing it was told is to wait for the end of the pause: it begins nothing. */
  isHeld: boolean;
}

export class Flights {
  readonly #flights = new Map<string, { seq: number; flight: Flight; savedAtMs: number }>();
  readonly #contacts = new Map<string, Contact>();
  /** By source, the targets that it has failed with, the one of the latest failure last. */
  readonly #failedTargets = new Map<string, readonly string[]>();
  readonly #sinceMs: number;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  heard(source: string, nowMs: number): void {
    this.#contacts.set(source, { heardAtMs: nowMs, unreachable: null, isHeld: false });
  }

  held(source: string, nowMs: number): void {
    this.#contacts.set(source, { heardAtMs: nowMs, unreachable: null, isHeld: true });
  }

  /** Whoever was heard since `calledAtMs`, when it was to be woken, can be reached all the same. */
  couldNotWake(source: string, why: string, calledAtMs: number): void {
    const contact = this.contact(source);
    if (contact.heardAtMs > calledAtMs) return;
    this.#contacts.set(source, { ...contact, unreachable: why });
  }

  failedWith(source: string, target: string): void {
    const others = this.failedTargets(source).filter((failed) => failed !== target);
    this.#failedTargets.set(source, [...others, target]);
  }

  /** After a restart of the registry none: the next failure tells it again. */
  failedTargets(source: string): readonly string[] {
    return this.#failedTargets.get(source) ?? [];
  }

  contact(source: string): Contact {
    const unheard = { heardAtMs: this.#sinceMs, unreachable: null, isHeld: false };
    return this.#contacts.get(source) ?? unheard;
  }

  /** Memory first: the row may be a little behind. */
  of(seq: number, source: string, stored: Flight | null): Flight | null {
    const known = this.#flights.get(source);
    return known?.seq === seq ? known.flight : stored;
  }

  /** Call it in a transaction; answers whether the flight says something new. */
  note(sql: SqlStorage, seq: number, source: string, flight: Flight, nowMs: number): boolean {
    const known = this.#flights.get(source);
    const before =
      known?.seq === seq ? known.flight : (findSource(sql, seq, source)?.flight ?? null);
    const isNew =
      before === null ||
      before.step !== flight.step ||
      before.cause !== flight.cause ||
      before.logsCopiedAtMs !== flight.logsCopiedAtMs;
    const savedAtMs = known?.seq === seq ? known.savedAtMs : Number.NEGATIVE_INFINITY;
    const isDue = isNew || !isWaiting(savedAtMs + SAVE_EVERY_MS, SAVE_EVERY_MS, nowMs);
    if (isDue) saveFlight(sql, seq, source, flight);
    this.#flights.set(source, { seq, flight, savedAtMs: isDue ? nowMs : savedAtMs });
    return isNew;
  }

  /** What was committed is in flight no more. */
  landed(seq: number, source: string): void {
    const known = this.#flights.get(source);
    if (known?.seq !== seq) return;
    known.flight = { ...known.flight, entries: 0, bytes: 0 };
  }

  clear(): void {
    this.#flights.clear();
    this.#contacts.clear();
    this.#failedTargets.clear();
  }
}
