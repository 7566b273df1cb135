/**
 * Y <- W X + b for a panel X of eight points: entry k of all eight, then entry k + 1. Every sum begins with the bias and goes on in the order of
 * k, as for one point alone, so that the bits are the same.
 */
export function affinePanel(inputs: i32, outputs: i32, W: usize, bias: usize, X: usize, Y: usize): void {
  const row = <usize>inputs << 3;
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    for (; i + 1 < outputs; i += 2, W += 2 * row, bias += 16, Y += 128) pair(row, W, bias, X, Y);
  }
  for (; i < outputs; i++, W += row, bias += 8, Y += 64) single(row, W, bias, X, Y);
}

/** Two outputs, sixteen sums. */
function pair(row: usize, W: usize, bias: usize, X: usize, Y: usize): void {
  let p0 = v128.load64_splat(bias);
  let q0 = v128.load64_splat(bias, 8);
  let p1 = p0, p2 = p0, p3 = p0;
  let q1 = q0, q2 = q0, q3 = q0;
  for (const end = W + row; W < end; W += 8, X += 64) {
    const x0 = v128.load(X);
    const x1 = v128.load(X, 16);
    const x2 = v128.load(X, 32);
    const x3 = v128.load(X, 48);
    const w = v128.load64_splat(W);
    p0 = f64x2.add(p0, f64x2.mul(w, x0));
    p1 = f64x2.add(p1, f64x2.mul(w, x1));
    p2 = f64x2.add(p2, f64x2.mul(w, x2));
    p3 = f64x2.add(p3, f64x2.mul(w, x3));
    const v = v128.load64_splat(W + row);
    q0 = f64x2.add(q0, f64x2.mul(v, x0));
    q1 = f64x2.add(q1, f64x2.mul(v, x1));
    q2 = f64x2.add(q2, f64x2.mul(v, x2));
    q3 = f64x2.add(q3, f64x2.mul(v, x3));
  }
  v128.store(Y, p0);
  v128.store(Y, p1, 16);
  v128.store(Y, p2, 32);
  v128.store(Y, p3, 48);
  v128.store(Y, q0, 64);
  v128.store(Y, q1, 80);
  v128.store(Y, q2, 96);
  v128.store(Y, q3, 112);
}

function single(row: usize, W: usize, bias: usize, X: usize, Y: usize): void {
  if (ASC_FEATURE_SIMD) {
    let p0 = v128.load64_splat(bias);
    let p1 = p0, p2 = p0, p3 = p0;
    for (const end = W + row; W < end; W += 8, X += 64) {
      const w = v128.load64_splat(W);
      p0 = f64x2.add(p0, f64x2.mul(w, v128.load(X)));
      p1 = f64x2.add(p1, f64x2.mul(w, v128.load(X, 16)));
      p2 = f64x2.add(p2, f64x2.mul(w, v128.load(X, 32)));
      p3 = f64x2.add(p3, f64x2.mul(w, v128.load(X, 48)));
    }
    v128.store(Y, p0);
    v128.store(Y, p1, 16);
    v128.store(Y, p2, 32);
    v128.store(Y, p3, 48);
  } else {
    for (let at: usize = 0; at < 64; at += 8) {
      let sum = load<f64>(bias);
      for (let k: usize = 0, x = X + at; k < row; k += 8, x += 64) sum += load<f64>(W + k) * load<f64>(x);
      store<f64>(Y + at, sum);
    }
  }
}
