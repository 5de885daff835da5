import type { BreakerSettings } from "../contracts/breaker.ts";

/**
 * Ratio, minimum of calls and first wait are Hystrix's defaults
 * (https://github.com/Netflix/Hystrix/wiki/Configuration: errorThresholdPercentage,
 * requestVolumeThreshold, sleepWindowInMilliseconds). Two differ, because a call to a shard may
 * take five seconds until it fails: the window is long enough to still hold the grants of the
 * failures it counts, and a probe's lease outlasts the time after which a probe is given up
 * (PROBE_CALL_MS_MAX in workers/cache/granted-call.ts) by what its report may take.
 */
export const DEFAULT_BREAKER_SETTINGS: BreakerSettings = {
  windowMs: 30_000,
  failureRatioToOpen: 0.5,
  callsMin: 20,
  reportersMin: 2,
  probesMax: 3,
  probeLeaseMs: 10_000,
  probeSuccessesToClose: 3,
  openMsBase: 5_000,
  openMsMax: 120_000,
};
