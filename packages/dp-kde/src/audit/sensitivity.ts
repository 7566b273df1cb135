import { ArgumentError } from '@x/linalg/errors';
import type { PrivacyBudget } from '../budget/budget.ts';
import { type DesignOptions, designOf } from '../design.ts';
import type { Block } from '../modes/mode.ts';
import { type Mechanism, type Plan, planOf } from '../oracle/plan.ts';
import { exactNumbers } from './exact.ts';

export interface SensitivityOptions extends Omit<DesignOptions, 'bounds'> {
  readonly mechanism: Mechanism;
  readonly alpha?: number;
  readonly budget: PrivacyBudget;
  /** To audit a mechanism that is not the package's: laws that take the place of the plan's. */
  readonly mutate?: (plan: Plan) => Plan;
}

export interface SensitivityResult {
  /** The largest privacy loss over all neighbours: epsilon of Laplace, rho of Gaussian noise. */
  readonly loss: number;
  /** What the budget allows. */
  readonly allowed: number;
  /** Exact, decided by fractions of whole numbers: loss <= allowed. */
  readonly holds: boolean;
  /** Positions in [0, 1] of the row, or of the row before and after. */
  readonly at: readonly number[];
  readonly neighbours: number;
}

const MOST_POSITIONS = 1 << 14;
const MOST_PAIRS_POSITIONS = 1 << 9;

/**
 * Enumerates every neighbour of a data set in one column, each position of the grid (under `replace` each pair), and adds up its loss as a
 * fraction of whole numbers: nothing is rounded. Other columns have noise by the same rule, and their losses add.
 *
 * @throws ArgumentError when the grid is too fine to enumerate: resolution * 2^fractionBits is at most 2^14, and 2^9 under `replace`.
 */
export function auditSensitivity({
  mechanism,
  alpha = 0.1,
  budget,
  mutate = (plan) => plan,
  ...options
}: SensitivityOptions): SensitivityResult {
  const design = designOf('auditSensitivity', { resolution: 16, fractionBits: 3, ...options, bounds: [[0, 1]] });
  const positions = design.cells * design.one;
  const most = design.adjacency === 'replace' ? MOST_PAIRS_POSITIONS : MOST_POSITIONS;
  if (positions > most) {
    throw new ArgumentError(`auditSensitivity: resolution * 2^fractionBits is ${positions}; it must be at most ${most}`, 'resolution');
  }
  const grant = budget.grant(1);
  const plan = mutate(planOf(design, mechanism, alpha, grant));
  const blocks = [...plan.shared, ...(plan.columns[0] as readonly Block[])];
  const places = Array.from({ length: positions + 1 }, (_, u) => u / positions);
  const one = places.map((x) => exactNumbers([x], design, plan));
  let worst = { loss: { p: 0n, q: 1n }, at: [] as number[] };
  let neighbours = 0;
  const consider = (change: Float64Array, at: number[]) => {
    neighbours++;
    const loss = lossOf(change, blocks, design.rowsPerUser);
    if (loss.p * worst.loss.q > worst.loss.p * loss.q) worst = { loss, at };
  };
  for (const [i, a] of one.entries()) {
    if (design.adjacency === 'add-remove') consider(a, [places[i]!]);
    else
      for (let k = 0; k < i; k++)
        consider(
          a.map((value, c) => value - (one[k]![c] as number)),
          [places[i]!, places[k]!],
        );
  }
  const allowed = plan.noise === 'laplace' ? (grant.epsilon as number) : (grant.rho as number);
  const bound = fraction(allowed);
  const { p, q } = worst.loss;
  return { loss: Number((p << 80n) / q) / 2 ** 80, allowed, holds: p * bound.q <= bound.p * q, at: worst.at, neighbours };
}

/** sum k |change| / b, or sum (k change)^2 / (2 sigma^2). */
function lossOf(change: Float64Array, blocks: readonly Block[], rowsPerUser: number): { p: bigint; q: bigint } {
  let p = 0n;
  let q = 1n;
  let i = 0;
  const k = BigInt(rowsPerUser);
  for (const { length, law } of blocks) {
    let sum = 0n;
    for (const end = i + length; i < end; i++) {
      const c = k * BigInt(change[i] as number);
      sum += law.kind === 'gaussian' ? c * c : c < 0n ? -c : c;
    }
    const below = BigInt(law.parameter) * (law.kind === 'gaussian' ? 2n : 1n);
    p = p * below + sum * q;
    q *= below;
  }
  return { p, q };
}

function fraction(x: number): { p: bigint; q: bigint } {
  let q = 1n;
  for (; !Number.isInteger(x); x *= 2) q *= 2n;
  return { p: BigInt(x), q };
}
