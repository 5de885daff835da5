/** Who wants the alarm. */
const SHARES = ["housekeeping", "moves"] as const;
export type AlarmShare = (typeof SHARES)[number];

/**
 * An object has one alarm, and two parts that need it: it is set to what is wanted first, and each
 * part is told when its own time has come. What a part wanted before a restart is not known any
 * more, only the alarm, and not even that where it is the alarm that has started the object. So the
 * first one tells also those who have wanted nothing since, and each sees that it has nothing to do.
 */
export class AlarmShares {
  readonly #setAlarm: (atMs: number) => Promise<void>;
  readonly #wanted = new Map<AlarmShare, number>();
  /** Those who have not said since the start what they want. */
  readonly #unheard = new Set<AlarmShare>(SHARES);
  /** What is set; null: nothing. */
  #atMs: number | null;

  constructor(setAlarm: (atMs: number) => Promise<void>, atMs: number | null) {
    this.#setAlarm = setAlarm;
    this.#atMs = atMs;
    if (atMs === null) return;
    for (const share of SHARES) this.#wanted.set(share, atMs);
  }

  /**
   * Null: the share needs no alarm. Writes one row, and none where the alarm comes early enough: an
   * alarm that nobody needs any more is left to come.
   */
  want(share: AlarmShare, atMs: number | null): void {
    this.#unheard.delete(share);
    if (atMs === null) {
      this.#wanted.delete(share);
      return;
    }
    // One that wants anew what it had is overdue: the platform has given up on that alarm.
    const isOverdue = this.#atMs !== null && this.#wanted.get(share) === this.#atMs;
    this.#wanted.set(share, atMs);
    const first = Math.min(...this.#wanted.values());
    if (first !== this.#atMs || isOverdue) this.#set(first);
  }

  /** The alarm has come: whose time it is. What comes later is set again. */
  take(nowMs: number): AlarmShare[] {
    // One that is sent before its time is meant for whoever is first.
    const untilMs = Math.max(nowMs, this.#atMs ?? nowMs);
    this.#atMs = null;
    const isUnknown = this.#wanted.size === 0;
    const due = SHARES.filter((share) => {
      return this.#unheard.has(share) || (this.#wanted.get(share) ?? Infinity) <= untilMs;
    });
    this.#unheard.clear();
    for (const share of due) this.#wanted.delete(share);
    if (this.#wanted.size > 0) this.#set(Math.min(...this.#wanted.values()));
    return isUnknown ? [...SHARES] : due;
  }

  #set(atMs: number): void {
    this.#atMs = atMs;
    // Nobody waits for it: storage holds answers back until it is durable. Where it fails, the
    // object is mostly being ended already; one that lives on sets it again when it is wanted next.
    this.#setAlarm(atMs).catch(() => {
      if (this.#atMs === atMs) this.#atMs = null;
    });
  }
}
