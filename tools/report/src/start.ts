#!/usr/bin/env node
/** The repository's main job: builds the packages and runs every experiment of theirs. */
import { basename, join, resolve } from 'node:path';
import { build } from './build.ts';
import { collect, select } from './collect.ts';
import { OPTIONS_HELP, runCommand } from './command.ts';

const HELP = `usage: pnpm start [options]

Runs the claims of every package's experiments/ on real and seeded input, and writes a report with plots.

  --only PACKAGE   only this package, or PACKAGE/ID for one experiment; may be repeated
${OPTIONS_HELP}

examples:
  pnpm start --quick
  pnpm start --only dikin-sampler --seed 7
  pnpm --silent start --json > report.json
`;

await runCommand(HELP, async ({ only }, signal) => {
  const root = resolve(import.meta.dirname, '../../..');
  const packages = select(collect(root), only);
  const names = packages.map(({ name }) => name);
  process.stderr.write(`building ${names.join(', ')}\n`);
  await build(root, names, signal);
  // A part of the experiments does not overwrite the report of all.
  const folder = only.length > 0 ? packages.map((one) => basename(one.folder)).join('+') : '';
  return { root, packages, out: join(root, 'report', folder) };
});
