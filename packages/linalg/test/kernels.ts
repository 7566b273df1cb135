import { instantiate } from '../src/generated/fallback.js';
import { fallbackReason, type Kernel, kernel } from '../src/kernel/instance.ts';

const IMPORTS = {
  env: {
    outOfMemory(bytes: number): never {
      throw new Error(`out of memory: ${bytes}`);
    },
  },
};

/** The SIMD kernel and its plain twin, for tests that compare their bits. */
export function bothKernels(): { readonly simd: Kernel; readonly plain: Kernel } {
  if (fallbackReason() !== undefined) throw new Error('this engine has no WebAssembly SIMD, so there is nothing to compare');
  return { simd: kernel(), plain: instantiate(IMPORTS) as Kernel };
}
