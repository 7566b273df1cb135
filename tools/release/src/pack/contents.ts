/** What is in the tarball: nothing but the build, and nothing in it that tells where it was built. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../results.ts';
import { traces } from '../traces.ts';
import { check } from './check.ts';
import type { Packed } from './tarball.ts';

const REQUIRED = ['package.json', 'README.md', 'LICENSE'];
const ALLOWED = [
  /^package\.json$/,
  /^README\.md$/,
  /^LICENSE$/,
  /^CHANGELOG\.md$/,
  // A page is a build, too, self-contained.
  /^dist\/[\w./-]+\.(js|cjs|d\.ts|d\.cts|js\.map|cjs\.map|licenses\.txt|html)$/,
];
const EXECUTABLE = 0o111;

export function contents({ folder, files, published }: Packed): Result[] {
  const bins = Object.values(published.bin ?? {}).map((path) => path.replace(/^\.\//, ''));
  return [
    check(
      'no file is missing',
      REQUIRED.filter((path) => !files.includes(path)),
    ),
    check(
      'no file but the build, its types and maps, README, LICENSE and CHANGELOG',
      files.filter((path) => !ALLOWED.some((pattern) => pattern.test(path))),
    ),
    check(
      'no trace of the machine or registry it was built with',
      files.flatMap((path) => traces(readFileSync(join(folder, path), 'utf8')).map((found) => `${path}: ${found}`)),
    ),
    check(
      'commands are executable',
      bins.filter((path) => !files.includes(path) || (statSync(join(folder, path)).mode & EXECUTABLE) !== EXECUTABLE),
    ),
  ];
}
