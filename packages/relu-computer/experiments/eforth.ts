import { readFileSync } from 'node:fs';
import { buildComputer, createMachine, parseImage, VerificationError } from '@x/relu-computer';
import type { Experiment } from '@x/report/experiment';

export const experiment: Experiment = {
  id: 'eforth',
  claim:
    'A Forth system for a 16-bit SUBLEQ machine, written by others for other machines, runs in the network step for step as in an interpreter.',
  source: 'howerj/subleq, subleq.dec; Liang, Sha, Shi, Song, Zhou 2024, arXiv 2410.09375, main theorem',
  inputs: ['subleq/eforth.dec'],
  async run({ quick, progress, signal, input }) {
    const image = parseImage(readFileSync(input('subleq/eforth.dec'), 'utf8'));
    const steps = quick ? 20_000 : 1_000_000;
    const machine = createMachine(buildComputer({ words: 32768, bits: 16, design: 'demux' }), image, { dialect: 'howerj' });
    // All of the memory is compared every tenth of the run, the program counter at the end of each.
    let wrong: string | undefined;
    try {
      machine.run({ maxSteps: steps, verifyEvery: steps / 10, signal, onProgress: (taken) => progress(taken / steps) });
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      wrong = error.message;
    }
    return {
      measured: `${wrong ?? 'no difference'} in ${machine.steps} steps, ${machine.computer.stages.length} stages a step`,
      bound: 'no difference',
      verdict: wrong === undefined && machine.steps === steps ? 'holds' : 'failed',
    };
  },
};
