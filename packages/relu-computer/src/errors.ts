import { BadFileError, XError } from '@x/linalg/errors';

/** Text that is no program: source, or an image of numbers. */
export class BadProgramError extends BadFileError {
  override readonly name = 'BadProgramError';
  declare readonly line: number;
  /** One-based, as the line. */
  readonly column: number;
  constructor(message: string, line: number, column: number) {
    super(message, line);
    this.column = column;
  }
}

/** A word, an address or an image does not fit the machine. */
export class OutOfRangeError extends XError {
  override readonly name = 'OutOfRangeError';
  /** Where in the image, the input or the state; undefined where it is all of it that is too long. */
  readonly word: number | undefined;
  readonly value: number;
  constructor(message: string, word: number | undefined, value: number) {
    super(message);
    this.word = word;
    this.value = value;
  }
}

/** The largest sum in the network may exceed the whole numbers that the float represents, so results could round. */
export class NotExactError extends XError {
  override readonly name = 'NotExactError';
  readonly bound: number;
  readonly limit: number;
  constructor(message: string, bound: number, limit: number) {
    super(message);
    this.bound = bound;
    this.limit = limit;
  }
}

/** The program reads a word and there is none. The machine stands before that instruction and can go on when there is. */
export class InputExhaustedError extends XError {
  override readonly name = 'InputExhaustedError';
  /** Address of the instruction that reads. */
  readonly pc: number;
  constructor(message: string, pc: number) {
    super(message);
    this.pc = pc;
  }
}

/** A run took as many steps as it may, and its caller wants that to be an error. The machine can go on. */
export class StepLimitError extends XError {
  override readonly name = 'StepLimitError';
  /** Steps of the run. */
  readonly steps: number;
  constructor(message: string, steps: number) {
    super(message);
    this.steps = steps;
  }
}

/** A step of the network differs from the interpreter's: the weights, or the engine's arithmetic, are not what they should be. */
export class VerificationError extends XError {
  override readonly name = 'VerificationError';
  readonly step: number;
  constructor(message: string, step: number) {
    super(message);
    this.step = step;
  }
}
