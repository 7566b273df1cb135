/** Test results in the JSON shape that vitest writes, the one shape in which every task of this repository leaves its results. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export type Outcome = 'passed' | 'failed' | 'skipped';

export interface Result {
  readonly name: string;
  readonly outcome: Outcome;
  /** Why it failed or was skipped. */
  readonly detail?: string;
}

/** What we read of vitest's report. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** Where a task leaves its results, relative to its package. */
export const resultsFile = (task: string): string => `test-results/${task}.json`;

/** The results in a report, or undefined when there is none. A file that failed to load counts as one failure. */
export function readResults(path: string): Result[] | undefined {
  if (!existsSync(path)) return undefined;
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report;
  return report.testResults.flatMap((file): Result[] => {
    const results = file.assertionResults.map(({ fullName, status, failureMessages }): Result => {
      const detail = failureMessages?.[0];
      return { name: fullName, outcome: outcomeOf(status), ...(detail === undefined ? {} : { detail }) };
    });
    const loaded = file.status !== 'failed' || results.some((r) => r.outcome === 'failed');
    return loaded ? results : [...results, { name: file.name, outcome: 'failed', detail: file.message ?? 'the file did not load' }];
  });
}

/** Writes results so that `readResults` gives them back. */
export function writeResults(path: string, suite: string, results: readonly Result[]): void {
  const report: Report = {
    testResults: [
      {
        name: suite,
        status: results.some((r) => r.outcome === 'failed') ? 'failed' : 'passed',
        assertionResults: results.map(({ name, outcome, detail }) => ({
          fullName: name,
          status: outcome,
          failureMessages: detail === undefined ? [] : [detail],
        })),
      },
    ],
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(report, undefined, 1));
}

/** What we read of the main job's report. */
export interface Claims {
  readonly results: readonly {
    readonly package: string;
    readonly id: string;
    readonly verdict: string;
    readonly note?: string;
    readonly error?: string;
  }[];
}

/** Each claim of the main job as a result: one that is refuted as its README says is as it should be. */
export function resultsOfClaims({ results }: Claims): Result[] {
  return results.map(({ package: name, id, verdict, note, error }) => {
    const outcome = verdict === 'failed' || verdict === 'skipped' ? verdict : 'passed';
    const detail = error ?? note;
    return { name: `${name}/${id}`, outcome, ...(outcome === 'passed' || detail === undefined ? {} : { detail }) };
  });
}

/** The line that closes a run: `N passed, N failed`, and `, N skipped` where something was. */
export function closingLine(results: readonly Result[]): string {
  const count = (outcome: Outcome) => results.filter((r) => r.outcome === outcome).length;
  const skipped = count('skipped');
  return `${count('passed')} passed, ${count('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function outcomeOf(status: string): Outcome {
  if (status === 'passed' || status === 'failed') return status;
  return 'skipped';
}
