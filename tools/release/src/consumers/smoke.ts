/**
 * Every public package has a `test/smoke.ts` that imports it by its public name and exports `smoke()`, which does in a
 * moment what a user does first, and `expected`, what that must give, to the bit. It runs wherever the package promises to.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import type { Project } from './install.ts';

export const smokeSource = ({ source }: Project): string => readFileSync(join(source, 'test/smoke.ts'), 'utf8');

/** Appended to it: what speaks against the result, or undefined. */
const OBJECTION = `
export async function objection() {
  try {
    const [got, wanted] = [await smoke(), expected].map((value) => JSON.stringify(value));
    return got === wanted ? undefined : 'got ' + got + ', not ' + wanted;
  } catch (error) {
    return String(error);
  }
}
`;

/** Writes smoke.mjs and smoke.cjs into the project; they export `objection()`. */
export function writeSmoke(project: Project): void {
  for (const [extension, format] of [
    ['mjs', 'esm'],
    ['cjs', 'cjs'],
  ] as const) {
    const { code } = transformSync(smokeSource(project) + OBJECTION, { loader: 'ts', format, target: 'es2022' });
    writeFileSync(join(project.folder, `smoke.${extension}`), code);
  }
}
