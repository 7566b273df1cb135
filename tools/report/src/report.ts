import type { Plot, Table, Verdict } from './experiment.ts';
import type { Machine } from './machine.ts';

/** One finished experiment. */
export interface Result {
  readonly package: string;
  readonly id: string;
  readonly claim: string;
  readonly source: string;
  readonly inputs: readonly string[];
  readonly verdict: Verdict;
  readonly measured: string;
  readonly bound: string;
  readonly note?: string;
  /** Why it has no outcome: what it threw, with the stack. */
  readonly error?: string;
  readonly table?: Table;
  readonly plots?: readonly Plot[];
  /** Wall-clock seconds of its `run`; no verdict depends on it. */
  readonly seconds: number;
}

/** One run of the experiments of one or more packages: what the JSON file holds and the HTML file shows. */
export interface Report {
  /** ISO 8601, UTC, of the start. */
  readonly date: string;
  readonly seed: number;
  readonly quick: boolean;
  readonly seconds: number;
  readonly machine: Machine;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  readonly results: readonly Result[];
  /** `package/id` of experiments that an interrupt kept from finishing; empty after a whole run. */
  readonly unfinished: readonly string[];
}

/** How many results have each verdict. */
export function countVerdicts(results: readonly Result[]): Record<Verdict, number> {
  const counts = { holds: 0, failed: 0, 'refuted-as-documented': 0, skipped: 0 };
  for (const { verdict } of results) counts[verdict]++;
  return counts;
}

/**
 * A report as JSON has it: typed arrays become arrays; NaN and infinities, which JSON lacks, become the strings that Number() reads
 * back.
 */
export function plain(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value as ArrayLike<unknown>, plain);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

/** The report as JSON text, one line a list of numbers. */
export function toJson(report: Report): string {
  // A line break inside a text is written as \n, so these are the lists' own.
  return `${JSON.stringify(plain(report), undefined, 2).replace(/\[\n[^[\]{}]*?\n *\]/g, (list) => list.replace(/\n */g, ' '))}\n`;
}
