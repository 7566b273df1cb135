import { type Imports, instantiate, instantiateFallback, type Kernel } from '../generated/instance.ts';
import { exp } from '../interval/exp.ts';
import { gelu } from '../interval/gelu.ts';
import { sigmoid, tanh } from '../interval/sigmoids.ts';

export type { Kernel } from '../generated/instance.ts';

/** What the kernels import; the activations for the fallback alone. */
const IMPORTS: Imports = { exp, tanh, sigmoid, gelu };

/** A kernel with a memory of its own. */
export const newKernel = (): Kernel => instantiate(IMPORTS);

/** The plain fallback. */
export const plainKernel = (): Kernel => instantiateFallback(IMPORTS);

/** Kernels that nobody uses now: one is enough until a map that is being solved solves another. */
const idle: Kernel[] = [];
/** A memory never shrinks, so one that has grown beyond this is given up. */
const MOST_BYTES = 1 << 26;

/** Lends a kernel; what is allocated in it is freed at the end. */
export function withKernel<R>(work: (kernel: Kernel) => R): R {
  const kernel = idle.pop() ?? newKernel();
  const start = kernel.mark();
  const result = work(kernel);
  kernel.release(start);
  if (kernel.memory.buffer.byteLength <= MOST_BYTES) idle.push(kernel);
  return result;
}
