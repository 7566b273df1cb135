import { addTile } from './tile';

/**
 * The symmetric tensor T_jkl += sum_i w_i b_ij b_ik b_il of panels X (of B) and Y (of diag(w) B), for l <= k <= j: a third of the work of
 * all j <= k and l. For each k the rows j = k & ~1, ..., d rounded up to even, of 8 (k / 8 + 1) entries l each; some entries beyond
 * l <= k <= j come for free and are right. `scratch` holds 2 m numbers.
 */
export function addThird(m: i32, d: i32, x: usize, y: usize, scratch: usize, t: usize): void {
  const panel = <usize>m << 6;
  for (let k = 0; k < d; k++) {
    const width = <usize>((k >> 3) + 1) << 6;
    const xk = x + <usize>(k >> 3) * panel + (<usize>(k & 7) << 3);
    for (let j = k & ~1; j < d; j += 2, t += 2 * width) {
      pairProducts(m, x + <usize>(j >> 3) * panel + (<usize>(j & 7) << 3), xk, scratch);
      for (let q: usize = 0; q <= <usize>(k >> 3); q++) addTile(m, scratch, 16, y + q * panel, t + (q << 6), width);
    }
  }
}

/** (x_j x_k, x_{j+1} x_k) for each row. */
function pairProducts(m: i32, xj: usize, xk: usize, to: usize): void {
  for (const end = to + (<usize>m << 4); to < end; to += 16, xj += 64, xk += 64) {
    if (ASC_FEATURE_SIMD) {
      v128.store(to, f64x2.mul(v128.load(xj), v128.load64_splat(xk)));
    } else {
      store<f64>(to, load<f64>(xj) * load<f64>(xk));
      store<f64>(to, load<f64>(xj, 8) * load<f64>(xk), 8);
    }
  }
}
