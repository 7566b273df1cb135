import { type Memory, type Problem, type Setting, settingOf } from '../advisor/problem.ts';
import { touched } from '../masks/mask.ts';
import type { Shape } from '../schedules/machine.ts';
import { pairsOf } from '../schedules/phases.ts';
import type { Pass } from '../schedules/schedule.ts';

/** Words that every schedule moves at least, over all heads and the batch. */
export interface LowerBound {
  readonly words: number;
  /** `trivial`: inputs are read and outputs written; `epoch`: what M words can compute between two transfers. */
  readonly which: 'trivial' | 'epoch';
  readonly formula: string;
  /** Where the README proves it. */
  readonly proof: string;
}

/**
 * The larger of two proven lower bounds of words moved.
 *
 * `epoch` holds for schedules that compute every allowed score q_i . k_j as a sum of d products, in any order and as often as they like. It
 * is not proved for `paperGradient`, where A1 X may be computed again.
 *
 * @throws ArgumentError.
 * Source: README, "Lower bounds", with proofs.
 */
export function lowerBound(problem: Problem, memory: Memory): LowerBound {
  return boundOf(settingOf('lowerBound', problem, memory));
}

export function boundOf({ pass, shape, times, M }: Setting): LowerBound {
  const trivial = times * trivialBound(pass, shape);
  const epoch = pass === 'paperGradient' || shape.d < 2 ? 0 : times * epochBound(shape, M);
  return epoch > trivial
    ? { words: epoch, which: 'epoch', formula: 'max over X of X (Z d / g(X) - 1)', proof: 'README, Lower bounds, LB' }
    : { words: trivial, which: 'trivial', formula: TRIVIAL[pass], proof: 'README, Lower bounds, H1' };
}

const TRIVIAL: Readonly<Record<Pass, string>> = {
  forward: 'nq (d + dv) + nk (d + dv) over rows that the mask uses',
  backward: 'nq (2 d + dv) + 2 nk (d + dv) over rows that the mask uses',
  paperGradient: 'nq (d + dv) + 2 nk d + d (2 d + dv) over rows that the mask uses',
};

/**
 * Inputs without which the outputs cannot be known, and outputs, once each. Of the backward pass's inputs O and L are none: both follow from
 * Q, K and V, so that a schedule may never read them.
 */
export function trivialBound(pass: Pass, { nq, nk, d, dv, mask }: Shape): number {
  const { distinctQueries: queries, distinctKeys: keys } = touched(nq, nk, mask, 1, 1);
  if (pass === 'forward') return queries * (d + dv) + keys * (d + dv);
  if (pass === 'backward') return queries * (2 * d + dv) + 2 * keys * (d + dv);
  return queries * (d + dv) + 2 * keys * d + d * d + d * dv + d * d;
}

/** Lengths of epochs that are tried, relative to M. */
const LENGTHS = [0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8, 16] as const;

/**
 * Z d products must be made, and between X transfers no more than g(X) can be: so at least X (Z d / g(X) - 1) words move. Every X gives a
 * bound; the best of several is taken.
 */
export function epochBound(shape: Shape, M: number): number {
  const products = pairsOf(shape) * shape.d;
  let best = 0;
  for (const length of LENGTHS) {
    const X = Math.max(1, Math.round(length * M));
    best = Math.max(best, X * (products / productsOfEpoch(M, X, shape.d) - 1));
  }
  return best;
}

const PARTS = 128;

/**
 * g(X): products of scores that an epoch of X transfers can make. With s values of Q and K at hand, s <= M + X: pairs made as a whole,
 * at most (s / 2 d)^2, d products each; and others, of which a partial sum must enter or leave: at most (s / 2) sqrt(2 M + X - s) products
 * (Loomis and Whitney). The largest sum over s is bounded over intervals of s, as one part rises with s and the other falls.
 */
export function productsOfEpoch(M: number, X: number, d: number): number {
  const most = M + X;
  let largest = 0;
  for (let k = 0; k < PARTS; k++) {
    const low = (k * most) / PARTS;
    const high = ((k + 1) * most) / PARTS;
    largest = Math.max(largest, (high * high) / (4 * d) + (high / 2) * Math.sqrt(2 * M + X - low));
  }
  return largest;
}
