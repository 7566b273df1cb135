import type { Kernel } from './instance.ts';

/** Views of a kernel's memory: good until something is allocated, which may move it. */
export function floatsAt(kernel: Kernel, pointer: number, length: number): Float64Array {
  return new Float64Array(kernel.memory.buffer, pointer >>> 0, length);
}

export function wholesAt(kernel: Kernel, pointer: number, length: number): Int32Array {
  return new Int32Array(kernel.memory.buffer, pointer >>> 0, length);
}

/** Copies numbers into a kernel's memory. */
export function placeFloats(kernel: Kernel, values: Float64Array): number {
  const pointer = kernel.allocate(8 * values.length);
  floatsAt(kernel, pointer, values.length).set(values);
  return pointer;
}
