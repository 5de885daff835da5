const SITE = "https://cepatedge.example";

const METHODS = ["POST", "POST", "POST", "POST", "POST", "PUT", "PATCH", "DELETE"];

/** What stands for `:name` and `:operation`; none is an operation, and one is a shard. */
const SEGMENTS = ["north", "nobody", "%00", "%F0%9F%9A%80", "__proto__", "..%2F", "n".repeat(900)];

const QUERIES = [
  "",
  "",
  "?plan=",
  "?plan=none",
  "?plan=%00",
  "?plan=a&plan=b",
  "?index",
  "?index=&q=%",
];

const NAMES = [
  ..."intent naming names weight capacityMib count prefix locationHint confirm reason".split(" "),
  ..."choice order shard expiry entriesPerSecond email password next theme zone to".split(" "),
  ..."override-target-over-capacity weight-north weight-nobody __proto__ constructor view".split(
    " ",
  ),
  "",
];

/** No order to a breaker is among them, and no shard's name to confirm. */
const TEXTS = [
  ..."plan start again pause resume throttle list series stay return none 15m save".split(" "),
  ..."0 1 -1 1e9 NaN 9007199254740993 true null [] {} dark light UTC".split(" "),
  "",
  " ",
  "\u0000",
  "\ud800",
  "a reason",
  "//evil.example/",
  "' or 1=1 --",
  "<script>alert(1)</script>",
  "r".repeat(2_000),
  "a\nb,c;d",
];

const CONTENT_TYPES = [
  "application/json",
  "text/plain",
  "multipart/form-data",
  "multipart/form-data; boundary=x",
  "application/x-www-form-urlencoded; charset=utf-16",
  "x",
  "",
];

/** Longer than a form may be. */
const LONG_BYTES = 70_000;

/**
 * A request to one of the dashboard's forms, mangled in one way or another; what it says can be
 * done for nobody, or for nobody of that role.
 *
 * @param random the whole choice: the same numbers make the same request
 * @param paths as in app/routes.ts
 * @param cookies one of them, or none
 */
export function fuzzedForm(random: () => number, paths: string[], cookies: string[]): Request {
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error("There is nothing to pick from.");
    return item;
  };
  const path = pick(paths).replace(/:\w+/, () => pick(SEGMENTS));
  const method = pick(METHODS);
  const headers: Record<string, string> = {};
  const origin = random();
  if (origin < 0.85) headers["Sec-Fetch-Site"] = "same-origin";
  else if (origin < 0.9) headers["Sec-Fetch-Site"] = "cross-site";
  else if (origin < 0.95) headers["Origin"] = pick(["https://evil.example", "null", "%", SITE]);
  if (random() < 0.9) headers["Cookie"] = pick(cookies);
  const body = fuzzedBody(random, pick);
  const isText = body !== null && !(body instanceof FormData);
  if (isText && random() < 0.2) headers["Content-Type"] = pick(CONTENT_TYPES);
  return new Request(`${SITE}${path}${pick(QUERIES)}`, { method, headers, body });
}

function fuzzedBody(
  random: () => number,
  pick: <T>(items: readonly T[]) => T,
): string | URLSearchParams | FormData | null {
  const chance = random();
  if (chance < 0.03) return null;
  if (chance < 0.05) return "x".repeat(LONG_BYTES);
  if (chance < 0.1) return pick(["{", "a=%", "%00%ff&&==", "--x\r\n\r\n", "null"]);
  const fields = Array.from({ length: Math.floor(random() * 6) }, () => {
    return [pick(NAMES), pick(TEXTS)] as const;
  });
  const body = chance < 0.9 ? new URLSearchParams() : new FormData();
  for (const [name, text] of fields) body.append(name, text);
  return body;
}
