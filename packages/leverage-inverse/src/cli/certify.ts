import { type Command, command } from '@x/cli';
import { certify } from '../index.ts';
import { readDesign, readVector } from './files.ts';
import { DESIGN, GRADIENT, NOISE } from './shared.ts';

export const certifyCommand: Command = command({
  description: 'Prove that the x with the gradient c lies near a given x, in the same cell; exit code 1 where there is no proof.',
  options: { ...DESIGN, gradient: GRADIENT, x: { type: 'text', value: 'FILE', default: 'x.csv', help: 'the point' }, 'noise-bound': NOISE },
  examples: [{ text: 'An x found elsewhere:', command: 'leverage-inverse certify --design A.csv --gradient c.csv --x x.csv' }],
  async run({ options }) {
    const bound = options['noise-bound'];
    const certificate = certify(
      await readDesign(options),
      await readVector(options.gradient),
      await readVector(options.x),
      bound === undefined ? {} : { noiseBound: bound },
    );
    if (certificate === undefined) return { data: { certified: false }, text: 'no proof: the residual is too large for one', ok: false };
    const { radius, slackError, componentBound } = certificate;
    const bounds = Array.from(componentBound, (value, j) => `|x_${j} - x*_${j}| <= ${value.toExponential(2)}`);
    return {
      data: { certified: true, ...certificate },
      text: [`certified: radius ${radius.toExponential(2)}, slacks right to ${slackError.toExponential(2)}`, ...bounds].join('\n'),
    };
  },
});
