/** One turbo run, and what came of each of its tasks. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Result, readResults, resultsFile } from './results.ts';

export interface TaskResults {
  /** `@x/linalg#unit`, or `//#lint` for a task of the repository's root. */
  readonly id: string;
  readonly results: readonly Result[];
  readonly seconds: number;
  readonly cached: boolean;
}

/** What we read of turbo's run summary; a task that was not reached is not in it, and one without a script has no command. */
interface Summary {
  readonly tasks: readonly {
    readonly taskId: string;
    readonly task: string;
    readonly directory: string;
    readonly command: string;
    readonly cache: { readonly status: string };
    readonly execution?: { readonly startTime: number; readonly endTime: number; readonly exitCode: number | null };
  }[];
}

/**
 * Runs tasks for the whole repository. A failure stops only what depends on it.
 *
 * @returns the results task by task: those that a task left in its report, else one for the task itself.
 */
export function runTasks(root: string, tasks: readonly string[], environment: NodeJS.ProcessEnv): TaskResults[] {
  const runs = join(root, '.turbo/runs');
  rmSync(runs, { recursive: true, force: true });
  const flags = ['--continue=dependencies-successful', '--concurrency=2', '--summarize', '--output-logs=new-only', '--log-order=grouped'];
  const { status } = spawnSync('turbo', ['run', ...tasks, ...flags], { cwd: root, stdio: 'inherit', env: environment });
  const summary = existsSync(runs) ? readdirSync(runs).find((name) => name.endsWith('.json')) : undefined;
  const ran =
    summary === undefined ? [] : (JSON.parse(readFileSync(join(runs, summary), 'utf8')) as Summary).tasks.filter((t) => t.execution);
  const all = ran.map((task): TaskResults => {
    const { startTime, endTime, exitCode } = task.execution!;
    return {
      id: task.taskId,
      results: resultsOf(task.taskId, exitCode, readResults(join(root, task.directory, resultsFile(task.task)))),
      seconds: (endTime - startTime) / 1000,
      cached: task.cache.status === 'HIT',
    };
  });
  if (status === 0 || all.some(hasFailure)) return all;
  return [
    ...all,
    { id: 'turbo', results: [{ name: 'turbo run', outcome: 'failed', detail: `exit ${status}` }], seconds: 0, cached: false },
  ];
}

export function hasFailure(task: TaskResults): boolean {
  return task.results.some((r) => r.outcome === 'failed');
}

/** Tasks that must leave a report: one without would look like a task that has nothing to say. */
const REPORTING = new Set(['unit', 'pack', 'consumers', 'rehearse', 'start']);

/** A task that failed without a failure in its report (a crash, or no test found) is itself the failure. */
export function resultsOf(id: string, exitCode: number | null, report: readonly Result[] | undefined): readonly Result[] {
  const failed = exitCode !== 0;
  if (report === undefined) {
    const mute = REPORTING.has(id.split('#').at(-1) as string);
    return [{ name: id, outcome: failed || mute ? 'failed' : 'passed', detail: mute ? 'it left no report' : `exit ${exitCode}` }];
  }
  if (failed && !report.some((r) => r.outcome === 'failed')) {
    return [...report, { name: id, outcome: 'failed', detail: `exit ${exitCode}; its report has no failure` }];
  }
  return report;
}
