/**
 * out_i = x_i^T T x_i for the rows of panels X and an upper triangular T in panels (`packFactor`): with T_jj = C_jj and T_jk = 2 C_jk the
 * quadratic form of a symmetric C. Even and odd columns are summed apart, as two lanes do.
 */
export function quadraticForms(m: i32, d: i32, x: usize, t: usize, out: usize): void {
  const panel = <usize>m << 6;
  for (let q = 0; q < d; q += 8, t += <usize>d << 6) {
    const depth = min(d, q + 8);
    const own = x + <usize>(q >> 3) * panel;
    for (let i: usize = 0; i < <usize>m; i++) {
      const at = out + (i << 3);
      store<f64>(at, (q == 0 ? 0 : load<f64>(at)) + rowForm(depth, x + (i << 6), panel, t, own + (i << 6)));
    }
  }
}

/** (x T)_q . x_q over the eight columns of one panel. */
function rowForm(depth: i32, x: usize, panel: usize, t: usize, own: usize): f64 {
  if (ASC_FEATURE_SIMD) {
    let c0 = f64x2.splat(0), c1 = c0, c2 = c0, c3 = c0;
    for (let j = 0; j < depth; j++, t += 64) {
      const value = v128.load64_splat(x + <usize>(j >> 3) * panel + (<usize>(j & 7) << 3));
      c0 = f64x2.add(c0, f64x2.mul(value, v128.load(t)));
      c1 = f64x2.add(c1, f64x2.mul(value, v128.load(t, 16)));
      c2 = f64x2.add(c2, f64x2.mul(value, v128.load(t, 32)));
      c3 = f64x2.add(c3, f64x2.mul(value, v128.load(t, 48)));
    }
    c0 = f64x2.add(f64x2.mul(c0, v128.load(own)), f64x2.mul(c1, v128.load(own, 16)));
    c2 = f64x2.add(f64x2.mul(c2, v128.load(own, 32)), f64x2.mul(c3, v128.load(own, 48)));
    const sum = f64x2.add(c0, c2);
    return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  }
  let even: f64 = 0;
  let odd: f64 = 0;
  for (let half: usize = 0; half < 64; half += 32) {
    let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0;
    let at = t + half;
    for (let j = 0; j < depth; j++, at += 64) {
      const value = load<f64>(x + <usize>(j >> 3) * panel + (<usize>(j & 7) << 3));
      s0 += value * load<f64>(at);
      s1 += value * load<f64>(at, 8);
      s2 += value * load<f64>(at, 16);
      s3 += value * load<f64>(at, 24);
    }
    even += s0 * load<f64>(own + half) + s2 * load<f64>(own + half, 16);
    odd += s1 * load<f64>(own + half, 8) + s3 * load<f64>(own + half, 24);
  }
  return even + odd;
}
