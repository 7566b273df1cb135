/**
 * C <- alpha A B + beta C with A m x k, B k x n, C m x n; strides in elements, so a transpose is a swap of strides.
 * beta = 0 overwrites C without reading it.
 */
export function gemm<T>(
  m: i32, n: i32, k: i32,
  alpha: T, a: usize, aRow: i32, aCol: i32,
  b: usize, bRow: i32, bCol: i32,
  beta: T, c: usize, cRow: i32, cCol: i32,
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum: T = <T>0;
      for (let p = 0; p < k; p++) {
        sum += load<T>(a + <usize>(i * aRow + p * aCol) * sizeof<T>()) * load<T>(b + <usize>(p * bRow + j * bCol) * sizeof<T>());
      }
      const at = c + <usize>(i * cRow + j * cCol) * sizeof<T>();
      store<T>(at, beta == <T>0 ? alpha * sum : alpha * sum + beta * load<T>(at));
    }
  }
}
