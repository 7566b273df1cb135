export {
  conditioned,
  empties,
  logUniform,
  matrices,
  positiveDefinites,
  type Range,
  rankDeficient,
  type Sizes,
  seeds,
  symmetrics,
  type Triplets,
  triplets,
  vectors,
  views,
  type WithSingularValues,
} from './arbitraries.ts';
export { effort } from './effort.ts';
export {
  ENSEMBLES,
  type Ensemble,
  ensemble,
  ensembleVector,
  geometric,
  ofRank,
  positiveDefinite,
  strided,
  symmetric,
  withCondition,
  withEigenvalues,
  withSingularValues,
} from './ensembles.ts';
export { entry, generate, type Matrix, matrix, rowsOf, toFloat32 } from './matrix.ts';
export { mustFail } from './must-fail.ts';
export { type Random, random } from './random.ts';
export { type ReadmeExample, readmeExamples } from './readme.ts';
export type {} from './setup.ts';
export { binomialLimit, binomialTail, expectWithinBinomial } from './statistics/binomial.ts';
export { chiSquareTest } from './statistics/chi-square.ts';
export { type Exponent, fitExponent } from './statistics/exponent.ts';
export { logGamma, regularizedBeta, upperGamma } from './statistics/gamma.ts';
export { type Fit, ksTest, ksTwoSample } from './statistics/kolmogorov.ts';
export { expectPass, moments, tTest, type Verdict, zTest } from './statistics/means.ts';
export { chiSquareTail, normalQuantile, normalTail, studentQuantile, studentTail } from './statistics/tails.ts';
