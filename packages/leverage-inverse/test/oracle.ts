/** g(x) without rounding to speak of: fixed-point numbers of 256 binary digits behind the point, Gauss-Jordan, no kernel, no linalg. */
import type { Dense } from '@x/linalg';

const DIGITS = 256n;
const view = new DataView(new ArrayBuffer(8));

/** A double, exactly where it has no digits beyond the 256th. */
function fixed(value: number): bigint {
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponent === 0n ? fraction : fraction | 0x10000000000000n;
  const shift = DIGITS + (exponent === 0n ? 1n : exponent) - 1075n;
  const size = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  return value < 0 ? -size : size;
}

const times = (a: bigint, b: bigint) => (a * b) >> DIGITS;
const over = (a: bigint, b: bigint) => (a << DIGITS) / b;

/** g(x) - A^T W^2 A x, rounded to doubles: each entry is right to 2^-53 of itself and 2^-150. */
export function exactGradient({ A, b }: { readonly A: Dense; readonly b?: Float64Array }, x: Float64Array, w?: Float64Array): Float64Array {
  const { rows: n, cols: d } = A;
  const rows: bigint[][] = [];
  for (let i = 0; i < n; i++) {
    const row = Array.from({ length: d }, (_, j) => fixed(A.data[i * d + j]!));
    // Products of two doubles have up to 106 digits, which 256 hold.
    const slack = row.reduce((sum, a, j) => sum + times(a, fixed(x[j]!)), -fixed(b?.[i] ?? 0));
    rows.push(row.map((a) => over(a, slack)));
  }
  const H = Array.from({ length: d }, (_, j) =>
    Array.from({ length: d }, (_, k) => rows.reduce((s, row) => s + times(row[j]!, row[k]!), 0n)),
  );
  const inverse = inverseOf(H);
  const g = new Array<bigint>(d).fill(0n);
  for (const row of rows) {
    const sigma = row.reduce(
      (s, a, j) =>
        s +
        times(
          a,
          inverse[j]!.reduce((t, h, k) => t + times(h, row[k]!), 0n),
        ),
      0n,
    );
    for (let j = 0; j < d; j++) g[j]! += times(sigma, row[j]!);
  }
  for (let i = 0; i < n && w !== undefined; i++) {
    const row = Array.from({ length: d }, (_, j) => fixed(A.data[i * d + j]!));
    const product = row.reduce((sum, a, j) => sum + times(a, fixed(x[j]!)), 0n);
    const pull = times(times(fixed(w[i]!), fixed(w[i]!)), product);
    for (let j = 0; j < d; j++) g[j]! -= times(pull, row[j]!);
  }
  return Float64Array.from(g, (value) => Number(value >> (DIGITS - 160n)) * 2 ** -160);
}

/** |a_i^T x - b_i - values_i|, rounded once. */
export function slackErrors(
  { A, b }: { readonly A: Dense; readonly b: Float64Array },
  x: Float64Array,
  values: Float64Array,
): Float64Array {
  const d = A.cols;
  return values.map((value, i) => {
    const exact = x.reduce((sum, entry, j) => sum + times(fixed(A.data[i * d + j]!), fixed(entry)), -fixed(b[i]!));
    const off = exact - fixed(value);
    return Number(off < 0n ? -off : off) * 2 ** -256;
  });
}

function inverseOf(M: readonly (readonly bigint[])[]): bigint[][] {
  const d = M.length;
  const one = 1n << DIGITS;
  const W = M.map((row, i) => [...row, ...Array.from({ length: d }, (_, j) => (i === j ? one : 0n))]);
  // Positive definite: no pivoting is needed.
  for (let k = 0; k < d; k++) {
    const pivot = W[k]![k]!;
    W[k] = W[k]!.map((value) => over(value, pivot));
    for (let i = 0; i < d; i++) {
      const factor = W[i]![k]!;
      if (i !== k) W[i] = W[i]!.map((value, j) => value - times(factor, W[k]![j]!));
    }
  }
  return W.map((row) => row.slice(d));
}
