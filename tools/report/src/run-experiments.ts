#!/usr/bin/env node
/** Runs the experiments of the package in the working directory, whose build is up to date. */
import { basename, join } from 'node:path';
import { readPackage, select, workspaceRoot } from './collect.ts';
import { OPTIONS_HELP, runCommand } from './command.ts';

const HELP = `usage: pnpm --filter @x/NAME experiments -- [options]

Runs the claims in this package's experiments/ and writes a report with plots.

  --only ID        only this experiment; may be repeated
${OPTIONS_HELP}

example:
  pnpm --filter @x/linalg experiments -- --quick --seed 7
`;

await runCommand(HELP, async ({ only }) => {
  const folder = process.cwd();
  const root = workspaceRoot(folder);
  const own = readPackage(folder);
  const packages = select([own], only.length > 0 ? only.map((id) => `${own.name}/${id}`) : [own.name]);
  return { root, packages, out: join(root, 'report', basename(folder)) };
});
