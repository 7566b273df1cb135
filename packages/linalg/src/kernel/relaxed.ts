import type { Float } from '../dense.ts';
import { bytes, type Exports } from '../generated/relaxed.ts';
import { decodeBytes } from './bytes.ts';
import { fallbackReason, type Kernel, kernel } from './instance.ts';
import { allocate, readVector, withWorkspace, writeVector } from './workspace.ts';

/** Where the kernel's table holds the micro-kernels of the relaxed module; 0 where there are none. */
let tiles: number | undefined;

/** Whether products can run with fused multiply-add: the engine has relaxed SIMD, and computes rightly with it. */
export function canFuse(): boolean {
  tiles ??= fallbackReason() === undefined ? install(kernel()) : 0;
  return tiles > 0;
}

/**
 * Runs products with fused multiply-add, where that can be. `work` includes the copying of operands: the first call tries the relaxed
 * module, which takes memory.
 */
export function fused<R>(work: () => R): R {
  if (!canFuse()) return work();
  const k = kernel();
  k.fuse(tiles as number);
  try {
    return work();
  } finally {
    k.fuse(0);
  }
}

function install(k: Kernel): number {
  const binary = decodeBytes(bytes);
  if (!WebAssembly.validate(binary)) return 0;
  const { memory, table } = k as unknown as { readonly memory: WebAssembly.Memory; readonly table: WebAssembly.Table };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
  const { dtile, stile } = instance.exports as unknown as Exports;
  const first = table.grow(2);
  table.set(first, dtile);
  table.set(first + 1, stile);
  return multipliesRightly(k, first) ? first : 0;
}

/** A product of whole numbers is exact under any rounding: 7 x 5 times 5 x 19, in f64 and f32, full and partial tiles. */
function multipliesRightly(k: Kernel, first: number): boolean {
  const [m, n, depth] = [7, 19, 5];
  const A = Float64Array.from({ length: m * depth }, (_, i) => (i % 11) - 5);
  const B = Float64Array.from({ length: depth * n }, (_, i) => (i % 7) - 3);
  const check = <T extends Float>(product: Kernel['dgemm'], a: T, b: T): boolean =>
    withWorkspace(() => {
      const c = allocate(k, m * n * a.BYTES_PER_ELEMENT);
      product(m, n, depth, 1, writeVector(k, a), depth, 1, writeVector(k, b), n, 1, 0, c, n, 1);
      return readVector(k, a, c, m * n).every((x, at) => {
        let sum = 0;
        for (let p = 0; p < depth; p++) sum += A[Math.floor(at / n) * depth + p]! * B[p * n + (at % n)]!;
        return x === sum;
      });
    });
  try {
    k.fuse(first);
    return check(k.dgemm, A, B) && check(k.sgemm, Float32Array.from(A), Float32Array.from(B));
  } finally {
    k.fuse(0);
  }
}
