import { checkObject, kindOf } from '../check.ts';
import type { Dense, Float } from '../dense.ts';
import { ArgumentError, WorkerError } from '../errors.ts';
import { bytes } from '../generated/kernel.ts';
import { decodeBytes } from '../kernel/bytes.ts';
import { parallelism } from '../kernel/capabilities.ts';
import { gemmAsync } from './gemm-async.ts';
import { pooledGemm } from './pooled-gemm.ts';
import type { TiledGemmOptions } from './product.ts';
import { platformSpawn } from './spawn.ts';
import { startTeam, type Team } from './team.ts';

/** What `createPool` takes. */
export interface PoolOptions {
  /** Number of workers, 1 to 256. Default: as many as the machine runs at once. */
  readonly threads?: number;
}

/** Workers that share products. */
export interface Pool {
  /** Number of workers; 0 where products run on the calling thread. */
  readonly threads: number;
  /** Why products run on the calling thread: what the engine said; undefined where workers run. */
  readonly fallbackReason: string | undefined;
  /**
   * alpha A B + beta C, shared out over the workers; bit for bit equal to `gemm`, whatever the number of workers.
   *
   * Operands on a SharedArrayBuffer are read where they are, others are copied to one first. Without C the result lies on a
   * SharedArrayBuffer. The calling thread never blocks. Calls may overlap; they are worked off in order.
   *
   * @throws (rejects) as `gemm`; AbortedError, whose `partial` is a PartialProduct, or undefined when nothing was started;
   * WorkerError, with the same `partial`, when a worker died or the pool was terminated; OutOfMemoryError when a worker's memory is full.
   * Cost: 2 m n k / threads flops; each worker holds about 50 MiB.
   */
  gemm<T extends Float>(options: TiledGemmOptions<T>): Promise<Dense<T>>;
  /** Stops the workers. Products in work reject with a WorkerError. */
  terminate(): void;
}

/**
 * Starts a pool of workers: worker_threads in Node, Web Workers elsewhere. Nothing is fetched; the workers get their code as text and
 * the kernel as a compiled module. Idle workers do not keep a Node process alive.
 *
 * Where there is no SharedArrayBuffer (a page that is not cross-origin isolated), no WebAssembly SIMD, or where workers are forbidden
 * (a content-security policy without `worker-src blob:`), the pool has `threads` 0, says why in
 * `fallbackReason`, and runs products by `gemmAsync`: same bits.
 *
 * @throws (rejects) ArgumentError when `threads` is not a whole number from 1 to 256.
 */
export async function createPool(options: PoolOptions = {}): Promise<Pool> {
  checkObject('createPool', 'options', options);
  const threads = options.threads ?? Math.min(parallelism(), MOST_THREADS);
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS)) {
    throw new ArgumentError(`createPool: threads is ${kindOf(threads)}; it must be a whole number from 1 to ${MOST_THREADS}`, 'threads');
  }
  try {
    return poolOf(await startTeam(threads, await platformSpawn(), await compileKernel()));
  } catch (error) {
    if (!(error instanceof WorkerError)) throw error;
    return { threads: 0, fallbackReason: String(error.cause ?? error), gemm: gemmAsync, terminate: () => {} };
  }
}

const MOST_THREADS = 256;

/** A pool over running workers. */
export function poolOf(team: Team): Pool {
  return {
    threads: team.threads,
    fallbackReason: undefined,
    gemm: (options) => pooledGemm(team, options),
    terminate: () => team.close('pool: it was terminated; make a new pool'),
  };
}

/** The SIMD kernel. @throws (rejects) WorkerError where it cannot be compiled. */
export async function compileKernel(): Promise<WebAssembly.Module> {
  const binary = decodeBytes(bytes);
  try {
    return await WebAssembly.compile(binary);
  } catch (cause) {
    throw new WorkerError('pool: the kernel cannot be compiled', { cause });
  }
}
