import { philox } from '@x/linalg';
import { type Complex, hessenbergEigenvalues, toHessenberg } from './eigenvalues.ts';

/**
 * Approximate eigenvectors of A as the columns of a matrix; of a complex pair the real and imaginary parts, one after the other. In this
 * basis A is nearly diagonal, but for blocks [a, b; -b, a] of pairs a +- i b.
 *
 * @param A - row by row; not changed.
 * @returns undefined where an eigenvalue does not converge. Eigenvectors of a defective matrix come out dependent: it is for the caller to see.
 * Cost: O(d^3): inverse iteration on a Hessenberg matrix takes O(d^2) a vector.
 */
export function eigenbasis(A: Float64Array, d: number): Float64Array | undefined {
  if (!A.every((v) => v - v === 0)) return undefined;
  const H = A.slice();
  const P = new Float64Array(d * d);
  for (let i = 0; i < d; i++) P[i * (d + 1)] = 1;
  toHessenberg(H, d, P);
  const values = hessenbergEigenvalues(H.slice(), d);
  if (values === undefined) return undefined;
  const solve = shiftedSolver(H, d);
  const V = new Float64Array(d * d);
  let column = 0;
  for (const [k, value] of values.entries()) {
    // Of a pair the one below the axis comes second, and has the same two columns.
    if (value.im < 0) continue;
    // A start of its own for each: of a multiple eigenvalue they lead to different vectors.
    const rng = philox(0, k);
    const [re, im] = [rng.fillNormal(new Float64Array(d)), new Float64Array(d)];
    for (let step = 0; step < 2; step++) solve(value, re, im);
    for (const part of value.im > 0 ? [re, im] : [re]) {
      for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) V[i * d + column] += P[i * d + j] * part[j];
      column++;
    }
  }
  return V;
}

/** One step of inverse iteration: x <- (H - value)^-1 x, scaled to length 1, by elimination with exchanges of neighbouring rows. */
function shiftedSolver(H: Float64Array, d: number): (value: Complex, re: Float64Array, im: Float64Array) => void {
  const size = H.reduce((most, v) => Math.max(most, Math.abs(v)), Number.MIN_VALUE);
  const tiny = size * Number.EPSILON;
  const U = { re: new Float64Array(d * d), im: new Float64Array(d * d) };

  return (value, re, im) => {
    U.re.set(H);
    U.im.fill(0);
    for (let p = 0; p < d * d; p += d + 1) {
      U.re[p] -= value.re;
      U.im[p] -= value.im;
    }
    const exchange = (x: Float64Array, p: number, q: number) => {
      const t = x[p];
      x[p] = x[q];
      x[q] = t;
    };
    for (let k = 0; k < d - 1; k++) {
      const [p, q] = [k * d, (k + 1) * d];
      if (Math.abs(U.re[q + k]) + Math.abs(U.im[q + k]) > Math.abs(U.re[p + k]) + Math.abs(U.im[p + k])) {
        for (let j = k; j < d; j++) for (const x of [U.re, U.im]) exchange(x, p + j, q + j);
        for (const x of [re, im]) exchange(x, k, k + 1);
      }
      // A pivot of nothing means that the shift is an eigenvalue to the last bit: a little more than nothing does as well.
      if (Math.abs(U.re[p + k]) + Math.abs(U.im[p + k]) < tiny) U.re[p + k] = tiny;
      const factor = quotient(U.re[q + k], U.im[q + k], U.re[p + k], U.im[p + k]);
      for (let j = k; j < d; j++) {
        U.re[q + j] -= factor.re * U.re[p + j] - factor.im * U.im[p + j];
        U.im[q + j] -= factor.re * U.im[p + j] + factor.im * U.re[p + j];
      }
      re[k + 1] -= factor.re * re[k] - factor.im * im[k];
      im[k + 1] -= factor.re * im[k] + factor.im * re[k];
    }
    for (let i = d - 1; i >= 0; i--) {
      const row = i * d;
      for (let j = i + 1; j < d; j++) {
        re[i] -= U.re[row + j] * re[j] - U.im[row + j] * im[j];
        im[i] -= U.re[row + j] * im[j] + U.im[row + j] * re[j];
      }
      if (Math.abs(U.re[row + i]) + Math.abs(U.im[row + i]) < tiny) U.re[row + i] = tiny;
      const x = quotient(re[i], im[i], U.re[row + i], U.im[row + i]);
      re[i] = x.re;
      im[i] = x.im;
    }
    let most = 0;
    for (let i = 0; i < d; i++) most = Math.max(most, Math.abs(re[i]), Math.abs(im[i]));
    for (const x of [re, im]) for (let i = 0; i < d; i++) x[i] /= most;
  };
}

function quotient(a: number, b: number, c: number, e: number): Complex {
  const square = c * c + e * e;
  return { re: (a * c + b * e) / square, im: (b * c - a * e) / square };
}
