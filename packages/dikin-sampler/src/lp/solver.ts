import type { Csr } from '@x/linalg';
import { SolverError } from '../errors.ts';

/**
 * What preprocessing needs of a linear-programming solver: sessions that keep one model, in which costs and bounds change between
 * solves, so that each solve can start from the last basis. `highs()` of `@x/dikin-sampler/highs` is the solver that comes
 * along; anything else that implements this can be given to `prepare`.
 */
export interface LpSolver {
  /** Loads a model; the caller closes the session. */
  open(program: LinearProgram): LpSession;
}

/** The feasible set {x : rowLower <= rows x <= rowUpper, lower <= x <= upper}; infinite bounds are allowed. */
export interface LinearProgram {
  readonly rows: Csr;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Feasibility and optimality tolerance; default the least that the solver has. */
  readonly tolerance?: number | undefined;
  /** Says that many objectives will be optimised in turn, which the primal simplex method does fastest. */
  readonly manyObjectives?: boolean;
}

export interface LpSession {
  /** Optimises cost^T x. */
  optimise(sense: 'min' | 'max', cost: Float64Array): LpOutcome;
  /** Replaces the bounds of one row or variable. */
  setRowBounds(row: number, lower: number, upper: number): void;
  setVariableBounds(variable: number, lower: number, upper: number): void;
  close(): void;
}

export type LpOutcome =
  | { readonly status: 'optimal'; readonly x: Float64Array; readonly objective: number }
  /** `rows` and `variables` index constraints that contradict each other; empty when the solver cannot tell. */
  | { readonly status: 'infeasible'; readonly rows: readonly number[]; readonly variables: readonly number[] }
  | { readonly status: 'unbounded' }
  /** Anything else, in the solver's words. */
  | { readonly status: 'failed'; readonly reason: string };

/** Opens a session, uses it and closes it, also when `use` throws. */
export async function withSession<R>(solver: LpSolver, program: LinearProgram, use: (session: LpSession) => R | Promise<R>): Promise<R> {
  const session = solver.open(program);
  try {
    return await use(session);
  } finally {
    session.close();
  }
}

/** @throws SolverError, for the outcomes that a caller has no use for. */
export function unexpected(operation: string, outcome: LpOutcome): never {
  const status = outcome.status === 'failed' ? outcome.reason : outcome.status;
  throw new SolverError(`${operation}: the linear-programming solver ended with "${status}"`, status);
}
