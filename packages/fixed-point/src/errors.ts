import { XError } from '@x/linalg/errors';

/** A box has a lower bound that is not below or at its upper one, or a bound that is not finite. */
export class InvalidBoxError extends XError {
  override readonly name = 'InvalidBoxError';
  /** The first such coordinate. */
  readonly coordinate: number;
  constructor(message: string, coordinate: number) {
    super(message);
    this.coordinate = coordinate;
  }
}

/** Parameters for which a construction proves nothing. */
export class NotContractiveError extends XError {
  override readonly name = 'NotContractiveError';
  /** The contraction factor that they would have, at least 1; or NaN where the boxes are not mapped into themselves. */
  readonly contraction: number;
  constructor(message: string, contraction: number) {
    super(message);
    this.contraction = contraction;
  }
}
