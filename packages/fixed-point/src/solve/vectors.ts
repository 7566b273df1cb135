import type { NormKind } from './contract.ts';

/** Small loops on plain arrays: at the sizes of solvers' vectors a call into WebAssembly, with its copies, costs more than the work. */

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** y <- y + alpha x. */
export function addScaled(y: Float64Array, alpha: number, x: Float64Array): void {
  for (let i = 0; i < y.length; i++) y[i] += alpha * x[i];
}

/** out <- a - b. */
export function subtract(a: Float64Array, b: Float64Array, out: Float64Array): Float64Array {
  for (let i = 0; i < out.length; i++) out[i] = a[i] - b[i];
  return out;
}

/** The norm; Infinity where an entry is NaN, so that no comparison takes it for small. */
export function normOf(x: Float64Array, kind: NormKind): number {
  return kind === 'infinity' ? largest(x) : euclidean(x);
}

function largest(x: Float64Array): number {
  let most = 0;
  for (let i = 0; i < x.length; i++) {
    const size = Math.abs(x[i]);
    if (size > most) most = size;
    else if (size !== size) return Infinity;
  }
  return most;
}

/** Scaled where the squares would overflow or vanish. */
export function euclidean(x: Float64Array): number {
  let square = 0;
  for (let i = 0; i < x.length; i++) square += x[i] * x[i];
  if (square > 1e-280 && square < 1e280) return Math.sqrt(square);
  const scale = largest(x);
  if (scale === 0 || scale === Infinity) return scale;
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const part = x[i] / scale;
    sum += part * part;
  }
  return scale * Math.sqrt(sum);
}
