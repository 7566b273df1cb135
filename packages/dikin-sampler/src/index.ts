// What makes the matrices that the functions here take: users need no second package for it.
export { type Csr, csr, csrFromTriplets, type Dense, dense, philox, type Rng } from '@x/linalg';
export type { Barrier } from './barrier/barrier.ts';
export { logBarrier } from './barrier/log.ts';
export { type BarrierKind, barrierWeights } from './barrier/weights.ts';
export type { Quadratic } from './center.ts';
export {
  type Density,
  type Exponential,
  exponential,
  type Gaussian,
  type GaussianInput,
  gaussian,
  type LogConcave,
  logConcave,
  type Uniform,
  uniform,
} from './density.ts';
export { type Convergence, type ConvergenceLimits, checkConvergence } from './diagnostics/convergence.ts';
export { essBulk, essMean, essTail, mcseMean } from './diagnostics/ess.ts';
export { rhat } from './diagnostics/rhat.ts';
export { chainsOf, type SummaryRow, summarize, summarizeChains } from './diagnostics/summary.ts';
export type { Chains } from './diagnostics/transform.ts';
export type { ChainState } from './engine.ts';
export { DensityError, EmptyInteriorError, InfeasibleBodyError, SolverError, UnboundedBodyError } from './errors.ts';
export { type Frame, type FrameKind, frameOf } from './frame.ts';
export type { LinearProgram, LpOutcome, LpSession, LpSolver } from './lp/solver.ts';
export { box, type Cut, cut, type Objective, type Polytope, type PolytopeInput, polytope } from './polytope.ts';
export { type PolytopeOptions, polytopeTarget } from './polytope-target.ts';
export type { Ball } from './prepare/chebyshev.ts';
export { type Prepared, type PrepareOptions, type PrepareReport, prepare } from './prepare/prepare.ts';
export { type BiggOptions, readBiggJson } from './readers/bigg.ts';
export type { MatOptions } from './readers/mat/file.ts';
export { readMat } from './readers/mat/model.ts';
export { type MpsOptions, readMps } from './readers/mps.ts';
export type { MpsForm } from './readers/mps-lines.ts';
export type { Run } from './run.ts';
export { type ChainOptions, type SampleOptions, type StreamOptions, sample, sampleStream } from './sample.ts';
export { DependentMatricesError, InfeasibleSpectrahedronError } from './spectrahedron/errors.ts';
export { type SpectralFrame, spectralFrameOf } from './spectrahedron/frame.ts';
export type { LowRank, SymmetricMatrix } from './spectrahedron/matrix.ts';
export type { Pencil } from './spectrahedron/pencil.ts';
export { type PreparedSpectrahedron, prepareSpectrahedron, type SpectrahedronPrepareOptions } from './spectrahedron/prepare.ts';
export type { SketchOptions } from './spectrahedron/sketch.ts';
export { elliptope, type Spectrahedron, type SpectrahedronInput, spectrahedron, spectraplex } from './spectrahedron/spectrahedron.ts';
export { type SpectrahedronOptions, spectrahedronTarget } from './spectrahedron/target.ts';
export {
  type SpectralStep,
  type SpectralWalk,
  type SpectralWalkOptions,
  spectralDikinWalk,
  spectralHitAndRun,
} from './spectrahedron/walk.ts';
export { loadState, type SavedState, saveState } from './state.ts';
export type { Target, Violation } from './target.ts';
export type { Body, WalkOptions } from './target-of.ts';
export { autoWalk, cdhrWalk, hitAndRunWalk } from './walk/cdhr.ts';
export type { WalkChoice } from './walk/choice.ts';
export { type DikinOptions, dikinWalk } from './walk/dikin.ts';
export type { HessianKind } from './walk/loaded.ts';
export type { PolytopeWalk } from './walk/polytope-walk.ts';
export type { Tuning } from './walk/tune.ts';
export type { DikinWalk, Walk } from './walk/walk.ts';
