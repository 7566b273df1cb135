import { exp } from '../elementary/exp.ts';
import { log } from '../elementary/log.ts';
import { cosPi, sinPi } from '../elementary/trig.ts';
import { OutOfMemoryError } from '../errors.ts';
import { bytes, type Exports } from '../generated/kernel.ts';
import { instantiate as instantiateFallback, names } from '../generated/plain.js';
import { decodeBytes } from './bytes.ts';

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
      throw new OutOfMemoryError(`linalg: the kernel cannot allocate ${bytes} bytes; its memory is limited to 4 GiB`, bytes);
    },
  },
};

interface Loaded {
  readonly kernel: Kernel;
  /** Why the plain fallback runs; undefined where the SIMD kernel does. */
  readonly fallbackReason: string | undefined;
}

let loaded: Loaded | undefined;

/** The plain fallback: the same functions on a memory of its own. */
export function plainKernel(): Kernel {
  return named(instantiateFallback(IMPORTS));
}

/** What a kernel exports, under the names that the kernels themselves do not say. */
function named(values: readonly unknown[]): Kernel {
  return Object.fromEntries(names.split(' ').map((name, i) => [name, values[i]])) as unknown as Kernel;
}

/** The SIMD kernel, or the fallback where WebAssembly or its SIMD is missing or forbidden: then compilation throws. */
function load(): Loaded {
  try {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(decodeBytes(bytes)), IMPORTS);
    return { kernel: named(Object.values(instance.exports)), fallbackReason: undefined };
  } catch (error) {
    return { kernel: plainKernel(), fallbackReason: String(error) };
  }
}

/** The kernel, instantiated on first use. */
export function kernel(): Kernel {
  loaded ??= load();
  return loaded.kernel;
}

/** Why the plain fallback runs; undefined where the SIMD kernel does. */
export function fallbackReason(): string | undefined {
  loaded ??= load();
  return loaded.fallbackReason;
}
