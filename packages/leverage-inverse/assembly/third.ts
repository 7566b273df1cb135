import { addTile } from './tile';

/** The ten products of two of the four columns of a panel, two of them twice, take three panels. */
const PAIR_PANELS: i32 = 3;

/**
 * The symmetric tensor T_jkl += sum_i w_i b_ij b_ik b_il of panels X (of B) and Y (of diag(w) B), in tiles of sixteen numbers. First those
 * with two indices in one panel: for each panel K, for each panel J, the rows j of J times the pairs of K. Then, J > K > L: for each K,
 * for each of its columns k, for each J, for each L, the rows j of J times the columns l of L. So little is computed twice. `scratch`
 * holds 4 m max(3, panels / 2) numbers.
 */
export function addThird(m: i32, d: i32, x: usize, y: usize, scratch: usize, t: usize): void {
  const panel = <usize>m << 5;
  const count = (d + 3) >> 2;
  for (let K = 0; K < count; K++) {
    const own = <usize>K * panel;
    pairProducts(m, x + own, y + own, scratch);
    for (let J = 0; J < count; J++) {
      for (let p = 0; p < PAIR_PANELS; p++, t += 128) addTile(m, x + <usize>J * panel, scratch + <usize>p * panel, t, 32);
    }
  }
  for (let K = 1; K < count - 1; K++) {
    const above = count - 1 - K;
    // The smaller side is multiplied by the column k.
    const left = above < K;
    const first = left ? K + 1 : 0;
    for (let k: usize = 0; k < 32; k += 8) {
      timesColumn(m, left ? above : K, x + <usize>first * panel, y + <usize>K * panel + k, scratch);
      for (let J = K + 1; J < count; J++) {
        const rows = left ? scratch + <usize>(J - first) * panel : x + <usize>J * panel;
        for (let L = 0; L < K; L++, t += 128) addTile(m, rows, left ? x + <usize>L * panel : scratch + <usize>L * panel, t, 32);
      }
    }
  }
}

/** Panels of the products y_k x_l of one panel: k = 0, 1 by l = 0, 1; k = 2, 3 by l = 0, 1; k = 2, 3 by l = 2, 3. */
function pairProducts(m: i32, x: usize, y: usize, to: usize): void {
  const panel = <usize>m << 5;
  for (const end = x + panel; x < end; x += 32, y += 32, to += 32) {
    let at = to;
    for (let p = 0; p < PAIR_PANELS; p++, at += panel) {
      const own = x + (p == 2 ? 16 : 0);
      const other = y + (p == 0 ? 0 : 16);
      if (ASC_FEATURE_SIMD) {
        const v = v128.load(own);
        v128.store(at, f64x2.mul(v128.load64_splat(other), v));
        v128.store(at, f64x2.mul(v128.load64_splat(other, 8), v), 16);
      } else {
        store<f64>(at, load<f64>(other) * load<f64>(own));
        store<f64>(at, load<f64>(other) * load<f64>(own, 8), 8);
        store<f64>(at, load<f64>(other, 8) * load<f64>(own), 16);
        store<f64>(at, load<f64>(other, 8) * load<f64>(own, 8), 24);
      }
    }
  }
}

/** The first `count` panels of X, row i times y_i; entries of y are 32 bytes apart. */
function timesColumn(m: i32, count: i32, x: usize, y: usize, to: usize): void {
  const panel = <usize>m << 5;
  for (; count > 0; count--) {
    let value = y;
    for (const end = x + panel; x < end; x += 32, to += 32, value += 32) {
      if (ASC_FEATURE_SIMD) {
        const w = v128.load64_splat(value);
        v128.store(to, f64x2.mul(w, v128.load(x)));
        v128.store(to, f64x2.mul(w, v128.load(x, 16)), 16);
      } else {
        const w = load<f64>(value);
        for (let at: usize = 0; at < 32; at += 8) store<f64>(to + at, w * load<f64>(x + at));
      }
    }
  }
}
