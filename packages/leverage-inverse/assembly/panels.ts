/**
 * Panels of a block of m rows, m a multiple of four: columns 4 q .. 4 q + 3 of row i stand at panels + (q m + i) 32 bytes; columns beyond
 * d are zero.
 */

/** Panels of diag(factors) A, A row-major. */
export function packRows(m: i32, d: i32, a: usize, factors: usize, panels: usize): void {
  const width = <usize>d << 3;
  for (let q = 0; q < d; q += 4) {
    const live = min(4, d - q);
    let from = a + (<usize>q << 3);
    for (let i = 0; i < m; i++, from += width, panels += 32) {
      const factor = load<f64>(factors + (<usize>i << 3));
      if (ASC_FEATURE_SIMD && live == 4) {
        const f = f64x2.splat(factor);
        v128.store(panels, f64x2.mul(f, v128.load(from)));
        v128.store(panels, f64x2.mul(f, v128.load(from, 16)), 16);
      } else {
        for (let j = 0; j < 4; j++) {
          const at = <usize>j << 3;
          store<f64>(panels + at, j < live ? factor * load<f64>(from + at) : 0);
        }
      }
    }
  }
}

/** y <- diag(weights) x, panels both. */
export function weighPanels(m: i32, d: i32, x: usize, weights: usize, y: usize): void {
  for (let q = 0; q < d; q += 4) {
    for (let i = 0; i < m; i++, x += 32, y += 32) {
      if (ASC_FEATURE_SIMD) {
        const w = v128.load64_splat(weights + (<usize>i << 3));
        v128.store(y, f64x2.mul(w, v128.load(x)));
        v128.store(y, f64x2.mul(w, v128.load(x, 16)), 16);
      } else {
        const weight = load<f64>(weights + (<usize>i << 3));
        for (let at: usize = 0; at < 32; at += 8) store<f64>(y + at, weight * load<f64>(x + at));
      }
    }
  }
}

/** y += X^T weights; y has a multiple of four entries. Panels go by twos, as one alone would wait for its own sums. */
export function addRows(m: i32, d: i32, x: usize, weights: usize, y: usize): void {
  const panel = <usize>m << 5;
  for (let q = 0; q < d; q += 8, y += 64, x += panel) {
    const both = q + 4 < d;
    if (ASC_FEATURE_SIMD) {
      const next = both ? panel : 0;
      let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
      for (let i = 0; i < m; i++, x += 32) {
        const w = v128.load64_splat(weights + (<usize>i << 3));
        s0 = f64x2.add(s0, f64x2.mul(w, v128.load(x)));
        s1 = f64x2.add(s1, f64x2.mul(w, v128.load(x, 16)));
        s2 = f64x2.add(s2, f64x2.mul(w, v128.load(x + next)));
        s3 = f64x2.add(s3, f64x2.mul(w, v128.load(x + next, 16)));
      }
      v128.store(y, f64x2.add(v128.load(y), s0));
      v128.store(y, f64x2.add(v128.load(y, 16), s1), 16);
      if (both) {
        v128.store(y, f64x2.add(v128.load(y, 32), s2), 32);
        v128.store(y, f64x2.add(v128.load(y, 48), s3), 48);
      }
    } else {
      const bytes: usize = both ? 64 : 32;
      for (let at: usize = 0; at < bytes; at += 8) {
        const column = x + (at >> 5) * panel + (at & 31);
        let sum: f64 = 0;
        for (let i: usize = 0; i < <usize>m; i++) sum += load<f64>(weights + (i << 3)) * load<f64>(column + (i << 5));
        store<f64>(y + at, load<f64>(y + at) + sum);
      }
      x += panel;
    }
  }
}
