import { cosPi, exp, log, OutOfMemoryError, sinPi } from '@x/linalg';
import { bytes, type Exports } from '../generated/kernel.ts';
import { instantiate as instantiatePlain, names } from '../generated/plain.js';

/** The kernel's functions and memory; the plain fallback has the same ones and computes the same bits. */
export type Kernel = Exports;

/** What the kernels import; the elementary functions for the fallback alone. */
const IMPORTS = {
  env: {
    exp,
    log,
    sinPi,
    cosPi,
    outOfMemory(requested: number): never {
      const bytes = requested >>> 0;
      throw new OutOfMemoryError(`leverage-inverse: the kernel cannot allocate ${bytes} bytes; its memory is limited to 4 GiB`, bytes);
    },
  },
};

/** Compiled on first use; `null` where WebAssembly or its SIMD is missing or forbidden. */
let compiled: WebAssembly.Module | null | undefined;

/**
 * A kernel with a memory of its own, which goes when the kernel goes: what is allocated in it needs no release.
 */
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
