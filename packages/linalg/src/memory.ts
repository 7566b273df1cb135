import { OutOfMemoryError } from './errors.ts';

/** Offsets into arrays, those of sparse matrices among them, are 32-bit numbers. */
const MOST_ENTRIES = 2 ** 31 - 1;

interface TypedArrayClass<T> {
  new (of: number | SharedArrayBuffer): T;
  readonly BYTES_PER_ELEMENT: number;
}

/** Zeros, as many as sizes that no data backs ask for. @throws OutOfMemoryError naming the bytes where the engine has no room for them. */
export function newArray<T>(operation: string, type: TypedArrayClass<T>, length: number, shared: boolean = false): T {
  const bytes = length * type.BYTES_PER_ELEMENT;
  try {
    if (length <= MOST_ENTRIES) return new type(shared ? new SharedArrayBuffer(bytes) : length);
  } catch {
    // The engine's RangeError does not say how much was asked for.
  }
  throw new OutOfMemoryError(`${operation}: cannot allocate ${bytes} bytes`, bytes);
}
