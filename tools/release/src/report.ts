import { type Result, resultsFile, writeResults } from './results.ts';

const MARKS: Readonly<Record<Result['outcome'], string>> = { passed: 'ok', failed: 'FAILED', skipped: 'skipped' };

/** Prints a task's results, leaves them for the closing line, and sets the exit code. */
export function report(task: string, suite: string, results: readonly Result[]): void {
  for (const { name, outcome, detail } of results) {
    console.log(`${MARKS[outcome].padEnd(7)} ${name}${detail === undefined ? '' : `: ${detail}`}`);
  }
  writeResults(resultsFile(task), suite, results);
  process.exitCode = results.some((r) => r.outcome === 'failed') ? 1 : 0;
}
