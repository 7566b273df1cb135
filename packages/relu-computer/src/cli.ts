#!/usr/bin/env node
import { runCli } from '@x/cli';
import { asm, disasm } from './cli/asm.ts';
import { toFile } from './cli/export.ts';
import { run } from './cli/run.ts';
import { sizes } from './cli/sizes.ts';

await runCli({
  name: 'relu-computer',
  description: 'A computer whose one step is a ReLU network.',
  commands: { run, asm, disasm, export: toFile, stats: sizes },
});
