import { cost, simulate } from '@x/io-pebble';
import { type Case, LINE } from './cases.ts';

const FLOAT = 4;
const WORDS = LINE / FLOAT;

/**
 * Lines that the counts of the schedules foretell for the C loop: lines read, and those written for the first time, which a cache reads, too.
 * What the C loop does otherwise than the schedule is said beside each.
 */
export function predictedLines({ loop, n, d, a, b }: Case): number {
  const problem = { nq: n, d };
  const memory = { words: 2 ** 24, elementBytes: FLOAT, accumulatorBytes: FLOAT } as const;
  const lines = (words: number) => Math.ceil(words / WORDS);
  if (loop === 'flash2') {
    const { lineLoads, lineStores } = simulate(problem, memory, 'flash2', { Br: a, Bc: b }, { lineBytes: LINE });
    // The C loop keeps its sums where it works and does not write their logarithms.
    return lineLoads + lineStores - lines(n);
  }
  const half = loop === 'small' ? 'smallCache' : 'unfused';
  const tiles = loop === 'small' ? { sa: a, sb: a, oa: a, ob: a } : { sa: 1, sb: n, oa: 1, ob: d };
  const { loads, stores } = cost(problem, memory, half, tiles);
  if (loop === 'small') {
    // A line of statistics is used by 16 rows, and stays: they are counted once.
    return lines(loads + stores - 2 * n * (1 + Math.ceil(d / a))) + 2 * lines(n);
  }
  // P takes the place of S, whose rows stay between the three looks at them: one of four passes over scores reads, and one writes.
  return lines(loads + stores - 2 * n * n);
}
