import { philox } from '@x/linalg';
import { buildComputer, createMachine, DESIGNS, VerificationError } from '@x/relu-computer';
import type { Experiment } from '@x/report/experiment';
import { count, noCoverage } from '../test/coverage.ts';
import { randomProgram } from '../test/programs.ts';

const [WORDS, BITS] = [60, 8];

/** Instructions of a program that are run, at most. */
const MOST_STEPS = 200;

export const experiment: Experiment = {
  id: 'every-step',
  claim:
    'One pass of a ReLU network with weights that know nothing of the program is one SUBLEQ instruction, self-modifying code and input and output included.',
  source: 'Liang, Sha, Shi, Song, Zhou 2024, arXiv 2410.09375, main theorem; own constructions, in the README',
  inputs: [],
  async run({ quick, seed, progress, signal }) {
    const programs = quick ? 80 : 400;
    const rows = DESIGNS.map((design, d) => {
      const computer = buildComputer({ words: WORDS, bits: BITS, design });
      const seen = noCoverage();
      let steps = 0;
      let wrong = 0;
      for (let t = 0; t < programs && !signal.aborted; t++) {
        const input = philox(seed, 1000 + t);
        const machine = createMachine(computer, randomProgram(computer.architecture, philox(seed, t)), {
          input: () => input.integer(2 ** BITS),
          pc: t % WORDS,
        });
        // All that a step does and all of the memory is compared after every step; the first difference ends a run.
        try {
          while (!machine.halted && machine.steps < MOST_STEPS) {
            count(seen, computer.architecture, machine.memory(), machine.pc);
            machine.run({ maxSteps: 1, verifyEvery: 1 });
          }
        } catch (error) {
          if (!(error instanceof VerificationError)) throw error;
          wrong++;
        }
        steps += machine.steps;
        progress((d + t / programs) / DESIGNS.length, design);
      }
      return { design, steps, wrong, seen };
    });
    const met = ({ seen }: (typeof rows)[number]) => [seen.jumps, seen.reads, seen.writes, seen.selfModifying + seen.nextModifying];
    const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
    // A design that hardly met a case would show nothing of it.
    const enough = rows.every((row) => Math.min(...met(row)) >= programs / 10);
    return {
      measured: `${sum(({ wrong }) => wrong)} of ${sum(({ steps }) => steps)} steps differ; among them ${sum(({ seen }) => seen.reads)} that read and ${sum(({ seen }) => seen.writes)} that write`,
      bound: '0',
      verdict: rows.every(({ wrong }) => wrong === 0) && enough ? 'holds' : 'failed',
      table: {
        columns: ['design', 'steps', 'that differ', 'jumps', 'reading', 'writing', 'changing what is run now or next'],
        rows: rows.map((row) => [row.design, row.steps, row.wrong, ...met(row)]),
      },
    };
  },
};
