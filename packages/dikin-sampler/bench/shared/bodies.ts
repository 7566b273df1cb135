import { type Polytope, polytope } from '@x/dikin-sampler';
import { dense, philox } from '@x/linalg';

export type Body = () => Polytope;

export const cube =
  (d: number): Body =>
  () =>
    polytope({ variables: d, lower: -1, upper: 1 });

export const simplex =
  (d: number): Body =>
  () =>
    polytope({ A: dense(1, d, new Float64Array(d).fill(1)), b: [1], lower: 0 });

/** n halfspaces with random unit normals at distance 1: bounded for n >> d. */
export const random =
  (n: number, d: number): Body =>
  () => {
    const A = philox(1).fillNormal(new Float64Array(n * d));
    const b = Array.from({ length: n }, (_, i) => Math.hypot(...A.subarray(i * d, (i + 1) * d)));
    return polytope({ A: dense(n, d, A), b });
  };

/** Doubly stochastic m x m matrices. */
export const birkhoff =
  (m: number): Body =>
  () => {
    const Aeq = new Float64Array(2 * m * m * m);
    for (let i = 0; i < m; i++) {
      for (let k = 0; k < m; k++) Aeq[i * m * m + i * m + k] = Aeq[(m + i) * m * m + k * m + i] = 1;
    }
    return polytope({ Aeq: dense(2 * m, m * m, Aeq), beq: new Float64Array(2 * m).fill(1), lower: 0 });
  };

/** The simplex under a random linear map of a condition: its d + 1 facets in the images' coordinates. */
export const skewedSimplex =
  (d: number, condition: number): Body =>
  () => {
    const rng = philox(5);
    const [U, V] = [orthogonal(d, rng), orthogonal(d, rng)];
    const A = new Float64Array((d + 1) * d);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        let entry = 0;
        for (let k = 0; k < d; k++) entry += V[k * d + i]! * condition ** (k / (d - 1)) * U[k * d + j]!;
        A[i * d + j] = -entry;
        A[d * d + j] = A[d * d + j]! + entry;
      }
    }
    return polytope({ A: dense(d + 1, d, A), b: [...new Float64Array(d), 1] });
  };

function orthogonal(d: number, rng: ReturnType<typeof philox>): Float64Array {
  const Q = rng.fillNormal(new Float64Array(d * d));
  for (let i = 0; i < d; i++) {
    const row = Q.subarray(i * d, (i + 1) * d);
    for (let k = 0; k < i; k++) {
      const other = Q.subarray(k * d, (k + 1) * d);
      const overlap = row.reduce((sum, v, j) => sum + v * other[j]!, 0);
      for (let j = 0; j < d; j++) row[j] = row[j]! - overlap * other[j]!;
    }
    const norm = Math.hypot(...row);
    for (let j = 0; j < d; j++) row[j] = row[j]! / norm;
  }
  return Q;
}
