import { XError } from '@x/linalg/errors';

/** Tiles do not fit into fast memory. */
export class CapacityError extends XError {
  override readonly name = 'CapacityError';
  /** Words that would be needed at once, and words that there are. */
  readonly needed: number;
  readonly available: number;
  constructor(message: string, needed: number, available: number) {
    super(message);
    this.needed = needed;
    this.available = available;
  }
}
