import { ArgumentError } from '@x/linalg/errors';

/** What is needed of a column of an Apache Arrow table. */
export interface ArrowVector {
  readonly length: number;
  get(index: number): unknown;
}

/** What is needed of an Apache Arrow table (`apache-arrow`'s Table has it). */
export interface ArrowTable {
  readonly numRows: number;
  getChild(name: string): ArrowVector | null;
}

const ROWS = 4096;

/**
 * Numbers of some columns of an Apache Arrow table, as chunks of whole rows for `DistanceBuilder.addStream`. Nulls, and what is no number,
 * give NaN, which counts as the lower bound. 64-bit integers are rounded to doubles.
 *
 * @throws ArgumentError when the table lacks a column.
 */
export function* arrowRows(table: ArrowTable, columns: readonly string[]): Generator<Float64Array> {
  const vectors = columns.map((name) => {
    const vector = table?.getChild?.(name);
    if (!vector) throw new ArgumentError(`arrowRows: the table has no column '${name}'`, 'columns');
    return vector;
  });
  for (let first = 0; first < table.numRows; first += ROWS) {
    const rows = Math.min(ROWS, table.numRows - first);
    const chunk = new Float64Array(rows * columns.length);
    for (const [j, vector] of vectors.entries()) {
      for (let i = 0; i < rows; i++) {
        const value = vector.get(first + i);
        chunk[i * columns.length + j] = typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN;
      }
    }
    yield chunk;
  }
}
