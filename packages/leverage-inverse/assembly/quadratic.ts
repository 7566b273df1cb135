/**
 * out_i = x_i^T T x_i for the rows of panels X and an upper triangular T in panels (`packFactor`): with T_jj = C_jj and T_jk = 2 C_jk the
 * quadratic form of a symmetric C. Even and odd columns are summed apart, as two lanes do.
 */
export function quadraticForms(m: i32, d: i32, x: usize, t: usize, out: usize): void {
  const panel = <usize>m << 5;
  for (let q = 0; q < d; q += 4, t += <usize>d << 5) {
    const depth = min(d, q + 4);
    let rows = x;
    for (let i: usize = 0; i < <usize>m; i += 4, rows += 128) {
      fourForms(depth, rows, panel, t, rows + <usize>(q >> 2) * panel, out + (i << 3), q == 0);
    }
  }
}

/** (x T)_q . x_q over the four columns of one panel, for four rows. */
function fourForms(depth: i32, x: usize, panel: usize, t: usize, own: usize, out: usize, first: bool): void {
  if (ASC_FEATURE_SIMD) {
    const zero = f64x2.splat(0);
    let c00 = zero, c01 = zero, c10 = zero, c11 = zero;
    let c20 = zero, c21 = zero, c30 = zero, c31 = zero;
    for (let j = 0; j < depth; j++, t += 32) {
      const at = x + <usize>(j >> 2) * panel + (<usize>(j & 3) << 3);
      const t0 = v128.load(t);
      const t1 = v128.load(t, 16);
      const x0 = v128.load64_splat(at);
      c00 = f64x2.add(c00, f64x2.mul(x0, t0));
      c01 = f64x2.add(c01, f64x2.mul(x0, t1));
      const x1 = v128.load64_splat(at, 32);
      c10 = f64x2.add(c10, f64x2.mul(x1, t0));
      c11 = f64x2.add(c11, f64x2.mul(x1, t1));
      const x2 = v128.load64_splat(at, 64);
      c20 = f64x2.add(c20, f64x2.mul(x2, t0));
      c21 = f64x2.add(c21, f64x2.mul(x2, t1));
      const x3 = v128.load64_splat(at, 96);
      c30 = f64x2.add(c30, f64x2.mul(x3, t0));
      c31 = f64x2.add(c31, f64x2.mul(x3, t1));
    }
    addForm(c00, c01, own, out, first);
    addForm(c10, c11, own + 32, out + 8, first);
    addForm(c20, c21, own + 64, out + 16, first);
    addForm(c30, c31, own + 96, out + 24, first);
  } else {
    for (let i: usize = 0; i < 4; i++, x += 32, own += 32, out += 8) {
      let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0;
      let at = t;
      for (let j = 0; j < depth; j++, at += 32) {
        const value = load<f64>(x + <usize>(j >> 2) * panel + (<usize>(j & 3) << 3));
        s0 += value * load<f64>(at);
        s1 += value * load<f64>(at, 8);
        s2 += value * load<f64>(at, 16);
        s3 += value * load<f64>(at, 24);
      }
      const even = s0 * load<f64>(own) + s2 * load<f64>(own, 16);
      const odd = s1 * load<f64>(own, 8) + s3 * load<f64>(own, 24);
      store<f64>(out, (first ? 0 : load<f64>(out)) + (even + odd));
    }
  }
}

// @ts-ignore: decorator
@inline
function addForm(c0: v128, c1: v128, own: usize, out: usize, first: bool): void {
  const sum = f64x2.add(f64x2.mul(c0, v128.load(own)), f64x2.mul(c1, v128.load(own, 16)));
  store<f64>(out, (first ? 0 : load<f64>(out)) + (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)));
}
