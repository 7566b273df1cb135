import { mapPairs, rowDots } from './elementwise.ts';
import { probabilities, scoreGradients } from './kernels.ts';
import type { Tensor } from './machine.ts';
import { scorePairs, sumPairs } from './pair-products.ts';
import { pairsOf, scorePhase, seenCount, sumPhase } from './phases.ts';
import { fixedPhase, type Schedule } from './schedule.ts';

/**
 * The gradient for small fast memories: scores, probabilities and their gradients all go to slow memory, and each product is tiled alone.
 *
 * Source: the small-cache regime of the paper, arXiv 2410.09397; this order and its constants are ours.
 */
export const backwardSmallCache: Schedule = {
  name: 'backwardSmallCache',
  pass: 'backward',
  idea: 'every product alone, with all pairs in slow memory between them',
  phases: [
    fixedPhase(
      ({ accumulator: w }) => w + 2,
      ({ nq, dv, accumulator: w }) => ({ loads: 2 * nq * dv, stores: w * nq }),
    ),
    scorePhase('sa', 'sb', ({ d }) => d),
    scorePhase('ga', 'gb', ({ dv }) => dv),
    fixedPhase(
      ({ accumulator: w }) => 2 * w + 2,
      (shape) => ({ loads: 2 * pairsOf(shape) + 2 * shape.accumulator * seenCount(shape), stores: 2 * pairsOf(shape) }),
    ),
    sumPhase('keys', 'va', 'vb', ({ dv }) => dv),
    sumPhase('queries', 'qa', 'qb', ({ d }) => d),
    sumPhase('keys', 'ka', 'kb', ({ d }) => d),
  ],
  run(machine, shape, tiles) {
    const { nq, nk, d, dv, accumulator: w } = shape;
    const sides = (letter: string) => ({ a: tiles[`${letter}a`]!, b: tiles[`${letter}b`]! });
    const [Q, K, V] = [machine.tensor('Q', nq, d), machine.tensor('K', nk, d), machine.tensor('V', nk, dv)];
    const [O, dO, L, D] = [
      machine.tensor('O', nq, dv),
      machine.tensor('dO', nq, dv),
      machine.tensor('L', nq, 1, w),
      machine.tensor('D', nq, 1, w),
    ];
    const [S, dP, P, dS] = ['S', 'dP', 'P', 'dS'].map((name) => machine.tensor(name, nq, nk)) as [Tensor, Tensor, Tensor, Tensor];
    rowDots(machine, dO, O, D, w);
    scorePairs(machine, shape, Q, K, S, sides('s'));
    scorePairs(machine, shape, dO, V, dP, sides('g'));
    const outputs = [
      { tensor: P, from: 0 },
      { tensor: dS, from: 1 },
    ] as const;
    mapPairs(machine, shape, [S, dP], outputs, [L, D], (cells, s, g, [l, mean]) => {
      probabilities(cells, s, l!, () => true);
      scoreGradients(cells, g, s, mean!, () => true);
    });
    sumPairs(machine, shape, 'keys', P, dO, machine.tensor('dV', nk, dv), sides('v'));
    sumPairs(machine, shape, 'queries', dS, K, machine.tensor('dQ', nq, d), sides('q'));
    sumPairs(machine, shape, 'keys', dS, Q, machine.tensor('dK', nk, d), sides('k'));
  },
};
