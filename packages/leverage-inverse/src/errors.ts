import { InfeasibleError, XError } from '@x/linalg/errors';

/** The columns of the design depend on each other, exactly or as far as rounding lets see: no gradient tells x. */
export class RankDeficientError extends XError {
  override readonly name = 'RankDeficientError';
  /** Condition number of the scaled design with unit columns, as estimated; Infinity where a pivot vanished. */
  readonly condition: number;
  constructor(message: string, condition: number) {
    super(message);
    this.condition = condition;
  }
}

/** A slack a_i^T x - b_i is zero, where the leverage scores of the scaled design do not exist. */
export class SlackZeroError extends XError {
  override readonly name = 'SlackZeroError';
  readonly row: number;
  constructor(message: string, row: number) {
    super(message);
    this.row = row;
  }
}

/** No point with the wanted signs of the slacks was given or found. */
export class InfeasibleStartError extends InfeasibleError {
  override readonly name = 'InfeasibleStartError';
  /** The first row whose slack has the wrong sign at the best point. */
  readonly row: number;
  constructor(message: string, row: number) {
    super(message);
    this.row = row;
  }
}
