import { XError } from '@x/linalg/errors';

/** More was asked of a privacy budget than it has left. Nothing was drawn and no data was touched. */
export class BudgetExceededError extends XError {
  override readonly name = 'BudgetExceededError';
  /** The share that was asked for, and the one that is left, of the whole budget. */
  readonly asked: number;
  readonly remaining: number;
  constructor(message: string, asked: number, remaining: number) {
    super(message);
    this.asked = asked;
    this.remaining = remaining;
  }
}

/** A builder that has been released, merged into another or shared out holds no data any more. */
export class SpentBuilderError extends XError {
  override readonly name = 'SpentBuilderError';
}

/** So many rows that sums might not be whole numbers below 2^53. Nothing of the offending call was added. */
export class TooManyRowsError extends XError {
  override readonly name = 'TooManyRowsError';
  /** The most that the resolution allows. */
  readonly most: number;
  constructor(message: string, most: number) {
    super(message);
    this.most = most;
  }
}
