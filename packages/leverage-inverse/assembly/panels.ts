/** Panels of a block of m rows: columns 8 q .. 8 q + 7 of row i stand at panels + (q m + i) 64 bytes; columns beyond d are zero. */

/** Panels of diag(factors) A, A row-major. */
export function packRows(m: i32, d: i32, a: usize, factors: usize, panels: usize): void {
  const width = <usize>d << 3;
  for (let q = 0; q < d; q += 8) {
    const live = min(8, d - q);
    let from = a + (<usize>q << 3);
    for (let i = 0; i < m; i++, from += width, panels += 64) {
      const factor = load<f64>(factors + (<usize>i << 3));
      if (ASC_FEATURE_SIMD && live == 8) {
        const f = f64x2.splat(factor);
        v128.store(panels, f64x2.mul(f, v128.load(from)));
        v128.store(panels, f64x2.mul(f, v128.load(from, 16)), 16);
        v128.store(panels, f64x2.mul(f, v128.load(from, 32)), 32);
        v128.store(panels, f64x2.mul(f, v128.load(from, 48)), 48);
      } else {
        for (let j = 0; j < 8; j++) {
          const at = <usize>j << 3;
          store<f64>(panels + at, j < live ? factor * load<f64>(from + at) : 0);
        }
      }
    }
  }
}

/** y <- diag(weights) x, panels both. */
export function weighPanels(m: i32, d: i32, x: usize, weights: usize, y: usize): void {
  for (let q = 0; q < d; q += 8) {
    for (let i = 0; i < m; i++, x += 64, y += 64) {
      const weight = load<f64>(weights + (<usize>i << 3));
      if (ASC_FEATURE_SIMD) {
        const w = f64x2.splat(weight);
        v128.store(y, f64x2.mul(w, v128.load(x)));
        v128.store(y, f64x2.mul(w, v128.load(x, 16)), 16);
        v128.store(y, f64x2.mul(w, v128.load(x, 32)), 32);
        v128.store(y, f64x2.mul(w, v128.load(x, 48)), 48);
      } else {
        for (let at: usize = 0; at < 64; at += 8) store<f64>(y + at, weight * load<f64>(x + at));
      }
    }
  }
}

/** y += X^T weights; y has a multiple of eight entries. */
export function addRows(m: i32, d: i32, x: usize, weights: usize, y: usize): void {
  for (let q = 0; q < d; q += 8, y += 64) {
    if (ASC_FEATURE_SIMD) {
      let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
      for (let i = 0; i < m; i++, x += 64) {
        const w = v128.load64_splat(weights + (<usize>i << 3));
        s0 = f64x2.add(s0, f64x2.mul(w, v128.load(x)));
        s1 = f64x2.add(s1, f64x2.mul(w, v128.load(x, 16)));
        s2 = f64x2.add(s2, f64x2.mul(w, v128.load(x, 32)));
        s3 = f64x2.add(s3, f64x2.mul(w, v128.load(x, 48)));
      }
      v128.store(y, f64x2.add(v128.load(y), s0));
      v128.store(y, f64x2.add(v128.load(y, 16), s1), 16);
      v128.store(y, f64x2.add(v128.load(y, 32), s2), 32);
      v128.store(y, f64x2.add(v128.load(y, 48), s3), 48);
    } else {
      for (let at: usize = 0; at < 64; at += 8) {
        let sum: f64 = 0;
        for (let i: usize = 0; i < <usize>m; i++) sum += load<f64>(weights + (i << 3)) * load<f64>(x + (i << 6) + at);
        store<f64>(y + at, load<f64>(y + at) + sum);
      }
      x += <usize>m << 6;
    }
  }
}
