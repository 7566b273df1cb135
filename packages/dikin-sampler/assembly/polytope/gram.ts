/**
 * A^T diag(w) A for a fixed A and new weights at every step. Packing A for the micro-kernel costs about as much as the product of 50 columns,
 * so it is done once; of the two packed copies one is scaled by the weights, a block at a time.
 */
import { allocate, mark, release } from '../../../linalg/assembly/arena';
import { KC, lanes, MC, roundUp, TILE_ROWS, tileCols } from '../../../linalg/assembly/blas/blocking';
import { pack } from '../../../linalg/assembly/blas/pack';
import { multiplyBlock, NO_MOST } from '../../../linalg/assembly/blas/packed';
import { count } from '../operations';

/** Elements of the packed copies of an n x d matrix: tall panels, then wide ones. */
export function packedSize<T>(n: i32, d: i32): i32 {
  return n * (roundUp(d, TILE_ROWS) + roundUp(d, tileCols<T>()));
}

/** Packs A^T (d x n, row-major), for each KC of the rows of A first the tall panels, then the wide ones. */
export function packGram<T>(n: i32, d: i32, At: usize, to: usize): void {
  for (let pc = 0; pc < n; pc += KC) {
    const kc = min(n - pc, KC);
    const from = At + <usize>pc * sizeof<T>();
    pack<T>(TILE_ROWS, d, kc, from, n, 1, to);
    to += <usize>(roundUp(d, TILE_ROWS) * kc) * sizeof<T>();
    pack<T>(tileCols<T>(), d, kc, from, n, 1, to);
    to += <usize>(roundUp(d, tileCols<T>()) * kc) * sizeof<T>();
  }
}

/** Upper triangle of C <- A^T diag(w) A + beta C, C d x d row-major. */
export function packedGram<T>(n: i32, d: i32, packed: usize, weights: usize, beta: T, c: usize): void {
  const top = mark();
  const tall = roundUp(d, TILE_ROWS);
  const wide = roundUp(d, tileCols<T>());
  const edge = allocate(<usize>(TILE_ROWS * tileCols<T>()) * sizeof<T>());
  const scaled = allocate(<usize>(roundUp(min(d, MC), TILE_ROWS) * min(n, KC)) * sizeof<T>());
  for (let pc = 0; pc < n; pc += KC) {
    const kc = min(n - pc, KC);
    const wides = packed + <usize>(tall * kc) * sizeof<T>();
    for (let ic = 0; ic < d; ic += MC) {
      const mc = min(d - ic, MC);
      scalePanels<T>(roundUp(mc, TILE_ROWS) / TILE_ROWS, kc, packed + <usize>(ic * kc) * sizeof<T>(), weights + <usize>pc * sizeof<T>(), scaled);
      const to = c + (<usize>ic * <usize>d) * sizeof<T>();
      multiplyBlock<T>(mc, d, kc, 1, scaled, wides, pc == 0 ? beta : <T>1, to, d, 1, -ic, 0, NO_MOST, edge);
    }
    packed = wides + <usize>(wide * kc) * sizeof<T>();
  }
  release(top);
  count(0.5 * <f64>n * <f64>d * <f64>(d + 1));
}

/** Panels of TILE_ROWS = 2 entries at each depth, times the weight of the depth. */
function scalePanels<T>(panels: i32, depth: i32, from: usize, weights: usize, to: usize): void {
  for (let panel = 0; panel < panels; panel++) {
    let p = 0;
    if (ASC_FEATURE_SIMD) {
      if (lanes<T>() == 2) {
        for (; p < depth; p++, from += 16, to += 16) {
          v128.store(to, f64x2.mul(v128.load(from), v128.load64_splat(weights + (<usize>p << 3))));
        }
      } else {
        // Two depths at a time.
        for (; p + 1 < depth; p += 2, from += 16, to += 16) {
          const w = v128.load64_splat(weights + (<usize>p << 2));
          v128.store(to, f32x4.mul(v128.load(from), v128.shuffle<f32>(w, w, 0, 0, 1, 1)));
        }
      }
    }
    for (; p < depth; p++) {
      const w = load<T>(weights + <usize>p * sizeof<T>());
      store<T>(to, load<T>(from) * w);
      store<T>(to, load<T>(from, sizeof<T>()) * w, sizeof<T>());
      from += 2 * sizeof<T>();
      to += 2 * sizeof<T>();
    }
  }
}
