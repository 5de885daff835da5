/**
 * A shard's circuit breaker: a pure state machine of five functions over plain data. The registry
 * keeps one per shard and gives its verdict with the route, so the whole edge sees one breaker.
 *
 *   closed ──bad window──▶ open ──wait is over──▶ half-open ──probes succeed──▶ closed
 *                           ▲                         │
 *                           └──────a probe fails──────┘
 *   anything ──operator──▶ isolated | disabled ──expiry──▶ closed;   anything ──reset──▶ closed
 */
export { admit, type Admission, type AdmitContext } from "./admit.ts";
export { force } from "./force.ts";
export { report, type ReportContext } from "./report.ts";
export { DEFAULT_BREAKER_SETTINGS } from "./settings.ts";
export { type Breaker, expire, newBreaker, type Step, type Transition } from "./state.ts";
export { type BreakerPicture, viewBreaker } from "./view.ts";
