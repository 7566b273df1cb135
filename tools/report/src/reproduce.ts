import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result as Printed } from '@x/cli';
import type { Package } from './collect.ts';
import { formatSeconds } from './format.ts';
import { renderPage } from './html/page.ts';
import { machine } from './machine.ts';
import { writeClaims } from './readme.ts';
import { plain, type Report, toJson } from './report.ts';
import { runAll, type Watcher } from './run.ts';
import { summaryTable } from './summary.ts';

export interface ReproduceOptions {
  readonly root: string;
  readonly packages: readonly Package[];
  readonly quick: boolean;
  readonly seed: number;
  /** Folder of report.html and report.json. */
  readonly out: string;
  readonly writeReadme: boolean;
  readonly signal: AbortSignal;
  /** The finished fraction, for a bar. */
  progress(fraction: number, note?: string): void;
  /** A line for the user, beside the result. */
  note(text: string): void;
}

/** Runs the experiments of packages and writes the report. @returns what a command prints. */
export async function reproduce(options: ReproduceOptions): Promise<Printed> {
  const { root, packages, quick, seed, out } = options;
  const start = performance.now();
  const date = new Date().toISOString();
  const { results, unfinished } = await runAll(packages, { ...options, watcher: watcherOf(options) });
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
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'report.html'), renderPage(report));
  writeFileSync(join(out, 'report.json'), toJson(report));
  if (options.writeReadme) writeReadmes(options, report);
  const files = `report: ${join(out, 'report.html')}\ndata:   ${join(out, 'report.json')}\n`;
  const { columns = 100, isTTY } = process.stdout;
  return {
    data: plain(report),
    text: `\n${summaryTable(report, columns, isTTY === true && process.env.NO_COLOR === undefined)}\n${files}`,
    ok: results.every(({ verdict }) => verdict !== 'failed'),
  };
}

/** Shows a bar on a terminal, and a line for each finished experiment elsewhere. */
function watcherOf({ packages, progress, note }: ReproduceOptions): Watcher {
  const total = packages.reduce((sum, { ids }) => sum + ids.length, 0);
  let done = 0;
  let current = '';
  const report = (fraction: number, what = '') => progress((done + fraction) / total, `${current}${what && `: ${what}`}`);
  return {
    started(name) {
      current = `${name} (${done + 1} of ${total})`;
      report(0);
    },
    progress: report,
    finished({ package: name, id, verdict, seconds }) {
      done++;
      if (!process.stderr.isTTY) note(`${done} of ${total}, ${name}/${id}: ${verdict} (${formatSeconds(seconds)})`);
    },
    // The bar is drawn again below the line.
    printed: (line) => (process.stderr.isTTY ? process.stderr.write(`\r\x1b[2K${line}\n`) : note(`  ${line}`)),
  };
}

function writeReadmes({ packages, quick, note }: ReproduceOptions, { results, unfinished }: Report): void {
  if (quick || unfinished.length > 0) note('READMEs are left as they are: they are written by whole runs of the full sizes');
  else
    for (const { name, folder } of packages)
      note(
        writeClaims(
          folder,
          results.filter((result) => result.package === name),
        ),
      );
}
