import { type Command, command, SEED } from '@x/cli';
import { BadFileError } from '@x/linalg/errors';
import { type Inversion, invertLeverageGradient } from '../index.ts';
import { readDesign, readVector } from './files.ts';
import { DESIGN, GRADIENT, NOISE, table } from './shared.ts';

export const invert: Command = command({
  description: 'Find x from the gradient of leverage scores at x, given the signs of the slacks A x - b.',
  options: {
    ...DESIGN,
    gradient: GRADIENT,
    signs: { type: 'text', value: 'positive|FILE', default: 'positive', help: 'signs of the slacks: positive, or a file of 1 and -1' },
    mode: {
      type: 'text',
      choices: ['auto', 'exact', 'qhat', 'sampled', 'newton-cg', 'paper'],
      default: 'auto',
      help: 'how steps are made',
    },
    objective: { type: 'text', choices: ['convex', 'map', 'least-squares'], help: 'default convex, or map with --regulariser' },
    regulariser: { type: 'number', min: 0, help: 'w of the penalty w^2 ||A x||^2 / 2' },
    'noise-bound': NOISE,
    tolerance: { type: 'number', min: 0, default: 1e-12, help: 'Newton decrement at which the iteration ends' },
    'max-iterations': { type: 'integer', min: 1, default: 500, help: 'iterations at most' },
    seed: SEED,
  },
  examples: [
    {
      text: 'From a released score and the known design:',
      command: 'leverage-inverse invert --design A.csv --gradient c.csv --signs positive',
    },
    { text: 'For a program:', command: 'leverage-inverse invert --design A.npy --gradient c.npy --json' },
  ],
  async run({ options, signal, progress }) {
    const design = await readDesign(options);
    const c = await readVector(options.gradient);
    const { objective, regulariser, tolerance, seed, mode } = options;
    const bound = options['noise-bound'];
    const result = await invertLeverageGradient(design, c, {
      signs: options.signs === 'positive' ? 'positive' : await signsFrom(options.signs),
      mode,
      tolerance,
      seed,
      maxIterations: options['max-iterations'],
      ...(objective && { objective }),
      ...(regulariser !== undefined && { w: new Float64Array(design.A.rows).fill(regulariser) }),
      ...(bound !== undefined && { noise: { bound } }),
      signal,
      // Decrements fall from about 1 to the tolerance.
      onIteration: ({ decrement }) => progress(Math.min(1, Math.max(0, Math.log10(decrement) / Math.log10(tolerance || 1e-12)))),
    });
    return { data: result, text: textOf(result), ok: result.status === 'certified' || result.status === 'converged' };
  },
});

async function signsFrom(path: string): Promise<Int8Array> {
  const values = await readVector(path);
  const row = values.findIndex((value) => Math.abs(value) !== 1);
  if (row >= 0) throw new BadFileError(`${path}: entry ${row} is ${values[row]}; signs are 1 and -1`);
  return Int8Array.from(values);
}

function textOf({ x, status, certificate, decrement, iterations, warnings }: Inversion): string {
  const bounds = certificate?.componentBound;
  const rows = Array.from(x, (value, j) => [String(j), String(value), bounds === undefined ? 'not proven' : bounds[j]!.toExponential(1)]);
  const lines = [`${status} after ${iterations.length} iterations, decrement ${decrement.toExponential(1)}`];
  return [
    ...lines,
    table([['', 'x', certificate?.of === 'regularised' ? 'from the minimiser at most' : 'error at most'], ...rows]),
    ...warnings.map((warning) => `note: ${warning}`),
  ].join('\n');
}
