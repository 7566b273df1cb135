import { type Contender, peer, type Suite } from '@x/bench';
import { type Dense, dense, multiply, philox } from '@x/linalg';
import { type EngineName, loopedTransformer, predict, streamingContext } from '@x/looped-icl';

/** d inputs, n examples, T loops, one query. */
interface Size {
  readonly n: number;
  readonly d: number;
  readonly T: number;
}

const normals = (rows: number, cols: number, seed: number): Dense =>
  dense(rows, cols, philox(seed).fillNormal(new Float64Array(rows * cols)));

function problem({ n, d }: Size) {
  const x = normals(n, d, 1);
  return { x, y: multiply(x, normals(d, 1, 2)), queries: normals(1, d, 3) };
}

/** Below 1 / L of all the contexts here. */
const ETA = 0.3;

const ours = (name: string, engine: EngineName): Contender<Size> => ({
  name,
  setup(size) {
    const { x, y, queries } = problem(size);
    const model = loopedTransformer({ loops: size.T, step: ETA, engine });
    return () => predict(model, { x, y }, queries, { certify: false }).predictions.data[0];
  },
});

/** Gradient descent as one writes it without a library. */
const plain: Contender<Size> = {
  name: 'plain JavaScript loops',
  setup({ n, d, T }) {
    const { x, y, queries } = problem({ n, d, T });
    return () => {
      const w = new Float64Array(d);
      const g = new Float64Array(d);
      for (let t = 0; t < T; t++) {
        g.fill(0);
        for (let i = 0; i < n; i++) {
          let r = -y.data[i]!;
          for (let j = 0; j < d; j++) r += x.data[i * d + j]! * w[j]!;
          for (let j = 0; j < d; j++) g[j]! += r * x.data[i * d + j]!;
        }
        for (let j = 0; j < d; j++) w[j]! -= (ETA / n) * g[j]!;
      }
      return w.reduce((sum, value, j) => sum + value * queries.data[j]!, 0);
    };
  },
};

const mlMatrix: Contender<Size> = {
  name: 'ml-matrix 6.15.1',
  async setup({ n, d, T }) {
    const { Matrix } = await peer('ml-matrix@6.15.1');
    const { x, y, queries } = problem({ n, d, T });
    const X = Matrix.from1DArray(n, d, x.data);
    const transposed = X.transpose();
    const Y = Matrix.from1DArray(n, 1, y.data);
    const query = Matrix.from1DArray(1, d, queries.data);
    return () => {
      let W = Matrix.zeros(d, 1);
      for (let t = 0; t < T; t++) W = W.sub(transposed.mmul(X.mmul(W).sub(Y)).mul(ETA / n));
      return query.mmul(W).get(0, 0);
    };
  },
};

/** The contender, but for larger contexts. */
const only = (most: number, { name, setup }: Contender<Size>): Contender<Size> => ({
  name,
  setup: (size) => (size.n > most ? undefined : setup(size)),
});

const expected = new Map<number, unknown>();
function check(output: unknown, { n }: Size, contender: string): void {
  if (!expected.has(n)) expected.set(n, output);
  if (!(Math.abs((output as number) - (expected.get(n) as number)) < 1e-9)) throw new Error(`${contender} predicts ${output}`);
}

const engines: Suite<Size> = {
  id: 'engines',
  title: 'A prediction after T = 64 loops, d = 64',
  cases: [256, 1024, 4096].map((n) => ({ label: `n = ${n}`, parameters: { n, d: 64, T: 64 }, size: n })),
  // Token takes half a minute at 4096, and has a suite of its own there.
  contenders: [ours('gram', 'gram'), ours('linear-attention', 'linear-attention'), only(1024, ours('token', 'token')), plain, mlMatrix],
  check,
  bars: [
    { of: 'gram', over: 'token', atLeast: 20, cases: ['n = 256', 'n = 1024'] },
    { of: 'gram', over: 'plain JavaScript loops', atLeast: 1 },
    { of: 'gram', over: 'ml-matrix 6.15.1', atLeast: 1 },
  ],
};

/** As many loops of an engine as make the loops, and not the prompt, what takes the time. */
const loops = (T: number, engine: EngineName): Contender<Size> => {
  const name = `${engine}, ${T} ${T === 1 ? 'loop' : 'loops'}`;
  return { name, setup: (size) => ours(name, engine).setup({ ...size, T }) };
};

/**
 * The target at its size. All 64 loops of token take so long that the machine never stays the same meanwhile; they cost the same each, so
 * gram's whole run is set against one of them, and 20 times for 64 loops is 20 / 64 here.
 */
const target: Suite<Size> = {
  id: 'target',
  title: 'All 64 loops of gram, H included, against one loop of token, n = 4096, d = 64',
  cases: [{ label: 'n = 4096', parameters: { n: 4096, d: 64, T: 0 } }],
  contenders: [loops(64, 'gram'), loops(1, 'token')],
  bars: [{ of: 'gram, 64 loops', over: 'token, 1 loop', atLeast: 20 / 64 }],
};

/** H and c are there before, and each loop is d^2: enough loops that what is measured is loops. */
const gramLoops: Contender<Size> = {
  name: 'gram, 1024 loops',
  setup({ n, d }) {
    const { x, y, queries } = problem({ n, d, T: 0 });
    const stream = streamingContext(d);
    for (let i = 0; i < n; i++) stream.push(x.data.subarray(i * d, (i + 1) * d), y.data[i]!);
    const model = loopedTransformer({ loops: 1024, step: ETA });
    return () => stream.predict(model, queries).data[0];
  },
};

const scaling: Suite<Size> = {
  id: 'scaling',
  title: 'Time as the context grows, d = 32',
  cases: [512, 1024, 2048, 4096, 8192].map((n) => ({ label: `n = ${n}`, parameters: { n, d: 32, T: 0 }, size: n })),
  contenders: [gramLoops, loops(64, 'linear-attention'), loops(2, 'token')],
  exponents: [
    { of: 'token, 2 loops', atLeast: 1.85, atMost: 2.15 },
    { of: 'linear-attention, 64 loops', atLeast: 0.85, atMost: 1.15 },
    { of: 'gram, 1024 loops', atLeast: -0.1, atMost: 0.1 },
  ],
};

export const suites: readonly Suite<Size>[] = [engines, target, scaling];
