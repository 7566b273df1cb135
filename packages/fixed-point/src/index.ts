// What makes the matrices that the functions here take: users need no second package for it.
export { type Dense, dense, philox, type Rng } from '@x/linalg';
export { type BatchFn, type BatchOptions, type BatchResult, solveBatch } from './solve/batch.ts';
export type { FixedPointOptions, FixedPointResult, IterationInfo, Method, NormKind, Reason, VecFn } from './solve/contract.ts';
export { solveFixedPoint } from './solve/solve.ts';
