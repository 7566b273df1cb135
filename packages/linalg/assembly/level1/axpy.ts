/** y <- y + alpha x, contiguous; each entry is one product and one addition. */
import { lanes } from '../blas/blocking';

export function axpy<T>(n: i32, alpha: T, x: usize, y: usize): void {
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    const factor = v128.splat<T>(alpha);
    for (; i + lanes<T>() <= n; i += lanes<T>()) {
      v128.store(y, v128.add<T>(v128.load(y), v128.mul<T>(factor, v128.load(x))));
      x += 16;
      y += 16;
    }
  }
  for (; i < n; i++) {
    store<T>(y, load<T>(y) + alpha * load<T>(x));
    x += sizeof<T>();
    y += sizeof<T>();
  }
}
