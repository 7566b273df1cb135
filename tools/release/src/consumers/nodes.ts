/** The Node versions that published packages promise to run on, each from the registry's `node` package. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const MAJORS = [20, 22, 24, 26];

export interface Node {
  readonly version: string;
  readonly path: string;
}

const LIST = join(import.meta.dirname, '../../build/nodes.json');

/** Fetches what is not there yet. One process does it for all packages: npx must not fill one cache twice at once. */
export function fetchNodes(): void {
  const nodes = MAJORS.map((major): Node => {
    const print = 'console.log(JSON.stringify({ version: process.versions.node, path: process.execPath }))';
    return JSON.parse(execFileSync('npx', ['-y', `node@${major}`, '-e', print], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  });
  mkdirSync(dirname(LIST), { recursive: true });
  writeFileSync(LIST, JSON.stringify(nodes));
}

/** What `fetchNodes` found, oldest first. */
export const fetchedNodes = (): readonly Node[] => JSON.parse(readFileSync(LIST, 'utf8')) as Node[];
