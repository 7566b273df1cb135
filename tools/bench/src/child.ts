import { renameSync, writeFileSync } from 'node:fs';
import { matrixTiles } from './calibration.ts';
import { caseLines } from './format.ts';
import { machine, runSuite } from './harness.ts';
import { RULES } from './measure.ts';
import type { CaseResult, RunResult, SuiteResult } from './results.ts';
import type { Suite } from './suite.ts';

/** What run.ts tells the measuring process, as JSON in its first argument. */
export interface Order {
  /** Where to write the results, an array of SuiteResult; after each case, so that whoever is interrupted finds what was measured. */
  readonly out: string;
  readonly limitMs: number;
  /** Only suites whose id contains this. */
  readonly only: string;
}

/** The measuring process: runs suites, shows each case on stderr, writes the results. `kernel` is what `compileKernel` gives. */
export async function main(suites: readonly Suite[], kernel: string): Promise<void> {
  const order = JSON.parse(process.argv[2] as string) as Order;
  const calibration = matrixTiles(kernel);
  const finished: SuiteResult[] = [];
  for (const suite of suites.filter(({ id }) => id.includes(order.only))) {
    process.stderr.write(`\n${suite.title} (${suite.id}), Node ${process.version.slice(1)}\n`);
    const resultOf = (run: RunResult): SuiteResult => ({ suite: suite.id, title: suite.title, machine: machine(), runs: [run] });
    const onCase = (result: CaseResult, run: RunResult) => {
      // Stored before it is shown: whoever interrupts on seeing it finds it.
      write(order.out, [...finished, resultOf(run)]);
      process.stderr.write(caseLines(result));
    };
    finished.push(resultOf(await runSuite(suite, { rules: { ...RULES, limitMs: order.limitMs }, calibration, onCase })));
  }
  // Peers' workers may keep the process alive.
  process.exit(0);
}

/** A process that is killed meanwhile leaves the file as it was. */
function write(path: string, results: readonly SuiteResult[]): void {
  writeFileSync(`${path}.new`, JSON.stringify(results));
  renameSync(`${path}.new`, path);
}
