/**
 * The loops of a packed product around the micro-kernel, after Goto and van de Geijn (2008) and BLIS: over columns of C
 * (jc), over the summation index (pc, packing B), over rows of C (ic, packing A), then over the tiles of one block.
 *
 * Contract: m, n, k >= 1; `scratch` holds `scratchBytes<T>(m, n, k)` bytes that overlap no operand; C overlaps neither A
 * nor B. Allocates nothing, so that a module without an arena of its own can run it.
 */
import { KC, MC, NC, roundUp, TILE_ROWS, tileCols } from './blocking';
import { pack, weigh } from './pack';
import { tile, writeScalar } from './tile';

/** What `multiplyPacked` needs: one tile, one block of A and one of B. */
export function scratchBytes<T>(m: i32, n: i32, k: i32): usize {
  const depth = min(k, KC);
  const blockA = roundUp(min(m, MC), TILE_ROWS) * depth;
  const blockB = roundUp(min(n, NC), tileCols<T>()) * depth;
  return <usize>(TILE_ROWS * tileCols<T>() + blockA + blockB) * sizeof<T>();
}

/** What `multiplyOriented` needs. */
export function orientedScratch<T>(m: i32, n: i32, k: i32): usize {
  return max(scratchBytes<T>(m, n, k), scratchBytes<T>(n, m, k));
}

/**
 * C <- alpha A B + beta C for any m, n, k >= 0. C^T = B^T A^T is the same product. Tiles are wide and want contiguous rows
 * of C, so a column-major C is computed transposed; so is a C that is narrower than a tile and taller than wide.
 */
export function multiplyOriented<T>(
  m: i32, n: i32, k: i32,
  alpha: T, a: usize, aRow: i32, aCol: i32,
  b: usize, bRow: i32, bCol: i32,
  beta: T, c: usize, cRow: i32, cCol: i32,
  scratch: usize,
): void {
  if (m <= 0 || n <= 0) return;
  if (k <= 0 || alpha == <T>0) scale<T>(m, n, beta, c, cRow, cCol);
  else if (n < tileCols<T>() ? m > n : cCol != 1 && cRow == 1 && m >= tileCols<T>()) {
    multiplyPacked<T>(n, m, k, alpha, b, bCol, bRow, 0, a, aCol, aRow, beta, c, cCol, cRow, NO_LEAST, NO_MOST, scratch);
  } else {
    multiplyPacked<T>(m, n, k, alpha, a, aRow, aCol, 0, b, bRow, bCol, beta, c, cRow, cCol, NO_LEAST, NO_MOST, scratch);
  }
}

/** C <- beta C. */
function scale<T>(m: i32, n: i32, beta: T, c: usize, cRow: i32, cCol: i32): void {
  for (let i = 0; i < m; i++) {
    let at = c + <usize>(i * cRow) * sizeof<T>();
    for (let j = 0; j < n; j++) {
      store<T>(at, beta == <T>0 ? <T>0 : beta * load<T>(at));
      at += <usize>cCol * sizeof<T>();
    }
  }
}

/** Bounds of `multiplyPacked` that let every entry of C through; half the range, so that sums with an index do not wrap. */
export const NO_LEAST: i32 = -0x40000000;
export const NO_MOST: i32 = 0x40000000;

/**
 * C <- alpha A diag(w) B + beta C, where `weights` is the address of the k entries of w, or 0 for ones. Only the entries
 * C_ij with least <= j - i <= most are computed and touched: (NO_LEAST, 0) is the lower triangle.
 */
export function multiplyPacked<T>(
  m: i32, n: i32, k: i32,
  alpha: T, a: usize, aRow: i32, aCol: i32,
  weights: usize, b: usize, bRow: i32, bCol: i32,
  beta: T, c: usize, cRow: i32, cCol: i32,
  least: i32, most: i32, scratch: usize,
): void {
  const edge = scratch;
  const blockA = edge + <usize>(TILE_ROWS * tileCols<T>()) * sizeof<T>();
  const blockB = blockA + <usize>(roundUp(min(m, MC), TILE_ROWS) * min(k, KC)) * sizeof<T>();
  for (let jc = 0; jc < n; jc += NC) {
    const nc = min(n - jc, NC);
    for (let pc = 0; pc < k; pc += KC) {
      const kc = min(k - pc, KC);
      const scale = pc == 0 ? beta : <T>1;
      pack<T>(tileCols<T>(), nc, kc, b + <usize>(pc * bRow + jc * bCol) * sizeof<T>(), bCol, bRow, blockB);
      for (let ic = 0; ic < m; ic += MC) {
        const mc = min(m - ic, MC);
        pack<T>(TILE_ROWS, mc, kc, a + <usize>(ic * aRow + pc * aCol) * sizeof<T>(), aRow, aCol, blockA);
        if (weights != 0) weigh<T>(TILE_ROWS, mc, kc, weights + <usize>pc * sizeof<T>(), blockA);
        multiplyBlock<T>(
          mc, nc, kc, alpha, blockA, blockB, scale, c + <usize>(ic * cRow + jc * cCol) * sizeof<T>(), cRow, cCol,
          jc - ic, least, most, edge,
        );
      }
    }
  }
}

/** Packs a whole operand: `pack` for each KC of its depth, one after the other. */
export function packPanels<T>(width: i32, count: i32, depth: i32, source: usize, across: i32, along: i32, to: usize): void {
  const rounded = roundUp(count, width);
  for (let pc = 0; pc < depth; pc += KC) {
    const from = source + <usize>(pc * along) * sizeof<T>();
    pack<T>(width, count, min(depth - pc, KC), from, across, along, to + <usize>(pc * rounded) * sizeof<T>());
  }
}

/** C <- A B for A and B from `packPanels` and a row-major C, m and n multiples of a tile's, so that no tile is partial. */
export function multiplyPanels<T>(m: i32, n: i32, k: i32, a: usize, b: usize, c: usize): void {
  for (let pc = 0; pc < k; pc += KC) {
    const kc = min(k - pc, KC);
    for (let ic = 0; ic < m; ic += MC) {
      const blockA = a + <usize>(pc * m + ic * kc) * sizeof<T>();
      const blockB = b + <usize>(pc * n) * sizeof<T>();
      const beta = pc == 0 ? <T>0 : <T>1;
      const rowsC = c + <usize>(ic * n) * sizeof<T>();
      multiplyBlock<T>(min(m - ic, MC), n, kc, <T>1, blockA, blockB, beta, rowsC, n, 1, 0, NO_LEAST, NO_MOST, 0);
    }
  }
}

/** One packed block of A times one of B: a panel of B stays in L1 while the panels of A pass by. */
export function multiplyBlock<T>(
  mc: i32, nc: i32, kc: i32,
  alpha: T, a: usize, b: usize, beta: T, c: usize, cRow: i32, cCol: i32,
  diagonal: i32, least: i32, most: i32, edge: usize,
): void {
  const rowBytes = <usize>cRow * sizeof<T>();
  const colBytes = <usize>cCol * sizeof<T>();
  const aPanel = <usize>(kc * TILE_ROWS) * sizeof<T>();
  const bPanel = <usize>(kc * tileCols<T>()) * sizeof<T>();
  for (let jr = 0; jr < nc; jr += tileCols<T>()) {
    const cols = min(nc - jr, tileCols<T>());
    let pa = a;
    let pc = c;
    for (let ir = 0; ir < mc; ir += TILE_ROWS) {
      const rows = min(mc - ir, TILE_ROWS);
      // j - i of the tile's first entry; over the tile it goes from first - (rows - 1) to first + (cols - 1).
      const first = diagonal + jr - ir;
      if (first + cols > least && first - rows < most) {
        const inside = first - rows >= least - 1 && first + cols <= most + 1;
        if (inside && cCol == 1 && rows == TILE_ROWS && cols == tileCols<T>()) {
          tile<T>(kc, alpha, pa, b, beta, pc, rowBytes);
        } else {
          tile<T>(kc, <T>1, pa, b, <T>0, edge, <usize>tileCols<T>() * sizeof<T>());
          writeEdge<T>(rows, cols, alpha, edge, beta, pc, rowBytes, colBytes, least - first, most - first);
        }
      }
      pa += aPanel;
      pc += <usize>TILE_ROWS * rowBytes;
    }
    b += bPanel;
    c += <usize>tileCols<T>() * colBytes;
  }
}

/** C <- alpha tile + beta C, for a tile that C holds in part or with strides, where least <= j - i <= most. */
function writeEdge<T>(
  rows: i32, cols: i32,
  alpha: T, from: usize, beta: T, c: usize, rowBytes: usize, colBytes: usize,
  least: i32, most: i32,
): void {
  for (let i = 0; i < rows; i++) {
    let at = c;
    for (let j = 0; j < cols; j++) {
      if (j - i >= least && j - i <= most) writeScalar<T>(alpha, load<T>(from + <usize>j * sizeof<T>()), beta, at);
      at += colBytes;
    }
    from += <usize>tileCols<T>() * sizeof<T>();
    c += rowBytes;
  }
}
