import { exp, log } from '@x/linalg';
import { ArgumentError } from '@x/linalg/errors';
import type { Grant } from '../budget/budget.ts';
import { type Design, rangeOf } from '../design.ts';
import { brownian } from '../modes/brownian.ts';
import { midpoint } from '../modes/midpoint.ts';
import type { Block, Mode, Privacy } from '../modes/mode.ts';
import { lawOf } from '../modes/scale.ts';
import { treeBackurs } from '../modes/tree-backurs.ts';
import { treePaper } from '../modes/tree-paper.ts';
import { varianceOf } from '../noise/law.ts';

export const MECHANISMS = ['midpoint', 'brownian', 'tree-paper', 'tree-backurs'] as const;
export type Mechanism = (typeof MECHANISMS)[number];

/** Which noise, how much of it, and where it goes: public, and decided before any is drawn. */
export interface Plan {
  readonly mechanism: Mechanism;
  /** Of tree-backurs, else 0. */
  readonly alpha: number;
  readonly noise: 'laplace' | 'gaussian';
  /** Laws of the numbers that belong to no column: the number of rows, for brownian under `add-remove`. */
  readonly shared: readonly Block[];
  readonly columns: readonly (readonly Block[])[];
}

export function modeOf(mechanism: Mechanism, alpha: number): Mode {
  if (mechanism === 'tree-backurs') return treeBackurs(alpha);
  return { midpoint, brownian, 'tree-paper': treePaper }[mechanism];
}

/** @throws ArgumentError when the budget does not allow the mechanism's noise. */
export function planOf(design: Design, mechanism: Mechanism | 'auto', alpha: number, grant: Grant): Plan {
  if (mechanism !== 'auto') return planFor(design, mechanism, alpha, grant);
  const choices = [
    ...(grant.epsilon === undefined ? [] : [planFor(design, 'midpoint', 0, grant)]),
    ...(grant.rho === undefined ? [] : [planFor(design, 'brownian', 0, grant)]),
  ];
  return choices.reduce((best, plan) => (worstVariance(plan, design) < worstVariance(best, design) ? plan : best));
}

function planFor(design: Design, mechanism: Mechanism, alpha: number, grant: Grant): Plan {
  const laplace = mechanism === 'midpoint' || (mechanism !== 'brownian' && grant.rho === undefined);
  const whole: Privacy | undefined = laplace
    ? grant.epsilon === undefined
      ? undefined
      : { kind: 'laplace', epsilon: grant.epsilon }
    : grant.rho === undefined
      ? undefined
      : { kind: 'gaussian', rho: grant.rho };
  if (whole === undefined) {
    throw new ArgumentError(`release: ${mechanism} adds Gaussian noise, which a purely epsilon-private budget does not allow`, 'mechanism');
  }
  const mode = modeOf(mechanism, alpha);
  const counted = mechanism === 'brownian' && design.adjacency === 'add-remove';
  const columns = sharesOf(design, whole, counted ? 0.5 : 1).map((privacy) => mode.blocks(design, privacy));
  const shared: Block[] =
    counted && whole.kind === 'gaussian' ? [{ length: 1, law: lawOf('gaussian', (design.one * design.rowsPerUser) ** 2 / whole.rho) }] : [];
  return { mechanism, alpha: mechanism === 'tree-backurs' ? alpha : 0, noise: whole.kind, shared, columns };
}

/** Errors are proportional to R / epsilon or R / sqrt(rho), and squares add up: the best shares are as R^(2/3) and as R. */
function sharesOf(design: Design, whole: Privacy, part: number): Privacy[] {
  const ranges = design.bounds.map(rangeOf);
  const largest = Math.max(...ranges);
  const weights = ranges.map((R) => (whole.kind === 'laplace' ? exp((2 / 3) * log(R / largest)) : R / largest));
  // Rounded down by more than the sum's error.
  const total = weights.reduce((sum, w) => sum + w, 0) / (part * (1 - 2 ** -30));
  return weights.map((w) =>
    whole.kind === 'laplace'
      ? { kind: 'laplace', epsilon: (whole.epsilon * w) / total }
      : { kind: 'gaussian', rho: (whole.rho * w) / total },
  );
}

/** The variance at the worst of 97 places a column, of modes whose error is even enough for so few; in squared units of distance. */
function worstVariance(plan: Plan, design: Design): number {
  const mode = modeOf(plan.mechanism, plan.alpha);
  const most = design.cells * design.one;
  const sizes = design.bounds.map((bounds) => rangeOf(bounds) / most);
  let sum = sharedVariance(plan, design) * (sizes.reduce((s, size) => s + size, 0) / 2) ** 2;
  for (const [j, blocks] of plan.columns.entries()) {
    const line = mode.line(new Float64Array(lengthOf(blocks)), blocks, design, 0);
    let worst = 0;
    for (let i = 0; i <= 96; i++) {
      const variance = line
        .terms((i / 96) * most)
        .reduce((s, { weight, law, times = 1 }) => s + times * weight * weight * varianceOf(law), 0);
      worst = Math.max(worst, variance);
    }
    sum += worst * sizes[j]! ** 2;
  }
  return sum;
}

/** Of cells times the shared number of rows. */
function sharedVariance({ shared }: Plan, { cells }: Design): number {
  return shared.length === 0 ? 0 : cells * cells * varianceOf(shared[0]!.law);
}

export function lengthOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { length }) => sum + length, 0);
}
