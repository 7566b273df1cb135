/** Powers of two and the words of a double, built from bit patterns, as assembly/elementary/bits.ts does in the kernel. */

/** 1.5 * 2^52: adding it rounds |x| < 2^51 to a whole number, half to even, and leaves that number in the low bits. */
export const SHIFT = 6755399441055744;

// Typed arrays have the byte order of the machine; every machine that runs these engines is little-endian, as is WebAssembly.
const float: Float64Array = new Float64Array(1);
const words: Int32Array = new Int32Array(float.buffer);

/** 2^k for whole -1022 <= k <= 1023, given k + SHIFT. */
export function pow2(shifted: number): number {
  float[0] = shifted;
  words[1] = (words[0]! + 1023) << 20;
  words[0] = 0;
  return float[0]!;
}

/** The low 32 bits, signed. */
export function lowWord(x: number): number {
  float[0] = x;
  return words[0]!;
}

/** The high 32 bits, signed. */
export function highWord(x: number): number {
  float[0] = x;
  return words[1]!;
}

/** x 2^-k, for x and the result in the normal range. */
export function scaleDown(x: number, k: number): number {
  float[0] = x;
  words[1] = words[1]! - (k << 20);
  return float[0]!;
}
