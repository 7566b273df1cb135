/**
 * One bump arena in linear memory. TypeScript takes a mark before a call, allocates operands, and releases to the mark
 * after it; kernels do the same for their scratch. Memory grows and never shrinks, so equal calls reuse the same bytes.
 */

/** Throws in the host; control does not come back. */
@external("env", "outOfMemory")
declare function outOfMemory(bytes: usize): void;

/** Cache lines are 64 bytes; operands start on one, so that SIMD loads never straddle two lines needlessly. */
const ALIGNMENT: usize = 64;

let top: usize = (__heap_base + ALIGNMENT - 1) & ~(ALIGNMENT - 1);

/** The current top of the arena, to be given back to `release`. */
export function mark(): usize {
  return top;
}

/** Frees everything allocated since `to` was marked. */
export function release(to: usize): void {
  top = to;
}

/** Uninitialised bytes, aligned to 64. */
export function allocate(bytes: usize): usize {
  const start = top;
  const end = start + bytes;
  // A wrapped end means that the request exceeds the 4 GiB address space.
  if (end < start || end > 0xffff0000) outOfMemory(bytes);
  const pages = <i32>((end + 0xffff) >>> 16);
  const missing = pages - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) outOfMemory(bytes);
  top = (end + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
  return start;
}

/** `count` uninitialised elements of type T. */
// @ts-ignore: decorator
@inline
export function allocateArray<T>(count: i32): usize {
  return allocate(<usize>count * sizeof<T>());
}
