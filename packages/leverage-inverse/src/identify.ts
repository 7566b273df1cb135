import { dense } from '@x/linalg';
import { checkSigns, checkVector } from './check.ts';
import type { Design } from './design.ts';
import { createEngine, type Engine } from './engine.ts';
import { InfeasibleStartError } from './errors.ts';
import { type Inversion, invertLeverageGradient } from './invert.ts';
import { checkOnce, engineOf } from './resident.ts';
import { exactSlacks } from './slacks.ts';
import { interior } from './solve/start.ts';

export interface Ambiguity {
  /**
   * Bounded cells of the arrangement of the hyperplanes a_i^T x = b_i: C(n - 1, d) where they are in general position (an upper bound
   * elsewhere), exact for d = 1. Each holds exactly one x with g(x) = c, whatever c. Undefined without offsets, where cells are cones.
   */
  readonly boundedCells: bigint | undefined;
  readonly warning: string;
}

/**
 * How many x share a gradient when the signs of the slacks are not known. Zaslavsky 1975 for the count of cells.
 *
 * @throws as `leverageGradient`.
 */
export function countAmbiguity(design: Design): Ambiguity {
  checkOnce('countAmbiguity', design);
  const { A, b } = design;
  if (b === undefined || b.every((value) => value === 0)) {
    return {
      boundedCells: undefined,
      warning:
        'b = 0: cells are cones, and each cone whose dual cone holds c in its interior has one solution; ask isReachable for its signs',
    };
  }
  const cells = A.cols === 1 ? BigInt(distinctRoots(design) - 1) : binomial(BigInt(A.rows - 1), BigInt(A.cols));
  return {
    boundedCells: cells,
    warning: `each of the ${cells} bounded cells${A.cols === 1 ? '' : ' (general position)'} holds one solution`,
  };
}

function distinctRoots(design: Design): number {
  const engine = engineOf(design);
  const slope = engine.times(new Float64Array([1]));
  // A row of zeros has no root.
  return new Set(Array.from(slope, (a, i) => engine.b[i]! / a).filter(Number.isFinite)).size;
}

function binomial(n: bigint, k: bigint): bigint {
  let value = 1n;
  for (let i = 1n; i <= k; i++) value = (value * (n - k + i)) / i;
  return value;
}

export interface Reachability {
  /** Whether the cone of these signs holds an x with g(x) = c. */
  readonly reachable: boolean;
  /** The proof of a no: y in the cone with <c, y> <= 0, where every x of the cone has <g(x), y> > 0. */
  readonly witness: Float64Array | undefined;
  /** The proof of a yes. */
  readonly inversion: Inversion | undefined;
}

/**
 * For b = 0: whether some x with these signs of A x has the gradient c. It has exactly when c lies in the interior of the cone that the
 * rows sign_i a_i span. Both answers come with a proof.
 *
 * @throws (rejects) as `invertLeverageGradient`; InfeasibleStartError when neither proof is found, as for c next to the cone's boundary, or
 *   where no point with these signs was found, which is no proof that there is none.
 */
export async function isReachable(design: Design, c: Float64Array, signs: Int8Array): Promise<Reachability> {
  checkOnce('isReachable', design);
  checkVector('isReachable', 'c', c, design.A.cols);
  checkSigns('isReachable', signs, design.A.rows);
  const engine = createEngine({ A: design.A });
  const d = engine.cols;
  const cone = { engine, c, signs, weight: 1 };
  // Without a point of the cone there is no witness; that none was found is no proof.
  interior({ parts: [cone], penalty: undefined }, undefined);
  const against = createEngine({
    A: dense(
      1,
      d,
      c.map((value) => -value),
    ),
  });
  const half = { engine: against, c, signs: Int8Array.of(1), weight: 1 };
  const witness = tries(() => interior({ parts: [cone, half], penalty: undefined }, undefined));
  if (witness !== undefined && isProven(engine, signs, witness) && isProven(against, half.signs, witness))
    return { reachable: false, witness, inversion: undefined };
  const inversion = await invertLeverageGradient({ A: design.A }, c, { signs });
  if (inversion.status === 'certified') return { reachable: true, witness: undefined, inversion };
  throw new InfeasibleStartError('isReachable: c lies too near the boundary of the dual cone to tell', -1);
}

/** Whether a_i^T y has the sign wanted in every row, whatever rounding does. */
function isProven(engine: Engine, signs: Int8Array, y: Float64Array): boolean {
  const { values, errors } = exactSlacks(engine, y, new Float64Array(engine.rows));
  return values.every((value, i) => value * signs[i]! > errors[i]!);
}

function tries<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof InfeasibleStartError) return undefined;
    throw error;
  }
}
