import { fallbackReason } from './instance.ts';
import { canFuse } from './relaxed.ts';

/** What this engine lets the library use. */
export interface Capabilities {
  /** Whether the WebAssembly SIMD kernel runs; else the plain fallback does, with the same bits. */
  readonly simd: boolean;
  /** Why the fallback runs: what the engine said. */
  readonly fallbackReason: string | undefined;
  /** Whether `fast: true` has fused multiply-add to use. */
  readonly relaxedSimd: boolean;
  /** Whether `createPool` can share memory between workers; a page must be cross-origin isolated for it. */
  readonly sharedMemory: boolean;
  /** How many threads the machine runs at once, as far as it tells; 1 where it does not. */
  readonly threads: number;
}

/** Tells which kernel runs and what else is there. Instantiates the kernel when nothing has yet. */
export function capabilities(): Capabilities {
  const reason = fallbackReason();
  return {
    simd: reason === undefined,
    fallbackReason: reason,
    relaxedSimd: canFuse(),
    sharedMemory: typeof SharedArrayBuffer !== 'undefined',
    threads: parallelism(),
  };
}

/** Browsers and newer Nodes have a navigator; Node 20 has `os`, which must not be imported statically here. */
export function parallelism(): number {
  const { navigator, process } = globalThis as {
    navigator?: { readonly hardwareConcurrency?: number };
    process?: { getBuiltinModule?(name: string): { availableParallelism(): number } | undefined };
  };
  return navigator?.hardwareConcurrency ?? process?.getBuiltinModule?.('node:os')?.availableParallelism() ?? 1;
}
