import { bytes, type Exports } from '../generated/relaxed.ts';
import { decodeBytes } from './bytes.ts';
import { fallbackReason, type Kernel, kernel } from './instance.ts';

/** Products with fused multiply-add; each takes scratch in the kernel's memory. */
export type RelaxedKernel = Exports;

let relaxed: RelaxedKernel | null | undefined;

/** The relaxed-SIMD module on the kernel's memory, or undefined where the engine lacks it or it computes wrongly. */
export function relaxedKernel(): RelaxedKernel | undefined {
  if (relaxed === undefined) relaxed = fallbackReason() === undefined ? instantiate(kernel()) : null;
  return relaxed ?? undefined;
}

function instantiate(k: Kernel): RelaxedKernel | null {
  const binary = decodeBytes(bytes);
  if (!WebAssembly.validate(binary)) return null;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory: k.memory as WebAssembly.Memory } });
  const candidate = exports as unknown as RelaxedKernel;
  return multipliesRightly(k, candidate) ? candidate : null;
}

/** A product of whole numbers is exact under any rounding: 7 x 5 times 5 x 19, in f64 and f32, full and partial tiles. */
function multipliesRightly(k: Kernel, candidate: RelaxedKernel): boolean {
  const [m, n, depth] = [7, 19, 5];
  const mark = k.mark();
  const check = (size: number, scratchBytes: number, product: RelaxedKernel['dwinograd']): boolean => {
    const [a, b, c, scratch] = [m * depth, depth * n, m * n].map((count) => k.allocate(count * size)).concat(k.allocate(scratchBytes));
    const view = (pointer: number, count: number) =>
      size === 8 ? new Float64Array(k.memory.buffer, pointer, count) : new Float32Array(k.memory.buffer, pointer, count);
    const A = view(a!, m * depth).map((_, i) => (i % 11) - 5);
    const B = view(b!, depth * n).map((_, i) => (i % 7) - 3);
    view(a!, A.length).set(A);
    view(b!, B.length).set(B);
    product(0, m, n, depth, 1, a!, depth, 1, b!, n, 1, 0, c!, n, 1, scratch!);
    return view(c!, m * n).every((x, at) => {
      let sum = 0;
      for (let p = 0; p < depth; p++) sum += A[Math.floor(at / n) * depth + p]! * B[p * n + (at % n)]!;
      return x === sum;
    });
  };
  try {
    return (
      check(8, candidate.dscratch(0, m, n, depth), candidate.dwinograd) && check(4, candidate.sscratch(0, m, n, depth), candidate.swinograd)
    );
  } finally {
    k.release(mark);
  }
}
