/**
 * Strassen's product in Winograd's form: a level replaces eight products of halves by seven, and 15 sums. The schedule,
 * with two temporaries a level, is the one of Boyer, Dumas, Pernet and Zhou (2009), table 1, in a product that overwrites C.
 *
 * Operands are packed once, into trees: a tree of some levels is its four quarters one after the other, trees of one level
 * less; a tree of none is a leaf, which for A and B is what the micro-kernel reads, and for C a matrix of whole tiles. So
 * all sums are sums of vectors, and no product of leaves packs anything.
 *
 * Contract: `scratch` holds `winogradScratch<T>` bytes and overlaps no operand. Stable by norm only: see
 * src/blas/levels.ts. Allocates nothing, so that a module without an arena can run it.
 *
 * The core whose sizes are multiples of 2^levels is done by halves; what is peeled off, less than 2^levels rows, columns
 * and summands, is done classically.
 */
import { roundUp, TILE_ROWS, tileCols } from './blocking';
import { multiplyOriented, multiplyPanels, orientedScratch, packPanels } from './packed';
import { writeScalar } from './tile';

/** Bytes of a leaf of so many entries. */
function leafBytes<T>(rows: i32, cols: i32): usize {
  return (<usize>(rows * cols) * sizeof<T>() + 63) & ~63;
}

/** What `winograd` needs, at most 2^32 - 1: three trees, two temporaries a level, and classical scratch. */
export function winogradScratch<T>(levels: i32, m: i32, n: i32, k: i32): usize {
  const ml = roundUp(m >> levels, TILE_ROWS);
  const nl = roundUp(n >> levels, tileCols<T>());
  const kl = k >> levels;
  const a = <f64>leafBytes<T>(ml, kl);
  const b = <f64>leafBytes<T>(kl, nl);
  const c = <f64>leafBytes<T>(ml, nl);
  const leaves = <f64>(1 << (2 * levels));
  const trees = leaves * (a + b + c) + ((leaves - 1) / 3) * (max(a, c) + b);
  return <usize>min(max(trees, <f64>orientedScratch<T>(m, n, k)), 4294967295.0);
}

/** C <- alpha A B + beta C with `levels` levels; none is the classical product. */
export function winograd<T>(
  levels: i32, m: i32, n: i32, k: i32,
  alpha: T, a: usize, aRow: i32, aCol: i32,
  b: usize, bRow: i32, bCol: i32,
  beta: T, c: usize, cRow: i32, cCol: i32,
  scratch: usize,
): void {
  const ml = m >> levels;
  const nl = n >> levels;
  const kl = k >> levels;
  if (levels == 0 || ml == 0 || nl == 0 || kl == 0 || alpha == <T>0) {
    multiplyOriented<T>(m, n, k, alpha, a, aRow, aCol, b, bRow, bCol, beta, c, cRow, cCol, scratch);
    return;
  }
  const mt = roundUp(ml, TILE_ROWS);
  const nt = roundUp(nl, tileCols<T>());
  const treeB = packTree<T>(levels, TILE_ROWS, ml, kl, a, aRow, aCol, scratch);
  const treeC = packTree<T>(levels, tileCols<T>(), nl, kl, b, bCol, bRow, treeB);
  const free = treeC + (leafBytes<T>(mt, nt) << (2 * levels));
  halves<T>(levels, mt, nt, kl, scratch, treeB, treeC, free);
  unpackTree<T>(levels, ml, nl, nt, alpha, treeC, beta, c, cRow, cCol);

  const mc = ml << levels;
  const nc = nl << levels;
  const kc = kl << levels;
  if (kc < k) {
    const lastA = a + <usize>(kc * aCol) * sizeof<T>();
    const lastB = b + <usize>(kc * bRow) * sizeof<T>();
    multiplyOriented<T>(mc, nc, k - kc, alpha, lastA, aRow, aCol, lastB, bRow, bCol, <T>1, c, cRow, cCol, scratch);
  }
  if (nc < n) {
    const lastB = b + <usize>(nc * bCol) * sizeof<T>();
    const lastC = c + <usize>(nc * cCol) * sizeof<T>();
    multiplyOriented<T>(m, n - nc, k, alpha, a, aRow, aCol, lastB, bRow, bCol, beta, lastC, cRow, cCol, scratch);
  }
  if (mc < m) {
    const lastA = a + <usize>(mc * aRow) * sizeof<T>();
    const lastC = c + <usize>(mc * cRow) * sizeof<T>();
    multiplyOriented<T>(m - mc, nc, k, alpha, lastA, aRow, aCol, b, bRow, bCol, beta, lastC, cRow, cCol, scratch);
  }
}

/** Every other bit, from the lowest: the column of leaf number `leaf` in a tree by rows; of leaf >> 1, the row. */
function everyOther(leaf: i32): i32 {
  let bits = 0;
  for (let bit = 1; leaf > 0; bit <<= 1) {
    bits |= leaf & 1 ? bit : 0;
    leaf >>= 2;
  }
  return bits;
}

/** Packs A or B into a tree: `count` x `depth` is the size of a leaf. Gives the tree's end. */
function packTree<T>(levels: i32, width: i32, count: i32, depth: i32, source: usize, across: i32, along: i32, to: usize): usize {
  for (let leaf = 0; leaf < 1 << (2 * levels); leaf++) {
    const from = source + <usize>(everyOther(leaf >> 1) * count * across + everyOther(leaf) * depth * along) * sizeof<T>();
    packPanels<T>(width, count, depth, from, across, along, to);
    to += leafBytes<T>(roundUp(count, width), depth);
  }
  return to;
}

/** C <- alpha tree + beta C: `rows` x `cols` is the size of a leaf, whose rows are `width` entries apart. */
function unpackTree<T>(
  levels: i32, rows: i32, cols: i32, width: i32,
  alpha: T, from: usize, beta: T, c: usize, cRow: i32, cCol: i32,
): void {
  for (let leaf = 0; leaf < 1 << (2 * levels); leaf++) {
    let row = c + <usize>(everyOther(leaf >> 1) * rows * cRow + everyOther(leaf) * cols * cCol) * sizeof<T>();
    for (let i = 0; i < rows; i++) {
      let at = row;
      for (let j = 0; j < cols; j++) {
        writeScalar<T>(alpha, load<T>(from + <usize>(i * width + j) * sizeof<T>()), beta, at);
        at += <usize>cCol * sizeof<T>();
      }
      row += <usize>cRow * sizeof<T>();
    }
    from += leafBytes<T>(roundUp(rows, TILE_ROWS), width);
  }
}

/** C <- A B on trees with leaves m x k, k x n and m x n. */
function halves<T>(levels: i32, m: i32, n: i32, k: i32, a11: usize, b11: usize, c11: usize, scratch: usize): void {
  if (levels == 0) {
    multiplyPanels<T>(m, n, k, a11, b11, c11);
    return;
  }
  const down = levels - 1;
  const a = leafBytes<T>(m, k) << (2 * down);
  const b = leafBytes<T>(k, n) << (2 * down);
  const c = leafBytes<T>(m, n) << (2 * down);
  const a12 = a11 + a, a21 = a12 + a, a22 = a21 + a;
  // The tree of B goes by columns.
  const b21 = b11 + b, b12 = b21 + b, b22 = b12 + b;
  const c12 = c11 + c, c21 = c12 + c, c22 = c21 + c;
  const x = scratch;
  const y = x + max(a, c);
  const deeper = y + b;

  combine<T>(false, a, a11, a21, x); // S3 = A11 - A21
  combine<T>(false, b, b22, b12, y); // T3 = B22 - B12
  halves<T>(down, m, n, k, x, y, c21, deeper); // P7 = S3 T3
  combine<T>(true, a, a21, a22, x); // S1 = A21 + A22
  combine<T>(false, b, b12, b11, y); // T1 = B12 - B11
  halves<T>(down, m, n, k, x, y, c22, deeper); // P5 = S1 T1
  combine<T>(false, a, x, a11, x); // S2 = S1 - A11
  combine<T>(false, b, b22, y, y); // T2 = B22 - T1
  halves<T>(down, m, n, k, x, y, c12, deeper); // P6 = S2 T2
  combine<T>(false, a, a12, x, x); // S4 = A12 - S2
  halves<T>(down, m, n, k, x, b22, c11, deeper); // P3 = S4 B22
  halves<T>(down, m, n, k, a11, b11, x, deeper); // P1 = A11 B11
  gather<T>(c, x, c11, c12, c21, c22);
  combine<T>(false, b, y, b21, y); // T4 = T2 - B21
  halves<T>(down, m, n, k, a22, y, c11, deeper); // P4 = A22 T4
  combine<T>(false, c, c21, c11, c21); // C21 = U3 - P4
  halves<T>(down, m, n, k, a12, b21, c11, deeper); // P2 = A12 B21
  combine<T>(true, c, x, c11, c11); // C11 = P1 + P2
}

/** D <- X + Y or X - Y, `bytes` long. D may be X or Y. */
function combine<T>(plus: bool, bytes: usize, x: usize, y: usize, d: usize): void {
  const end = d + bytes;
  while (d < end) {
    if (ASC_FEATURE_SIMD) {
      const vx = v128.load(x);
      const vy = v128.load(y);
      v128.store(d, plus ? v128.add<T>(vx, vy) : v128.sub<T>(vx, vy));
      x += 16;
      y += 16;
      d += 16;
    } else {
      store<T>(d, plus ? load<T>(x) + load<T>(y) : load<T>(x) - load<T>(y));
      x += sizeof<T>();
      y += sizeof<T>();
      d += sizeof<T>();
    }
  }
}

/**
 * The sums of products in one pass: U2 = P1 + P6, U3 = U2 + P7, C12 = (U2 + P5) + P3, C22 = P5 + U3; P1 is in `x`, P3 in
 * C11, P6 in C12, P7 in C21, P5 in C22. U3 stays in C21.
 */
function gather<T>(bytes: usize, x: usize, c11: usize, c12: usize, c21: usize, c22: usize): void {
  const end = x + bytes;
  const step: usize = ASC_FEATURE_SIMD ? 16 : sizeof<T>();
  for (; x < end; x += step) {
    if (ASC_FEATURE_SIMD) {
      const p5 = v128.load(c22);
      const u2 = v128.add<T>(v128.load(x), v128.load(c12));
      const u3 = v128.add<T>(u2, v128.load(c21));
      v128.store(c12, v128.add<T>(v128.add<T>(u2, p5), v128.load(c11)));
      v128.store(c21, u3);
      v128.store(c22, v128.add<T>(p5, u3));
    } else {
      const p5 = load<T>(c22);
      const u2 = load<T>(x) + load<T>(c12);
      const u3 = u2 + load<T>(c21);
      store<T>(c12, u2 + p5 + load<T>(c11));
      store<T>(c21, u3);
      store<T>(c22, p5 + u3);
    }
    c11 += step;
    c12 += step;
    c21 += step;
    c22 += step;
  }
}
