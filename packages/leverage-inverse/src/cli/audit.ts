import { type Command, command, SEED, UsageError } from '@x/cli';
import { auditLeakage } from '../index.ts';
import { readDesign, readVector } from './files.ts';
import { DESIGN, table } from './shared.ts';

export const audit: Command = command({
  description:
    'What the gradient at x gives away about x to whoever knows A: error of the recovered x against noise added to the gradient.',
  options: {
    ...DESIGN,
    x: { type: 'text', value: 'FILE', default: 'x.csv', help: 'the secret' },
    levels: { type: 'text', value: 'N,N,...', default: '1e-8,1e-6,1e-4,1e-2', help: 'noise, relative to the norm of the gradient' },
    trials: { type: 'integer', min: 1, default: 5, help: 'inversions at each level' },
    protect: { type: 'number', min: 0, default: 0.1, help: 'relative error of x that is wanted' },
    seed: SEED,
  },
  examples: [{ text: 'Noise for an error of 10 %:', command: 'leverage-inverse audit --design A.csv --x beta.csv --protect 0.1' }],
  async run({ options, signal, progress }) {
    const noiseLevels = options.levels.split(',').map(Number);
    if (noiseLevels.some((level) => !(level >= 0 && level < Number.POSITIVE_INFINITY)))
      throw new UsageError(`--levels is '${options.levels}'; it must be numbers from 0 on, with commas between`);
    const result = await auditLeakage(await readDesign(options), await readVector(options.x), {
      noiseLevels,
      trials: options.trials,
      seed: options.seed,
      signal,
      onProgress: progress,
    });
    const noiseForProtection = result.safeNoiseFor(options.protect);
    const rows = result.levels.map(({ noise, error, predicted, slackError, failures }) => [
      noise.toExponential(1),
      Number.isNaN(error) ? '-' : error.toExponential(1),
      predicted.toExponential(1),
      Number.isNaN(slackError) ? '-' : slackError.toExponential(1),
      String(failures),
    ]);
    return {
      data: { levels: result.levels, perCoefficient: result.perCoefficient, protect: options.protect, noiseForProtection },
      text: [
        table([['noise', 'error of x', 'predicted', 'of slacks', 'refused'], ...rows]),
        `noise for a relative error of ${options.protect}: ${noiseForProtection.toExponential(1)} of the gradient, by the linear law`,
      ].join('\n'),
    };
  },
});
