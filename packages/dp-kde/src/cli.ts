#!/usr/bin/env node
import { runCli } from '@x/cli';
import { audit } from './cli/audit.ts';
import { build } from './cli/build.ts';
import { image } from './cli/heatmap.ts';
import { info } from './cli/info.ts';
import { query } from './cli/query.ts';

await runCli({
  name: 'dp-kde',
  description: 'Private distance oracles: spend a privacy budget once, ask for ever.',
  commands: { build, query, heatmap: image, info, audit },
});
