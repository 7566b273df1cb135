import type { Kernel } from './instance.ts';

/** Numbers in a kernel's memory that stay where they are; `view` is theirs until the kernel allocates again, which may move the memory. */
export interface Region<T> {
  readonly pointer: number;
  view(): T;
}

export function float64Region(kernel: Kernel, length: number): Region<Float64Array> {
  return region(kernel, kernel.allocate(8 * length), (buffer, at) => new Float64Array(buffer, at, length));
}

/** A copy of `values`. */
export function float64Copy(kernel: Kernel, values: ArrayLike<number>): Region<Float64Array> {
  const made = float64Region(kernel, values.length);
  made.view().set(values);
  return made;
}

/** A copy of `values`. */
export function int32Copy(kernel: Kernel, values: ArrayLike<number>): Region<Int32Array> {
  const made = region(kernel, kernel.allocate(4 * values.length), (buffer, at) => new Int32Array(buffer, at, values.length));
  made.view().set(values);
  return made;
}

function region<T extends { readonly buffer: ArrayBufferLike }>(
  kernel: Kernel,
  pointer: number,
  make: (buffer: ArrayBuffer, at: number) => T,
): Region<T> {
  // WebAssembly hands addresses out as signed numbers: above 2 GiB they are negative.
  let view = make(kernel.memory.buffer, pointer >>> 0);
  return {
    pointer,
    view() {
      if (view.buffer !== kernel.memory.buffer) view = make(kernel.memory.buffer, pointer >>> 0);
      return view;
    },
  };
}
