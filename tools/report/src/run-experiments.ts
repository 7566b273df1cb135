#!/usr/bin/env node
/** Runs the experiments of the package in the working directory, whose build is up to date. */
import { basename, join } from 'node:path';
import { runCli } from '@x/cli';
import { readPackage, select, workspaceRoot } from './collect.ts';
import { program } from './command.ts';

const experiments = program(
  {
    name: 'experiments',
    description: "Runs the claims in this package's experiments/ on real and seeded input, and writes a report with plots.",
    only: 'only the experiments with these ids; separated by commas',
    examples: [{ text: 'A first look:', command: 'pnpm --filter @x/linalg experiments --quick' }],
  },
  async (only) => {
    const folder = process.cwd();
    const own = readPackage(folder);
    const packages = select([own], only.length > 0 ? only.map((id) => `${own.name}/${id}`) : [own.name]);
    return { root: workspaceRoot(folder), packages, out: join(workspaceRoot(folder), 'report', basename(folder)) };
  },
);
await runCli(experiments);
