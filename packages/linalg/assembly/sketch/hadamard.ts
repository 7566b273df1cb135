/**
 * The unnormalised Walsh-Hadamard transform of the columns of an n x w row-major matrix, n a power of two, in place:
 * n w log2 n additions. Halves first, so that small transforms run inside the first-level cache.
 */

/** Bytes below which the stages run one after the other. */
const SMALL: usize = 16384;

export function hadamard(n: i32, w: i32, x: usize): void {
  const bytes = (<usize>n * <usize>w) << 3;
  if (bytes <= SMALL) {
    for (let span = <usize>w << 3; span < bytes; span <<= 1) {
      for (let at: usize = 0; at < bytes; at += span << 1) butterfly(span, x + at, x + at + span);
    }
    return;
  }
  const half = bytes >> 1;
  hadamard(n >> 1, w, x);
  hadamard(n >> 1, w, x + half);
  butterfly(half, x, x + half);
}

/** (a, b) <- (a + b, a - b) over `bytes` of f64. */
function butterfly(bytes: usize, a: usize, b: usize): void {
  let at: usize = 0;
  if (ASC_FEATURE_SIMD) {
    for (; at + 16 <= bytes; at += 16) {
      const u = v128.load(a + at);
      const v = v128.load(b + at);
      v128.store(a + at, f64x2.add(u, v));
      v128.store(b + at, f64x2.sub(u, v));
    }
  }
  for (; at < bytes; at += 8) {
    const u = load<f64>(a + at);
    const v = load<f64>(b + at);
    store<f64>(a + at, u + v);
    store<f64>(b + at, u - v);
  }
}
