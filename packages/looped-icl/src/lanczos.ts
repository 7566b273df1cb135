import { type Dense, eigenvalues, gemv, philox, zeros } from '@x/linalg';
import { addTo, norm } from './product.ts';

const STEPS = 50;

/**
 * Ritz values at both ends of the spectrum of a symmetric matrix: never outside it but for rounding, so the condition number is at least
 * their ratio. Lanczos' method from a seeded random start, orthogonalised in full.
 *
 * Cost: 50 products with M, 2 p^2 flops each, and 10^4 p flops to orthogonalise.
 */
export function lanczosExtremes(M: Dense): [smallest: number, largest: number] {
  const p = M.rows;
  const basis = [unit(philox(0).fillNormal(new Float64Array(p)))];
  const diagonal: number[] = [];
  const off: number[] = [];
  for (let step = 0; step < Math.min(STEPS, p); step++) {
    const v = basis[step]!;
    const w = gemv({ A: M, x: v });
    const size = norm(w);
    diagonal.push(inner(w, v));
    // Twice is enough to be orthogonal to rounding.
    for (let pass = 0; pass < 2; pass++) for (const u of basis) addTo(w, u, -inner(w, u));
    const length = norm(w);
    if (!(length > 4 * p * Number.EPSILON * size)) break;
    off.push(length);
    basis.push(w.map((value) => value / length));
  }
  const steps = diagonal.length;
  const T = zeros(steps, steps);
  for (let i = 0; i < steps; i++) {
    T.data[i * steps + i] = diagonal[i]!;
    if (i > 0) T.data[i * steps + i - 1] = off[i - 1]!;
  }
  const ritz = eigenvalues(T);
  return [ritz[0]!, ritz[steps - 1]!];
}

function unit(v: Float64Array): Float64Array {
  const length = norm(v);
  return v.map((value) => value / length);
}

function inner(u: Float64Array, v: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < u.length; i++) sum += u[i]! * v[i]!;
  return sum;
}
