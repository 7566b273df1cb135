/** y <- y + alpha x, contiguous; each entry is one product and one addition. */
export function axpy<T>(n: i32, alpha: T, x: usize, y: usize): void {
  const end = x + <usize>n * sizeof<T>();
  if (ASC_FEATURE_SIMD) {
    const factor = v128.splat<T>(alpha);
    for (; x + 16 <= end; x += 16, y += 16) v128.store(y, v128.add<T>(v128.load(y), v128.mul<T>(factor, v128.load(x))));
  }
  for (; x < end; x += sizeof<T>(), y += sizeof<T>()) store<T>(y, load<T>(y) + alpha * load<T>(x));
}
