/**
 * Sizes of the loops around the micro-kernel, in elements. A tile of C is TILE_ROWS x tileCols and stays in registers;
 * a panel of B (KC x tileCols, 24 KiB) stays in L1, a block of A (MC x KC, 576 KiB in f64) in L2, a block of B (KC x NC)
 * in L3. A panel of B comes from L3 once for MC / TILE_ROWS tiles, so few rows cost: 96 were up to 3 % slower than 192,
 * and cut the leaves of a Winograd product in two. Of KC 256 to 1024 none was faster by more than 2 % on Node 20 and 24
 * (Zen 5); 512 no longer fits a 32 KiB L1.
 */

export const KC: i32 = 384;
export const MC: i32 = 192;
export const NC: i32 = 4096;

/** Rows of a tile. */
export const TILE_ROWS: i32 = 2;

/** Columns of a tile: four vectors. */
// @ts-ignore: decorator
@inline
export function tileCols<T>(): i32 {
  return 4 * lanes<T>();
}

/** Elements of one 128-bit vector. */
// @ts-ignore: decorator
@inline
export function lanes<T>(): i32 {
  return <i32>(16 / sizeof<T>());
}

/** `count` rounded up to whole multiples of `step`. */
// @ts-ignore: decorator
@inline
export function roundUp(count: i32, step: i32): i32 {
  return ((count + step - 1) / step) * step;
}
