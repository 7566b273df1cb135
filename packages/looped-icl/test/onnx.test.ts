import { peer } from '@x/bench';
import { ArgumentError, type Dense, fromRows } from '@x/linalg';
import { mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { type LoopModel, type LoopOptions, loopedTransformer, predict, toOnnx, UnknownConditionError } from '../src/index.ts';
import { normals, seeded } from './problems.ts';

/** Installed on demand, as the benches' peers are: 60 MB are no development dependency. */
// biome-ignore lint/suspicious/noExplicitAny: its types are not installed when ours are checked.
const runtime: any = await peer('onnxruntime-web@1.30.0/wasm').catch(() => undefined);
if (runtime === undefined && process.env.X_REQUIRE_ALL === '1')
  throw new Error('onnxruntime-web 1.30.0 cannot be installed, and X_REQUIRE_ALL is set');
const A = fromRows([
  [0.9, 0.2, 0],
  [-0.1, 1.1, 0.3],
  [0, 0.05, 0.7],
]);

describe.skipIf(runtime === undefined)('ONNX files give in onnxruntime-web what the model gives', () => {
  async function run(model: LoopModel, type: 'f64' | 'f32', sizes: { n: number; q: number; k: number }) {
    runtime.env.wasm.numThreads = 1;
    const rng = seeded(1);
    const [x, y, queries] = [normals(rng, sizes.n, 3), normals(rng, sizes.n, sizes.k), normals(rng, sizes.q, 3)];
    const session = await runtime.InferenceSession.create(toOnnx(model, { d: 3, k: sizes.k, type }));
    const feed = (M: Dense) =>
      new runtime.Tensor(type === 'f64' ? 'float64' : 'float32', type === 'f64' ? M.data : Float32Array.from(M.data), [M.rows, M.cols]);
    const { predictions, per_loop } = await session.run({ x: feed(x), y: feed(y), queries: feed(queries) });
    return { got: predictions, perLoop: per_loop, wanted: predict(model, { x, y }, queries, { perLoop: true }) };
  }
  const agree = async (options: LoopOptions, type: 'f64' | 'f32' = 'f64', sizes = { n: 9, q: 4, k: 2 }, other: LoopOptions = {}) => {
    const { got, perLoop } = await run(loopedTransformer(options), type, sizes);
    const { wanted } = await run(loopedTransformer({ ...options, ...other }), type, sizes);
    expect(got.dims).toEqual([sizes.q, sizes.k]);
    expect(perLoop.dims).toEqual([wanted.perLoop!.length, sizes.q, sizes.k]);
    const all = wanted.perLoop!.flatMap((P) => [...P.data]);
    // 20 loops of sums of 9 terms of order 1, in roundoffs of the type; onnxruntime's softmax of doubles has some 1e-8 only.
    const tolerance = type === 'f32' ? 1e-4 : options.attention === 'softmax' ? 1e-7 : 1e-13;
    expect(Math.max(...all.map((value, i) => Math.abs(value - perLoop.data[i])))).toBeLessThan(tolerance);
    expect(Math.max(...[...wanted.predictions.data].map((value, i) => Math.abs(value - got.data[i])))).toBeLessThan(tolerance);
  };
  it('plain', () => agree({ loops: 20, step: 0.3 }));
  it('one output, one query, other n', () => agree({ loops: 3, step: 0.3 }, 'f64', { n: 2, q: 1, k: 1 }));
  it('step sizes by loop, momentum and a matrix that is not symmetric', () =>
    agree({ step: Float64Array.of(0.5, 0.1, 0.4), momentum: 0.5, preconditioner: A }));
  it('softmax', () => agree({ loops: 8, step: 0.7, attention: 'softmax', preconditioner: A }));
  const everyMask = (['queries', 'causal', 'none'] as const).flatMap((mask) =>
    (['linear', 'softmax'] as const).map((attention) => ({ mask, attention })),
  );
  it.each(everyMask)('mask $mask, $attention', ({ mask, attention }) =>
    agree({ loops: 6, step: 0.3, momentum: 0.2, preconditioner: A, mask, attention }),
  );
  it.each(['causal', 'none'] as const)('mask %s, one example, one query, single precision', (mask) =>
    agree({ loops: 3, step: 0.3, mask }, 'f32', { n: 1, q: 1, k: 1 }),
  );
  it('sees another mask', async () => {
    for (const { mask, attention } of everyMask) {
      for (const { mask: other } of everyMask) {
        if (mask !== other) await mustFail(() => agree({ loops: 3, step: 0.3, mask, attention }, 'f64', undefined, { mask: other }));
      }
    }
  });
  it('single precision', () => agree({ loops: 20, step: 0.3, preconditioner: A }, 'f32'));
  it('sees a transposed matrix', () =>
    mustFail(() =>
      agree({ loops: 3, step: 0.3, preconditioner: A }, 'f64', undefined, { preconditioner: { ...A, rowStride: 1, colStride: 3 } }),
    ));
  it('sees a wrong step size', () => mustFail(() => agree({ loops: 3, step: 0.3 }, 'f64', undefined, { step: 0.3 + 1e-9 })));
});

describe('toOnnx', () => {
  it('refuses rules and sizes that do not fit', () => {
    expect(() => toOnnx(loopedTransformer(), { d: 3 })).toThrow(UnknownConditionError);
    expect(() => toOnnx(loopedTransformer({ step: 1 }), { d: 0 })).toThrow(ArgumentError);
    expect(() => toOnnx(loopedTransformer({ step: 1, preconditioner: A }), { d: 4 })).toThrow('d is 4');
  });
  it('writes the same bytes again', () => {
    const bytes = () => toOnnx(loopedTransformer({ step: 1, preconditioner: A }), { d: 3 });
    expect(bytes()).toEqual(bytes());
    expect(bytes().subarray(0, 2)).toEqual(Uint8Array.of(8, 8));
  });
});
