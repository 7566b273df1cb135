import { type Contender, peer, type Suite } from '@x/bench';
import { invertLeverageGradient, leverageGradient, residentDesign } from '@x/leverage-inverse';
import { problem, type Size } from './problem.ts';

/** Relative error of x that all must reach. */
const ERROR = 1e-8;

/** What all of them start from: x but for a tenth, the design in the kernel already. */
function task(size: Size) {
  const { design, c, x } = problem(size);
  return { design: residentDesign(design), c, x, x0: x.map((value, j) => value * (0.9 + 0.02 * (j % 3))) };
}

interface Task extends Size {
  /** Solutions in one run: the collection of garbage before a run makes an engine forget code that it has compiled. */
  readonly solutions: number;
}

/** The largest relative error over the solutions of a run. */
function repeated(solutions: number, solve: () => number | Promise<number>): () => Promise<number> {
  return async () => {
    let most = 0;
    for (let k = 0; k < solutions; k++) most = Math.max(most, await solve());
    return most;
  };
}

function relativeError(found: ArrayLike<number>, x: Float64Array): number {
  return Math.hypot(...Array.from(found, (value, j) => value - x[j]!)) / Math.hypot(...x);
}

const ours: Contender<Task> = {
  name: '@x/leverage-inverse',
  setup(size) {
    const { design, c, x, x0 } = task(size);
    return repeated(size.solutions, async () => relativeError((await invertLeverageGradient(design, c, { x0, tolerance: ERROR })).x, x));
  },
};

interface Minimizer {
  conjugateGradient(f: (y: number[], gradient: number[]) => number, start: number[], options: { maxIterations: number }): unknown;
}

/** Thrown where the minimiser would go on, as it does not know how near it is. */
class Near extends Error {}

/**
 * Given V + <c, x>, with all that helps it: it stops at the first point within the error, which only this comparison can tell, and y is x in
 * a small unit, as it also stops where the gradient is below 1e-5.
 */
const fmin: Contender<Task> = {
  name: 'fmin conjugateGradient, given V + <c, x>',
  async setup(size) {
    // Loaded as a module, its bundle registers itself as a global.
    await peer('fmin@0.0.4/build/fmin.js');
    const { conjugateGradient } = (globalThis as unknown as { fmin: Minimizer }).fmin;
    const { design, c, x, x0 } = task(size);
    const unit = 1e-3;
    let error = 1;
    const f = (y: number[], gradient: number[]): number => {
      const at = x0.map((value, j) => value + unit * y[j]!);
      const { potential, gradient: g, slack } = leverageGradient(design, at);
      error = relativeError(at, x);
      if (error <= ERROR) throw new Near();
      if (slack.some((value) => value <= 0)) return 1e30;
      let value = potential;
      for (let j = 0; j < c.length; j++) {
        gradient[j] = (c[j]! - g[j]!) / unit;
        value += c[j]! * at[j]!;
      }
      return value / unit ** 2;
    };
    return repeated(size.solutions, () => {
      try {
        conjugateGradient(f, new Array<number>(size.d).fill(0), { maxIterations: 200 });
      } catch (reason) {
        if (!(reason instanceof Near)) throw reason;
      }
      return error;
    });
  },
};

interface LevenbergMarquardt {
  levenbergMarquardt(
    data: { x: number[]; y: number[] },
    model: (at: number[]) => (i: number) => number,
    options: object,
  ): { readonly parameterValues: number[] };
}

const levenbergMarquardt: Contender<Task> = {
  name: 'ml-levenberg-marquardt, numerical Jacobian of g',
  async setup(size) {
    const { levenbergMarquardt: fit } = (await peer('ml-levenberg-marquardt@5.1.0')) as unknown as LevenbergMarquardt;
    const { design, c, x, x0 } = task(size);
    const model = (at: number[]) => {
      const { gradient: g, slack } = leverageGradient(design, Float64Array.from(at));
      return (i: number) => (slack.some((value) => value <= 0) ? 1e6 : g[i]!);
    };
    const data = { x: Array.from(c, (_, i) => i), y: Array.from(c) };
    const options = { initialValues: Array.from(x0), maxIterations: 200, damping: 1e-2, gradientDifference: 1e-6, errorTolerance: 1e-16 };
    return repeated(size.solutions, () => relativeError(fit(data, model, options).parameterValues, x));
  },
};

const solving: Suite<Task> = {
  id: 'solve',
  title: 'Time to x within 1e-8, from the same start, the design in the kernel for all',
  cases: [
    { n: 1e3, d: 5, solutions: 40 },
    { n: 2e3, d: 10, solutions: 20 },
    { n: 1e4, d: 20, solutions: 3 },
  ].map((size) => ({ label: `n = ${size.n}, d = ${size.d}, ${size.solutions} times`, parameters: size })),
  contenders: [ours, fmin, levenbergMarquardt],
  check(output) {
    if (!((output as number) <= ERROR)) throw new Error(`relative error ${output}`);
  },
  bars: [{ of: ours.name, over: fmin.name, atLeast: 1 }],
};

export const suites: readonly Suite<Task>[] = [solving];
