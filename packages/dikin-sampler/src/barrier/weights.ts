import { log } from '@x/linalg';
import { checkChoice, checkLength, checkWhole } from '../check.ts';
import type { Frame } from '../frame.ts';
import { newKernel } from '../kernel/instance.ts';
import { float64Copy, float64Region } from '../kernel/memory.ts';
import { loadBody, type Weighting } from '../walk/loaded.ts';

/**
 * Barriers of {w : A w <= b} whose Hessian is A^T S^{-1} W S^{-1} A with S = diag(b - A w):
 *
 * | barrier | weights W | nu |
 * | --- | --- | --- |
 * | `log` | 1 | n |
 * | `volumetric` | leverage scores sigma of S^{-1} A | O(sqrt(n) d), not bounded by a function of d |
 * | `vaidya` | sigma + d / n | O(sqrt(n d)) |
 * | `john` | zeta = sigma(Z^{a/2} S^{-1} A) + d / 2n, a = 1 - 1 / log2(2 n / d) | O(d), up to logarithms of n / d |
 * | `leeSidford` | w^{1 - 2/p} with the l_p Lewis weights w = sigma(W^{1/2 - 1/p} S^{-1} A), p = 2 (1 + ln n) | O(d), up to logarithms of n |
 *
 * Sources: Vaidya 1996; Gustafson and Narayanan 2018 (John); Lee and Sidford 2014; Chen, Dwivedi, Wainwright, Yu 2018, JMLR 19, for Vaidya's
 * and an improved John walk; the power p after Laddha, Lee, Vempala 2020.
 */
export type BarrierKind = 'log' | 'volumetric' | 'vaidya' | 'john' | 'leeSidford';
export const BARRIERS: readonly BarrierKind[] = ['log', 'volumetric', 'vaidya', 'john', 'leeSidford'];

/** Iterations of the weights; the residual is then about 1e-2, and the walk is exact for any. */
const DEFAULT_ROUNDS = 10;
const MOST_ROUNDS = 10_000;

export function weightingOf(barrier: BarrierKind, n: number, d: number, rounds: number = DEFAULT_ROUNDS): Weighting {
  checkChoice('barrier', 'barrier', barrier, BARRIERS);
  // None at all would be the logarithmic barrier, under another name.
  checkWhole('barrier', 'rounds', rounds, 1, MOST_ROUNDS);
  switch (barrier) {
    case 'log':
      return { power: 0, shift: 0, outer: 0, rounds: 0 };
    case 'volumetric':
      return { power: 0, shift: 0, outer: 1, rounds: 1 };
    case 'vaidya':
      return { power: 0, shift: d / n, outer: 1, rounds: 1 };
    case 'john':
      // n > d; at n = d the power is 0.
      return { power: Math.max(0, 1 - log(2) / log((2 * n) / d)), shift: d / (2 * n), outer: 1, rounds };
    case 'leeSidford': {
      const power = 1 - 1 / (1 + log(n));
      return { power, shift: 0, outer: power, rounds };
    }
  }
}

/**
 * The weights of the rows at slacks s: those that the table of `BarrierKind` calls sigma + d / n, zeta and w.
 *
 * @param rounds - iterations; about 30 give ten digits.
 * @throws ShapeError unless there is a slack a row.
 */
export function barrierWeights(frame: Frame, slacks: Float64Array, barrier: BarrierKind, rounds?: number): Float64Array {
  const { rows: n } = frame.A;
  checkLength('barrierWeights', 'slacks', slacks, n);
  if (barrier === 'log') return new Float64Array(n).fill(1);
  const k = newKernel();
  const body = loadBody(k, frame, {
    weighting: { ...weightingOf(barrier, n, frame.dimension, rounds), outer: 1 },
    hessian: 'exact',
    bucket: 0,
    samples: 0,
  });
  const out = float64Region(k, n);
  const s = float64Copy(k, slacks);
  k.polytopeHessianWeights(body, s.pointer, out.pointer);
  return out.view().map((weight, i) => weight * slacks[i]! * slacks[i]!);
}
