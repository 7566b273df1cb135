import { type Dense, dense, type Float } from '../dense.ts';
import { OutOfMemoryError } from '../errors.ts';
import { type Kernel, kernel } from './instance.ts';

/** A byte address in the kernel's memory. WebAssembly hands addresses out as signed numbers: above 2 GiB they are negative. */
export type Pointer = number;

/** What lies in the kernel's memory and is neither f64 nor f32. */
type Data = Float | Int32Array;

/** A matrix in the kernel's memory; strides in elements. */
export interface Operand {
  readonly pointer: Pointer;
  readonly row: number;
  readonly col: number;
}

/**
 * Runs `work` with the kernel and releases what it allocated there, also when it throws. Results must be copied out
 * (`readVector`, `readDense`, `copyOut`) before `work` returns.
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

/** Uninitialised bytes. @throws OutOfMemoryError naming them, the arena left as it was. */
export function allocate(k: Kernel, bytes: number): Pointer {
  // The kernel reads a size modulo 2^32, so larger ones must be refused here.
  if (bytes > 0xffff0000) {
    throw new OutOfMemoryError(`linalg: the kernel cannot allocate ${bytes} bytes; its memory is limited to 4 GiB`, bytes);
  }
  return k.allocate(bytes);
}

/** Views of the whole memory, made anew when growing has replaced the buffer: a call that may allocate may do that. */
let buffer: ArrayBuffer | undefined;
let f64: Float64Array;
let f32: Float32Array;
let i32: Int32Array;

/** The whole memory, typed like `like`. Not to be kept across a call that may allocate. */
function heap<T extends Data>(k: Kernel, like: T): T {
  if (buffer !== k.memory.buffer) {
    buffer = k.memory.buffer;
    f64 = new Float64Array(buffer);
    f32 = new Float32Array(buffer);
    i32 = new Int32Array(buffer);
  }
  return (like instanceof Float64Array ? f64 : like instanceof Float32Array ? f32 : i32) as T;
}

/** Where `pointer` is in a heap view typed like `like`. */
function indexIn(like: Data, pointer: Pointer): number {
  return (pointer >>> 0) / like.BYTES_PER_ELEMENT;
}

/** Allocates and copies a vector in. */
export function writeVector(k: Kernel, x: Data): Pointer {
  const pointer = allocate(k, x.byteLength);
  heap(k, x).set(x, indexIn(x, pointer));
  return pointer;
}

/** Allocates and copies a matrix in, row-major. */
export function writeDense(k: Kernel, A: Dense<Float>): Pointer {
  const { rows, cols, data } = A;
  const pointer = allocate(k, rows * cols * data.BYTES_PER_ELEMENT);
  copyIn(k, A, pointer);
  return pointer;
}

/** Allocates and copies a matrix in, in the order in which it lies in its data: a transposed view costs no transposition. */
export function writeOperand(k: Kernel, A: Dense<Float>): Operand {
  const { rows, cols, rowStride, colStride } = A;
  if (colStride === 1 || rowStride !== 1) return { pointer: writeDense(k, A), row: cols, col: 1 };
  return { pointer: writeDense(k, { ...A, rows: cols, cols: rows, rowStride: colStride, colStride: 1 }), row: 1, col: rows };
}

/** Copies a matrix in, row-major. */
export function copyIn(k: Kernel, A: Dense<Float>, pointer: Pointer): void {
  const { rows, cols, data, offset, rowStride, colStride } = A;
  const to = heap(k, data);
  const start = indexIn(data, pointer);
  if (colStride === 1 && rowStride === cols) {
    const whole = offset === 0 && data.length === rows * cols;
    to.set(whole ? data : data.subarray(offset, offset + rows * cols), start);
  } else if (colStride === 1) {
    for (let i = 0; i < rows; i++) to.set(data.subarray(offset + i * rowStride, offset + i * rowStride + cols), start + i * cols);
  } else {
    for (let i = 0, p = start; i < rows; i++) {
      for (let j = 0, q = offset + i * rowStride; j < cols; j++, q += colStride) to[p++] = data[q] as number;
    }
  }
}

/** `like`-typed elements in place; not to be kept across a call that may allocate. */
export function view<T extends Data>(k: Kernel, like: T, pointer: Pointer, length: number): T {
  const start = indexIn(like, pointer);
  return heap(k, like).subarray(start, start + length) as T;
}

/** Copies `like`-typed elements out. */
export function readVector<T extends Data>(k: Kernel, like: T, pointer: Pointer, length: number): T {
  const start = indexIn(like, pointer);
  return heap(k, like).slice(start, start + length) as T;
}

/** Copies a row-major matrix out. */
export function readDense<T extends Float>(k: Kernel, like: T, pointer: Pointer, rows: number, cols: number): Dense<T> {
  return dense(rows, cols, readVector(k, like, pointer, rows * cols));
}

/** Copies a row-major matrix of C's shape into C. */
export function copyOut(k: Kernel, pointer: Pointer, C: Dense<Float>): void {
  const { rows, cols, data, offset, rowStride, colStride } = C;
  const from = heap(k, data);
  const start = indexIn(data, pointer);
  if (colStride === 1 && rowStride === cols) {
    data.set(from.subarray(start, start + rows * cols), offset);
  } else if (colStride === 1) {
    for (let i = 0, p = start; i < rows; i++, p += cols) data.set(from.subarray(p, p + cols), offset + i * rowStride);
  } else {
    for (let i = 0, p = start; i < rows; i++) {
      for (let j = 0, q = offset + i * rowStride; j < cols; j++, q += colStride) data[q] = from[p++] as number;
    }
  }
}
