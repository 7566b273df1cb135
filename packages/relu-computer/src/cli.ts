#!/usr/bin/env node
import { runCli } from '@x/cli';
import { asm, disasm } from './cli/asm.ts';
import { debug } from './cli/debug.ts';
import { toFile } from './cli/export.ts';
import { page } from './cli/page.ts';
import { run } from './cli/run.ts';
import { sizes } from './cli/sizes.ts';

await runCli({
  name: 'relu-computer',
  description: 'A computer whose one step is a ReLU network.',
  commands: { run, debug, asm, disasm, export: toFile, page, stats: sizes },
});
