// What makes the matrices that the functions here take: users need no second package for it.
export { type Dense, dense, philox, type Rng } from '@x/linalg';
export { certifyBanach } from './certify/banach.ts';
export { type Certificate, isCertificate, type NoCertificate } from './certify/certificate.ts';
export { type CertifyOptions, certify } from './certify/certify.ts';
export { type EnumerateOptions, type Enumeration, enumerateFixedPoints } from './certify/enumerate.ts';
export { errorBound, noiseError } from './certify/error-bound.ts';
export { certificateFromJson, certificateToJson } from './certify/json.ts';
export { certifyKrawczyk } from './certify/krawczyk.ts';
export { certifyMostRobust, certifyNear, type NearOptions } from './certify/near.ts';
export { certifyProduct, type ProductCertificate, type ProductOptions, productBox } from './certify/product.ts';
export { type CubicLimits, cubicLimits, type Hypercube, type HypercubeOptions, hypercubeFixedPoints } from './construct/hypercube.ts';
export { InvalidBoxError, NotContractiveError } from './errors.ts';
export { type Box, box } from './interval/box.ts';
export { ACTIVATIONS, type ActivationSpec } from './net/activation.ts';
export { type DenseLayer, type Layer, type LoopedNet, type LoopedNetOptions, loopedNet } from './net/looped-net.ts';
export type { IntervalMap } from './net/map.ts';
export { netToJson, readJsonNet } from './readers/json.ts';
export { readOnnxNet } from './readers/onnx.ts';
export { type BatchFn, type BatchOptions, type BatchResult, solveBatch } from './solve/batch.ts';
export {
  type FixedPointOptions,
  type FixedPointResult,
  type IterationInfo,
  METHODS,
  type Method,
  type NormKind,
  type Reason,
  type VecFn,
} from './solve/contract.ts';
export { type FoundPoint, type MultistartOptions, multistart } from './solve/multistart.ts';
export { solveFixedPoint } from './solve/solve.ts';
export { type Classification, classify } from './spectrum/classify.ts';
export type { Complex } from './spectrum/eigenvalues.ts';
export type { NetData } from './verify/net.ts';
export { type Verification, verifyCertificate } from './verify/verify.ts';
export { type BasinMap, type BasinOptions, basinMap, type Plane, refineBoundary } from './watch/basins.ts';
export { type ExitDecision, type ExitOptions, type ExitRule, exitRule, type Truncation, truncationReport } from './watch/exit.ts';
export { type Monitor, type MonitorOptions, type MonitorReport, type Status, stabilizationMonitor } from './watch/monitor.ts';
export { basinPixels, type Pixels } from './watch/picture.ts';
export { basinSvg } from './watch/svg.ts';
