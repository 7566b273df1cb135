/** A complex number. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

const MOST_SWEEPS = 60;

/**
 * Eigenvalues of a general real matrix, largest size first: reduction to Hessenberg form by Gaussian similarity with pivoting, then Francis's
 * QR with double shifts. The matrix is used up.
 *
 * @returns undefined where an eigenvalue does not converge, or an entry is not finite.
 * Cost: about 10 d^3 operations.
 * Source: J. Wilkinson and C. Reinsch, Handbook for Automatic Computation II, Linear Algebra, 1971, contributions II/13 and II/14 (elmhes, hqr).
 */
export function eigenvaluesInPlace(A: Float64Array, d: number): Complex[] | undefined {
  if (!A.every((v) => v - v === 0)) return undefined;
  toHessenberg(A, d);
  return hessenbergEigenvalues(A, d);
}

/** The same for a matrix that has nothing below its first subdiagonal. */
export function hessenbergEigenvalues(A: Float64Array, d: number): Complex[] | undefined {
  const values: Complex[] = [];
  let shift = 0;
  let n = d - 1;
  for (let sweep = 0; n >= 0; sweep++) {
    const l = splitBelow(A, d, n);
    const x = A[n * d + n];
    if (l === n) {
      values.push({ re: x + shift, im: 0 });
      n--;
      sweep = -1;
      continue;
    }
    const y = A[(n - 1) * d + n - 1];
    const w = A[n * d + n - 1] * A[(n - 1) * d + n];
    if (l === n - 1) {
      values.push(...pair(x, y, w, shift));
      n -= 2;
      sweep = -1;
      continue;
    }
    if (sweep === MOST_SWEEPS) return undefined;
    // Every tenth sweep without success uses a shift out of line.
    if (sweep % 10 === 9) {
      shift += x;
      for (let i = 0; i <= n; i++) A[i * d + i] -= x;
      const s = Math.abs(A[n * d + n - 1]) + Math.abs(A[(n - 1) * d + n - 2]);
      francisStep(A, d, l, n, 0.75 * s, 0.75 * s, -0.4375 * s * s);
    } else francisStep(A, d, l, n, x, y, w);
  }
  return values.sort((a, b) => Math.hypot(b.re, b.im) - Math.hypot(a.re, a.im) || b.re - a.re || b.im - a.im);
}

/** A becomes H with nothing below the first subdiagonal; P, where it is given as the identity, the matrix with A P = P H. */
export function toHessenberg(A: Float64Array, d: number, P?: Float64Array): void {
  for (let m = 1; m < d - 1; m++) {
    let pivot = m;
    for (let i = m + 1; i < d; i++) if (Math.abs(A[i * d + m - 1]) > Math.abs(A[pivot * d + m - 1])) pivot = i;
    const x = A[pivot * d + m - 1];
    if (x === 0) continue;
    if (pivot !== m) {
      for (let j = 0; j < d; j++) swap(A, pivot * d + j, m * d + j);
      for (const M of P === undefined ? [A] : [A, P]) for (let i = 0; i < d; i++) swap(M, i * d + pivot, i * d + m);
    }
    for (let i = m + 1; i < d; i++) {
      const factor = A[i * d + m - 1] / x;
      if (factor === 0) continue;
      for (let j = m - 1; j < d; j++) A[i * d + j] -= factor * A[m * d + j];
      for (const M of P === undefined ? [A] : [A, P]) for (let k = 0; k < d; k++) M[k * d + m] += factor * M[k * d + i];
    }
  }
  for (let i = 2; i < d; i++) for (let j = 0; j < i - 1; j++) A[i * d + j] = 0;
}

function swap(A: Float64Array, p: number, q: number): void {
  const t = A[p];
  A[p] = A[q];
  A[q] = t;
}

/** The first row of the lowest block that does not split: the subdiagonal entry above it is negligible, and is set to 0. */
function splitBelow(A: Float64Array, d: number, n: number): number {
  let l = n;
  for (; l > 0; l--) {
    const s = Math.abs(A[(l - 1) * d + l - 1]) + Math.abs(A[l * d + l]);
    const entry = Math.abs(A[l * d + l - 1]);
    if (entry <= Number.EPSILON * s || entry < Number.MIN_VALUE / Number.EPSILON) {
      A[l * d + l - 1] = 0;
      break;
    }
  }
  return l;
}

/** The eigenvalues of the last 2 x 2 block, with diagonal y, x and product w of the others. */
function pair(x: number, y: number, w: number, shift: number): Complex[] {
  const p = (y - x) / 2;
  const q = p * p + w;
  const z = Math.sqrt(Math.abs(q));
  const base = x + shift;
  if (q < 0) {
    return [
      { re: base + p, im: z },
      { re: base + p, im: -z },
    ];
  }
  const far = p + (p < 0 ? -z : z);
  return [
    { re: base + far, im: 0 },
    { re: far === 0 ? base : base - w / far, im: 0 },
  ];
}

/** One implicit double-shift step on rows l..n, with shifts the eigenvalues of a block with diagonal x, y and product w of the others. */
function francisStep(A: Float64Array, d: number, l: number, n: number, x: number, y: number, w: number): void {
  const at = (i: number, j: number) => A[i * d + j];
  let m = n - 2;
  let p = 0;
  let q = 0;
  let r = 0;
  for (; m >= l; m--) {
    const z = at(m, m);
    const a = x - z;
    const b = y - z;
    p = (a * b - w) / at(m + 1, m) + at(m, m + 1);
    q = at(m + 1, m + 1) - z - a - b;
    r = at(m + 2, m + 1);
    const s = Math.abs(p) + Math.abs(q) + Math.abs(r);
    p /= s;
    q /= s;
    r /= s;
    if (m === l) break;
    const u = Math.abs(at(m, m - 1)) * (Math.abs(q) + Math.abs(r));
    const v = Math.abs(p) * (Math.abs(at(m - 1, m - 1)) + Math.abs(z) + Math.abs(at(m + 1, m + 1)));
    if (u <= Number.EPSILON * v) break;
  }
  for (let i = m + 2; i <= n; i++) {
    A[i * d + i - 2] = 0;
    if (i > m + 2) A[i * d + i - 3] = 0;
  }
  for (let k = m; k < n; k++) {
    const last = k === n - 1;
    let scale = 1;
    if (k !== m) {
      p = at(k, k - 1);
      q = at(k + 1, k - 1);
      r = last ? 0 : at(k + 2, k - 1);
      scale = Math.abs(p) + Math.abs(q) + Math.abs(r);
      if (scale === 0) continue;
      p /= scale;
      q /= scale;
      r /= scale;
    }
    const size = Math.sqrt(p * p + q * q + r * r);
    const s = p < 0 ? -size : size;
    if (s === 0) continue;
    if (k !== m) A[k * d + k - 1] = -s * scale;
    else if (l !== m) A[k * d + k - 1] = -A[k * d + k - 1];
    p += s;
    const [fx, fy, fz] = [p / s, q / s, r / s];
    q /= p;
    r /= p;
    for (let j = k; j <= n; j++) {
      const t = at(k, j) + q * at(k + 1, j) + (last ? 0 : r * at(k + 2, j));
      if (!last) A[(k + 2) * d + j] -= t * fz;
      A[(k + 1) * d + j] -= t * fy;
      A[k * d + j] -= t * fx;
    }
    for (let i = l; i <= Math.min(n, k + 3); i++) {
      const t = fx * at(i, k) + fy * at(i, k + 1) + (last ? 0 : fz * at(i, k + 2));
      if (!last) A[i * d + k + 2] -= t * r;
      A[i * d + k + 1] -= t * q;
      A[i * d + k] -= t;
    }
  }
}
