/**
 * Cholesky factorisation A = L L^T in place: of the n x n row-major matrix at `a` (lda elements from row to row) only the
 * lower triangle is read and overwritten by L; what is above the diagonal stays. Returns -1, or the index of the first
 * pivot that is not positive (NaN included), whose value is then on the diagonal.
 *
 * Recursive: halves until the base case, so nearly all work is in trsm and syrk.
 */
import { allocateArray, mark, release } from '../arena';
import { lanes } from '../blas/blocking';
import { syrk } from '../blas/syrk';
import { trsm } from '../blas/trsm';

/** Order of the base case. */
const BASE: i32 = 32;

export function potrf<T>(n: i32, a: usize, lda: i32): i32 {
  const top = mark();
  const scratch = allocateArray<T>(BASE * BASE);
  const failed = recurse<T>(n, a, lda, scratch);
  release(top);
  return failed;
}

function recurse<T>(n: i32, a: usize, lda: i32, scratch: usize): i32 {
  if (n <= BASE) return base<T>(n, a, lda, scratch);
  const first = ((n / 2 + BASE - 1) / BASE) * BASE;
  const rest = n - first;
  const below = a + <usize>first * <usize>lda * sizeof<T>();
  const corner = below + <usize>first * sizeof<T>();
  let failed = recurse<T>(first, a, lda, scratch);
  if (failed >= 0) return failed;
  trsm<T>(false, true, false, rest, first, a, 1, lda, below, lda, 1);
  syrk<T>(rest, first, -1, below, lda, 1, 1, corner, lda, 1, false);
  failed = recurse<T>(rest, corner, lda, scratch);
  return failed < 0 ? failed : failed + first;
}

/**
 * Right-looking, on a transposed copy U = L^T (ld BASE), whose rows are contiguous: the rows that follow row k lose their
 * multiple of it.
 */
function base<T>(n: i32, a: usize, lda: i32, u: usize): i32 {
  const row = <usize>lda * sizeof<T>();
  const step = <usize>BASE * sizeof<T>();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) store<T>(u + <usize>j * step + <usize>i * sizeof<T>(), load<T>(a + <usize>i * row + <usize>j * sizeof<T>()));
  }
  let failed = -1;
  for (let k = 0; k < n; k++) {
    const uk = u + <usize>k * (step + sizeof<T>());
    const pivot = load<T>(uk);
    if (!(pivot > 0)) {
      failed = k;
      break;
    }
    const root = sqrt<T>(pivot);
    const inverse = <T>1 / root;
    store<T>(uk, root);
    for (let j = 1; j < n - k; j++) {
      const at = uk + <usize>j * sizeof<T>();
      store<T>(at, load<T>(at) * inverse);
    }
    for (let i = 1; i < n - k; i++) {
      const from = uk + <usize>i * sizeof<T>();
      subtractMultiple<T>(n - k - i, load<T>(from), from, from + <usize>i * step);
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) store<T>(a + <usize>i * row + <usize>j * sizeof<T>(), load<T>(u + <usize>j * step + <usize>i * sizeof<T>()));
  }
  return failed;
}

/** y <- y - alpha x. */
// @ts-ignore: decorator
@inline
function subtractMultiple<T>(n: i32, alpha: T, x: usize, y: usize): void {
  const end = x + <usize>n * sizeof<T>();
  if (ASC_FEATURE_SIMD) {
    const whole = x + <usize>(n & ~(lanes<T>() - 1)) * sizeof<T>();
    const factor = v128.splat<T>(alpha);
    for (; x < whole; x += 16, y += 16) v128.store(y, v128.sub<T>(v128.load(y), v128.mul<T>(factor, v128.load(x))));
  }
  for (; x < end; x += sizeof<T>(), y += sizeof<T>()) store<T>(y, load<T>(y) - alpha * load<T>(x));
}
