/**
 * Vector and matrix-vector work of the factorisations, in f64 on contiguous vectors; matrices are row-major with `ld`
 * elements from row to row. Sums run in the same order in the SIMD and the scalar branches, so both give the same bits.
 */
import { axpy as axpyOf } from '../level1/axpy';

/** Bytes of one element. */
export const W: usize = 8;

/** Address of entry (i, j). */
// @ts-ignore: decorator
@inline
export function entry(a: usize, ld: i32, i: i32, j: i32): usize {
  return a + ((<usize>i * <usize>ld + <usize>j) << 3);
}

export function fill(n: i32, value: f64, x: usize): void {
  const end = x + <usize>n * W;
  for (; x < end; x += W) store<f64>(x, value);
}

export function copy(n: i32, x: usize, y: usize): void {
  const end = x + <usize>n * W;
  for (; x < end; x += W, y += W) store<f64>(y, load<f64>(x));
}

/** y^T <- x for a rows x cols matrix, in square blocks, so that both sides stay in cache. */
export function transpose(rows: i32, cols: i32, x: usize, ldx: i32, y: usize, ldy: i32): void {
  for (let i0 = 0; i0 < rows; i0 += 16) {
    const iEnd = min(i0 + 16, rows);
    for (let j0 = 0; j0 < cols; j0 += 16) {
      const jEnd = min(j0 + 16, cols);
      for (let j = j0; j < jEnd; j++) {
        let to = entry(y, ldy, j, i0);
        let from = entry(x, ldx, i0, j);
        for (let i = i0; i < iEnd; i++) {
          store<f64>(to, load<f64>(from));
          to += W;
          from += <usize>ldx * W;
        }
      }
    }
  }
}

export function swap(n: i32, x: usize, y: usize): void {
  const end = x + <usize>n * W;
  for (; x < end; x += W, y += W) {
    const t = load<f64>(x);
    store<f64>(x, load<f64>(y));
    store<f64>(y, t);
  }
}

/** x <- alpha x. */
export function scale(n: i32, alpha: f64, x: usize): void {
  const end = x + <usize>n * W;
  if (ASC_FEATURE_SIMD) {
    const a = f64x2.splat(alpha);
    for (; x + W < end; x += 16) v128.store(x, f64x2.mul(a, v128.load(x)));
  }
  for (; x < end; x += W) store<f64>(x, alpha * load<f64>(x));
}

/** y <- y + alpha x. */
// @ts-ignore: decorator
@inline
export function axpy(n: i32, alpha: f64, x: usize, y: usize): void {
  axpyOf<f64>(n, alpha, x, y);
}

/** x^T y, in eight interleaved sums. */
export function dot(n: i32, x: usize, y: usize): f64 {
  const end = x + <usize>n * W;
  const blocks = x + (<usize>(n & ~7)) * W;
  let sum: f64;
  if (ASC_FEATURE_SIMD) {
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (; x < blocks; x += 64, y += 64) {
      s0 = f64x2.add(s0, f64x2.mul(v128.load(x), v128.load(y)));
      s1 = f64x2.add(s1, f64x2.mul(v128.load(x, 16), v128.load(y, 16)));
      s2 = f64x2.add(s2, f64x2.mul(v128.load(x, 32), v128.load(y, 32)));
      s3 = f64x2.add(s3, f64x2.mul(v128.load(x, 48), v128.load(y, 48)));
    }
    const s = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
    sum = f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1);
  } else {
    let s0 = 0.0, s1 = 0.0, s2 = 0.0, s3 = 0.0, s4 = 0.0, s5 = 0.0, s6 = 0.0, s7 = 0.0;
    for (; x < blocks; x += 64, y += 64) {
      s0 += load<f64>(x) * load<f64>(y);
      s1 += load<f64>(x, 8) * load<f64>(y, 8);
      s2 += load<f64>(x, 16) * load<f64>(y, 16);
      s3 += load<f64>(x, 24) * load<f64>(y, 24);
      s4 += load<f64>(x, 32) * load<f64>(y, 32);
      s5 += load<f64>(x, 40) * load<f64>(y, 40);
      s6 += load<f64>(x, 48) * load<f64>(y, 48);
      s7 += load<f64>(x, 56) * load<f64>(y, 56);
    }
    sum = (s0 + s2) + (s4 + s6) + ((s1 + s3) + (s5 + s7));
  }
  for (; x < end; x += W, y += W) sum += load<f64>(x) * load<f64>(y);
  return sum;
}

/** max |x_i|; NaN entries are passed over. */
export function maxAbs(n: i32, x: usize): f64 {
  const end = x + <usize>n * W;
  let largest: f64 = 0;
  for (; x < end; x += W) {
    const value = Math.abs(load<f64>(x));
    if (value > largest) largest = value;
  }
  return largest;
}

/** ||x||_2 without overflow or harmful underflow: scaled by max |x_i| when the plain sum of squares leaves the safe range. */
export function norm2(n: i32, x: usize): f64 {
  const plain = dot(n, x, x);
  if (plain > 1e-280 && plain < 1e300) return Math.sqrt(plain);
  const largest = maxAbs(n, x);
  if (largest == 0) return 0;
  let sum: f64 = 0;
  const end = x + <usize>n * W;
  for (; x < end; x += W) {
    const value = load<f64>(x) / largest;
    sum += value * value;
  }
  return largest * Math.sqrt(sum);
}

/** y_i <- A_i x for the m rows of A, four rows at a time. */
export function rowsTimes(m: i32, n: i32, a: usize, ld: i32, x: usize, y: usize): void {
  const row = <usize>ld * W;
  const pairs = <usize>(n & ~1) * W;
  let i = 0;
  for (; i + 4 <= m; i += 4, a += 4 * row, y += 4 * W) {
    let t0: f64, t1: f64, t2: f64, t3: f64;
    let p: usize = 0;
    const a1 = a + row;
    const a2 = a1 + row;
    const a3 = a2 + row;
    if (ASC_FEATURE_SIMD) {
      let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
      for (; p < pairs; p += 16) {
        const v = v128.load(x + p);
        s0 = f64x2.add(s0, f64x2.mul(v, v128.load(a + p)));
        s1 = f64x2.add(s1, f64x2.mul(v, v128.load(a1 + p)));
        s2 = f64x2.add(s2, f64x2.mul(v, v128.load(a2 + p)));
        s3 = f64x2.add(s3, f64x2.mul(v, v128.load(a3 + p)));
      }
      t0 = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
      t1 = f64x2.extract_lane(s1, 0) + f64x2.extract_lane(s1, 1);
      t2 = f64x2.extract_lane(s2, 0) + f64x2.extract_lane(s2, 1);
      t3 = f64x2.extract_lane(s3, 0) + f64x2.extract_lane(s3, 1);
    } else {
      let u0 = 0.0, u1 = 0.0, u2 = 0.0, u3 = 0.0;
      t0 = t1 = t2 = t3 = 0;
      for (; p < pairs; p += 16) {
        const v = load<f64>(x + p);
        const w = load<f64>(x + p, 8);
        t0 += v * load<f64>(a + p);
        u0 += w * load<f64>(a + p, 8);
        t1 += v * load<f64>(a1 + p);
        u1 += w * load<f64>(a1 + p, 8);
        t2 += v * load<f64>(a2 + p);
        u2 += w * load<f64>(a2 + p, 8);
        t3 += v * load<f64>(a3 + p);
        u3 += w * load<f64>(a3 + p, 8);
      }
      t0 += u0;
      t1 += u1;
      t2 += u2;
      t3 += u3;
    }
    if (n & 1) {
      const v = load<f64>(x + p);
      t0 += v * load<f64>(a + p);
      t1 += v * load<f64>(a1 + p);
      t2 += v * load<f64>(a2 + p);
      t3 += v * load<f64>(a3 + p);
    }
    store<f64>(y, t0);
    store<f64>(y, t1, 8);
    store<f64>(y, t2, 16);
    store<f64>(y, t3, 24);
  }
  for (; i < m; i++, a += row, y += W) store<f64>(y, dot(n, a, x));
}

/** y <- y + alpha A^T x with A m x n: the m rows of A, four at a time, weighted by alpha x_i. */
export function addWeightedRows(m: i32, n: i32, alpha: f64, a: usize, ld: i32, x: usize, xStep: i32, y: usize): void {
  const row = <usize>ld * W;
  const step = <usize>xStep * W;
  const bytes = <usize>n * W;
  let i = 0;
  for (; i + 4 <= m; i += 4, a += 4 * row) {
    const x0 = alpha * load<f64>(x);
    x += step;
    const x1 = alpha * load<f64>(x);
    x += step;
    const x2 = alpha * load<f64>(x);
    x += step;
    const x3 = alpha * load<f64>(x);
    x += step;
    const a1 = a + row;
    const a2 = a1 + row;
    const a3 = a2 + row;
    let p: usize = 0;
    if (ASC_FEATURE_SIMD) {
      const v0 = f64x2.splat(x0), v1 = f64x2.splat(x1), v2 = f64x2.splat(x2), v3 = f64x2.splat(x3);
      for (; p + W < bytes; p += 16) {
        const left = f64x2.add(f64x2.mul(v0, v128.load(a + p)), f64x2.mul(v1, v128.load(a1 + p)));
        const right = f64x2.add(f64x2.mul(v2, v128.load(a2 + p)), f64x2.mul(v3, v128.load(a3 + p)));
        v128.store(y + p, f64x2.add(v128.load(y + p), f64x2.add(left, right)));
      }
    }
    for (; p < bytes; p += W) {
      const left = x0 * load<f64>(a + p) + x1 * load<f64>(a1 + p);
      const right = x2 * load<f64>(a2 + p) + x3 * load<f64>(a3 + p);
      store<f64>(y + p, load<f64>(y + p) + (left + right));
    }
  }
  for (; i < m; i++, a += row, x += step) axpy(n, alpha * load<f64>(x), a, y);
}

/** y <- A x for a symmetric n x n matrix of which only the upper triangle is read, two rows at a time. */
export function symmetricTimes(n: i32, a: usize, ld: i32, x: usize, y: usize): void {
  fill(n, 0, y);
  let i = 0;
  for (; i + 1 < n; i += 2) {
    const row0 = entry(a, ld, i, i);
    const row1 = row0 + <usize>ld * W;
    const xi = x + <usize>i * W;
    const yi = y + <usize>i * W;
    const x0 = load<f64>(xi);
    const x1 = load<f64>(xi, 8);
    const bytes = <usize>(n - i) * W;
    let p: usize = 16;
    let t0: f64, t1: f64;
    if (ASC_FEATURE_SIMD) {
      const v0 = f64x2.splat(x0), v1 = f64x2.splat(x1);
      let s0 = f64x2.splat(0), s1 = s0;
      for (; p + W < bytes; p += 16) {
        const a0 = v128.load(row0 + p);
        const a1 = v128.load(row1 + p);
        const xp = v128.load(xi + p);
        v128.store(yi + p, f64x2.add(v128.load(yi + p), f64x2.add(f64x2.mul(v0, a0), f64x2.mul(v1, a1))));
        s0 = f64x2.add(s0, f64x2.mul(a0, xp));
        s1 = f64x2.add(s1, f64x2.mul(a1, xp));
      }
      t0 = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
      t1 = f64x2.extract_lane(s1, 0) + f64x2.extract_lane(s1, 1);
    } else {
      let u0 = 0.0, u1 = 0.0;
      t0 = t1 = 0;
      for (; p + W < bytes; p += 16) {
        const a0 = load<f64>(row0 + p), b0 = load<f64>(row0 + p, 8);
        const a1 = load<f64>(row1 + p), b1 = load<f64>(row1 + p, 8);
        const xp = load<f64>(xi + p), xq = load<f64>(xi + p, 8);
        store<f64>(yi + p, load<f64>(yi + p) + (x0 * a0 + x1 * a1));
        store<f64>(yi + p, load<f64>(yi + p, 8) + (x0 * b0 + x1 * b1), 8);
        t0 += a0 * xp;
        u0 += b0 * xq;
        t1 += a1 * xp;
        u1 += b1 * xq;
      }
      t0 += u0;
      t1 += u1;
    }
    if (p < bytes) {
      const a0 = load<f64>(row0 + p);
      const a1 = load<f64>(row1 + p);
      const xp = load<f64>(xi + p);
      store<f64>(yi + p, load<f64>(yi + p) + (x0 * a0 + x1 * a1));
      t0 += a0 * xp;
      t1 += a1 * xp;
    }
    const across = load<f64>(row0, 8);
    store<f64>(yi, load<f64>(yi) + t0 + load<f64>(row0) * x0 + across * x1);
    store<f64>(yi, load<f64>(yi, 8) + t1 + across * x0 + load<f64>(row1, 8) * x1, 8);
  }
  if (i < n) {
    const yi = y + <usize>i * W;
    store<f64>(yi, load<f64>(yi) + load<f64>(entry(a, ld, i, i)) * load<f64>(x + <usize>i * W));
  }
}
