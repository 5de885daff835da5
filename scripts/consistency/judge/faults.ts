import type { PointScenario } from "../run/run-options.ts";
import type { Violation } from "./violation.ts";

/** A scenario whose fault came less often than it says has shown nothing, whatever else it saw. */
export function judgeFaults(
  { kind, point, fault, times }: PointScenario,
  carriedOut: number,
): Violation[] {
  if (carriedOut >= times) return [];
  const message =
    `${fault} at ${point} of a ${kind} was carried out ${carriedOut} times, ` +
    `where the scenario says ${times}`;
  return [{ judge: "faults", message, detail: [] }];
}
