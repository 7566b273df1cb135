import { type Command, command, UsageError } from '@x/cli';
import { ORACLE, readOracle } from './oracle.ts';

export const query: Command = command({
  description: 'Sums of distances to the private rows, with error bars.',
  positionals: [ORACLE],
  options: {
    at: { type: 'text', value: 'Y', help: 'points: numbers with commas, points with semicolons between' },
    level: { type: 'number', default: 0.95, min: 0.01, max: 0.999999, help: 'of the confidence interval' },
    mean: { type: 'flag', help: 'mean distances instead of sums' },
  },
  examples: [{ text: 'Two points:', command: 'dp-kde query oracle.bin --at "15,500;60,1200"' }],
  async run({ options, positionals }) {
    if (options.at === undefined) throw new UsageError('--at is needed');
    const points = options.at.split(';').map((point) => point.split(',').map((y) => (y.trim() === '' ? Number.NaN : Number(y))));
    if (points.flat().some(Number.isNaN)) throw new UsageError(`--at: '${options.at}' is not all numbers`);
    const oracle = await readOracle(positionals[0]);
    const answers = points.map((at) => {
      const answer = oracle.query(at);
      const [low, high] = answer.ci(options.level);
      return {
        at,
        value: answer.value,
        stddev: answer.stddev,
        low,
        high,
        biasBelow: answer.bias[0],
        biasAbove: answer.bias[1],
        mean: oracle.mean(at),
      };
    });
    const line = ({ at, value, stddev, low, high, mean }: (typeof answers)[number]) =>
      options.mean ? `${at.join(',')}\t${mean}` : `${at.join(',')}\t${value}\t+- ${stddev}\t[${low}, ${high}]`;
    return { data: { answers, private: oracle.private }, text: answers.map(line).join('\n') };
  },
});
