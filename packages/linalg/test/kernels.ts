import { fallbackReason, type Kernel, kernel, plainKernel } from '../src/kernel/instance.ts';

/** The SIMD kernel and its plain twin, for tests that compare their bits. */
export function bothKernels(): { readonly simd: Kernel; readonly plain: Kernel } {
  if (fallbackReason() !== undefined) throw new Error('this engine has no WebAssembly SIMD, so there is nothing to compare');
  return { simd: kernel(), plain: plainKernel() };
}
