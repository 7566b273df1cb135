import { checkFinite, checkObject, checkSize } from '../check.ts';
import type { Kernel } from '../kernel/instance.ts';
import { allocate, type Pointer, withWorkspace, writeDense } from '../kernel/workspace.ts';
import { philoxFor } from '../random/streams.ts';
import { f64At, forEachBlock } from '../sparse/rows.ts';
import type { SketchOptions } from './osnap.ts';
import { checkSketched, resultOf, type Sketch } from './sketch.ts';

/** Columns of S made at a time. Fixed, because sums over a block are rounded before they are added. */
const BLOCK = 256;

/**
 * Gaussian sketch: independent normal entries of variance 1/m. The best distortion for its size, and the most work. For an
 * orthonormal U with d columns the singular values of S U lie within 1 +- (sqrt(d) + t) / sqrt(m) with probability
 * 1 - 2 exp(-t^2 / 2).
 *
 * @param rows - m >= 1.
 * @param cols - n, the rows of the matrices to be sketched.
 * @throws ShapeError or ArgumentError for sizes or seeds that are not allowed.
 * Cost of S A: 2 m n d flops, whether A is sparse or not, and m n normal numbers.
 * Source of the bound: Davidson and Szarek, Handbook of the Geometry of Banach Spaces I, 2001, theorem II.13.
 */
export function gaussianSketch(rows: number, cols: number, options: SketchOptions = {}): Sketch {
  checkSize('gaussianSketch', 'rows', rows, 1);
  checkSize('gaussianSketch', 'cols', cols);
  checkObject('gaussianSketch', 'options', options);
  const { seed = 0, stream = 0 } = options;
  const { key, stream: words } = philoxFor('gaussian', seed, stream).state();
  const pairs = Math.ceil(rows / 2);
  const scale = 1 / Math.sqrt(rows);

  /** Columns first, ..., first + count - 1 of sqrt(m) S as rows of 2 `pairs` numbers, the last of which is left over for odd m. */
  function fillColumns(k: Kernel, first: number, count: number, out: Pointer): void {
    const block = first * pairs;
    k.philoxNormals(out, block >>> 0, Math.floor(block / 2 ** 32), count * pairs, ...words, ...key);
  }

  return {
    kind: 'gaussian',
    rows,
    cols,
    apply(A) {
      checkSketched('gaussianSketch', 'A', A, cols);
      return withWorkspace((k) => {
        const d = A.cols;
        const columns = allocate(k, 16 * pairs * BLOCK);
        const out = allocate(k, 8 * rows * d);
        f64At(k, out, rows * d).fill(0);
        forEachBlock(k, 'gaussianSketch', A, BLOCK, (block, first, count) => {
          fillColumns(k, first, count, columns);
          k.dgemm(rows, d, count, scale, columns, 1, 2 * pairs, block, d, 1, 1, out, d, 1);
        });
        return resultOf('gaussianSketch', rows, d, f64At(k, out, rows * d).slice());
      });
    },
    applyTranspose(Y) {
      checkSketched('gaussianSketch', 'Y', Y, rows);
      checkFinite('gaussianSketch', 'Y', Y);
      return withWorkspace((k) => {
        const d = Y.cols;
        const columns = allocate(k, 16 * pairs * BLOCK);
        const y = writeDense(k, Y);
        const out = allocate(k, 8 * cols * d);
        for (let first = 0; first < cols; first += BLOCK) {
          const count = Math.min(BLOCK, cols - first);
          fillColumns(k, first, count, columns);
          k.dgemm(count, d, rows, scale, columns, 2 * pairs, 1, y, d, 1, 0, out + 8 * first * d, d, 1);
        }
        return resultOf('gaussianSketch', cols, d, f64At(k, out, cols * d).slice());
      });
    },
  };
}
