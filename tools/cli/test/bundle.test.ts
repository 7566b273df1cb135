import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { HAS_TERMINAL, inTerminal } from './terminal.ts';

// Inside this package, so that its dependencies resolve; a package of its own.
const folder = fileURLToPath(new URL('../test-results/bundle', import.meta.url));

it('is inlined into a program by the presets, with what it needs, and leaves the library beside it', () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'src'), { recursive: true });
  mkdirSync(join(folder, 'node_modules/@x'), { recursive: true });
  symlinkSync(fileURLToPath(new URL('..', import.meta.url)), join(folder, 'node_modules/@x/cli'));
  const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
  write('package.json', JSON.stringify({ name: 'toy', type: 'module', devDependencies: { '@x/cli': '*' } }));
  write('tsconfig.json', JSON.stringify({ extends: '../../../../tsconfig.base.json', include: ['src'] }));
  write(
    'tsup.config.ts',
    "import { library } from '@x/presets/tsup';\nexport default library({ entry: ['src/index.ts', 'src/cli.ts'] });\n",
  );
  write('src/index.ts', 'export const twice = (x: number): number => 2 * x;\n');
  write(
    'src/cli.ts',
    `#!/usr/bin/env node
import { command, runCli } from '@x/cli';
import { twice } from './index.ts';
const options = { n: { type: 'integer', default: 4, help: 'a number' } } as const;
const run = ({ options, progress }) => (progress(0.5), { data: twice(options.n), text: String(twice(options.n)) });
await runCli({ name: 'toy', description: 'Toys.', commands: command({ description: 'Double.', options, run }) });
`,
  );
  execFileSync(fileURLToPath(new URL('../node_modules/.bin/tsup', import.meta.url)), { cwd: folder });
  expect(readdirSync(join(folder, 'dist')).sort()).toEqual([
    'cli.js',
    'cli.licenses.txt',
    'index.cjs',
    'index.cjs.map',
    'index.d.cts',
    'index.d.ts',
    'index.js',
    'index.js.map',
  ]);
  const program = readFileSync(join(folder, 'dist/cli.js'), 'utf8');
  expect(program).toMatch(/from '\.\/index\.js'/);
  expect(program).not.toMatch(/from '(@x|cli-progress)/);
  expect(readFileSync(join(folder, 'dist/cli.licenses.txt'), 'utf8')).toContain('Andi Dittrich');
  // Executable, and a terminal's progress bar works.
  expect(execFileSync(join(folder, 'dist/cli.js'), ['--n', '21'], { encoding: 'utf8' })).toBe('42\n');
  if (HAS_TERMINAL) expect(inTerminal(`"${process.execPath}" dist/cli.js`, folder)).toContain('50 %');
});
