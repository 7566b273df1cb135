#!/usr/bin/env node
/** Installs the packed package of the current folder as a user would, and uses it everywhere that it promises to run. */
import { inBrowser } from './consumers/browser.ts';
import { installAlone, installPeers, ours } from './consumers/install.ts';
import { commandsOnNodes, entriesOnNodes, smokeOnNodes } from './consumers/node.ts';
import { fetchedNodes } from './consumers/nodes.ts';
import { writeSmoke } from './consumers/smoke.ts';
import { types } from './consumers/types.ts';
import { check } from './pack/check.ts';
import { readManifest } from './pack/tarball.ts';
import { report } from './report.ts';
import { required } from './required.ts';
import type { Result } from './results.ts';

const SKIPPED = ['Node versions', 'TypeScript versions', 'Chromium'].map(
  (name): Result => ({ name, outcome: 'skipped', detail: 'it needs downloads; set X_REQUIRE_ALL=1' }),
);

async function use(source: string): Promise<Result[]> {
  const project = installAlone(source);
  const nodes = fetchedNodes();
  const expected = ['@x/linalg', project.manifest.name];
  const alone = check(
    'brings no other package of this repository',
    ours(project).filter((name) => !expected.includes(name)),
  );
  writeSmoke(project);
  const smoke = smokeOnNodes(project, nodes);
  installPeers(project);
  return [
    alone,
    ...smoke,
    ...entriesOnNodes(project, nodes),
    ...commandsOnNodes(project, nodes),
    ...types(project),
    ...(await inBrowser(project)),
  ];
}

const source = process.cwd();
report('consumers', readManifest(source).name, required() ? await use(source) : SKIPPED);
