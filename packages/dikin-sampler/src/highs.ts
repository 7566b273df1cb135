import type { Highs, InitOptions, Model } from 'highs';
import { SolverError } from './errors.ts';
import type { LinearProgram, LpOutcome, LpSession, LpSolver } from './lp/solver.ts';

/** Where the solver's WebAssembly comes from, for bundlers that move it; Node needs none of it. */
export type HighsOptions = Pick<InitOptions, 'locateFile' | 'wasmBinary' | 'wasmModule'>;

/**
 * Feasibility and optimality tolerance of every solve. HiGHS allows no less than 1e-10; preprocessing decides at 1e-8 of a unit row,
 * so this leaves two digits between the solver's errors and the decision.
 */
const TOLERANCE = 1e-10;

/** HiGHS's number for it. */
const PRIMAL_SIMPLEX = 4;

/**
 * The HiGHS solver (npm `highs`, WebAssembly) as an LpSolver. It stands in an entry of its own, `@x/dikin-sampler/highs`, so that the main
 * one holds nothing that a bundler for browsers must be told about.
 *
 * @param options - the loader's options.
 * @returns a solver that works synchronously once it is loaded.
 */
export async function highs(options: HighsOptions = {}): Promise<LpSolver> {
  const runtime = await (await loader())(options);
  return { open: (program) => guarded(runtime, () => open(runtime, program)) };
}

/** @throws SolverError in place of HiGHS's own errors. */
function guarded<R>(runtime: Highs, work: () => R): R {
  try {
    return work();
  } catch (error) {
    if (error instanceof runtime.errors.HighsError || error instanceof runtime.errors.HighsValidationError) {
      throw new SolverError(`highs: ${error.message}`, error.message);
    }
    throw error;
  }
}

/** The ES module exports the loader as its default, the CommonJS build is the loader. */
async function loader(): Promise<(options: HighsOptions) => Promise<Highs>> {
  const module: unknown = await import('highs');
  const first = (module as { default: unknown }).default;
  const load = typeof first === 'function' ? first : (first as { default: unknown }).default;
  return load as (options: HighsOptions) => Promise<Highs>;
}

function open(runtime: Highs, program: LinearProgram): LpSession {
  const { rows, rowLower, rowUpper, lower, upper, tolerance = TOLERANCE, manyObjectives = false } = program;
  const model = runtime.createModel({
    numCols: rows.cols,
    numRows: rows.rows,
    colCost: new Float64Array(rows.cols),
    colLower: lower,
    colUpper: upper,
    rowLower,
    rowUpper,
    matrix: { format: 'csr', numRows: rows.rows, numCols: rows.cols, starts: rows.indptr, indices: rows.indices, values: rows.data },
  });
  model.options.set({
    output_flag: false,
    primal_feasibility_tolerance: tolerance,
    dual_feasibility_tolerance: tolerance,
    ...(manyObjectives ? { presolve: 'off', simplex_strategy: PRIMAL_SIMPLEX } : {}),
    small_matrix_value: 1e-12,
    random_seed: 0,
    iis_strategy: runtime.constants.iis.strategyRowPriority,
  });
  const columns = { kind: 'range', from: 0, to: rows.cols - 1 } as const;
  return {
    optimise(sense, cost) {
      model.changeObjectiveSense(runtime.constants.objectiveSense[sense === 'min' ? 'minimize' : 'maximize']);
      model.changeColsCost(columns, cost);
      return guarded(runtime, () => solve(runtime, model));
    },
    setRowBounds: (row, low, high) => void model.changeRowBounds(row, low, high),
    setVariableBounds: (variable, low, high) => void model.changeColBounds(variable, low, high),
    close: () => model.dispose(),
  };
}

function solve(runtime: Highs, model: Model): LpOutcome {
  const { modelStatus } = runtime.constants;
  run(runtime, model);
  let status = model.getModelStatus();
  if (status === modelStatus.unboundedOrInfeasible) {
    // Presolve saw that one of the two holds; the simplex method alone tells which.
    model.options.set({ presolve: 'off' });
    run(runtime, model);
    model.options.set({ presolve: 'choose' });
    status = model.getModelStatus();
  }
  if (status === modelStatus.optimal) {
    return { status: 'optimal', x: model.getSolution().colValue, objective: model.getObjectiveValue() };
  }
  if (status === modelStatus.unbounded) return { status: 'unbounded' };
  if (status === modelStatus.infeasible) return { status: 'infeasible', ...conflict(runtime, model) };
  return { status: 'failed', reason: nameOf(modelStatus, status) };
}

/** From the last solution, and where HiGHS gives up on the way from there, from scratch. */
function run(runtime: Highs, model: Model): void {
  try {
    model.run();
  } catch (error) {
    if (!(error instanceof runtime.errors.HighsError)) throw error;
    model.clearSolver();
    model.run();
  }
}

/** An irreducible set of contradicting constraints, where HiGHS finds one. */
function conflict(runtime: Highs, model: Model): { readonly rows: number[]; readonly variables: number[] } {
  try {
    const iis = model.getIis();
    return { rows: [...iis.rowIndex], variables: [...iis.colIndex] };
  } catch (error) {
    if (error instanceof runtime.errors.HighsError) return { rows: [], variables: [] };
    throw error;
  }
}

function nameOf(codes: object, status: number): string {
  return Object.entries(codes).find(([, code]) => code === status)?.[0] ?? `status ${status}`;
}
