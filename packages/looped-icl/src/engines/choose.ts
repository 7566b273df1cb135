import { ArgumentError } from '@x/linalg';
import type { Attention, EngineName, LoopRun, Mask, Task } from './engine.ts';
import { gramRun } from './gram.ts';
import { kernelRun } from './kernel.ts';
import { linearAttentionRun } from './linear-attention.ts';
import { tokenRun } from './token.ts';

const ENGINES: Readonly<Record<EngineName, (task: Task) => LoopRun>> = {
  token: tokenRun,
  'linear-attention': linearAttentionRun,
  gram: gramRun,
  kernel: kernelRun,
};

/** @throws ArgumentError when the engine cannot have this mask or attention. */
export function checkEngine(operation: string, engine: EngineName | 'auto', mask: Mask, attention: Attention): void {
  if (attention === 'softmax' && engine !== 'auto' && engine !== 'token') {
    throw new ArgumentError(`${operation}: engine is ${engine}; softmax attention has no other form than token`, 'engine');
  }
  if (mask === 'causal' && (engine === 'gram' || engine === 'kernel')) {
    throw new ArgumentError(
      `${operation}: engine is ${engine}; under the causal mask each token has weights of its own: token or linear-attention`,
      'engine',
    );
  }
}

/** The engine with the fewest flops over all loops. */
export function chooseEngine({ prompt, weights, mask, attention }: Task): EngineName {
  if (attention === 'softmax') return 'token';
  if (mask === 'causal') return 'linear-attention';
  const { n, q, d, k } = prompt;
  const examples = mask === 'none' ? n + q : n;
  const T = weights.steps.length;
  const project = weights.A === undefined ? 0 : 2 * d * d * k;
  const flops = {
    'linear-attention': T * (4 * (n + q) * d * k + project),
    gram: examples * d * d + T * (2 * d * d * k + project),
    kernel: 2 * examples * (examples + q) * d + T * 2 * examples * examples * k + (weights.A === undefined ? 0 : 2 * examples * d * d),
  };
  return (Object.keys(flops) as (keyof typeof flops)[]).reduce((best, name) => (flops[name] < flops[best] ? name : best), 'gram');
}

/** The prompt before the first loop, in the engine's form. */
export function start(engine: EngineName, task: Task): LoopRun {
  return ENGINES[engine](task);
}
