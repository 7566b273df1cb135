import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Package } from './collect.ts';
import { formatSeconds } from './format.ts';
import { renderPage } from './html/page.ts';
import { machine } from './machine.ts';
import { writeClaims } from './readme.ts';
import { exitCode, type Report, toJson } from './report.ts';
import { runAll, type Watcher } from './run.ts';
import { summaryTable } from './summary.ts';

export interface ReproduceOptions {
  readonly root: string;
  readonly packages: readonly Package[];
  readonly quick: boolean;
  readonly seed: number;
  /** Print the report as JSON instead of the summary table. */
  readonly json: boolean;
  /** Folder of report.html and report.json. */
  readonly out: string;
  readonly writeReadme: boolean;
  readonly signal: AbortSignal;
  readonly watcher: Watcher;
}

/** Runs the experiments of packages, writes the report, prints what was found. @returns the exit code. */
export async function reproduce(options: ReproduceOptions): Promise<number> {
  const { root, packages, quick, seed, out } = options;
  const start = performance.now();
  const date = new Date().toISOString();
  const { results, unfinished } = await runAll(packages, options, options.watcher);
  const report: Report = {
    date,
    seed,
    quick,
    seconds: (performance.now() - start) / 1000,
    machine: machine(root),
    packages: packages.map(({ name, version }) => ({ name, version })),
    results,
    unfinished,
  };
  const files = { html: join(out, 'report.html'), json: join(out, 'report.json') };
  mkdirSync(out, { recursive: true });
  writeFileSync(files.html, renderPage(report));
  writeFileSync(files.json, toJson(report));

  const { stdout } = process;
  stdout.write(
    options.json ? toJson(report) : `\n${summaryTable(report, stdout.columns ?? 100, stdout.isTTY === true && !process.env.NO_COLOR)}`,
  );
  process.stderr.write(
    `\n${formatSeconds(report.seconds)}; report: ${files.html}\n${''.padEnd(formatSeconds(report.seconds).length)}  data:   ${files.json}\n`,
  );
  if (options.writeReadme && unfinished.length === 0) {
    for (const { name, folder } of packages) {
      process.stderr.write(`${writeClaims(folder, results.filter((result) => result.package === name))}\n`); // biome-ignore format: one line
    }
  }
  return exitCode(report);
}
