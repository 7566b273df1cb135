import type { Suite } from '@x/bench';
import { hypercubeFixedPoints, solveBatch, solveFixedPoint } from '@x/fixed-point';
import { dense, philox } from '@x/linalg';

interface Parameters {
  readonly kind: 'cubic' | 'tanh';
  readonly starts: number;
}

function problem({ kind, starts }: Parameters) {
  const d = 10;
  const { net } = hypercubeFixedPoints({ dimension: d, kind, weightNoise: 0.02, biasNoise: 0.01 });
  const X = philox(1)
    .fillUniform(new Float64Array(starts * d))
    .map((u) => 2 * u - 1);
  return { net, d, X };
}

const batch: Suite<Parameters> = {
  id: 'batch',
  title: 'Time of plain iteration from many starts, d = 10',
  cases: [
    { label: 'cubic, 1e4 starts', parameters: { kind: 'cubic', starts: 10_000 } },
    { label: 'tanh, 1e4 starts', parameters: { kind: 'tanh', starts: 10_000 } },
  ],
  contenders: [
    {
      name: 'solveBatch',
      setup(parameters) {
        const { net, d, X } = problem(parameters);
        const starts = dense(parameters.starts, d, X);
        return () => solveBatch(net.batch, starts, { method: 'picard' }).converged;
      },
    },
    {
      name: 'one by one',
      setup(parameters) {
        const { net, d, X } = problem(parameters);
        return () => {
          let converged = 0;
          for (let at = 0; at < X.length; at += d)
            if (solveFixedPoint(net.evaluate, X.subarray(at, at + d), { method: 'picard' }).converged) converged++;
          return converged;
        };
      },
    },
  ],
  bars: [{ of: 'solveBatch', over: 'one by one', atLeast: 10 }],
  check(output, { starts }) {
    if (output !== starts) throw new Error(`${String(output)} of ${starts} converged`);
  },
};

export const suites: readonly Suite<Parameters>[] = [batch];
