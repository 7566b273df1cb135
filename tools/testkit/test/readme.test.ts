import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ReadmeExample, readmeExamples } from '../src/index.ts';

const README = `# toy
\`\`\`sh
npm install toy
\`\`\`
\`\`\`ts
import { twice } from '@x/toy';
const n: number = twice(21);
console.log(n);
\`\`\`
\`\`\`output
42
\`\`\`
\`\`\`js
import { twice } from '@x/toy';
console.log(twice(1));
\`\`\`

\`\`\`output
3
\`\`\`
\`\`\`cjs
console.log(require('@x/toy').missing());
\`\`\`
\`\`\`ts no-run
nonsense(
\`\`\`
\`\`\`json
{}
\`\`\`
\`\`\`sh
npx toy a 'b c'
npx -y @x/toy | cat
toy z
\`\`\`
`;

let examples: ReadmeExample[];
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'readme-'));
  mkdirSync(join(folder, 'dist'));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: '@x/toy', type: 'module', exports: './dist/index.js', bin: { toy: './dist/cli.js' } }),
  );
  writeFileSync(join(folder, 'dist/index.js'), 'export const twice = (x) => 2 * x;');
  writeFileSync(join(folder, 'dist/cli.js'), 'console.log(JSON.stringify(process.argv.slice(2)));');
  writeFileSync(join(folder, 'README.md'), README);
  examples = readmeExamples(pathToFileURL(join(folder, 'README.md')));
});

describe('readmeExamples', () => {
  it('finds the blocks that a reader can run', () => {
    expect(examples.map((example) => example.title)).toEqual([
      'README line 5 (ts)',
      'README line 13 (js)',
      'README line 21 (cjs)',
      'README line 30 (sh)',
    ]);
  });
  it('runs one against the built package and compares its output', async () => expect((await examples[0]!.run()).stdout).toBe('42\n'));
  it('notices another output', () => expect(examples[1]!.run()).rejects.toThrow(/README line 13 prints\n2\n/));
  it('notices a failure', () => expect(examples[2]!.run()).rejects.toThrow(/README line 21: exit code 1\n.*TypeError/s));
  it('runs shell lines with the package as npx would', async () => {
    expect((await examples[3]!.run()).stdout).toBe('["a","b c"]\n[]\n["z"]\n');
  });
});
