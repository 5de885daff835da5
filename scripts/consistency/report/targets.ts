import { table } from "../../load/table.ts";

/** What was asked for, and what came of it. */
export interface Target {
  name: string;
  measured: string;
  asked: string;
  isMet: boolean;
}

export function targetLines(targets: readonly Target[]): string[] {
  const rows = targets.map(({ name, measured, asked, isMet }) => {
    return [name, measured, asked, isMet ? "met" : "MISSED"];
  });
  return table(["target", "measured", "asked", ""], rows);
}
