import { effort, ensemble, mustFail, seeds, views } from '@x/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  AbortedError,
  ArgumentError,
  block,
  copy,
  createPool,
  type Dense,
  dense,
  gemm,
  OutOfMemoryError,
  type PartialProduct,
  type Pool,
  toRows,
  transpose,
  WorkerError,
  zeros,
} from '../src/index.ts';
import { compileKernel, poolOf } from '../src/pool/pool.ts';
import { type Handle, platformSpawn, type Spawn } from '../src/pool/spawn.ts';
import { startTeam } from '../src/pool/team.ts';
import { WORKER_SOURCE } from '../src/pool/worker-source.ts';

/** f64 matrices on shared memory. */
function shared(A: Dense): Dense {
  const data = new Float64Array(new SharedArrayBuffer(A.rows * A.cols * 8));
  data.set(copy(A).data);
  return dense(A.rows, A.cols, data);
}
const single = (A: Dense): Dense<Float32Array> => ({ ...A, data: Float32Array.from(A.data) });
const gauss = (rows: number, cols: number, seed: number): Dense => ensemble('gaussian', rows, cols, seed);

/** A pool whose workers run another text. */
const team = async (source: string, threads = 2): Promise<Pool> => {
  return poolOf(await startTeam(threads, await platformSpawn(source), await compileKernel()));
};

const pools: Pool[] = [];
beforeAll(async () => {
  for (const threads of [1, 2, 3]) pools.push(await createPool({ threads }));
});
afterAll(() => {
  for (const pool of pools) pool.terminate();
});

describe('P8: same bits for 1, 2 and 3 workers, and as gemm', () => {
  type Operands = { readonly A: Dense; readonly B: Dense; readonly C: Dense };
  // Tiles are 256 x 1024; terms are summed 384 and loaded 3840 at a time: sizes on both sides of each, every one of them tried.
  const SIZES: readonly [number, number, number][] = [
    [1, 1, 1],
    [5, 7, 3],
    [257, 30, 300],
    [300, 1030, 17],
    [600, 40, 260],
    [3, 1025, 40],
    [9, 11, 383],
    [9, 11, 385],
    [9, 11, 3841],
    [64, 33, 4097],
    [3, 2, 9000],
  ];
  const operands = ([m, n, k]: readonly [number, number, number]) =>
    seeds().chain((seed) =>
      fc.record<Operands>({
        A: views(fc.constant(gauss(m, k, seed))),
        B: views(fc.constant(gauss(k, n, seed + 1))),
        C: views(fc.constant(gauss(m, n, seed + 2))),
      }),
    );
  type Product = (pool: Pool, o: Operands & { alpha: number; beta: number }) => Promise<Dense>;
  const claim = async (size: readonly [number, number, number], product: Product): Promise<void> =>
    fc.assert(
      fc.asyncProperty(operands(size), fc.constantFrom([1, 0], [-0.5, 3]), async ({ A, B, C }, [alpha = 1, beta = 0]) => {
        const expected = gemm({ alpha, A, B, beta, C: copy(C) });
        for (const pool of pools) {
          const got = await product(pool, { alpha, A, B, beta, C: copy(C) });
          expect(got.data.every((x, p) => Object.is(x, expected.data[p]))).toBe(true);
        }
      }),
      { numRuns: effort(3) },
    );
  it.each(SIZES)('holds for views, any strides, alpha and beta: %i x %i, %i terms', (...size) =>
    claim(size, (pool, options) => pool.gemm(options)),
  );
  it('fails for a cut of the sum among workers, which adds in another order', () =>
    mustFail(() =>
      claim([64, 33, 4097], async (pool, { A, B, C, alpha, beta }) => {
        const half = A.cols >> 1;
        await pool.gemm({ alpha, beta, A: block(A, 0, 0, A.rows, half), B: block(B, 0, 0, half, B.cols), C });
        return pool.gemm({ alpha, beta: 1, A: block(A, 0, half, A.rows, A.cols - half), B: block(B, half, 0, B.rows - half, B.cols), C });
      }),
    ));
  it('holds in f32, for transposes, and for no rows, columns or terms', async () => {
    const [A, B] = [single(gauss(300, 70, 1)), single(gauss(300, 1100, 2))];
    for (const pool of pools) {
      expect((await pool.gemm({ A: transpose(A), B })).data).toEqual(gemm({ A: transpose(A), B }).data);
      expect((await pool.gemm({ A: zeros(0, 3), B: zeros(3, 2) })).rows).toBe(0);
      expect((await pool.gemm({ A: zeros(2, 3), B: zeros(3, 0) })).cols).toBe(0);
      const C = gauss(2, 2, 3);
      expect(toRows(await pool.gemm({ A: zeros(2, 0), B: zeros(0, 2), beta: 2, C: copy(C) }))).toEqual(
        toRows(C).map((r) => r.map((x) => 2 * x)),
      );
    }
  });
});

describe('memory', () => {
  it('writes to the caller’s C: shared memory in place, other memory, views; nothing outside', async () => {
    const [A, B] = [gauss(20, 30, 1), gauss(30, 10, 2)];
    const expected = toRows(gemm({ A, B }));
    for (const whole of [shared(zeros(40, 40)), zeros(40, 40)]) {
      for (const C of [block(whole, 5, 5, 20, 10), transpose(block(whole, 5, 5, 10, 20))]) {
        whole.data.fill(Number.NaN);
        expect(await pools[1]!.gemm({ A, B, C })).toBe(C);
        expect(toRows(C)).toEqual(expected);
        expect(whole.data.filter((x) => !Number.isNaN(x)).length).toBe(200);
      }
    }
  });
  it('C may share data with A or B', async () => {
    for (const make of [shared, copy]) {
      const A = make(gauss(40, 40, 1));
      const B = make(gauss(40, 40, 2));
      const expected = toRows(gemm({ A, B }));
      expect(toRows(await pools[2]!.gemm({ A, B, C: A }))).toEqual(expected);
    }
  });
  it('a new result lies on shared memory, so that it goes on without a copy', async () => {
    const C = await pools[0]!.gemm({ A: gauss(2, 2, 1), B: gauss(2, 2, 2) });
    expect(C.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});

describe('progress, abort, overlap', () => {
  it('reports every finished tile, up to 1', async () => {
    const seen: number[] = [];
    await pools[2]!.gemm({ A: gauss(1000, 8, 1), B: gauss(8, 1500, 2), onProgress: (f) => seen.push(f) });
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((i) => i / 8));
  });
  it('an abort keeps the finished tiles and leaves the rest of C as it was', async () => {
    const controller = new AbortController();
    // The abort waits for the fourth of ten tiles, and later tiles wait for the abort: nothing depends on who is faster.
    const abortAtFourth = (fraction: number) => {
      if (fraction > 3.5 / 10) controller.abort();
    };
    const check = 'if (index >= tiling.count';
    const pool = await team(WORKER_SOURCE.replace(check, `if (index > 3) while (Atomics.load(state, 1) === 0);${check}`));
    const [A, B, C] = [gauss(2560, 30, 1), gauss(30, 60, 2), gauss(2560, 60, 3)];
    const before = toRows(C);
    const expected = toRows(gemm({ A, B, beta: 1, C: copy(C) }));
    const product = pool.gemm({ A, B, beta: 1, C, signal: controller.signal, onProgress: abortAtFourth });
    const error = await product.then(
      () => undefined,
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(AbortedError);
    const { C: partial, finished } = (error as AbortedError).partial as PartialProduct;
    expect(partial).toBe(C);
    expect(finished.map((t) => t.row)).toEqual([0, 256, 512, 768]);
    pool.terminate();
    const inside = (i: number) => finished.some((t) => i >= t.row && i < t.row + t.rows);
    expect(toRows(C)).toEqual(expected.map((row, i) => (inside(i) ? row : before[i])));
  });
  it('aborted before the start: no partial', async () => {
    const error = await pools[0]!.gemm({ A: zeros(1, 1), B: zeros(1, 1), signal: AbortSignal.abort() }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(AbortedError);
    expect((error as AbortedError).partial).toBeUndefined();
  });
  it('what onProgress throws stops and rejects', async () => {
    const thrown = new Error('mine');
    const onProgress = () => {
      throw thrown;
    };
    await expect(pools[0]!.gemm({ A: gauss(600, 5, 1), B: gauss(5, 5, 2), onProgress })).rejects.toBe(thrown);
  });
  it('calls may overlap', async () => {
    const work = [1, 2, 3, 4].map((seed) => [gauss(300, 50, seed), gauss(50, 60, seed + 9)] as const);
    const results = await Promise.all(work.map(([A, B]) => pools[1]!.gemm({ A, B })));
    results.forEach((C, i) => {
      expect(toRows(C)).toEqual(toRows(gemm({ A: work[i]![0], B: work[i]![1] })));
    });
  });
});

describe('workers that fail', () => {
  const die = 'if (Atomics.load(state, 0) > 2) process.exit(3); ';
  it('a worker that dies: WorkerError with what is finished; the pool is closed', async () => {
    const pool = await team(WORKER_SOURCE.replace('const index = Atomics.add', `${die}const index = Atomics.add`));
    const error = await pool.gemm({ A: gauss(2560, 5, 1), B: gauss(5, 5, 2) }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(WorkerError);
    expect((error as WorkerError).message).toMatch(/a worker died \(exit code 3\)/);
    expect(((error as WorkerError).partial as PartialProduct).C.rows).toBe(2560);
    await expect(pool.gemm({ A: zeros(1, 1), B: zeros(1, 1) })).rejects.toThrow(/a worker died/);
  });
  it('a tile counts as finished once it is stored, not before', async () => {
    const stored = 'store(type, C, row, col, rows, cols, c);';
    const pool = await team(WORKER_SOURCE.replace(`    ${stored}`, `    if (index === 2) process.exit(3); ${stored}`), 1);
    const [A, B] = [gauss(2560, 5, 1), gauss(5, 5, 2)];
    const error = await pool.gemm({ A, B }).catch((e: unknown) => e);
    const { C, finished } = (error as WorkerError).partial as PartialProduct;
    expect(finished.map((t) => t.row)).toEqual([0, 256]);
    const whole = toRows(gemm({ A, B }));
    expect(toRows(C)).toEqual(whole.map((row, i) => (i < 512 ? row : row.map(() => 0))));
  });
  it('a worker whose memory is full: OutOfMemoryError; the pool goes on', async () => {
    const full = 'if (m === 3) outOfMemory(12345); const type = C.data.constructor;';
    const pool = await team(WORKER_SOURCE.replace('const type = C.data.constructor;', full));
    const error = await pool.gemm({ A: zeros(3, 3), B: zeros(3, 3) }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect((error as OutOfMemoryError).bytes).toBe(12345);
    expect((await pool.gemm({ A: zeros(2, 3), B: zeros(3, 3) })).rows).toBe(2);
    pool.terminate();
  });
  it('terminated: WorkerError for products in work and later ones', async () => {
    const pool = await createPool({ threads: 1 });
    const product = pool.gemm({ A: gauss(2000, 50, 1), B: gauss(50, 50, 2) });
    pool.terminate();
    await expect(product).rejects.toThrow(WorkerError);
    await expect(pool.gemm({ A: zeros(1, 1), B: zeros(1, 1) })).rejects.toThrow(/terminated/);
  });
  it('a worker that cannot start is an error of the team', async () => {
    await expect(team('throw new Error("no")')).rejects.toThrow(WorkerError);
  });
  describe('one of three workers cannot be started', () => {
    /** How many of the workers that were started still run after starting has failed at the second. */
    const claim = async (start: typeof startTeam): Promise<void> => {
      let running = 0;
      const handle: Handle = { post: () => {}, hold: () => {}, terminate: () => void running-- };
      const spawn: Spawn = () => {
        if (running === 1) throw new RangeError('no thread is left');
        running++;
        return handle;
      };
      await expect(start(3, spawn, await compileKernel())).rejects.toThrow(/no thread is left/);
      expect(running).toBe(0);
    };
    it('the others are stopped', () => claim(startTeam));
    it('fails where workers are kept track of once all have started', () =>
      mustFail(() =>
        claim(async (threads, spawn) => {
          Array.from({ length: threads }, () => spawn({ report: () => {}, died: () => {} }));
          throw new Error('not reached');
        }),
      ));
  });
});

describe('where threads are missing', () => {
  it('the reason is what the engine said; none where workers run', async () => {
    expect(pools[0]!.fallbackReason).toBeUndefined();
    vi.stubGlobal('Worker', function refuse() {
      throw new DOMException('workers are forbidden here', 'SecurityError');
    });
    try {
      const pool = await createPool({ threads: 2 });
      expect(pool).toMatchObject({ threads: 0, fallbackReason: 'SecurityError: workers are forbidden here' });
    } finally {
      vi.unstubAllGlobals();
    }
  });
  it('the text of a worker that cannot start is forgotten', async () => {
    vi.stubGlobal('Worker', function refuse() {
      throw new DOMException('workers are forbidden here', 'SecurityError');
    });
    const made = vi.spyOn(URL, 'createObjectURL');
    const revoked = vi.spyOn(URL, 'revokeObjectURL');
    try {
      await createPool({ threads: 2 });
      expect(made).toHaveBeenCalledOnce();
      expect(revoked).toHaveBeenCalledExactlyOnceWith(made.mock.results[0]!.value);
    } finally {
      vi.restoreAllMocks();
      vi.unstubAllGlobals();
    }
  });
  it('a kernel that cannot be compiled is a reason, an error of programming is not', async () => {
    const compile = vi.spyOn(WebAssembly, 'compile').mockRejectedValue(new WebAssembly.CompileError('not here'));
    try {
      expect(await createPool({ threads: 2 })).toMatchObject({ threads: 0, fallbackReason: 'CompileError: not here' });
      vi.stubGlobal('process', {
        get versions() {
          throw new TypeError('a mistake');
        },
      });
      await expect(createPool({ threads: 2 })).rejects.toThrow(new TypeError('a mistake'));
    } finally {
      compile.mockRestore();
      vi.unstubAllGlobals();
    }
  });
  const withoutShared = async (): Promise<Pool> => {
    vi.stubGlobal('SharedArrayBuffer', undefined);
    try {
      return await createPool({ threads: 2 });
    } finally {
      vi.unstubAllGlobals();
    }
  };
  it('the pool has 0 threads and gives the same bits on the calling thread', async () => {
    const pool = await withoutShared();
    expect(pool.threads).toBe(0);
    expect(pool.fallbackReason).toMatch(/SharedArrayBuffer is missing/);
    const [A, B] = [gauss(300, 20, 1), gauss(20, 10, 2)];
    expect(toRows(await pool.gemm({ A, B }))).toEqual(toRows(gemm({ A, B })));
    pool.terminate();
  });
});

it('threads: a whole number from 1 to 256; default the parallelism of the machine', async () => {
  for (const threads of [0, -1, 1.5, 257, Number.NaN, '2' as unknown as number]) {
    await expect(createPool({ threads })).rejects.toThrow(ArgumentError);
  }
  const pool = await createPool();
  expect(pool.threads).toBeGreaterThanOrEqual(1);
  pool.terminate();
});
