// What makes the matrices that the functions here take: users need no second package for it.
export { type Csr, csr, csrFromTriplets, type Dense, dense, fromRows, type Matrix } from '@x/linalg';
export { type Audit, type AuditLevel, type AuditOptions, auditLeakage } from './audit.ts';
export { type Certificate, type CertifyOptions, certify } from './certify.ts';
export type { Design } from './design.ts';
export { InfeasibleStartError, RankDeficientError, SlackZeroError } from './errors.ts';
export {
  type GradientOptions,
  type HessianOptions,
  type LeverageGradient,
  type LinearOperator,
  leverageGradient,
  leverageHessian,
  leverageHessianDerivative,
  leverageHessianOperator,
  leverageJacobian,
} from './gradient.ts';
export { type Ambiguity, countAmbiguity, isReachable, type Reachability } from './identify.ts';
export { type Inversion, type InvertOptions, invertLeverageGradient, invertLeverageGradients, type Release } from './invert.ts';
export { residentDesign } from './resident.ts';
export type { Iteration } from './solve/minimize.ts';
export type { Mode } from './solve/step.ts';
