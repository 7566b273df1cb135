#!/usr/bin/env node
/** The repository's main job: builds the packages and runs every experiment of theirs. */
import { basename, join, resolve } from 'node:path';
import { runCli } from '@x/cli';
import { build } from './build.ts';
import { collect, select } from './collect.ts';
import { program } from './command.ts';

const start = program(
  {
    name: 'start',
    description: "Runs the claims of every package's experiments/ on real and seeded input, and writes a report with plots.",
    only: 'only these packages, or PACKAGE/ID for one experiment; separated by commas',
    examples: [
      { text: 'A first look:', command: 'pnpm start --quick' },
      { text: 'One package, other random numbers:', command: 'pnpm start --only dikin-sampler --seed 7' },
      { text: 'For a program:', command: 'pnpm --silent start --json' },
    ],
  },
  async (only, signal) => {
    const root = resolve(import.meta.dirname, '../../..');
    const packages = select(collect(root), only);
    await build(root, packages, signal);
    // A part of the experiments does not overwrite the report of all.
    const folder = only.length > 0 ? packages.map((one) => basename(one.folder)).join('+') : '';
    return { root, packages, out: join(root, 'report', folder) };
  },
);
await runCli(start);
