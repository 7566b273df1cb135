import { type Contender, peer, type Suite } from '@x/bench';
import { type Design, dense, invertLeverageGradient, leverageGradient, leverageHessian, residentDesign } from '@x/leverage-inverse';
import { gemm, philox } from '@x/linalg';

interface Size {
  readonly n: number;
  readonly d: number;
}

/** Gaussian rows, slacks within [1, 3]: a well-shaped cell. */
function problem({ n, d }: Size): { design: Design; x: Float64Array; c: Float64Array } {
  const rng = philox(1);
  const A = dense(n, d, rng.fillNormal(new Float64Array(n * d)));
  const x = rng.fillNormal(new Float64Array(d)).map((value) => value / Math.sqrt(d));
  const product = gemm({ A, B: dense(d, 1, x) }).data;
  const design = { A, b: product.map((value) => value - 1 - 2 * rng.uniform()) };
  return { design, x, c: leverageGradient(design, x).gradient };
}

/** The gradient and the Hessian of one iteration: what each contender adds to the gradient is its mode. */
const iteration = (mode: 'exact' | 'qhat' | 'sampled'): Contender<Size> => ({
  name: mode,
  setup(size) {
    const { design, x } = problem(size);
    const resident = residentDesign(design);
    return () => leverageHessian(resident, x, { mode }).data[0];
  },
});

const gradient: Contender<Size> = {
  name: 'gradient',
  setup(size) {
    const { design, x } = problem(size);
    const resident = residentDesign(design);
    return () => leverageGradient(resident, x).potential;
  },
};

/** What the exact iteration would take at the speed of the project's product: as many multiply-adds. */
const product: Contender<Size> = {
  name: 'product of as many multiply-adds as exact',
  setup(size) {
    const order = Math.round(Math.cbrt(exactCount(size)));
    const A = dense(order, order, philox(2).fillNormal(new Float64Array(order ** 2)));
    return () => gemm({ A, B: A }).data[0];
  },
};

function exactCount({ n, d }: Size): number {
  return n * (d * (d + 1) * 1.5 + (d * (d + 1) * (d + 2)) / 6 + 2 * d);
}

function sampledCount({ n, d }: Size): number {
  return n * (d * (d + 1) + 2 * d) + 20 * d * Math.log(d + 2) * d * (d + 1);
}

const LARGE: Size[] = [
  { n: 1e6, d: 20 },
  { n: 1e5, d: 50 },
];

const labelOf = ({ n, d }: Size): string => `n = 1e${Math.log10(n)}, d = ${d}`;

const iterations: Suite<Size> = {
  id: 'iteration',
  title: 'Time of the gradient and the Hessian of one iteration, the design resident as it is in the solver',
  cases: LARGE.map((size) => ({ label: labelOf(size), parameters: size })),
  contenders: [iteration('sampled'), iteration('exact'), iteration('qhat'), gradient, product],
  bars: LARGE.flatMap((size) => [
    { of: 'sampled', over: 'exact', atLeast: 0.7 * (exactCount(size) / sampledCount(size)), cases: [labelOf(size)] },
    { of: 'exact', over: product.name, atLeast: 0.5, cases: [labelOf(size)] },
  ]),
};

/** V, sigma and g by plain loops. */
function plainGradient({ A, b }: { A: { data: Float64Array; rows: number; cols: number }; b: Float64Array }, x: Float64Array): number {
  const { data, rows: n, cols: d } = A;
  const H = new Float64Array(d * d);
  const row = new Float64Array(d);
  const inverse = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let s = -b[i]!;
    for (let j = 0; j < d; j++) s += data[i * d + j]! * x[j]!;
    inverse[i] = 1 / s;
    for (let j = 0; j < d; j++) row[j] = data[i * d + j]! / s;
    for (let j = 0; j < d; j++) for (let k = 0; k <= j; k++) H[j * d + k]! += row[j]! * row[k]!;
  }
  for (let j = 0; j < d; j++) {
    for (let i = j; i < d; i++) {
      let sum = H[i * d + j]!;
      for (let k = 0; k < j; k++) sum -= H[i * d + k]! * H[j * d + k]!;
      H[i * d + j] = i === j ? Math.sqrt(sum) : sum / H[j * d + j]!;
    }
  }
  const g = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    let sigma = 0;
    for (let j = 0; j < d; j++) {
      let sum = data[i * d + j]! * inverse[i]!;
      for (let k = 0; k < j; k++) sum -= H[j * d + k]! * row[k]!;
      row[j] = sum / H[j * d + j]!;
      sigma += row[j]! ** 2;
    }
    for (let j = 0; j < d; j++) g[j]! += sigma * data[i * d + j]! * inverse[i]!;
  }
  return g[0]!;
}

const evaluations: Suite<Size> = {
  id: 'gradient',
  title: 'Time of one leverage gradient',
  cases: [
    { n: 1e5, d: 20 },
    { n: 2e4, d: 50 },
  ].map((size) => ({ label: `n = ${size.n}, d = ${size.d}`, parameters: size })),
  contenders: [
    { ...gradient, name: '@x/leverage-inverse' },
    {
      name: 'design not resident',
      setup(size) {
        const { design, x } = problem(size);
        return () => leverageGradient(design, x).potential;
      },
    },
    {
      name: 'plain loops',
      setup(size) {
        const { design, x } = problem(size);
        return () => plainGradient(design as never, x);
      },
    },
  ],
  bars: [{ of: '@x/leverage-inverse', over: 'plain loops', atLeast: 3 }],
};

interface Minimizer {
  conjugateGradient(
    f: (x: number[], gradient: number[]) => number,
    start: number[],
    options: { maxIterations: number },
  ): { readonly x: number[] };
}

interface LevenbergMarquardt {
  levenbergMarquardt(
    data: { x: number[]; y: number[] },
    model: (at: number[]) => (i: number) => number,
    options: object,
  ): { readonly parameterValues: number[] };
}

const solving: Suite<Size> = {
  id: 'solve',
  title: 'Time to x within 1e-8, from the same start',
  cases: [
    { n: 1e3, d: 5 },
    { n: 2e3, d: 10 },
  ].map((size) => ({ label: `n = ${size.n}, d = ${size.d}`, parameters: size })),
  contenders: [
    {
      name: '@x/leverage-inverse',
      setup(size) {
        const { design, c, x } = problem(size);
        const x0 = x.map((value, j) => value * (0.9 + 0.02 * (j % 3)));
        return async () => relativeError((await invertLeverageGradient(design, c, { x0, tolerance: 1e-8 })).x, x);
      },
    },
    {
      name: 'fmin conjugateGradient, given V + <c, x>',
      async setup(size) {
        const { conjugateGradient } = (await peer('fmin@0.0.4')).default as unknown as Minimizer;
        const { design: given, c, x } = problem(size);
        const design = residentDesign(given);
        const x0 = Array.from(x, (value, j) => value * (0.9 + 0.02 * (j % 3)));
        const f = (at: number[], gradient: number[]): number => {
          const point = Float64Array.from(at);
          const { potential, gradient: g, slack } = leverageGradient(design, point);
          if (slack.some((value) => value <= 0)) return 1e9;
          let value = potential;
          for (let j = 0; j < c.length; j++) {
            gradient[j] = c[j]! - g[j]!;
            value += c[j]! * at[j]!;
          }
          return value;
        };
        return () => relativeError(conjugateGradient(f, [...x0], { maxIterations: 200 }).x, x);
      },
    },
    {
      name: 'ml-levenberg-marquardt, numerical Jacobian of g',
      async setup(size) {
        const { levenbergMarquardt } = (await peer('ml-levenberg-marquardt@5.1.0')) as unknown as LevenbergMarquardt;
        const { design: given, c, x } = problem(size);
        const design = residentDesign(given);
        const initialValues = Array.from(x, (value, j) => value * (0.9 + 0.02 * (j % 3)));
        const model = (at: number[]) => {
          const { gradient: g, slack } = leverageGradient(design, Float64Array.from(at));
          return (i: number) => (slack.some((value) => value <= 0) ? 1e6 : g[i]!);
        };
        const data = { x: Array.from(c, (_, i) => i), y: Array.from(c) };
        const options = { initialValues, maxIterations: 200, damping: 1e-2, gradientDifference: 1e-6, errorTolerance: 1e-16 };
        return () => relativeError(levenbergMarquardt(data, model, options).parameterValues, x);
      },
    },
  ],
  check(output) {
    // The peers stop at about 1e-8.
    if (!((output as number) < 1e-6)) throw new Error(`relative error ${output}`);
  },
  bars: [{ of: '@x/leverage-inverse', over: 'fmin conjugateGradient, given V + <c, x>', atLeast: 1 }],
};

function relativeError(found: ArrayLike<number>, x: Float64Array): number {
  return Math.hypot(...Array.from(found, (value, j) => value - x[j]!)) / Math.hypot(...x);
}

export const suites: readonly Suite<Size>[] = [evaluations, solving, iterations];
