import { bytes, type Exports } from '../generated/relaxed.ts';
import { decodeBytes } from './bytes.ts';
import { fallbackReason, type Kernel, kernel } from './instance.ts';

/** Where the kernel's table holds the micro-kernels of the relaxed module; 0 where there are none. */
let tiles: number | undefined;

/** Whether products can run with fused multiply-add: the engine has relaxed SIMD, and computes rightly with it. */
export function canFuse(): boolean {
  tiles ??= fallbackReason() === undefined ? install(kernel()) : 0;
  return tiles > 0;
}

/** Runs products with fused multiply-add, where that can be. */
export function fused(k: Kernel, work: () => void): void {
  if (canFuse()) k.fuse(tiles as number);
  try {
    work();
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
  const mark = k.mark();
  const check = (size: number, product: Kernel['dgemm']): boolean => {
    const [a, b, c] = [m * depth, depth * n, m * n].map((count) => k.allocate(count * size));
    const view = (pointer: number, count: number) =>
      size === 8 ? new Float64Array(k.memory.buffer, pointer, count) : new Float32Array(k.memory.buffer, pointer, count);
    const A = view(a!, m * depth).map((_, i) => (i % 11) - 5);
    const B = view(b!, depth * n).map((_, i) => (i % 7) - 3);
    view(a!, A.length).set(A);
    view(b!, B.length).set(B);
    product(m, n, depth, 1, a!, depth, 1, b!, n, 1, 0, c!, n, 1);
    return view(c!, m * n).every((x, at) => {
      let sum = 0;
      for (let p = 0; p < depth; p++) sum += A[Math.floor(at / n) * depth + p]! * B[p * n + (at % n)]!;
      return x === sum;
    });
  };
  try {
    k.fuse(first);
    return check(8, k.dgemm) && check(4, k.sgemm);
  } finally {
    k.fuse(0);
    k.release(mark);
  }
}
