import { AbortedError, ArgumentError, NonFiniteError, philox } from '@x/linalg';
import { checkChoice, checkRange, checkVector, checkWhole } from '../check.ts';
import type { LoopModel } from '../model.ts';
import type { TaskSampler } from '../tasks/task.ts';
import { turn } from '../turn.ts';
import { type AdamState, adamStart, adamStep } from './adam.ts';
import { type LossAndGradient, lossAndGradient, meanLoss } from './adjoint.ts';
import { drawBatch, type TaskBatch } from './batch.ts';
import { type LbfgsState, lbfgsStart, lbfgsStep } from './lbfgs.ts';
import { modelOf, type ParameterKind, parameterCount, plainParameters } from './parameters.ts';

export interface TrainOptions {
  /** Loops T of the model that is trained. */
  readonly loops: number;
  /** Default `full`. */
  readonly parameters?: ParameterKind;
  /** `adam` draws new tasks for every step; `lbfgs` minimises over one set of them. Default `adam`. */
  readonly optimizer?: 'adam' | 'lbfgs';
  /** Tasks of a step. Default 64 for `adam`, 4096 for `lbfgs`. */
  readonly batch?: number;
  /** Steps in all, those of a resumed run included. Default 3000 for `adam`, 200 for `lbfgs`, which may end earlier, at a minimum. */
  readonly steps?: number;
  /** First step size of `adam`. Default 0.03. */
  readonly rate?: number;
  /** Start: every loop a plain gradient step of this size. Default 1 over the mean trace of the first contexts' H, with which none diverges. */
  readonly initialStep?: number;
  /** Default 0. Equal seeds give equal bits. */
  readonly seed?: number;
  /** Goes on from a state that a run with the same options left behind, and ends with the bits of a run without the break. */
  readonly resume?: TrainState;
  readonly signal?: AbortSignal;
  /** Called with the finished fraction and the loss of the step. */
  readonly onProgress?: (fraction: number, loss: number) => void;
}

/** All that training needs to go on; plain JSON. */
export interface TrainState {
  readonly parameters: ParameterKind;
  readonly loops: number;
  readonly theta: readonly number[];
  readonly optimizer: AdamState | LbfgsState;
  /** Loss of each step so far, before it was made. */
  readonly losses: readonly number[];
}

export interface TrainResult {
  /** With fixed weights: no rule is left in it. */
  readonly model: LoopModel;
  readonly losses: Float64Array;
  /** Steps that were made. */
  readonly steps: number;
  readonly state: TrainState;
}

const KINDS: readonly ParameterKind[] = ['scalar', 'per-loop', 'diagonal', 'full'];

/** Steps between two turns of the event loop. */
const TURN = 20;

/**
 * Trains the weights that all loops share, so that the predictions after T loops have least mean squared error over a family of tasks.
 *
 * On linear tasks whose contexts share a covariance S the optimum is preconditioned gradient descent with A near S^-1 (Gatmiry et al.,
 * arXiv 2410.08292); nothing here presumes it.
 *
 * @throws ArgumentError; ShapeError, NonFiniteError for a task that does not fit the sampler, and when the loss overflows; AbortedError when `signal` fires, with a `TrainResult` as far as it came in `partial`.
 * Cost: a step takes B (n d^2 + 8 T d^2) flops and B n d draws.
 */
export async function train(sampler: TaskSampler, options: TrainOptions): Promise<TrainResult> {
  const { loops, parameters: kind = 'full', optimizer = 'adam', rate = 0.03, seed = 0, signal, onProgress, resume } = options;
  const { batch = optimizer === 'adam' ? 64 : 4096, steps = optimizer === 'adam' ? 3000 : 200 } = options;
  checkWhole('train', 'loops', loops, 1);
  checkChoice('train', 'parameters', kind, KINDS);
  checkChoice('train', 'optimizer', optimizer, ['adam', 'lbfgs']);
  checkWhole('train', 'batch', batch, 1);
  checkWhole('train', 'steps', steps, 0);
  checkRange('train', 'rate', rate, 0);
  checkWhole('train', 'seed', seed, 0);
  if (options.initialStep !== undefined) checkRange('train', 'initialStep', options.initialStep, 0);
  const { d } = sampler;
  const count = parameterCount(kind, loops, d);
  checkResume(resume, kind, optimizer, loops, count);
  /** Stream 0 is the first batch, and of L-BFGS the only one. */
  const batchAt = (step: number) => drawBatch(sampler, batch, philox(seed, step));
  const first = optimizer === 'lbfgs' || resume === undefined ? batchAt(0) : undefined;
  const theta = resume ? Float64Array.from(resume.theta) : plainParameters(kind, loops, d, options.initialStep ?? 1 / meanTrace(first!));
  const losses = [...(resume?.losses ?? [])];
  let state = resume?.optimizer ?? (optimizer === 'adam' ? adamStart(count) : lbfgsStart);
  const evaluate = (at: Float64Array, tasks: TaskBatch) => lossAndGradient(tasks, kind, at, loops);
  let now: LossAndGradient | undefined;

  const result = (): TrainResult => ({
    model: modelOf(kind, theta.slice(), loops),
    losses: Float64Array.from(losses),
    steps: state.step,
    state: { parameters: kind, loops, theta: [...theta], optimizer: state, losses: [...losses] },
  });

  while (state.step < steps) {
    if (signal?.aborted) throw new AbortedError(`train: aborted after ${state.step} of ${steps} steps`, result());
    if (state.kind === 'adam') {
      now = evaluate(theta, batchAt(state.step));
      checkLoss(now.loss, state.step);
      losses.push(now.loss);
      state = adamStep(state, theta, now.gradient, rate, steps);
    } else {
      now ??= evaluate(theta, first!);
      checkLoss(now.loss, state.step);
      const next = lbfgsStep(state, theta, now, (at) => evaluate(at, first!));
      if (next === undefined) break;
      losses.push(now.loss);
      [state, now] = [next.state, next.now];
    }
    onProgress?.(state.step / steps, losses.at(-1)!);
    if (state.step % TURN === 0) await turn();
  }
  return result();
}

/**
 * Mean squared error of trained weights on tasks of their own: `seed` should not be that of the training.
 *
 * @param state - of `train`, whose loops may be replaced by `loops`, except for one step size a loop.
 * @throws ArgumentError, ShapeError, NonFiniteError: a state from elsewhere is not trusted.
 */
export function evaluateWeights(
  state: Pick<TrainState, 'parameters' | 'loops' | 'theta'>,
  sampler: TaskSampler,
  options: { readonly tasks?: number; readonly loops?: number; readonly seed?: number } = {},
): number {
  const { tasks = 1000, loops = state.loops, seed = 1 } = options;
  checkChoice('evaluateWeights', 'state.parameters', state.parameters, KINDS);
  checkWhole('evaluateWeights', 'state.loops', state.loops, 1);
  checkVector('evaluateWeights', 'state.theta', Float64Array.from(state.theta), parameterCount(state.parameters, state.loops, sampler.d));
  checkWhole('evaluateWeights', 'seed', seed, 0);
  checkWhole('evaluateWeights', 'tasks', tasks, 1);
  checkWhole('evaluateWeights', 'loops', loops, 0, state.parameters === 'per-loop' ? state.loops : Number.MAX_SAFE_INTEGER);
  return meanLoss(drawBatch(sampler, tasks, philox(seed, 0)), state.parameters, Float64Array.from(state.theta), loops);
}

function checkLoss(loss: number, step: number): void {
  if (Number.isFinite(loss)) return;
  throw new NonFiniteError(
    `train: the loss of step ${step + 1} is ${loss}; the loops diverge: take a smaller rate or initialStep`,
    'loss',
    [step],
  );
}

function checkResume(resume: TrainState | undefined, kind: ParameterKind, optimizer: string, loops: number, count: number): void {
  if (resume === undefined) return;
  const { parameters, theta, optimizer: state } = resume;
  const moments = state.kind === 'adam' ? [state.first, state.second] : state.pairs.flatMap(({ s, y }) => [s, y]);
  const numbers = [theta, ...moments];
  const fits = parameters === kind && state.kind === optimizer && resume.loops === loops && numbers.every((list) => list.length === count);
  if (fits && numbers.every((list) => list.every(Number.isFinite))) return;
  throw new ArgumentError(
    `train: resume holds ${parameters} weights of ${resume.loops} loops trained by ${state.kind}; it must fit the options: ${kind}, ${loops}, ${optimizer}`,
    'resume',
  );
}

function meanTrace({ tasks, d, H }: TaskBatch): number {
  let sum = 0;
  for (let i = 0; i < H.length; i++) if ((i % (d * d)) % (d + 1) === 0) sum += H[i]!;
  return sum / tasks;
}
