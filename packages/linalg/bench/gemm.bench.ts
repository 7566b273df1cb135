import { type Contender, peer, peerFolder, peers, type Suite } from '@x/bench';
import { type Dense, dense, type Float, gemm, philox } from '@x/linalg';
import { bytes, type Exports } from './generated/peak.ts';
import { matMulModel } from './onnx.ts';

/** Square products C = A B. */
interface Size {
  readonly n: number;
}

function random<T extends Float>(type: { new (length: number): T }, n: number, seed: number): Dense<T> {
  const data = new type(n * n);
  data.set(philox(seed, 0).fillNormal(new Float64Array(n * n)));
  return dense(n, n, data);
}

const operands = (n: number) => [random(Float64Array, n, 1), random(Float64Array, n, 2)] as const;
const singles = (n: number) => [random(Float32Array, n, 1), random(Float32Array, n, 2)] as const;

const peak = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(Buffer.from(bytes, 'hex'))), {}).exports as unknown as Exports;
const ROUNDS = 40_000;

/** The number of chains that keeps this machine busiest. */
function bestOf(chains: (count: number, rounds: number, s: number) => number): number {
  const time = (count: number) => {
    const from = performance.now();
    chains(count, 10 * ROUNDS, 0.5);
    return (performance.now() - from) / count;
  };
  const counts = [4, 6, 8, 10, 12, 14];
  const least = counts.map((count) => Math.min(...Array.from({ length: 5 }, () => time(count))));
  return counts[least.indexOf(Math.min(...least))]!;
}
const doubles = bestOf(peak.doubleChains);
const floats = bestOf(peak.singleChains);

type Options = Omit<Parameters<typeof gemm>[0], 'A' | 'B' | 'C'>;

type Operands<T extends Float> = (n: number) => readonly [Dense<T>, Dense<T>];

const ours =
  <T extends Float>(operandsOf: Operands<T>) =>
  (name: string, options: Options): Contender<Size> => ({
    name,
    setup: ({ n }) => {
      const [A, B] = operandsOf(n);
      return () => gemm({ A, B, ...options });
    },
  });

/** As BLAS calls it: the result goes to a matrix that is there, so that no memory is allocated. */
const intoC =
  <T extends Float>(operandsOf: Operands<T>) =>
  (name: string, options: Options): Contender<Size> => ({
    name,
    setup: ({ n }) => {
      const [A, B] = operandsOf(n);
      const C = dense(n, n, A.data.slice() as T);
      return () => gemm({ A, B, C, ...options });
    },
  });

/** An ONNX runtime, one thread, in f64. */
const onnx = (name: string, spec: string, prepare: (ort: Awaited<ReturnType<typeof peer>>) => void = () => {}): Contender<Size> => ({
  name,
  setup: async ({ n }) => {
    if (n < 128) return undefined;
    const ort = await peer(spec);
    prepare(ort);
    const session = await ort.InferenceSession.create(matMulModel(n, 'f64'), { intraOpNumThreads: 1, interOpNumThreads: 1 });
    const [A, B] = operands(n).map(({ data }) => new ort.Tensor('float64', data, [n, n]));
    return () => session.run({ A, B });
  },
});

const CLASSICAL = '@x/linalg classical';
const AUTO = '@x/linalg auto';
const CLASSICAL_INTO = '@x/linalg classical, C given';
const AUTO_INTO = '@x/linalg auto, C given';
const ORT_WEB = 'onnxruntime-web 1.30.0';
const cases = (...sizes: number[]) => sizes.map((n) => ({ label: `n = ${n}`, parameters: { n }, size: n, flops: 2 * n ** 3 }));

const f64: Suite<Size> = {
  id: 'gemm-f64',
  title: 'Matrix product, f64',
  cases: cases(8, 32, 128, 512, 1024, 2048),
  calibration: { name: 'peak', run: () => void peak.doubleChains(doubles, ROUNDS, 0.5), flops: ROUNDS * doubles * 4 },
  contenders: [
    ours(operands)(CLASSICAL, {}),
    ours(operands)(AUTO, { algorithm: 'auto' }),
    intoC(operands)(CLASSICAL_INTO, {}),
    intoC(operands)(AUTO_INTO, { algorithm: 'auto' }),
    {
      name: 'ml-matrix 6.15.1',
      setup: async ({ n }) => {
        if (n > 1024) return undefined;
        const { Matrix } = await peer('ml-matrix@6.15.1');
        const [A, B] = operands(n).map(({ data }) => Matrix.from1DArray(n, n, data));
        return () => A.mmul(B);
      },
    },
    onnx(ORT_WEB, 'onnxruntime-web@1.30.0/wasm', (ort) => {
      ort.env.wasm.numThreads = 1;
    }),
    onnx('onnxruntime-node 1.30.0, native', 'onnxruntime-node@1.30.0'),
  ],
  bars: [
    ...[CLASSICAL, CLASSICAL_INTO].map((of) => ({ of, over: 'calibration', atLeast: 0.85, cases: ['n = 1024'] })),
    ...[AUTO, AUTO_INTO].flatMap((of) => [
      { of, over: 'calibration', atLeast: 1, cases: ['n = 1024'] },
      { of, over: 'calibration', atLeast: 1.05, cases: ['n = 2048'] },
    ]),
    { of: CLASSICAL, over: 'ml-matrix 6.15.1', atLeast: 1, cases: ['n = 8', 'n = 32'] },
    { of: AUTO, over: 'ml-matrix 6.15.1', atLeast: 25, cases: ['n = 1024'], node: [20] },
    { of: AUTO, over: 'ml-matrix 6.15.1', atLeast: 12, cases: ['n = 1024'], node: [24, 26] },
    ...[CLASSICAL, AUTO].flatMap((of) => [
      { of, over: ORT_WEB, atLeast: 2.5, cases: ['n = 1024'], node: [20] },
      { of, over: ORT_WEB, atLeast: 1.6, cases: ['n = 1024'], node: [24, 26] },
    ]),
  ],
};

const f32: Suite<Size> = {
  id: 'gemm-f32',
  title: 'Matrix product, f32',
  cases: cases(128, 512, 1024, 2048),
  calibration: { name: 'peak', run: () => void peak.singleChains(floats, ROUNDS / 2, 0.5), flops: (ROUNDS / 2) * floats * 8 },
  contenders: [
    ours(singles)(CLASSICAL, {}),
    ours(singles)(AUTO, { algorithm: 'auto' }),
    intoC(singles)(CLASSICAL_INTO, {}),
    {
      name: 'tfjs-wasm 4.22.0',
      setup: async ({ n }) => {
        const names = ['@tensorflow/tfjs-core@4.22.0', '@tensorflow/tfjs-backend-wasm@4.22.0'];
        const [tf, backend] = await peers(...names);
        backend.setWasmPaths(`${peerFolder(...names)}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);
        await tf.setBackend('wasm');
        const [A, B] = singles(n).map(({ data }) => tf.tensor2d(data, [n, n]));
        return () => {
          const C = tf.matMul(A, B);
          C.dataSync();
          C.dispose();
        };
      },
    },
  ],
  bars: [
    { of: CLASSICAL, over: 'calibration', atLeast: 0.8, cases: ['n = 1024'], node: [20] },
    { of: CLASSICAL, over: 'calibration', atLeast: 0.88, cases: ['n = 1024'], node: [24, 26] },
    { of: AUTO, over: 'tfjs-wasm 4.22.0', atLeast: 1.5, cases: ['n = 1024'] },
    { of: CLASSICAL, over: 'tfjs-wasm 4.22.0', atLeast: 1.2, cases: ['n = 1024'] },
  ],
};

export const suites: Suite<Size>[] = [f64, f32];
