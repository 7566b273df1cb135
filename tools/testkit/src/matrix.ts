/** A matrix as @x/linalg's `Dense`, declared again because linalg's own tests use this kit. */
export interface Matrix<T extends Float64Array | Float32Array = Float64Array> {
  readonly rows: number;
  readonly cols: number;
  readonly data: T;
  readonly offset: number;
  readonly rowStride: number;
  readonly colStride: number;
}

/** Row-major data as a matrix, without copying. */
export function matrix<T extends Float64Array | Float32Array>(rows: number, cols: number, data: T): Matrix<T> {
  return { rows, cols, data, offset: 0, rowStride: cols, colStride: 1 };
}

/** The rows x cols matrix of `entry(i, j)`. */
export function generate(rows: number, cols: number, entry: (i: number, j: number) => number): Matrix {
  const A = matrix(rows, cols, new Float64Array(rows * cols));
  for (let i = 0, p = 0; i < rows; i++) for (let j = 0; j < cols; j++) A.data[p++] = entry(i, j);
  return A;
}

/** Entry (i, j) of a matrix or view. */
export function entry(A: Matrix<Float64Array | Float32Array>, i: number, j: number): number {
  return A.data[A.offset + i * A.rowStride + j * A.colStride] as number;
}

/** Nested rows, copied. */
export function rowsOf(A: Matrix<Float64Array | Float32Array>): number[][] {
  return Array.from({ length: A.rows }, (_, i) => Array.from({ length: A.cols }, (_, j) => entry(A, i, j)));
}

/** A row-major f32 copy, each entry rounded. */
export function toFloat32(A: Matrix): Matrix<Float32Array> {
  const rounded = matrix(A.rows, A.cols, new Float32Array(A.rows * A.cols));
  for (let i = 0, p = 0; i < A.rows; i++) for (let j = 0; j < A.cols; j++) rounded.data[p++] = entry(A, i, j);
  return rounded;
}
