import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Ratio, Timing } from './summary.ts';

/** A result file, `bench/results/SUITE.json`: one run for each major version of Node. */
export interface SuiteResult {
  readonly suite: string;
  readonly title: string;
  readonly machine: Machine;
  readonly runs: readonly RunResult[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly platform: string;
}

/** All cases in one process. Numbers of different runs must not be divided by each other. */
export interface RunResult {
  readonly node: string;
  /** Version of the package that was measured. */
  readonly version?: string;
  readonly date: string;
  readonly clock: 'cpu' | 'wall';
  readonly gate: number;
  readonly calibration: { readonly name: string; readonly flopsPerSecond?: number };
  readonly cases: readonly CaseResult[];
  readonly bars: readonly BarResult[];
  readonly exponents: readonly ExponentResult[];
  /** Labels of the cases that an interrupt kept from being measured; absent after a whole run. */
  readonly unfinished?: readonly string[];
}

export interface CaseResult {
  readonly label: string;
  readonly flops?: number;
  readonly size?: number;
  readonly contenders: readonly ContenderResult[];
}

export interface ContenderResult {
  readonly name: string;
  /** `absent`: its package cannot be had here; `failed`: it threw, or gave a wrong output; `omitted`: it does not do this case. */
  readonly status: 'measured' | 'absent' | 'failed' | 'omitted';
  readonly note?: string;
  readonly timing?: Timing;
  /** Speed of the suite's first contender over this one. */
  readonly ratio?: Ratio;
  /** Speed over the calibration's, where both are in flops. */
  readonly share?: Ratio;
}

/** `met` is undefined when too few pairs were kept. */
export interface BarResult {
  readonly of: string;
  readonly over: string;
  readonly atLeast: number;
  readonly case: string;
  readonly ratio?: Ratio;
  readonly met?: boolean;
}

export interface ExponentResult {
  readonly of: string;
  readonly atMost: number;
  readonly atLeast?: number;
  readonly slope: number;
  /** Ends of the 95 % confidence interval; it takes three sizes. */
  readonly low?: number;
  readonly high?: number;
  readonly met: boolean;
}

export function resultPath(folder: string, suite: string): string {
  return join(folder, 'bench', 'results', `${suite}.json`);
}

/** Every result of a package. */
export function readResults(folder: string): SuiteResult[] {
  const paths = globSync('bench/results/*.json', { cwd: folder }).sort();
  return paths.map((path) => JSON.parse(readFileSync(join(folder, path), 'utf8')) as SuiteResult);
}

/**
 * Writes a suite's result. Runs of other major versions of Node stay when they were made on the same machine.
 *
 * @returns what the file holds now.
 */
export function writeResult(folder: string, result: SuiteResult): SuiteResult {
  const path = resultPath(folder, result.suite);
  const old = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SuiteResult) : undefined;
  const text = JSON.stringify({ ...result, runs: mergeRuns(old, result) }, rounded, 2);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${text}\n`);
  return JSON.parse(text) as SuiteResult;
}

function mergeRuns(old: SuiteResult | undefined, result: SuiteResult): readonly RunResult[] {
  const same = old !== undefined && JSON.stringify(old.machine) === JSON.stringify(result.machine);
  const replaced = new Set(result.runs.map(majorOf));
  const kept = same ? old.runs.filter((run) => !replaced.has(majorOf(run))) : [];
  return [...kept, ...result.runs].sort((a, b) => majorOf(a) - majorOf(b));
}

export function majorOf({ node }: Pick<RunResult, 'node'>): number {
  return Number(/^v?(\d+)/.exec(node)?.[1]);
}

/** Five digits are more than was measured. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}
