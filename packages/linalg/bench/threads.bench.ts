import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Suite } from '@x/bench';
import { createPool, type Dense, dense, gemm, philox } from '@x/linalg';

/** A product of two n x n matrices; every run is two products, so that one can be compared with two copies at once. */
interface Size {
  readonly n: number;
}

function random(n: number, seed: number, shared: boolean): Dense {
  const data = shared ? new Float64Array(new SharedArrayBuffer(n * n * 8)) : new Float64Array(n * n);
  return dense(n, n, philox(seed).fillUniform(data));
}

/** A thread with its own copy of the package and its own operands, which multiplies them when it is told to. */
function copyOf(n: number): () => Promise<void> {
  const path = createRequire(`${process.cwd()}/package.json`).resolve('@x/linalg');
  const code = `
    const { parentPort, workerData: { path, n } } = require('node:worker_threads');
    const { dense, gemm, philox } = require(path);
    const [A, B] = [1, 2].map((seed) => dense(n, n, philox(seed).fillUniform(new Float64Array(n * n))));
    parentPort.on('message', () => {
      gemm({ A, B });
      parentPort.postMessage('done');
    });`;
  const worker = new Worker(code, { eval: true, workerData: { path, n } });
  worker.unref();
  return () =>
    new Promise((resolve, reject) => {
      worker.ref();
      worker.once('error', reject);
      worker.once('message', () => {
        worker.off('error', reject);
        worker.unref();
        resolve();
      });
      worker.postMessage('go');
    });
}

function pooled(threads: number, shared: boolean) {
  return async ({ n }: Size) => {
    const pool = await createPool({ threads });
    const [A, B] = [random(n, 1, shared), random(n, 2, shared)];
    return async () => {
      await pool.gemm({ A, B });
      return pool.gemm({ A, B });
    };
  };
}

const POOL = 'pool of 2';
const COPIES = 'two copies at once';

const threads: Suite<Size> = {
  id: 'threads',
  title: 'Two f64 products by a pool of two workers, against two independent single-thread copies that do one each',
  clock: 'wall',
  cases: [512, 1024, 2048].map((n) => ({ label: `n = ${n}`, parameters: { n }, flops: 4 * n ** 3, size: n })),
  contenders: [
    { name: POOL, setup: pooled(2, true) },
    { name: 'pool of 2, operands not shared', setup: pooled(2, false) },
    {
      name: COPIES,
      setup({ n }) {
        const copies = [copyOf(n), copyOf(n)];
        return () => Promise.all(copies.map((multiply) => multiply()));
      },
    },
    {
      name: 'one thread',
      setup({ n }) {
        const [A, B] = [random(n, 1, false), random(n, 2, false)];
        return () => {
          gemm({ A, B });
          return gemm({ A, B });
        };
      },
    },
  ],
  bars: [{ of: POOL, over: COPIES, atLeast: 0.9, cases: ['n = 2048'] }],
};

export const suites: readonly Suite<Size>[] = [threads];
