import type { Contender, Suite } from '@x/bench';
import { dense, leverageGradient, leverageHessian, residentDesign } from '@x/leverage-inverse';
import { gemm, philox } from '@x/linalg';
import { createEngine, type Engine, type Evaluation } from '../src/engine.ts';
import { combine } from '../src/matrix.ts';
import { defaultSampleSize, sampleByScores, sampledQhat } from '../src/solve/sample.ts';
import { secondOf } from '../src/third.ts';
import { problem, type Size } from './problem.ts';

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

/** Of the Hessian alone, the gradient known: sigma and the coordinates are there, B is not kept. */
const hessians: Suite<Size> = {
  id: 'hessian',
  title: 'Time of the Hessian alone, the gradient and its scores known',
  cases: LARGE.map((size) => ({ label: labelOf(size), parameters: size })),
  contenders: [
    {
      name: 'sampled',
      setup(size) {
        const { engine, at } = evaluation(size);
        let stream = 0;
        return () => sampledQhat(engine, at, sampleByScores(at.scores, defaultSampleSize(size.d), 0, stream++)).data[0];
      },
    },
    {
      name: 'exact',
      setup(size) {
        const { engine, at } = evaluation(size);
        const ones = new Float64Array(size.n).fill(1);
        return () => combine(3, engine.weighted(at, at.scores), -2, secondOf(engine.third(at, ones))).data[0];
      },
    },
  ],
  bars: LARGE.map((size) => ({ of: 'sampled', over: 'exact', atLeast: 0.7 * hessianRatio(size), cases: [labelOf(size)] })),
};

function evaluation(size: Size): { engine: Engine; at: Evaluation } {
  const { design, x } = problem(size);
  const engine = createEngine(design, true);
  return { engine, at: engine.evaluate('bench', x) as Evaluation };
}

/** Multiply-adds: exact passes over B twice, sampled adds up all scores and looks through half of a block of 256 for each draw. */
function hessianRatio({ n, d }: Size): number {
  const draws = defaultSampleSize(d);
  return (n * (1.5 * d * (d + 1) + (d * (d + 1) * (d + 2)) / 6)) / (n + 128 * draws + draws * d * (d + 1));
}

export const suites: readonly Suite<Size>[] = [iterations, hessians];
