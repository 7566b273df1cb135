/** Making and filling matrices, wherever they lie. */
import { type Dense, dense, type Float } from './dense.ts';
import { newArray } from './memory.ts';

/** A new matrix of the element type of `like`, on shared memory or not. @throws OutOfMemoryError. */
export function emptyLike<T extends Float>(
  operation: string,
  like: Dense<T>,
  rows: number,
  cols: number,
  shared: boolean = false,
): Dense<T> {
  return dense(rows, cols, newArray(operation, like.data.constructor as Float64ArrayConstructor, rows * cols, shared) as T);
}

/** Whether two matrices lie in the same buffer, and so may overlap. */
export function sameBuffer(A: Dense<Float>, B: Dense<Float>): boolean {
  return A.data.buffer === B.data.buffer;
}

/** Copies all entries of `from` to `to`, which has the same shape. */
export function copyInto<T extends Float>(from: Dense<T>, to: Dense<T>): void {
  for (let i = 0; i < from.rows; i++) {
    const source = from.offset + i * from.rowStride;
    const target = to.offset + i * to.rowStride;
    if (from.colStride === 1 && to.colStride === 1) to.data.set(from.data.subarray(source, source + from.cols) as never, target);
    else for (let j = 0; j < from.cols; j++) to.data[target + j * to.colStride] = from.data[source + j * from.colStride]!;
  }
}
