import { ArgumentError, ShapeError } from '@x/linalg/errors';
import type { PrivacyBudget } from './budget/budget.ts';
import { checkWhole } from './check.ts';
import { type BuilderOptions, DistanceBuilder } from './oracle/builder.ts';
import type { DistanceOracle } from './oracle/oracle.ts';

export interface ClassifierOptions extends BuilderOptions {
  /** How many classes there are: a public number. Labels are 0 ... classes - 1. */
  readonly classes: number;
  readonly share?: number;
}

/**
 * Nearest class by mean l1 distance: one oracle for each class. Classes are disjoint, so all of them together cost the budget once.
 */
export class DpClassifier {
  /** By class. */
  readonly oracles: readonly DistanceOracle[];

  private constructor(oracles: readonly DistanceOracle[]) {
    this.oracles = oracles;
  }

  /**
   * @param X - rows * columns numbers, row by row.
   * @param labels - the class of each row; a row with another label is left out.
   * @throws ShapeError when there is not one label for each row; ArgumentError under `replace`, where a row may change its class;
   *   BudgetExceededError.
   */
  static fit(
    X: ArrayLike<number>,
    labels: ArrayLike<number>,
    budget: PrivacyBudget,
    { classes, share = 1, ...options }: ClassifierOptions,
  ): DpClassifier {
    checkWhole('DpClassifier.fit', 'classes', classes, 1, 65_536);
    if (options.adjacency === 'replace')
      throw new ArgumentError('DpClassifier.fit: adjacency must be add-remove: a replaced row may change its class', 'adjacency');
    const builders = Array.from({ length: classes }, () => new DistanceBuilder(options));
    const d = builders[0]!.design.bounds.length;
    if (X.length !== labels.length * d)
      throw new ShapeError(`DpClassifier.fit: X has ${X.length} numbers; it must have ${d} for each of ${labels.length} labels`);
    const members = builders.map((): number[] => []);
    for (let i = 0; i < labels.length; i++) members[labels[i] as number]?.push(i);
    for (const [c, rows] of members.entries()) {
      const own = new Float64Array(rows.length * d);
      for (const [at, i] of rows.entries()) for (let j = 0; j < d; j++) own[at * d + j] = X[i * d + j] as number;
      builders[c]!.add(own);
      own.fill(0);
    }
    const parts = budget.parallel(classes, share, 'classifier');
    return new DpClassifier(builders.map((builder, c) => builder.release(parts[c]!)));
  }

  /**
   * The class of each point. A class whose number of rows is not estimated to be positive is never chosen, unless all are such: then 0.
   *
   * @throws as `DistanceOracle.queryBatch`.
   */
  predict(Y: Float64Array): Int32Array {
    const best = new Int32Array(Math.floor(Y.length / this.oracles[0]!.design.bounds.length));
    const least = new Float64Array(best.length).fill(Number.POSITIVE_INFINITY);
    for (const [c, oracle] of this.oracles.entries()) {
      const values = oracle.queryBatch(Y);
      const rows = oracle.rows.value;
      if (!(rows > 0)) continue;
      for (let i = 0; i < best.length; i++) {
        const mean = (values[i] as number) / rows;
        if (mean < (least[i] as number)) [least[i], best[i]] = [mean, c];
      }
    }
    return best;
  }
}
