// What makes the matrices that the functions here take: users need no second package for it.
export { type Dense, dense, fromRows, toRows } from '@x/linalg';
export { type LassoOptions, lasso, lassoPredict } from './comparators/lasso.ts';
export { averagePredict, olsPredict, type RidgeOptions, ridgePredict } from './comparators/linear.ts';
export { nearestPredict } from './comparators/nearest.ts';
export { type CompareOptions, compare, type ErrorCurves, METHODS, type Method } from './compare/compare.ts';
export { errorCurvesCsv, errorCurvesSvg } from './compare/svg.ts';
export type { Context } from './context.ts';
export { type ConditionNumber, conditionNumber } from './context-spectrum.ts';
export type { Attention, EngineName, Mask } from './engines/engine.ts';
export { UnknownConditionError } from './errors.ts';
export { type ModelJson, modelFromJson, modelToJson } from './json.ts';
export { type LoopModel, type LoopOptions, loopedTransformer } from './model.ts';
export { type OnnxOptions, toOnnx } from './onnx/onnx.ts';
export { implicitWeights, type LoopState, type LoopWarning, type Prediction, type PredictOptions, predict, trace } from './predict.ts';
export { weightsFor } from './resolve.ts';
export type { Spectrum, SpectrumMethod } from './spectrum.ts';
export { gaussianKappaBound, loopsFor, type RateRule, rateBound, type StepRule } from './steps/rates.ts';
export {
  type PrefixCurve,
  prefixCurve,
  type StreamingContext,
  type StreamingOptions,
  type StreamPredictOptions,
  streamingContext,
} from './streaming/streaming.ts';
export {
  type GaussianOptions,
  gaussianTasks,
  type SparseOptions,
  type SpectrumOptions,
  sparseTasks,
  spectrumTasks,
} from './tasks/linear.ts';
export { type NetworkOptions, networkTasks, type TreeOptions, treeTasks } from './tasks/nonlinear.ts';
export type { Task, TaskSampler, TaskSizes } from './tasks/task.ts';
export type { AdamState } from './training/adam.ts';
export type { LbfgsState } from './training/lbfgs.ts';
export type { ParameterKind } from './training/parameters.ts';
export { evaluateWeights, type TrainOptions, type TrainResult, type TrainState, train } from './training/train.ts';
export { type LoopMatrices, type LoopWeights, loopMatrices } from './weights.ts';
