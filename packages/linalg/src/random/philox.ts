/**
 * The Philox4x32-10 bijection: ten rounds that turn a 128-bit counter and a 64-bit key into 128 random bits. Being a function
 * of the counter it needs no state, so every draw can be reached directly.
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11, section 4.3.
 */

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
/** Weyl increments of the key: the golden ratio and sqrt(3) - 1. */
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** The upper 32 bits of a 32 x 32 bit product, by 16-bit halves; no partial sum exceeds 2^32 - 1. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const low = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (low >>> 16)) | 0;
}

/** Writes the four words of block (c0, c1, c2, c3) under key (k0, k1) to `out`. Words are 32 bits, signed or not. */
export function philoxBlock(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number, out: Uint32Array): void {
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(c0, MULTIPLIER_0);
    const high1 = multiplyHigh(c2, MULTIPLIER_1);
    const low0 = Math.imul(c0, MULTIPLIER_0);
    c0 = high1 ^ c1 ^ k0;
    c1 = Math.imul(c2, MULTIPLIER_1);
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The uniform in [0, 1) of two words: the multiple of 2^-53 given by 27 bits of the first and 26 of the second. */
export function uniformOfWords(first: number, second: number): number {
  return ((first >>> 5) * 67108864 + (second >>> 6)) * 2 ** -53;
}
