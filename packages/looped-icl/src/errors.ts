import { XError } from '@x/linalg/errors';

/** A step rule needs a positive lower bound of the spectrum, and none can be certified: the context is rank deficient or nearly so. */
export class UnknownConditionError extends XError {
  override readonly name = 'UnknownConditionError';
  /** Certified upper bound of the spectrum. */
  readonly upper: number;
  constructor(message: string, upper: number) {
    super(message);
    this.upper = upper;
  }
}
