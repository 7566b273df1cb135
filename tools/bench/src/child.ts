import { writeFileSync } from 'node:fs';
import { caseLines } from './format.ts';
import { machine, runSuite } from './harness.ts';
import { RULES } from './measure.ts';
import type { SuiteResult } from './results.ts';
import type { Suite } from './suite.ts';

/** What run.ts tells the measuring process, as JSON in its first argument. */
export interface Order {
  /** Where to write the results, an array of SuiteResult. */
  readonly out: string;
  readonly limitMs: number;
  /** Only suites whose id contains this. */
  readonly only: string;
}

/** The measuring process: runs suites, shows each case on stderr, writes the results. */
export async function main(suites: readonly Suite[]): Promise<void> {
  const order = JSON.parse(process.argv[2] as string) as Order;
  const results: SuiteResult[] = [];
  for (const suite of suites.filter(({ id }) => id.includes(order.only))) {
    process.stderr.write(`\n${suite.title} (${suite.id}), Node ${process.version.slice(1)}\n`);
    const rules = { ...RULES, limitMs: order.limitMs };
    const run = await runSuite(suite, rules, (_suite, result) => process.stderr.write(caseLines(result)));
    results.push({ suite: suite.id, title: suite.title, machine: machine(), runs: [run] });
    writeFileSync(order.out, JSON.stringify(results));
  }
  // Peers' workers may keep the process alive.
  process.exit(0);
}
