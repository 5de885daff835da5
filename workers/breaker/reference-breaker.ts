import type { BreakerOrder, BreakerSettings } from "../contracts/breaker.ts";
import type { BreakerVerdict, CallReport } from "../contracts/routing.ts";

/**
 * The breaker as one would explain it on a whiteboard, for tests: it keeps every grant, complaint
 * and permit for ever and looks through all of them each time. Shares no code with the real one.
 */
export class ReferenceBreaker {
  state: "closed" | "open" | "half-open" | "isolated" | "disabled" = "closed";
  generation = 1;
  sinceMs = 0;
  lastFailure: string | null = null;
  grants: { atMs: number; reporter: string; generation: number }[] = [];
  complaints: { atMs: number; reporter: string; generation: number; slow: boolean }[] = [];
  permits: { id: string; untilMs: number; generation: number; used: boolean }[] = [];
  successes = 0;
  reopenings = 0;
  probeAtMs = 0;
  tripped = { granted: 0, failed: 0, slow: 0, reporters: 0 };
  forced: { reason: string; by: string; expiresAtMs: number | null } | null = null;
  told: string[] = [];
  readonly settings: BreakerSettings;

  constructor(settings: BreakerSettings) {
    this.settings = settings;
  }

  admit(reporter: string, nowMs: number, newPermitId: () => string): BreakerVerdict {
    this.expire(nowMs);
    const waitMs = this.probeAtMs - nowMs;
    if (this.state === "open" && (waitMs <= 0 || waitMs > this.settings.openMsMax)) {
      this.successes = 0;
      this.go("half-open", nowMs, "breaker");
    }
    const { generation } = this;
    if (this.state === "closed" || this.state === "disabled") {
      this.grants.push({ atMs: nowMs, reporter, generation });
      return { kind: "allow", generation };
    }
    if (this.state === "half-open" && this.permitsOut(nowMs).length < this.settings.probesMax) {
      const permit = newPermitId();
      const untilMs = nowMs + this.settings.probeLeaseMs;
      this.permits.push({ id: permit, untilMs, generation, used: false });
      return { kind: "probe", generation, permit };
    }
    if (this.state === "isolated") {
      const leftMs = (this.forced?.expiresAtMs ?? Infinity) - nowMs;
      return { kind: "deny", generation, reason: "isolated", retryAfterMs: Math.min(leftMs, 30e3) };
    }
    const retryAfterMs = this.state === "open" ? this.probeAtMs - nowMs : 1_000;
    return { kind: "deny", generation, reason: "open", retryAfterMs };
  }

  report(call: CallReport, nowMs: number, random: number): void {
    this.expire(nowMs);
    if (call.generation !== this.generation) return;
    const bad = call.outcome !== "ok";
    if (this.state === "half-open") {
      const permit = this.permitsOut(nowMs).find(({ id }) => id === call.permit);
      if (!permit) return;
      permit.used = true;
      if (bad) {
        this.lastFailure = call.detail ?? null;
        this.reopenings += 1;
        this.open(nowMs, random);
      } else {
        this.successes += 1;
        if (this.successes >= this.settings.probeSuccessesToClose) this.close(nowMs, "breaker");
      }
    } else if ((this.state === "closed" || this.state === "disabled") && bad && !call.permit) {
      const { reporter, generation } = call;
      this.complaints.push({ atMs: nowMs, reporter, generation, slow: call.outcome === "slow" });
      this.lastFailure = call.detail ?? null;
      if (this.state === "closed" && this.isBadEnough(nowMs)) {
        this.tripped = this.window(nowMs);
        this.reopenings = 0;
        this.open(nowMs, random);
      }
    }
  }

  force(order: BreakerOrder, by: string, nowMs: number): void {
    if (order.action === "reset") {
      this.lastFailure = null;
      this.close(nowMs, by);
      return;
    }
    this.forced = { reason: order.reason, by, expiresAtMs: order.expiresAtMs };
    this.go(order.action === "isolate" ? "isolated" : "disabled", nowMs, by);
  }

  /** Ends a forced state whose time is over. */
  expire(nowMs: number): void {
    if (this.state !== "isolated" && this.state !== "disabled") return;
    const expiresAtMs = this.forced?.expiresAtMs ?? null;
    if (expiresAtMs === null || expiresAtMs > nowMs) return;
    this.close(Math.max(expiresAtMs, this.sinceMs), "expiry");
  }

  /** The dashboard sees an expiry before any call has brought it about. */
  view(nowMs: number): object {
    const seen = Object.assign(new ReferenceBreaker(this.settings), this, { told: [] });
    seen.expire(nowMs);
    return seen.picture(nowMs);
  }

  private picture(nowMs: number): object {
    const open = this.state === "open" || this.state === "half-open";
    const counting = this.state === "closed" || this.state === "disabled";
    const none = { granted: 0, failed: 0, slow: 0, reporters: 0 };
    return {
      state: this.state,
      generation: this.generation,
      sinceMs: this.sinceMs,
      settings: this.settings,
      lastFailure: this.lastFailure,
      window: counting ? this.window(nowMs) : open ? this.tripped : none,
      permitsOut: this.state === "half-open" ? this.permitsOut(nowMs).length : 0,
      probeSuccesses: this.state === "half-open" ? this.successes : 0,
      probeAtMs: this.state === "open" ? this.probeAtMs : null,
      forced: this.forced,
    };
  }

  private permitsOut(nowMs: number) {
    return this.permits.filter(
      ({ generation, used, untilMs }) =>
        generation === this.generation &&
        !used &&
        nowMs < untilMs &&
        untilMs - nowMs <= this.settings.probeLeaseMs,
    );
  }

  private inWindow<T extends { atMs: number; generation: number }>(all: T[], nowMs: number): T[] {
    const { windowMs } = this.settings;
    const tenth = Math.ceil(windowMs / 10);
    const startOfTenth = (atMs: number) => Math.floor(atMs / tenth) * tenth;
    return all.filter(
      ({ atMs, generation }) =>
        generation === this.generation && startOfTenth(atMs) > startOfTenth(nowMs) - windowMs,
    );
  }

  private window(nowMs: number) {
    const complaints = this.inWindow(this.complaints, nowMs);
    const slow = complaints.filter((complaint) => complaint.slow).length;
    return {
      granted: this.inWindow(this.grants, nowMs).length,
      failed: complaints.length - slow,
      slow,
      reporters: new Set(complaints.map(({ reporter }) => reporter)).size,
    };
  }

  private isBadEnough(nowMs: number): boolean {
    const granted = this.inWindow(this.grants, nowMs).map(({ reporter }) => reporter);
    const complained = this.inWindow(this.complaints, nowMs).map(({ reporter }) => reporter);
    const everyone = new Set(granted);
    const complainers = new Set(complained);
    return (
      granted.length >= this.settings.callsMin &&
      complained.length >= granted.length * this.settings.failureRatioToOpen &&
      (complainers.size >= this.settings.reportersMin ||
        (everyone.size < this.settings.reportersMin &&
          granted.every((reporter) => complainers.has(reporter))))
    );
  }

  private open(nowMs: number, random: number): void {
    const { openMsBase, openMsMax } = this.settings;
    let ceilingMs = openMsBase;
    for (let n = 0; n < this.reopenings; n += 1) ceilingMs = Math.min(ceilingMs * 2, openMsMax);
    this.probeAtMs = nowMs + Math.floor(random * Math.min(ceilingMs, openMsMax));
    this.go("open", nowMs, "breaker");
  }

  private close(nowMs: number, by: string): void {
    this.forced = null;
    this.go("closed", nowMs, by);
  }

  private go(state: ReferenceBreaker["state"], nowMs: number, by: string): void {
    this.generation += 1;
    this.told.push(`${this.state} → ${state} by ${by} at ${nowMs}, #${this.generation}`);
    this.state = state;
    this.sinceMs = nowMs;
  }
}
