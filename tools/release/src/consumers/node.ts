/** Both builds on every Node version. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../pack/check.ts';
import type { Result } from '../results.ts';
import { entries, type Project } from './install.ts';
import type { Node } from './nodes.ts';

/** smoke() gives what is expected. */
export function smokeOnNodes(project: Project, nodes: readonly Node[]): Result[] {
  const run = 'objection().then((found) => { if (found !== undefined) { console.error(found); process.exitCode = 1; } });\n';
  writeFileSync(join(project.folder, 'run.mjs'), `import { objection } from './smoke.mjs';\n${run}`);
  writeFileSync(join(project.folder, 'run.cjs'), `const { objection } = require('./smoke.cjs');\n${run}`);
  return nodes.flatMap((node) => [
    check(`smoke: ESM on Node ${node.version}`, objections(project, node, ['run.mjs'])),
    check(`smoke: CommonJS on Node ${node.version}`, objections(project, node, ['run.cjs'])),
  ]);
}

/** Every entry loads, and both builds of it export the same names. */
export function entriesOnNodes(project: Project, nodes: readonly Node[]): Result[] {
  writeFileSync(
    join(project.folder, 'entries.mjs'),
    `import { createRequire } from 'node:module';
import { deepStrictEqual } from 'node:assert';
const require = createRequire(import.meta.url);
const names = (module) => Object.keys(module).filter((name) => name !== 'default' && name !== 'module.exports' && name !== '__esModule').sort();
for (const entry of ${JSON.stringify(entries(project))}) deepStrictEqual(names(await import(entry)), names(require(entry)), entry);
`,
  );
  return nodes.map((node) =>
    check(`ESM and CommonJS of every entry export the same on Node ${node.version}`, objections(project, node, ['entries.mjs'])),
  );
}

/** Commands print their help. */
export function commandsOnNodes(project: Project, nodes: readonly Node[]): Result[] {
  return Object.entries(project.manifest.bin ?? {}).flatMap(([name, path]) =>
    nodes.map((node) =>
      check(
        `${name} --help on Node ${node.version}`,
        objections(project, node, [join('node_modules', project.manifest.name, path), '--help']),
      ),
    ),
  );
}

function objections({ folder }: Project, node: Node, args: readonly string[]): string[] {
  try {
    execFileSync(node.path, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
    return [];
  } catch (error) {
    return [String((error as { stderr?: unknown }).stderr ?? error)];
  }
}
