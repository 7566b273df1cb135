/** The published types, as consumers in ESM and CommonJS see them, checked to the last declaration by two TypeScripts. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { check } from '../pack/check.ts';
import type { Result } from '../results.ts';
import { entries, type Project } from './install.ts';
import { smokeSource } from './smoke.ts';

const COMPILERS = ['typescript', 'typescript7'];
const FILES = ['smoke.mts', 'smoke.cts', 'entries.mts', 'entries.cts'];
const OPTIONS = {
  strict: true,
  module: 'nodenext',
  target: 'es2022',
  lib: ['es2022', 'dom'],
  types: [],
  noEmit: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
};

export function types(project: Project): Result[] {
  const all = entries(project);
  const imports = all.map((entry, i) => `import * as entry${i} from '${entry}';\n`).join('');
  const use = `export const all: readonly object[] = [${all.map((_, i) => `entry${i}`).join(', ')}];\n`;
  for (const extension of ['mts', 'cts']) {
    writeFileSync(join(project.folder, `smoke.${extension}`), smokeSource(project));
    writeFileSync(join(project.folder, `entries.${extension}`), imports + use);
  }
  writeFileSync(join(project.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: OPTIONS, files: FILES }));
  return COMPILERS.map((compiler) => {
    const manifest = fileURLToPath(import.meta.resolve(`${compiler}/package.json`));
    const tsc = join(dirname(manifest), 'bin/tsc');
    return check(`types in .mts and .cts, ${compiler}`, objections(tsc, project.folder));
  });
}

function objections(tsc: string, folder: string): string[] {
  try {
    execFileSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return [];
  } catch (error) {
    return [String((error as { stdout?: unknown }).stdout ?? error)];
  }
}
