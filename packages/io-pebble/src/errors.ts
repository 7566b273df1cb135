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

/** A model has an operator whose results' sizes are not known here. */
export class UnsupportedOperatorError extends XError {
  override readonly name = 'UnsupportedOperatorError';
  /** The kind of operator, and the node's name in the model. */
  readonly operator: string;
  readonly node: string;
  constructor(operator: string, node: string) {
    super(
      `onnx: the sizes of what ${operator} gives (node ${node}) are not known; cut the graph before it with the option inputs or outputs`,
    );
    this.operator = operator;
    this.node = node;
  }
}
