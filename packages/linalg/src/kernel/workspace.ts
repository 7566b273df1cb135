import { type Dense, dense, type Float } from '../dense.ts';
import { type Kernel, kernel } from './instance.ts';

/** A byte address in the kernel's memory. */
export type Pointer = number;

/**
 * Runs `work` with the kernel and releases what it allocated there, also when it throws. Results must be copied out
 * (`readVector`, `readDense`) before `work` returns.
 */
export function withWorkspace<R>(work: (k: Kernel) => R): R {
  const k = kernel();
  const mark = k.mark();
  try {
    return work(k);
  } finally {
    k.release(mark);
  }
}

/**
 * Views must be taken anew after every call that may allocate: growing memory detaches the old ones. WebAssembly hands
 * addresses out as signed numbers; above 2 GiB they must be read as unsigned.
 */
function view<T extends Float>(k: Kernel, like: T, pointer: Pointer, length: number): T {
  return new (like.constructor as new (buffer: ArrayBuffer, byteOffset: number, length: number) => T)(
    k.memory.buffer,
    pointer >>> 0,
    length,
  );
}

/** Allocates and copies a vector in. */
export function writeVector(k: Kernel, x: Float | Int32Array): Pointer {
  const pointer = k.allocate(x.byteLength);
  view(k, x as Float, pointer, x.length).set(x as never);
  return pointer;
}

/** Allocates and copies a matrix in, row-major. */
export function writeDense(k: Kernel, A: Dense<Float>): Pointer {
  const { rows, cols, data, offset, rowStride, colStride } = A;
  const pointer = k.allocate(rows * cols * data.BYTES_PER_ELEMENT);
  const to = view(k, data, pointer, rows * cols);
  if (colStride === 1) {
    if (rowStride === cols) to.set(data.subarray(offset, offset + rows * cols));
    else for (let i = 0; i < rows; i++) to.set(data.subarray(offset + i * rowStride, offset + i * rowStride + cols), i * cols);
  } else {
    for (let i = 0, p = 0; i < rows; i++) for (let j = 0; j < cols; j++) to[p++] = data[offset + i * rowStride + j * colStride] as number;
  }
  return pointer;
}

/** Copies `like`-typed elements out. */
export function readVector<T extends Float | Int32Array>(k: Kernel, like: T, pointer: Pointer, length: number): T {
  return view(k, like as Float, pointer, length).slice() as T;
}

/** Copies a row-major matrix out. */
export function readDense<T extends Float>(k: Kernel, like: T, pointer: Pointer, rows: number, cols: number): Dense<T> {
  return dense(rows, cols, readVector(k, like, pointer, rows * cols));
}
