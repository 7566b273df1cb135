import { cholesky, type Dense, dense, identity, NotPositiveDefiniteError, rFactor, SingularError, transpose, trsm } from '@x/linalg';
import { RankDeficientError } from './errors.ts';

/** A_x^T A_x = L L^T and Z = L^-T, upper triangular: the columns of A_x Z are orthonormal. */
export interface Factor {
  readonly L: Dense;
  readonly Z: Dense;
  /** Upper estimate of the condition number of A_x with unit columns. */
  readonly condition: number;
}

/** Above this condition number of A_x the Gram matrix, whose condition is its square, has lost too many digits. */
const GRAM_CONDITION = 1e6;
/** Above this one, columns depend on each other for all that rounding lets see. */
const MOST_CONDITION = 1e14;

/**
 * The factor of H = A_x^T A_x, from H where it is well conditioned and else by QR of the rows that `rows` gives.
 *
 * @throws RankDeficientError.
 */
export function factorOf(operation: string, H: Dense, rows: () => Iterable<Dense>): Factor {
  const fast = fromGram(H);
  if (fast !== undefined && fast.condition <= GRAM_CONDITION) return fast;
  const factor = fromRows(operation, H.rows, rows());
  if (!(factor.condition <= MOST_CONDITION)) throw deficient(operation, factor.condition);
  return factor;
}

function fromGram(H: Dense): Factor | undefined {
  try {
    return withInverse(cholesky(H).L);
  } catch (error) {
    if (error instanceof NotPositiveDefiniteError) return undefined;
    throw error;
  }
}

/** R of [R of the blocks before; block], one after the other. */
function fromRows(operation: string, d: number, blocks: Iterable<Dense>): Factor {
  let R: Dense = dense(0, d, new Float64Array(0));
  for (const block of blocks) {
    const stacked = new Float64Array((R.rows + block.rows) * d);
    stacked.set(R.data);
    stacked.set(block.data.subarray(0, block.rows * d), R.rows * d);
    R = rFactor(dense(R.rows + block.rows, d, stacked));
  }
  // Rows of R may come with a negative diagonal entry; the factor of Cholesky has a positive one.
  const data = R.data.map((value, p) => (R.data[Math.floor(p / d) * (d + 1)]! < 0 ? -value : value));
  try {
    return withInverse(transpose(dense(d, d, data)));
  } catch (error) {
    if (error instanceof SingularError) throw deficient(operation, Number.POSITIVE_INFINITY);
    throw error;
  }
}

function withInverse(L: Dense): Factor {
  const d = L.rows;
  const inverse = trsm({ A: L, B: identity(d), triangle: 'lower' });
  // ||D^-1 L||_F ||L^-1 D||_F with D the norms of the rows of L, which are those of the columns of A_x.
  let sum = 0;
  for (let j = 0; j < d; j++) {
    let row = 0;
    let column = 0;
    for (let k = 0; k < d; k++) {
      row += L.data[L.offset + j * L.rowStride + k * L.colStride]! ** 2;
      column += inverse.data[k * d + j]! ** 2;
    }
    sum += row * column;
  }
  return { L, Z: transpose(inverse), condition: Math.sqrt(d * sum) };
}

function deficient(operation: string, condition: number): RankDeficientError {
  return new RankDeficientError(
    `${operation}: the columns of A depend on each other (condition ${condition.toPrecision(2)} with unit columns); x is not determined`,
    condition,
  );
}
