/** A program that uses everything, run by the tests in processes of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { command, readBytes, runCli, SEED } from '../src/index.ts';

class XError extends Error {
  override readonly name: string = 'XError';
}
class BadFileError extends XError {
  override readonly name = 'BadFileError';
  readonly line = 3;
}
/** As a package might derive one. */
class ThinBodyError extends XError {
  override readonly name = 'ThinBodyError';
}
class ArgumentError extends XError {
  override readonly name = 'ArgumentError';
}
const errors: Record<string, () => Error> = {
  file: () => new BadFileError('parse: line 3 is odd'),
  thin: () => new ThinBodyError('round: too thin'),
  argument: () => new ArgumentError('sample: radius is -1'),
  defect: () => new TypeError('x is undefined'),
};

const draw = command({
  description: 'Draw numbers.',
  positionals: [
    { name: 'FILE', help: 'model, or - for stdin' },
    { name: 'OUT', help: 'where to', optional: true },
  ],
  options: {
    count: { type: 'integer', default: 3, min: 1, max: 100, short: 'n', help: 'how many' },
    radius: { type: 'number', min: 0, help: 'step size' },
    method: { type: 'text', choices: ['dikin', 'hit-and-run'], default: 'dikin', help: 'the walk' },
    verbose: { type: 'flag', help: 'say more' },
    seed: SEED,
  },
  examples: [{ text: 'Ten numbers:', command: 'toy draw model.json --count 10' }],
  async run({ options, positionals, note }) {
    // The types are those declared.
    const method: 'dikin' | 'hit-and-run' = options.method;
    const radius: number | undefined = options.radius;
    if (options.verbose) note('starting');
    const model = await readBytes(positionals[0] as string);
    return {
      data: { count: options.count, radius, method, seed: options.seed, bytes: model.length, draws: new Float64Array([1, Number.NaN]) },
      text: Array.from({ length: options.count }, (_, k) => `draw ${k}\n`),
    };
  },
});

const check = command({
  description: 'Check a claim.',
  options: { holds: { type: 'flag', help: 'whether it holds' } },
  run: ({ options }) => ({ data: { holds: options.holds }, text: options.holds ? 'holds' : 'fails', ok: options.holds }),
});

const fail = command({
  description: 'Throw.',
  positionals: [{ name: 'KIND', help: 'what to throw' }],
  run({ positionals }) {
    throw (errors[positionals[0] as string] as () => Error)();
  },
});

const wait = command({
  description: 'Work until stopped.',
  options: { deaf: { type: 'flag', help: 'ignore the signal' } },
  async run({ options, signal, progress, note }) {
    note('working');
    for (let k = 0; k < 600 && (options.deaf || !signal.aborted); k++) {
      progress(k / 600, `step ${k}`);
      await sleep(20);
    }
    return { data: { partial: signal.aborted }, text: signal.aborted ? 'partial' : 'whole' };
  },
});

const flood = command({
  description: 'Print much.',
  run: () => ({
    data: null,
    text: (function* () {
      for (let k = 0; k < 200_000; k++) yield `${k}\n`;
    })(),
  }),
});

const bytes = command({
  description: 'Print bytes that are no text.',
  run: () => ({
    get data() {
      return Promise.resolve([255, 10, 0]);
    },
    get text() {
      return [Uint8Array.of(255), Uint8Array.of(10, 0)];
    },
  }),
});

await runCli({ name: 'toy', version: '1.2.3', description: 'Toys.', commands: { draw, check, fail, wait, flood, bytes } });
