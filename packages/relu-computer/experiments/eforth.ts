import { readFileSync } from 'node:fs';
import { buildComputer, createMachine, parseImage, VerificationError } from '@x/relu-computer';
import type { Experiment } from '@x/report/experiment';

/** What is typed, and what the system answers on the way to its end. */
const TYPED = '2 2 + . cr bye\n';
const ANSWER = ' 4';

/** Steps of the fast-forward between two samples, and steps that the network runs from a sample. */
const STRIDE = 1_000_000;
const SAMPLE = 1000;

/** Times that all of the memory is compared in a run; what a step does is compared at every step. */
const WHOLE = 10;

export const experiment: Experiment = {
  id: 'eforth',
  claim:
    'A Forth system for a 16-bit SUBLEQ machine, written by others for other machines, runs in the network step for step as in an interpreter, and answers 4 to 2 2 + .',
  source: 'howerj/subleq, subleq.dec; Liang, Sha, Shi, Song, Zhou 2024, arXiv 2410.09375, main theorem',
  inputs: ['subleq/eforth.dec'],
  async run({ quick, progress, signal, input }) {
    const image = parseImage(readFileSync(input('subleq/eforth.dec'), 'utf8'));
    const computer = buildComputer({ words: 32768, bits: 16, design: 'demux' });
    const typed = [...TYPED].map((letter) => letter.charCodeAt(0));
    const keys = () => typed.shift();
    let printed = '';
    const output = (word: number) => {
      printed += String.fromCharCode(word);
    };
    const machine = createMachine(computer, image, { dialect: 'howerj', input: keys, output });
    const steps = quick ? 20_000 : 1_000_000;
    let samples = 0;
    let wrong: string | undefined;
    try {
      machine.run({ maxSteps: steps, verifyEvery: steps / WHOLE, signal, onProgress: (taken) => progress((0.8 * taken) / steps) });
      if (!quick) {
        // From here on the interpreter, and the network from a sample of its states.
        const ahead = createMachine(computer, [], { dialect: 'howerj', engine: 'interpreter', input: keys, output });
        ahead.restore(machine.snapshot());
        const sampled = createMachine(computer, [], { dialect: 'howerj' });
        while (ahead.run({ maxSteps: STRIDE, signal }).reason !== 'halted') {
          sampled.restore(ahead.snapshot());
          sampled.run({ maxSteps: SAMPLE, verifyEvery: SAMPLE / WHOLE });
          progress(0.8 + 0.01 * Math.min(19, ++samples));
        }
      }
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      wrong = error.message;
    }
    const answers = quick || printed.includes(ANSWER);
    return {
      measured: `${wrong ?? 'no difference'} in any of ${machine.steps} steps (all of the memory: ${WHOLE} times) and from ${samples} samples of what follows, ${SAMPLE} steps each${quick ? '' : `; printed ${JSON.stringify(printed.trim())}`}`,
      bound: `no difference${quick ? '' : `; ${JSON.stringify(ANSWER.trim())}`}`,
      verdict: wrong === undefined && machine.steps === steps && answers ? 'holds' : 'failed',
    };
  },
};
