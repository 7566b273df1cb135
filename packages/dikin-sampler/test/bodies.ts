import { csrFromDense, dense, philox, type Rng } from '@x/linalg';
import type { Frame } from '../src/frame.ts';
import { type Polytope, polytope } from '../src/index.ts';
import { sparseIdentity } from '../src/sparse.ts';

/** [0, 1]^d. */
export function cube(d: number): Polytope {
  return polytope({ variables: d, lower: 0, upper: 1 });
}

/** {x >= 0, sum x <= 1} in R^d. */
export function simplex(d: number): Polytope {
  return polytope({ A: dense(1, d, new Float64Array(d).fill(1)), b: [1], lower: 0 });
}

/** n x n doubly stochastic matrices, row-major. */
export function birkhoff(n: number): Polytope {
  const Aeq = new Float64Array(2 * n * n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      Aeq[i * n * n + i * n + k] = 1;
      Aeq[(n + i) * n * n + k * n + i] = 1;
    }
  }
  return polytope({ Aeq: dense(2 * n, n * n, Aeq), beq: new Float64Array(2 * n).fill(1), lower: 0 });
}

/** T(simplex) with T of condition number `condition`, and T itself, d x d row-major. */
export function skewedSimplex(d: number, condition: number, seed: number): { readonly body: Polytope; readonly T: Float64Array } {
  const rng = philox(seed, 77);
  const U = orthogonal(d, rng);
  const V = orthogonal(d, rng);
  const T = new Float64Array(d * d);
  const inverse = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    const sigma = condition ** (-k / (d - 1));
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        T[i * d + j] = T[i * d + j]! + U[i * d + k]! * sigma * V[j * d + k]!;
        inverse[i * d + j] = inverse[i * d + j]! + (V[i * d + k]! / sigma) * U[j * d + k]!;
      }
    }
  }
  // y = T^{-1} x >= 0 and sum y <= 1.
  const A = new Float64Array((d + 1) * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      A[i * d + j] = -inverse[i * d + j]!;
      A[d * d + j] = A[d * d + j]! + inverse[i * d + j]!;
    }
  }
  return { body: polytope({ A: dense(d + 1, d, A), b: [...new Float64Array(d), 1] }), T };
}

/** Random halfspaces at distance about 1 from the origin, inside a box: no two facets are parallel to one axis system. */
export function randomFrame(n: number, d: number, rng: Rng): Frame {
  const A = new Float64Array((n + 2 * d) * d);
  rng.fillNormal(A.subarray(0, n * d));
  for (let j = 0; j < d; j++) {
    A[(n + 2 * j) * d + j] = 1;
    A[(n + 2 * j + 1) * d + j] = -1;
  }
  const slack = Float64Array.from({ length: n + 2 * d }, () => 0.5 + rng.uniform());
  return frame(A, slack);
}

/** The frame {w : A w <= slack} with x = w. */
export function frame(A: Float64Array, slack: Float64Array, quadratic?: Frame['quadratic']): Frame {
  const d = A.length / slack.length;
  return {
    dimension: d,
    A: csrFromDense(dense(slack.length, d, A)),
    slack,
    quadratic,
    origin: new Float64Array(d),
    map: sparseIdentity(d),
  };
}

/** A random symmetric positive definite matrix with a random linear term. */
export function randomQuadratic(d: number, rng: Rng): NonNullable<Frame['quadratic']> {
  const B = rng.fillNormal(new Float64Array(d * d));
  const P = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) for (let k = 0; k < d; k++) P[i * d + j] = P[i * d + j]! + B[k * d + i]! * B[k * d + j]!;
  return { P, g: rng.fillNormal(new Float64Array(d)) };
}

/** Gram and Schmidt on a Gaussian matrix; rows are orthonormal, and so columns. */
export function orthogonal(d: number, rng: Rng): Float64Array {
  const Q = rng.fillNormal(new Float64Array(d * d));
  for (let i = 0; i < d; i++) {
    const row = Q.subarray(i * d, (i + 1) * d);
    // Twice, so that rounding of the first pass is removed too.
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < i; k++) {
        const other = Q.subarray(k * d, (k + 1) * d);
        const overlap = row.reduce((sum, v, j) => sum + v * other[j]!, 0);
        for (let j = 0; j < d; j++) row[j] = row[j]! - overlap * other[j]!;
      }
    }
    const norm = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0));
    for (let j = 0; j < d; j++) row[j] = row[j]! / norm;
  }
  return Q;
}
