import { OutOfMemoryError } from '@x/linalg';
import { bytes, type Exports } from '../generated/kernel.ts';
import { instantiate as instantiatePlain, names } from '../generated/plain.js';
import { exp } from '../interval/exp.ts';
import { gelu } from '../interval/gelu.ts';
import { sigmoid, tanh } from '../interval/sigmoids.ts';

/** The kernel's functions and memory; the plain fallback has the same ones and computes the same bits. */
export type Kernel = Exports;

/** What the kernels import; the activations for the fallback alone. */
const IMPORTS = {
  env: {
    exp,
    tanh,
    sigmoid,
    gelu,
    outOfMemory(requested: number): never {
      const bytes = requested >>> 0;
      throw new OutOfMemoryError(`fixed-point: the kernel cannot allocate ${bytes} bytes; its memory is limited to 4 GiB`, bytes);
    },
  },
};

/** Compiled on first use; `null` where WebAssembly or its SIMD is missing or forbidden. */
let compiled: WebAssembly.Module | null | undefined;

/** A kernel with a memory of its own. */
export function newKernel(): Kernel {
  if (compiled === undefined) compiled = compile();
  return compiled === null ? plainKernel() : named(Object.values(new WebAssembly.Instance(compiled, IMPORTS).exports));
}

/** The plain fallback. */
export function plainKernel(): Kernel {
  return named(instantiatePlain(IMPORTS));
}

function compile(): WebAssembly.Module | null {
  try {
    return new WebAssembly.Module(Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0)));
  } catch {
    return null;
  }
}

/** What a kernel exports, under the names that the kernels themselves do not say. */
function named(values: readonly unknown[]): Kernel {
  return Object.fromEntries(names.split(' ').map((name, i) => [name, values[i]])) as unknown as Kernel;
}

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
