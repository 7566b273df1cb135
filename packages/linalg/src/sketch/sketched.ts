import { checkChoice, checkRange, checkSeed, checkSize } from '../check.ts';
import { type Dense, dense } from '../dense.ts';
import type { Matrix } from '../sparse/csr.ts';
import { certify } from './distortion.ts';
import { gaussianSketch } from './gaussian.ts';
import { countSketch, osnap } from './osnap.ts';
import type { Sketch, SketchKind } from './sketch.ts';
import { srht } from './srht.ts';

/** How a matrix is sketched by the solvers. */
export interface SketchChoice {
  /** Default 'osnap', with four entries a column. */
  readonly kind?: SketchKind;
  /** m; default 4 d + 32 (of [A b] for `lstsq`). */
  readonly rows?: number;
  /** A whole number in [0, 2^53); default 0. */
  readonly seed?: number;
  /**
   * The largest distortion to accept: it is certified after the fact (`certifyDistortion`), and another sketch of the same size is
   * appended, until it holds. By default nothing is certified.
   */
  readonly distortion?: number;
}

export interface Sketched {
  /** S A with S having distortion near the one asked for. */
  readonly SA: Dense;
  /** S b, where there was a b. */
  readonly Sb?: Dense;
  /** What was certified, where that was asked for. */
  readonly certifiedDistortion?: number;
}

const MAKERS: Record<SketchKind, (rows: number, cols: number, options: { seed: number; stream: number }) => Sketch> = {
  gaussian: gaussianSketch,
  'count-sketch': countSketch,
  osnap,
  srht,
};

/** S A and S b, or undefined where a sketch would have as many rows as A. */
export function sketchOf(operation: string, A: Matrix, choice: SketchChoice, b?: Dense): Sketched | undefined {
  const { kind = 'osnap', rows = 4 * A.cols + 32, seed = 0, distortion } = choice;
  checkChoice(operation, 'kind', kind, Object.keys(MAKERS) as SketchKind[]);
  checkSize(operation, 'rows', rows, 1);
  checkSeed(operation, 'seed', seed);
  if (distortion !== undefined) checkRange(operation, 'distortion', distortion, Number.MIN_VALUE, 1);
  const parts: Dense[] = [];
  const right: Dense[] = [];
  for (let count = 1; ; count *= 2) {
    if (count * rows >= A.rows) return undefined;
    // Each doubling appends as many independent sketches, from streams of their own, as there are.
    while (parts.length < count) {
      const S = MAKERS[kind](rows, A.rows, { seed, stream: parts.length });
      parts.push(S.apply(A));
      if (b) right.push(S.apply(b));
    }
    const SA = stacked(parts);
    const both = b ? { SA, Sb: stacked(right) } : { SA };
    if (distortion === undefined) return both;
    const { certifiedDistortion } = certify(operation, A, SA, { seed });
    if (certifiedDistortion <= distortion) return { ...both, certifiedDistortion };
  }
}

/** The parts one below the other, scaled so that squared norms are averages. */
function stacked(parts: readonly Dense[]): Dense {
  const [first] = parts as [Dense];
  if (parts.length === 1) return first;
  const scale = 1 / Math.sqrt(parts.length);
  const data = new Float64Array(parts.length * first.data.length);
  parts.forEach((part, q) => {
    for (let p = 0; p < part.data.length; p++) data[q * first.data.length + p] = scale * part.data[p]!;
  });
  return dense(parts.length * first.rows, first.cols, data);
}
