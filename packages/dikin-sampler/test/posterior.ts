import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ARRAYS } from './diagnostics-arrays.ts';

/** Diagnostics of one array; null where the source gives none. */
export interface Golden {
  readonly name: string;
  readonly rhat: number | null;
  readonly bulk: number;
  readonly tail: number;
  readonly mean: number;
  readonly mcse: number;
}

export interface Goldens {
  readonly source: string;
  readonly cases: readonly Golden[];
}

/** What R's posterior says of the arrays, or undefined where R or the package is not installed (`apt install r-cran-posterior r-cran-jsonlite`). */
export function askPosterior(): Goldens | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'posterior-'));
  try {
    try {
      execFileSync('Rscript', ['-e', 'library(posterior); library(jsonlite)'], { stdio: 'ignore' });
    } catch {
      return undefined;
    }
    const input = join(folder, 'arrays.json');
    writeFileSync(
      input,
      JSON.stringify(Object.fromEntries(Object.entries(ARRAYS).map(([name, chains]) => [name, chains.map((chain) => [...chain])]))),
    );
    return JSON.parse(execFileSync('Rscript', [fileURLToPath(new URL('./posterior.R', import.meta.url)), input], { encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// `node test/posterior.ts` writes the numbers that the tests compare with.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const goldens = askPosterior();
  if (goldens === undefined) throw new Error('R with the packages posterior and jsonlite is needed');
  writeFileSync(new URL('./posterior.json', import.meta.url), `${JSON.stringify(goldens, undefined, 2)}\n`);
}
