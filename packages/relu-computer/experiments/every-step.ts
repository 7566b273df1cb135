import { philox } from '@x/linalg';
import { buildComputer, createMachine, DESIGNS, VerificationError } from '@x/relu-computer';
import type { Experiment } from '@x/report/experiment';

/** Words that are mostly addresses, so that programs run on instead of halting at once. */
function program(words: number, bits: number, seed: number): Float64Array {
  const rng = philox(seed, 1);
  return Float64Array.from({ length: words }, () => (rng.uniform() < 0.8 ? rng.integer(words) : rng.integer(2 ** bits)));
}

export const experiment: Experiment = {
  id: 'every-step',
  claim:
    'One pass of a ReLU network with weights that know nothing of the program is one SUBLEQ instruction, self-modifying code and input and output included.',
  source: 'Liang, Sha, Shi, Song, Zhou 2024, arXiv 2410.09375, main theorem; own constructions, in the README',
  inputs: [],
  async run({ quick, seed, progress, signal }) {
    const programs = quick ? 40 : 400;
    const rows = DESIGNS.map((design, d) => {
      const bits = 8;
      const computer = buildComputer({ words: 60, bits, design });
      let steps = 0;
      let wrong = 0;
      for (let t = 0; t < programs && !signal.aborted; t++) {
        const input = philox(seed, 1000 + t);
        const machine = createMachine(computer, program(60, bits, seed + t), { input: () => input.integer(2 ** bits), pc: t % 57 });
        // Compared after every step; the first difference ends a run.
        try {
          machine.run({ maxSteps: 200, verifyEvery: 1 });
        } catch (error) {
          if (!(error instanceof VerificationError)) throw error;
          wrong++;
        }
        steps += machine.steps;
        progress((d + t / programs) / DESIGNS.length, design);
      }
      return [design, steps, wrong] as const;
    });
    const total = rows.reduce((sum, [, steps]) => sum + steps, 0);
    const wrong = rows.reduce((sum, [, , differ]) => sum + differ, 0);
    return {
      measured: `${wrong} of ${total} steps differ`,
      bound: '0',
      // A run that hardly took a step would show nothing.
      verdict: wrong === 0 && total > 10 * programs ? 'holds' : 'failed',
      table: { columns: ['design', 'steps', 'that differ'], rows },
    };
  },
};
