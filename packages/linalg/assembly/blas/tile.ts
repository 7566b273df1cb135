/**
 * The micro-kernel: one tile of C <- alpha A B + beta C, TILE_ROWS x tileCols, from one packed panel of A and one of B.
 *
 * Contract: depth >= 1; `a` and `b` are panels as `pack` writes them; the rows of `c` are contiguous and `rowBytes`
 * apart; beta = 0 does not read C. Each entry is the sum over p = 0, 1, ... of a_ip b_pj, each product rounded before it
 * is added, then alpha * sum + beta * c: the scalar branch does the same operations in the same order, so the plain
 * fallback gives the same bits.
 */
import { TILE_ROWS, tileCols } from './blocking';

/** Where the table holds the micro-kernels of the relaxed module, f64 and f32; 0 while the own ones run. */
let fused: i32 = 0;

/** The products that follow use the relaxed module's micro-kernels, or with 0 the own ones. */
export function fuse(tiles: i32): void {
  fused = tiles;
}

export function tile<T>(depth: i32, alpha: T, a: usize, b: usize, beta: T, c: usize, rowBytes: usize): void {
  if (!ASC_FEATURE_SIMD) tileScalar<T>(depth, alpha, a, b, beta, c, rowBytes);
  else if (fused != 0) call_indirect<void>(fused + (sizeof<T>() == 8 ? 0 : 1), depth, alpha, a, b, beta, c, rowBytes);
  else tileVector<T>(depth, alpha, a, b, beta, c, rowBytes);
}

/**
 * Eight accumulators, four vectors of B, an entry of A and a product are live: 15 vectors would be the most that engines
 * hold without spilling. Not unrolled: Node 20 would load everything first and spill, which halves the speed.
 */
export function tileVector<T>(depth: i32, alpha: T, a: usize, b: usize, beta: T, c: usize, rowBytes: usize): void {
  const zero = v128.splat<T>(<T>0);
  let c00 = zero, c01 = zero, c02 = zero, c03 = zero;
  let c10 = zero, c11 = zero, c12 = zero, c13 = zero;
  const end = a + <usize>depth * 2 * sizeof<T>();
  do {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(b, 32);
    const b3 = v128.load(b, 48);
    const a0 = v128.load_splat<T>(a);
    c00 = addProduct<T>(c00, a0, b0);
    c01 = addProduct<T>(c01, a0, b1);
    c02 = addProduct<T>(c02, a0, b2);
    c03 = addProduct<T>(c03, a0, b3);
    const a1 = v128.load_splat<T>(a, sizeof<T>());
    c10 = addProduct<T>(c10, a1, b0);
    c11 = addProduct<T>(c11, a1, b1);
    c12 = addProduct<T>(c12, a1, b2);
    c13 = addProduct<T>(c13, a1, b3);
    a += 2 * sizeof<T>();
    b += 64;
  } while (a < end);
  const va = v128.splat<T>(alpha);
  const vb = v128.splat<T>(beta);
  const keep = beta != <T>0;
  write<T>(keep, va, c00, vb, c);
  write<T>(keep, va, c01, vb, c + 16);
  write<T>(keep, va, c02, vb, c + 32);
  write<T>(keep, va, c03, vb, c + 48);
  c += rowBytes;
  write<T>(keep, va, c10, vb, c);
  write<T>(keep, va, c11, vb, c + 16);
  write<T>(keep, va, c12, vb, c + 32);
  write<T>(keep, va, c13, vb, c + 48);
}

/** sum + x y: two roundings, or one in the relaxed module where the machine has a fused multiply-add. */
// @ts-ignore: decorator
@inline
function addProduct<T>(sum: v128, x: v128, y: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(x, y, sum);
  return v128.add<T>(sum, v128.mul<T>(x, y));
}

/** One vector of C <- alpha sum + beta C. */
// @ts-ignore: decorator
@inline
function write<T>(keep: bool, alpha: v128, sum: v128, beta: v128, c: usize): void {
  const product = v128.mul<T>(alpha, sum);
  v128.store(c, keep ? v128.add<T>(product, v128.mul<T>(beta, v128.load(c))) : product);
}

/** Four entries of a row at a time: engines keep so many accumulators in registers. */
function tileScalar<T>(depth: i32, alpha: T, a: usize, b: usize, beta: T, c: usize, rowBytes: usize): void {
  const aStep = <usize>TILE_ROWS * sizeof<T>();
  const bStep = <usize>tileCols<T>() * sizeof<T>();
  for (let i = 0; i < TILE_ROWS; i++) {
    for (let j: usize = 0; j < bStep; j += 4 * sizeof<T>()) {
      let s0 = <T>0, s1 = <T>0, s2 = <T>0, s3 = <T>0;
      let pa = a + <usize>i * sizeof<T>();
      let pb = b + j;
      for (let p = 0; p < depth; p++) {
        const value = load<T>(pa);
        s0 += value * load<T>(pb);
        s1 += value * load<T>(pb, sizeof<T>());
        s2 += value * load<T>(pb, 2 * sizeof<T>());
        s3 += value * load<T>(pb, 3 * sizeof<T>());
        pa += aStep;
        pb += bStep;
      }
      writeScalar<T>(alpha, s0, beta, c + j);
      writeScalar<T>(alpha, s1, beta, c + j + sizeof<T>());
      writeScalar<T>(alpha, s2, beta, c + j + 2 * sizeof<T>());
      writeScalar<T>(alpha, s3, beta, c + j + 3 * sizeof<T>());
    }
    c += rowBytes;
  }
}

/** One entry of C <- alpha sum + beta C. */
// @ts-ignore: decorator
@inline
export function writeScalar<T>(alpha: T, sum: T, beta: T, c: usize): void {
  store<T>(c, beta == <T>0 ? alpha * sum : alpha * sum + beta * load<T>(c));
}
