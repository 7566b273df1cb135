import { checkObject, checkRange, kindOf } from '../check.ts';
import { AbortedError, ArgumentError, ShapeError } from '../errors.ts';
import { readVector, withWorkspace, writeVector } from '../kernel/workspace.ts';
import { checkRunning, turn } from '../progress.ts';
import type { Matrix } from '../sparse/csr.ts';
import { checkFiniteMatrix, checkMatrix } from '../sparse/rows.ts';
import { raise, scaleColumns, scalesOf } from './columns.ts';
import { rowNorms } from './factors.ts';
import type { LeverageScores } from './leverage.ts';
import { accumulateProduct, diagonalRows, mended, ridgesOf, spectrumOf, TARGET, triangle, UNIT } from './orthonormalize.ts';

/** Starts to read blocks of rows from the first one on. Called once for each pass. */
export type RowBlocks = () => AsyncIterable<Matrix> | Iterable<Matrix>;

export interface BlockLeverageOptions {
  /** lambda >= 0, as for `leverageScores`; default 0. */
  readonly ridge?: number;
  /** Seen between blocks: the promise rejects with an AbortedError whose `partial` holds the scores of the first rows, those that are final. */
  readonly signal?: AbortSignal;
  /** Called after each block with the number of the pass, from 1, and of the rows that it has read. */
  readonly onProgress?: (pass: number, rows: number) => void;
}

const NAME = 'leverageScoresOfBlocks';

/**
 * The exact leverage scores of a matrix that comes in blocks of rows, from a file or a database, and need not fit into memory. It is
 * also the form of `leverageScores` that an event can abort: the event loop has a turn after each block.
 *
 * The first pass makes the triangular factor R by Householder QR, the last the squared row norms of A R^-1. Above a condition number of
 * about 1e5 / sqrt(d) one more pass between them mends what rounding does to A R^-1, so that scores are as good as those of
 * `leverageScores`.
 *
 * @param blocks - each call must begin anew and give the same blocks, dense or sparse, all of d columns.
 * @throws (rejects) ShapeError, ArgumentError; NonFiniteError naming the entry within `blocks[i]`; AbortedError; what reading throws.
 * Cost: 3 n d^2 flops or, with the pass that mends, 6 n d^2, in blocks of several times d rows; more in smaller ones, as each block is
 * factored below R. Memory for one block, n scores and O(d^2).
 * Source: TSQR of Demmel, Grigori, Hoemmen, Langou, SIAM J. Sci. Comput. 34 (2012), one block after the other.
 */
export async function leverageScoresOfBlocks(blocks: RowBlocks, options: BlockLeverageOptions = {}): Promise<LeverageScores> {
  checkObject(NAME, 'options', options);
  const { ridge = 0 } = options;
  checkRange(NAME, 'ridge', ridge, 0);
  if (typeof blocks !== 'function') throw new ArgumentError(`${NAME}: blocks is ${kindOf(blocks)}; it must be a function`, 'blocks');
  checkRunning(NAME, options);
  let passes = 0;
  let shape: Shape | undefined;
  const pass = async (visit: (block: Matrix, first: number) => void, partial?: (rows: number) => unknown): Promise<Shape> =>
    read(blocks, { ...options, pass: ++passes, shape, partial }, visit);

  let largest: Float64Array | undefined;
  let columnScale: Float64Array = new Float64Array(0);
  let R: Float64Array = new Float64Array(0);
  shape = await pass((block) => {
    const d = block.cols;
    if (largest === undefined) {
      largest = new Float64Array(d).fill(Math.sqrt(ridge));
      columnScale = scalesOf(largest);
      R = diagonalRows(ridgesOf(ridge, columnScale));
    }
    // Larger entries than before change the scale of their columns, in R too; powers of two round nothing that counts.
    const scale = scalesOf(raise(largest, block));
    const above = R.map((x, p) => x * (scale[p % d]! / columnScale[p % d]!));
    columnScale = scale;
    R = withWorkspace((k) => triangle(k, NAME, scaleColumns(block, scale), above));
  });
  const { rows, cols } = shape;
  const scores = new Float64Array(rows);
  if (R.length === 0) return { scores, rank: 0, conditionEstimate: cols === 0 ? 1 : Number.POSITIVE_INFINITY };

  const ridges = ridgesOf(ridge, columnScale);
  const spectrum = withWorkspace((k) => spectrumOf(k, R, cols));
  for (let tolerance = Math.max(rows, cols) * 2 * UNIT; ; tolerance *= 8) {
    const { factor, ...basis } = spectrum(tolerance);
    const factors = [factor];
    if (!(Math.sqrt(cols) * basis.conditionEstimate * UNIT <= TARGET)) {
      let G: Float64Array = new Float64Array(factor.cols ** 2);
      await pass((block) => {
        G = withWorkspace((k) => {
          const g = writeVector(k, G);
          accumulateProduct(k, scaleColumns(block, columnScale), factor, g);
          return readVector(k, G, g, G.length);
        });
      });
      const second = withWorkspace((k) => mended(k, writeVector(k, G), factor, ridges));
      if (second === undefined) continue;
      factors.push(second);
    }
    await pass(
      (block, first) => scores.set(rowNorms(block, { columnScale, factors }), first),
      (finished) => scores.slice(0, finished),
    );
    return { scores, ...basis };
  }
}

interface Shape {
  readonly rows: number;
  readonly cols: number;
}

interface Reading extends Omit<BlockLeverageOptions, 'ridge'> {
  /** Its number. */
  readonly pass: number;
  /** That of the first pass. */
  readonly shape: Shape | undefined;
  /** What an abort after so many rows leaves. */
  readonly partial: ((rows: number) => unknown) | undefined;
}

/** One pass: calls `visit` with each block, checked, and the number of rows before it, and lets events through after each. */
async function read(blocks: RowBlocks, reading: Reading, visit: (block: Matrix, first: number) => void): Promise<Shape> {
  const { pass, shape, partial, signal, onProgress } = reading;
  const source = blocks() as Partial<AsyncIterable<Matrix> & Iterable<Matrix>> | undefined;
  if (typeof (source?.[Symbol.asyncIterator] ?? source?.[Symbol.iterator]) !== 'function') {
    throw new ArgumentError(
      `${NAME}: blocks returned ${kindOf(source)}; it must return an iterable of matrices, asynchronous or not`,
      'blocks',
    );
  }
  let [rows, cols, count] = [0, shape?.cols, 0];
  for await (const block of source as AsyncIterable<Matrix>) {
    if (signal?.aborted) throw new AbortedError(`${NAME}: aborted in pass ${pass} after ${rows} rows`, partial?.(rows));
    const name = `blocks[${count++}]`;
    checkMatrix(NAME, name, block);
    checkFiniteMatrix(NAME, name, block);
    cols ??= block.cols;
    if (block.cols !== cols) throw new ShapeError(`${NAME}: ${name} has ${block.cols} columns, the first block ${cols}; they must agree`);
    if (rows + block.rows > (shape?.rows ?? Number.POSITIVE_INFINITY)) throw changed(pass, `more than ${shape?.rows}`, shape);
    visit(block, rows);
    rows += block.rows;
    onProgress?.(pass, rows);
    await turn();
  }
  if (shape !== undefined && rows !== shape.rows) throw changed(pass, rows, shape);
  return { rows, cols: cols ?? 0 };
}

function changed(pass: number, rows: number | string, shape: Shape | undefined): ArgumentError {
  const message = `${NAME}: blocks gave ${rows} rows in pass ${pass} and ${shape?.rows} in the first; each call must begin anew`;
  return new ArgumentError(message, 'blocks');
}
