import { absorbRow, startStatistics } from './kernels.ts';
import type { Machine, Shape, Tensor } from './machine.ts';
import { scorePairs, sumPairs } from './pair-products.ts';
import { pairsOf, scorePhase, sumPhase } from './phases.ts';
import { keysOf, seenQueries } from './rows.ts';
import { fixedPhase, type Schedule } from './schedule.ts';

/**
 * Three passes with all scores in slow memory: S = Q K^T; a row-wise softmax that reads S twice and writes P; O = P V. What frameworks do
 * without a fused kernel.
 */
export const unfused: Schedule = {
  name: 'unfused',
  pass: 'forward',
  idea: 'scores and probabilities go to slow memory between three passes',
  phases: [
    scorePhase('sa', 'sb', ({ d }) => d),
    // A score, its row's statistics and a spare word.
    fixedPhase(
      ({ accumulator: w }) => 3 * w + 1,
      (shape) => ({ loads: 2 * pairsOf(shape), stores: pairsOf(shape) }),
    ),
    sumPhase('queries', 'oa', 'ob', ({ dv }) => dv),
  ],
  run(machine, shape, { sa, sb, oa, ob }) {
    const { nq, nk, d, dv } = shape;
    const [Q, K, V] = [machine.tensor('Q', nq, d), machine.tensor('K', nk, d), machine.tensor('V', nk, dv)];
    const [S, P, O] = [machine.tensor('S', nq, nk), machine.tensor('P', nq, nk), machine.tensor('O', nq, dv)];
    scorePairs(machine, shape, Q, K, S, { a: sa!, b: sb! });
    for (const i of seenQueries(shape)) normalizeRow(machine, shape, i, S, P);
    sumPairs(machine, shape, 'queries', P, V, O, { a: oa!, b: ob! });
  },
};

/** Softmax of a row of scores: once over it for the largest and the sum, once to write. */
export function normalizeRow(machine: Machine, shape: Shape, i: number, S: Tensor, P: Tensor): void {
  const w = shape.accumulator;
  const row = { start: i, size: 1 };
  const stats = { largest: machine.room(1, 1, w), sum: machine.room(1, 1, w) };
  machine.compute((cells) => startStatistics(cells, stats));
  for (const j of keysOf(shape, i)) {
    const s = machine.load(S, row, { start: j, size: 1 });
    const spare = machine.room(1, 1, w);
    machine.compute((cells) => absorbRow(cells, 0, s, stats, spare, () => true));
    machine.free(spare, s);
  }
  for (const j of keysOf(shape, i)) {
    const s = machine.load(S, row, { start: j, size: 1 });
    machine.compute((cells) =>
      cells.set(
        s,
        0,
        0,
        [cells.get(s, 0, 0), cells.get(stats.largest, 0, 0), cells.get(stats.sum, 0, 0)],
        (x, most, z) => Math.exp(x! - most!) / z!,
      ),
    );
    machine.store(s, P, row, { start: j, size: 1 });
    machine.free(s);
  }
  machine.free(stats.largest, stats.sum);
}
