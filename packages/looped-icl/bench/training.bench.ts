import type { Suite } from '@x/bench';
import { evaluateWeights, gaussianTasks, train } from '@x/looped-icl';

/** The reference problem: variances 1, .5, .25, .1, .05, 40 examples, 5 loops. */
const reference = gaussianTasks({ d: 5, n: 40, variances: Float64Array.of(1, 0.5, 0.25, 0.1, 0.05) });
/** Mean squared error on tasks that training has not seen. */
const LOSS = 0.0095;
/** Not a program: the time that the target allows. */
const LIMIT = 'the 20 s allowed';

const training: Suite<object> = {
  id: 'training',
  title: `Training a full matrix A of the reference problem (d = 5, n = 40, T = 5) to a held-out loss of ${LOSS}, on one core`,
  cases: [{ label: 'reference', parameters: {} }],
  contenders: [
    {
      name: 'L-BFGS, 60 steps on 4096 tasks',
      setup: () => async () => (await train(reference, { loops: 5, optimizer: 'lbfgs', steps: 60, seed: 1 })).state,
    },
    { name: LIMIT, outside: true, setup: () => () => 20 },
  ],
  bars: [{ of: 'L-BFGS, 60 steps on 4096 tasks', over: LIMIT, atLeast: 1 }],
  check(output, _, contender) {
    if (contender === LIMIT) return;
    const loss = evaluateWeights(output as Parameters<typeof evaluateWeights>[0], reference, { tasks: 100_000, seed: 99 });
    if (!(loss <= LOSS)) throw new Error(`held-out loss is ${loss}`);
  },
};

export const suites: readonly Suite<object>[] = [training];
