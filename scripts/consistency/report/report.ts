import { grouped, milliseconds, table } from "../../load/table.ts";
import type { Violation } from "../judge/violation.ts";
import type { RunResult } from "../run/run-options.ts";
import { figuresOf } from "./figures.ts";

const VIOLATIONS_SHOWN = 5;
const WORDS_SHOWN = 8;

const HEAD = [
  "seed",
  "requests",
  "time",
  "operations",
  "faults",
  "violations",
  "unknown",
  "failed",
  "p50 quiet",
  "p99 quiet",
  "p50 moving",
  "p99 moving",
  "slot write p99",
];

/** One line a seed, one for all of them, and what failed by code. */
export function summaryLines(results: readonly RunResult[]): string[] {
  const rows = results.map((result) => {
    const { quiet, moving, slotWriteP99 } = figuresOf(result.samples, result.changes);
    const figures = [quiet.p50, quiet.p99, moving.p50, moving.p99, slotWriteP99];
    return [...countCells(String(result.seed), [result]), ...figures.map(milliseconds)];
  });
  const ended = results.flatMap((result) => result.ended);
  const all = [...countCells("all", results), "", "", "", "", ""];
  return [
    ...table(HEAD, results.length > 1 ? [...rows, all] : rows),
    "",
    `operations: ${countsLine(ended.map(({ kind, state }) => `${kind} ${state}`))}`,
    `seen whole: ${countsLine(results.flatMap(({ changes }) => changes.map(changeName)))}`,
    `faults: ${sumsLine(results.map(({ faults }) => faults))}`,
    `refused changes: ${sumsLine(results.map(({ refusals }) => refusals))}`,
    `failed requests by code: ${sumsLine(results.map(({ failures }) => failures))}`,
    `logs: ${grouped(sum(results.map(({ logs }) => logs)))}, walks through all of them: ` +
      `${sum(results.map(({ walks }) => walks))}, broken off by a fault: ` +
      `${sum(results.map(({ walksBroken }) => walksBroken))}`,
  ];
}

/** What a person needs to look into a seed that went red. */
export function violationLines({ seed, violations, unknown, words }: RunResult): string[] {
  const lines = violations
    .slice(0, VIOLATIONS_SHOWN)
    .flatMap((violation) => [
      `seed ${seed}, ${violation.judge}: ${violation.message}`,
      ...violation.detail.map((line) => `    ${line}`),
    ]);
  const more = violations.length - VIOLATIONS_SHOWN;
  if (more > 0) lines.push(`seed ${seed}: ${more} more violations (${judgesOf(violations)})`);
  if (unknown.length > 0) lines.push(`seed ${seed}: the checker gave up on ${unknown.join(", ")}`);
  if (lines.length > 0) lines.push(...words.slice(-WORDS_SHOWN).map((word) => `workerd: ${word}`));
  return lines;
}

export const isRed = ({ violations, unknown }: RunResult): boolean =>
  violations.length > 0 || unknown.length > 0;

/** The same for a program: samples become figures. */
export function jsonOf(results: readonly RunResult[]): object[] {
  return results.map(({ samples, changes, ...result }) => ({
    ...result,
    changes: changes.map(({ before, after, ...change }) => ({
      ...change,
      epochs: [before.epoch, after.epoch],
    })),
    figures: figuresOf(samples, changes),
  }));
}

function countCells(name: string, results: readonly RunResult[]): string[] {
  const total = (of: (result: RunResult) => number) => grouped(sum(results.map(of)));
  return [
    name,
    total(({ operations }) => operations),
    `${(sum(results.map(({ tookMs }) => tookMs)) / 1_000).toFixed(1)} s`,
    total(({ ended }) => ended.length),
    total(({ faults }) => sum(Object.values(faults))),
    total(({ violations }) => violations.length),
    total(({ unknown }) => unknown.length),
    total(({ failures }) => sum(Object.values(failures))),
  ];
}

function changeName({ kind, state, orders }: RunResult["changes"][number]): string {
  return [kind, state === "done" ? "" : state, ...orders].filter((word) => word !== "").join(", ");
}

function judgesOf(violations: readonly Violation[]): string {
  return countsLine(violations.map(({ judge }) => judge));
}

function sumsLine(records: readonly Record<string, number>[]): string {
  const sums = new Map<string, number>();
  for (const [name, count] of records.flatMap((record) => Object.entries(record))) {
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return toldLine(sums);
}

function countsLine(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return toldLine(counts);
}

function toldLine(counts: ReadonlyMap<string, number>): string {
  const told = [...counts].toSorted((a, b) => b[1] - a[1]);
  return told.map(([name, count]) => `${name} ${grouped(count)}`).join(" · ") || "none";
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
