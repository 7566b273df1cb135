import { buildComputer, createMachine, DESIGNS, type Machine, type MachineOptions, parseImage, VerificationError } from '@x/relu-computer';
import type { Experiment } from '@x/report/experiment';
import { HELLO, HELLO_STEPS } from '../test/hello.ts';

const ENGINES: readonly NonNullable<MachineOptions['engine']>[] = ['event', 'sparse', 'dense', 'interpreter'];

const BITS = 8;

/** The second is too large for dense matrices. */
const SIZES = [48, 250];

/** Instructions a second of a program that is run again and again, for about so long. */
const MILLISECONDS = 200;

export const experiment: Experiment = {
  id: 'engines',
  claim:
    'All engines run all designs through the trajectory of the interpreter, step for step; the event engine computes the fewest products.',
  source: 'README: values are whole numbers, so additions are exact in any order',
  inputs: [],
  async run({ quick, progress, signal }) {
    const rows: { design: string; words: number; engine: string; wrong: boolean; perSecond: number; products: number }[] = [];
    for (const [d, design] of DESIGNS.entries()) {
      for (const words of quick ? SIZES.slice(0, 1) : SIZES) {
        const computer = buildComputer({ words, bits: BITS, design });
        for (const engine of ENGINES) {
          if (signal.aborted) break;
          // Hundreds of megabytes of zeros.
          if (engine === 'dense' && (words > SIZES[0]! || design === 'paper23')) continue;
          const make = () => createMachine(computer, parseImage(HELLO, { bits: BITS }), { engine });
          const { wrong, products } = verified(make());
          rows.push({ design, words, engine, wrong, products, perSecond: wrong ? 0 : speed(make()) });
        }
      }
      progress((d + 1) / DESIGNS.length, design);
    }
    const least = rows
      .filter(({ engine }) => engine === 'event')
      .every((event) =>
        rows.every(
          ({ design, words, engine, products }) =>
            design !== event.design || words !== event.words || ['event', 'interpreter'].includes(engine) || products > event.products,
        ),
      );
    const different = rows.filter(({ wrong }) => wrong).length;
    return {
      measured: `${different} of ${rows.length} runs differ, ${HELLO_STEPS} steps each`,
      bound: '0',
      verdict: different === 0 && least ? 'holds' : 'failed',
      note: 'Instructions a second are of this run, and decide nothing; the README has them as measured on a quiet machine.',
      table: {
        columns: ['design', 'words', 'engine', 'instructions a second', 'products an instruction'],
        rows: rows.map(({ design, words, engine, perSecond, products }) => [
          design,
          words,
          engine,
          Number(perSecond.toPrecision(2)),
          engine === 'interpreter' ? '' : Math.round(products),
        ]),
      },
    };
  },
};

/** Runs to the end, comparing every step and all of the memory with the interpreter. */
function verified(machine: Machine): { wrong: boolean; products: number } {
  try {
    const { reason } = machine.run({ maxSteps: 10 * HELLO_STEPS, verifyEvery: 1 });
    return { wrong: reason !== 'halted' || machine.steps !== HELLO_STEPS, products: machine.operations / machine.steps };
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return { wrong: true, products: Number.NaN };
  }
}

function speed(machine: Machine): number {
  const start = machine.snapshot();
  const began = performance.now();
  let steps = 0;
  while (performance.now() - began < MILLISECONDS) {
    steps += machine.run({ maxSteps: 10 * HELLO_STEPS }).steps;
    machine.restore(start);
  }
  return (1000 * steps) / (performance.now() - began);
}
