/** Options of `columnMeans`. */
export interface ColumnMeansOptions {
  /** A weight > 0 for each row; default 1. */
  readonly weights?: Float64Array;
}
