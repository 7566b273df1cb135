#!/usr/bin/env node
import { runCli } from '@x/cli';
import { audit } from './cli/audit.ts';
import { certifyCommand } from './cli/certify.ts';
import { invert } from './cli/invert.ts';

await runCli({
  name: 'leverage-inverse',
  description: 'x from the gradient of leverage scores, with a proof or an honest no.',
  commands: { invert, certify: certifyCommand, audit },
});
