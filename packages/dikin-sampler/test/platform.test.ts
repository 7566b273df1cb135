import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));
/** What runs after the draws, and before the body exists. */
const HARMLESS = ['readers/', 'sbml.ts', 'cli.ts', 'diagnostics/normal-quantile.ts', 'diagnostics/summary.ts', 'plot/'];

describe('equal seeds give equal draws on every platform', () => {
  // IEEE 754 fixes + - * / and sqrt; engines differ in the last bit of the others, and linalg has its own.
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !HARMLESS.some((prefix) => file.startsWith(prefix)),
  );

  it.each(files)('%s uses no function of Math whose bits engines choose', (file) => {
    const code = readFileSync(SRC + file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    expect(code.match(/Math\.(?!abs|imul|ceil|floor|round|min|max|sign|sqrt|trunc|LN10)\w+/g) ?? []).toEqual([]);
    // x ** y is Math.pow.
    expect(code).not.toMatch(/\*\*/);
  });

  it('sees the files that the draws come from', () => {
    expect(files).toEqual(
      expect.arrayContaining(['sample.ts', 'walk/dikin.ts', 'walk/tune.ts', 'kernel/cholesky.ts', 'diagnostics/ess.ts']),
    );
  });
});
