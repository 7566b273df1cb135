import { type Dense, gemm, identity, transpose } from '@x/linalg';
import { whitenedQ } from './hessian.ts';
import { combine, inverseRoot, symmetrized } from './matrix.ts';
import { assemble, type Point, type Problem } from './solve/part.ts';
import { pointAt } from './solve/problem.ts';

/** M^-1 = Z W^-1 Z^T for W = Z^T M Z. */
export function inverseHessian(Z: Dense, W: Dense): Dense {
  const root = gemm({ A: Z, B: inverseRoot(W) });
  return gemm({ A: root, B: transpose(root) });
}

/** Covariance of x to first order from those of the errors of the gradients: M^-1 (sum weight_k^2 C_k) M^-1. */
export function covarianceOf(problem: Problem, x: Float64Array, errors: readonly (Dense | undefined)[]): Dense {
  const at = pointAt(problem, x, { qhat: true, third: true }) as Point;
  const inverse = inverseHessian(at.parts[0]!.Z, assemble(problem, at, at.parts.map(whitenedQ)));
  const d = x.length;
  let C: Dense = { ...inverse, data: new Float64Array(d * d) };
  for (const [k, error] of errors.entries()) {
    if (error !== undefined) C = combine(1, C, problem.parts[k]!.weight ** 2, gemm({ A: error, B: identity(d) }));
  }
  return symmetrized(gemm({ A: inverse, B: gemm({ A: C, B: inverse }) }));
}
