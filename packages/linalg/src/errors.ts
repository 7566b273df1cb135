/**
 * Every error that these packages throw on purpose. Messages read `operation: what is wrong, what was got; what is allowed`,
 * and the facts are fields, so that a program need not parse the message.
 */
export class XError extends Error {
  override readonly name: string = 'XError';
}

/** Rows, columns or lengths do not agree, or are not allowed. */
export class ShapeError extends XError {
  override readonly name = 'ShapeError';
}

/** An argument that is not a shape is outside what is allowed. */
export class ArgumentError extends XError {
  override readonly name = 'ArgumentError';
  /** The name of the argument. */
  readonly argument: string;
  constructor(message: string, argument: string) {
    super(message);
    this.argument = argument;
  }
}

/** An entry is NaN or infinite where it must be finite; or it would be in the result, as that overflows. */
export class NonFiniteError extends XError {
  override readonly name = 'NonFiniteError';
  /** The name of the argument, or 'result'. */
  readonly argument: string;
  /** Position of the first such entry: row and column of a matrix, or [index] of a vector; empty for a result. */
  readonly index: readonly number[];
  constructor(message: string, argument: string, index: readonly number[]) {
    super(message);
    this.argument = argument;
    this.index = index;
  }
}

/** A Cholesky pivot is not positive. */
export class NotPositiveDefiniteError extends XError {
  override readonly name = 'NotPositiveDefiniteError';
  /** Zero-based index of the first pivot that is not positive. */
  readonly pivot: number;
  /** Its value. */
  readonly value: number;
  constructor(message: string, pivot: number, value: number) {
    super(message);
    this.pivot = pivot;
    this.value = value;
  }
}

/** A pivot or diagonal entry is exactly zero, so the system has no unique solution. */
export class SingularError extends XError {
  override readonly name = 'SingularError';
  /** Zero-based index of the zero pivot. */
  readonly pivot: number;
  constructor(message: string, pivot: number) {
    super(message);
    this.pivot = pivot;
  }
}

/** An iteration reached its limit; what it had reached is in `partial`, where the operation says so. */
export class NotConvergedError extends XError {
  override readonly name = 'NotConvergedError';
  readonly iterations: number;
  readonly residual: number;
  readonly partial: unknown;
  constructor(message: string, iterations: number, residual: number, partial?: unknown) {
    super(message);
    this.iterations = iterations;
    this.residual = residual;
    this.partial = partial;
  }
}

/** The kernel's memory cannot grow by what a call needs, or the engine has no room for an array. */
export class OutOfMemoryError extends XError {
  override readonly name = 'OutOfMemoryError';
  /** The bytes that were asked for. */
  readonly bytes: number;
  constructor(message: string, bytes: number) {
    super(message);
    this.bytes = bytes;
  }
}

/** No point satisfies the constraints. */
export class InfeasibleError extends XError {
  override readonly name: string = 'InfeasibleError';
}

/** A body or a problem is unbounded where it must be bounded. */
export class UnboundedError extends XError {
  override readonly name: string = 'UnboundedError';
}

/** A file does not follow its format. */
export class BadFileError extends XError {
  override readonly name: string = 'BadFileError';
  /** One-based line, where the format has lines. */
  readonly line: number | undefined;
  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}

/** The caller's AbortSignal fired; what was finished is in `partial`, where the operation says so. */
export class AbortedError extends XError {
  override readonly name = 'AbortError';
  readonly partial: unknown;
  constructor(message: string, partial?: unknown) {
    super(message);
    this.partial = partial;
  }
}

/** A worker of a pool died, or the pool was terminated; the pool cannot be used any more. */
export class WorkerError extends XError {
  override readonly name = 'WorkerError';
  /** What was finished, where the operation says so. */
  readonly partial: unknown;
  constructor(message: string, options: { readonly cause?: unknown; readonly partial?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.partial = options.partial;
  }
}
