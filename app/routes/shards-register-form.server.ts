import { z } from "zod";
import type { LocationHint, ShardSpec } from "../../workers/contracts.ts";
import { CAPACITY_BYTES_DEFAULT, CAPACITY_BYTES_MAX } from "../../workers/lib/limits.ts";
import { SHARD_NAME_PATTERN } from "../../workers/lib/names.ts";
import {
  CAPACITY_BYTES_MIN,
  RESERVED_SHARD_NAME,
  SPECS_PER_PLAN_MAX,
  WEIGHT_DEFAULT,
  WEIGHT_MAX,
} from "../../workers/registry/input.ts";

const MIB = 1_048_576;
const LOCATION_HINTS: readonly LocationHint[] = [
  "wnam",
  "enam",
  "sam",
  "weur",
  "eeur",
  "apac",
  "oc",
  "afr",
  "me",
];

/** What the form's fields hold, as they were sent or as they are suggested. */
export interface RegisterFields {
  naming: "series" | "list";
  prefix: string;
  count: string;
  names: string;
  weight: string;
  location: string;
  capacityMib: string;
}

export type RegisterErrors = Partial<Record<keyof RegisterFields, string>>;

export type SpecsAnswer =
  | { kind: "specs"; specs: ShardSpec[] }
  | { kind: "bad"; errors: RegisterErrors };

const wholeNumber = (least: number, most: number) => {
  const message = `A whole number from ${least} to ${most.toLocaleString("en-GB")}.`;
  return z
    .string()
    .trim()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= least && value <= most, message);
};

const PREFIX_LENGTH_MAX = 58;
const PREFIX_PATTERN = /^[a-z][a-z0-9-]*$/;

const sharedSchema = z.object({
  naming: z.enum(["series", "list"], "Choose how the shards are named."),
  weight: wholeNumber(1, WEIGHT_MAX),
  location: z.enum(["", ...LOCATION_HINTS], "Choose one of the places."),
  capacityMib: wholeNumber(CAPACITY_BYTES_MIN / MIB, CAPACITY_BYTES_MAX / MIB),
});

const seriesSchema = z.object({
  count: wholeNumber(1, SPECS_PER_PLAN_MAX),
  prefix: z
    .string()
    .trim()
    .max(PREFIX_LENGTH_MAX, `At most ${PREFIX_LENGTH_MAX} characters.`)
    .regex(PREFIX_PATTERN, "Begins with a–z; then a–z, 0–9 and -, as in shard-."),
});

const listSchema = z.object({
  names: z
    .string()
    .transform((text) => text.split(/[\s,;]+/).filter((name) => name !== ""))
    .superRefine((names, context) => {
      const problem = problemOf(names);
      if (problem !== null) context.addIssue({ code: "custom", message: problem });
    }),
});

/** The suggestion that an empty form begins with; search params fill it in, so it can be linked. */
export function suggestedFields(searchParams: URLSearchParams, shards: number): RegisterFields {
  const names = (searchParams.get("names") ?? "").slice(0, 2_000);
  return {
    naming: names === "" ? "series" : "list",
    prefix: searchParams.get("prefix") ?? "shard-",
    count: searchParams.get("count") ?? (shards === 0 ? "4" : "1"),
    names,
    weight: searchParams.get("weight") ?? String(WEIGHT_DEFAULT),
    location: searchParams.get("location") ?? "",
    capacityMib: searchParams.get("capacityMib") ?? String(CAPACITY_BYTES_DEFAULT / MIB),
  };
}

export function fieldsFrom(given: Record<string, string>): RegisterFields {
  const {
    prefix = "",
    count = "",
    names = "",
    weight = "",
    location = "",
    capacityMib = "",
  } = given;
  const naming = given["naming"] === "list" ? "list" : "series";
  return { naming, prefix, count, names, weight, location, capacityMib };
}

/** The same shards again, for a plan that has grown stale or is to be changed. */
export function hrefToPlanAgain(specs: readonly ShardSpec[]): string {
  const [first] = specs;
  if (first === undefined) return "/shards/register";
  const params = new URLSearchParams({
    names: specs.map(({ name }) => name).join(" "),
    weight: String(first.weight),
    location: first.locationHint ?? "",
    capacityMib: String(first.capacityBytes / MIB),
  });
  return `/shards/register?${params.toString()}`;
}

/** @param taken names that are registered: a series goes on after its highest number. */
export function specsFrom(fields: RegisterFields, taken: readonly string[]): SpecsAnswer {
  const shared = sharedSchema.safeParse(fields);
  const naming =
    fields.naming === "series" ? seriesSchema.safeParse(fields) : listSchema.safeParse(fields);
  if (!shared.success || !naming.success) {
    return { kind: "bad", errors: { ...errorsOf(shared.error), ...errorsOf(naming.error) } };
  }
  const { weight, location, capacityMib } = shared.data;
  const names = "names" in naming.data ? naming.data.names : seriesOf(naming.data, taken);
  const tooLong = names.find((name) => !SHARD_NAME_PATTERN.test(name));
  if (tooLong !== undefined) {
    return { kind: "bad", errors: { prefix: `${tooLong} is too long for a name.` } };
  }
  const rest = {
    weight,
    locationHint: location === "" ? null : location,
    capacityBytes: capacityMib * MIB,
  };
  return { kind: "specs", specs: names.map((name) => ({ name, ...rest })) };
}

/** `shard-01`, `shard-02`…: at least two digits, so that a list by name is in order for longer. */
function seriesOf(series: { prefix: string; count: number }, taken: readonly string[]): string[] {
  const { prefix, count } = series;
  const numbers = taken
    .filter((name) => name.startsWith(prefix) && /^\d{1,6}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)));
  const first = Math.max(0, ...numbers) + 1;
  return Array.from({ length: count }, (_, index) => {
    return `${prefix}${String(first + index).padStart(2, "0")}`;
  });
}

function problemOf(names: readonly string[]): string | null {
  if (names.length === 0) return "Write at least one name.";
  if (names.length > SPECS_PER_PLAN_MAX) {
    return `At most ${SPECS_PER_PLAN_MAX} shards at a time; these are ${names.length}.`;
  }
  const bad = names.find((name) => !SHARD_NAME_PATTERN.test(name));
  if (bad !== undefined) {
    return `“${bad.slice(0, 70)}” is no name: a–z first, then at most 62 of a–z, 0–9 and -.`;
  }
  if (names.includes(RESERVED_SHARD_NAME))
    return `“${RESERVED_SHARD_NAME}” is the name of this page: choose another.`;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? null : `${twice} stands there twice.`;
}

function errorsOf(error: z.ZodError | undefined): RegisterErrors {
  const issues = error?.issues ?? [];
  return Object.fromEntries(issues.map(({ path, message }) => [String(path[0]), message]));
}
