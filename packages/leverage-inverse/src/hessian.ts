import type { Dense } from '@x/linalg';
import type { Engine, Evaluation } from './engine.ts';
import { combine, symmetrized } from './matrix.ts';
import { contractFirst, contractPairs, secondOf, type Third } from './third.ts';

/** Z^T Q Z = B^T (3 Sigma - 2 P o P) B, from an evaluation with `qhat` and `third`. */
export function whitenedQ(at: Evaluation): Dense {
  return combine(3, at.qhat as Dense, -2, secondOf(at.third as Third));
}

/** Z^T Q Z h by two passes, without a matrix of Q. Cost: 2.5 n d^2. */
export function whitenedQTimes(engine: Engine, at: Evaluation, move: Float64Array): Float64Array {
  const squared = engine.squaredProjection(at, move);
  return engine.project(
    at,
    move.map((u, i) => 3 * at.scores[i]! * u - 2 * squared[i]!),
  );
}

/**
 * Z^T DQ[h] Z for u = S^-1 A h:
 * B^T [-6 Sigma U - 6 diag((Sigma - P o P) u) + 6 (U P o P + P o P U) - 8 P o (P U P)] B. Cost: n d^3 / 3 with the tensor of `at`.
 */
export function whitenedDerivative(engine: Engine, at: Evaluation, u: Float64Array): Dense {
  const squared = engine.squaredProjection(at, u);
  const diagonal = engine.weighted(
    at,
    u.map((value, i) => -6 * at.scores[i]! * value - 6 * (at.scores[i]! * value - squared[i]!)),
  );
  const T = at.third as Third;
  const Tu = engine.third(at, u);
  const cross = symmetrized(contractPairs(Tu, T));
  const C = engine.weighted(at, u);
  const triple = symmetrized(contractPairs(contractFirst(C, T), T));
  return combine(1, combine(1, diagonal, 12, cross), -8, triple);
}
