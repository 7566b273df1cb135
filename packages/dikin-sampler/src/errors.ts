import { InfeasibleError, UnboundedError, XError } from '@x/linalg/errors';

/** No point satisfies the constraints; `constraints` names a set of them that contradict each other, where the solver found one. */
export class InfeasibleBodyError extends InfeasibleError {
  override readonly name: string = 'InfeasibleBodyError';
  readonly constraints: readonly string[];
  constructor(message: string, constraints: readonly string[]) {
    super(message);
    this.constraints = constraints;
  }
}

/** The body holds a whole half-line, so no uniform distribution on it exists. */
export class UnboundedBodyError extends UnboundedError {
  override readonly name = 'UnboundedBodyError';
  /** A direction, in the body's own coordinates, along which one never leaves it. */
  readonly ray: Float64Array;
  constructor(message: string, ray: Float64Array) {
    super(message);
    this.ray = ray;
  }
}

/** The body has no interior to walk in, not even within its own affine hull: it is a single point or thinner than the tolerance. */
export class EmptyInteriorError extends XError {
  override readonly name = 'EmptyInteriorError';
  /** Radius of the largest ball inside, within the affine hull. */
  readonly radius: number;
  /** A point of the body. */
  readonly point: Float64Array;
  /** Labels of the inequalities that hold with equality on the whole body, which together with its equations leave no room. */
  readonly impliedEquations: readonly string[];
  constructor(message: string, radius: number, point: Float64Array, impliedEquations: readonly string[] = []) {
    super(message);
    this.radius = radius;
    this.point = point;
    this.impliedEquations = impliedEquations;
  }
}

/** The linear-programming solver ended without an answer. */
export class SolverError extends XError {
  override readonly name = 'SolverError';
  /** The solver's own word for how it ended. */
  readonly status: string;
  constructor(message: string, status: string) {
    super(message);
    this.status = status;
  }
}

/** A user's density threw, or returned what is no logarithm of a density. The chain stands where it stood before the step. */
export class DensityError extends XError {
  override readonly name = 'DensityError';
  /** Where it was evaluated, in the body's own coordinates. */
  readonly point: Float64Array;
  /** The draws finished before, as a `Run`, where there are some; the chains can go on from its state. */
  partial: unknown;
  constructor(message: string, point: Float64Array, cause?: unknown) {
    super(message);
    this.point = point;
    if (cause !== undefined) this.cause = cause;
  }
}
