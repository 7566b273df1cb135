#!/usr/bin/env node
/** Packs the package in the current folder and checks the tarball; leaves it for the tasks that install it. */
import { contents } from './pack/contents.ts';
import { manifestLint, typeResolution } from './pack/entries.ts';
import { manifest } from './pack/manifest.ts';
import { sizes } from './pack/size.ts';
import { pack } from './pack/tarball.ts';
import { report } from './report.ts';

const packed = pack(process.cwd());
report('pack', packed.published.name, [
  ...contents(packed),
  ...manifest(packed),
  await manifestLint(packed),
  ...(await typeResolution(packed)),
  ...(await sizes(packed)),
]);
