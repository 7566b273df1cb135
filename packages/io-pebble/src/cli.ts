#!/usr/bin/env node
import { writeFile } from 'node:fs/promises';
import { command, type Positional, readBytes, runCli, UsageError } from '@x/cli';
import { BadFileError, InfeasibleError } from '@x/linalg/errors';
import {
  type Advice,
  advise,
  adviseLevels,
  bigBird,
  causal,
  dagFromJson,
  dagFromOnnx,
  dagToJson,
  GPUS,
  type GpuName,
  gpu,
  greedyPebbling,
  leastCapacity,
  leastTraffic,
  type Mask,
  type Memory,
  MOST_SOLVABLE,
  type Pass,
  type PebbleDag,
  type Problem,
  regimePlot,
  slidingWindow,
  solveOptimal,
  type Variant,
  verify,
} from './index.ts';

const PASSES = ['forward', 'backward', 'paperGradient'] as const;
const PROBLEM = {
  n: { type: 'integer', default: 8192, min: 1, help: 'queries' },
  keys: { type: 'integer', min: 1, help: 'keys; default as many as queries' },
  d: { type: 'integer', default: 128, min: 1, help: 'size of a head' },
  heads: { type: 'integer', default: 1, min: 1, help: 'heads of queries' },
  'kv-heads': { type: 'integer', min: 1, help: 'heads of keys and values; default as many' },
  batch: { type: 'integer', default: 1, min: 1, help: 'sequences' },
  pass: { type: 'text', choices: PASSES, default: 'forward', help: 'what is computed' },
  mask: { type: 'text', value: 'MASK', help: 'full, causal, window:W, bigbird:BLOCK', default: 'full' },
  dtype: { type: 'text', choices: ['fp8', 'fp16', 'fp32', 'fp64'], default: 'fp16', help: 'of data' },
  accumulator: { type: 'text', choices: ['fp16', 'fp32', 'fp64'], help: 'of sums in fast memory; default as data' },
} as const;
const GAME: Positional = {
  name: 'GAME',
  help: 'JSON: { "vertices": [[], [], [0, 1]], "outputs": [2], "moves": [["load", 0], ...] }; - is stdin',
};
const DAG: Positional = { name: 'DAG', help: 'JSON as for verify, or an ONNX model; - is stdin' };
const BYTES: Readonly<Record<string, 1 | 2 | 4 | 8>> = { fp8: 1, fp16: 2, fp32: 4, fp64: 8 };

interface ProblemOptions {
  readonly n: number;
  readonly keys?: number | undefined;
  readonly d: number;
  readonly heads: number;
  readonly 'kv-heads'?: number | undefined;
  readonly batch: number;
  readonly pass: string;
  readonly mask: string;
  readonly dtype: string;
  readonly accumulator?: string | undefined;
}

const advising = command({
  description: 'Ranks the schedules of an attention layer by the bytes that they move between fast and slow memory, with the best tiles.',
  positionals: [],
  options: {
    ...PROBLEM,
    sram: { type: 'text', value: 'SIZE', help: 'fast memory, e.g. 192KiB' },
    gpu: { type: 'text', value: 'NAME', help: `or that of a GPU: ${GPUS.map(({ name }) => name).join(', ')}` },
    beyond: { type: 'text', value: 'SIZES', help: 'further levels of memory, e.g. 50MiB for an L2 cache; separated by commas' },
    bandwidth: { type: 'number', min: 0, help: 'of slow memory in TB/s, for times' },
    align: { type: 'integer', default: 1, min: 1, help: 'blocks of queries are multiples of this' },
    'align-keys': { type: 'integer', default: 1, min: 1, help: 'and blocks of keys of this' },
  },
  examples: [
    { text: 'A long context on 192 KiB:', command: 'io-pebble advise --n 8192 --d 128 --sram 192KiB --dtype fp16' },
    { text: 'Through an L2 cache, too:', command: 'io-pebble advise --gpu H100 --beyond 50MiB' },
    { text: 'Real tiles on an H100, 32-bit sums:', command: 'io-pebble advise --gpu H100 --accumulator fp32 --align 64 --align-keys 16' },
  ],
  async run({ options }) {
    const memory = memoryOf(options);
    const tiles = { align: options.align, alignKeys: options['align-keys'] };
    if (options.beyond === undefined) {
      const advice = advise(problemOf(options), memory, tiles);
      return { data: advice, text: described(advice) };
    }
    const sizes = options.beyond.split(',');
    const levels = [memory, ...sizes.map((size) => ({ bytes: sizeOf(size, 'beyond'), ...widthsOf(options) }))];
    const advices = adviseLevels(problemOf(options), levels, tiles);
    const headings = ['fast memory', ...sizes].map((name, k, all) => `between ${name} and ${all[k + 1] ?? 'what lies beyond'}`);
    return { data: advices, text: advices.map((advice, k) => `${headings[k]}\n${described(advice)}`).join('\n\n') };
  },
});

const plotting = command({
  description: 'Writes the regime plot: bytes moved against the size of fast memory for every schedule, the lower bound, crossovers, GPUs.',
  positionals: [],
  options: { ...PROBLEM, out: { type: 'text', value: 'FILE', help: 'an SVG file; default stdout' } },
  examples: [{ text: 'For heads of 64:', command: 'io-pebble regime-plot --n 2048 --d 64 --out regimes.svg' }],
  async run({ options }) {
    const svg = regimePlot(problemOf(options), widthsOf(options));
    if (options.out !== undefined) await writeFile(options.out, svg);
    return {
      data: { out: options.out ?? null, svg: options.out === undefined ? svg : undefined },
      text: options.out === undefined ? svg : `wrote ${options.out}`,
    };
  },
});

const RULES = {
  memory: { type: 'integer', default: 4, min: 1, help: 'words of fast memory' },
  variant: { type: 'text', choices: ['base', 'oneshot', 'nodel', 'compcost'], default: 'base', help: 'rules of the game' },
  slide: { type: 'flag', help: 'a result may take the place of a predecessor' },
} as const;

const verifying = command({
  description: 'Plays the moves of a red-blue pebble game and says what they cost, or which one is illegal and why (exit code 1).',
  positionals: [GAME],
  options: RULES,
  examples: [{ text: 'Judge a game:', command: 'io-pebble verify game.json --memory 4' }],
  async run({ options, positionals }) {
    const { dag, moves } = await readGame(positionals[0]!);
    if (moves === undefined) throw new BadFileError('verify: the file has no moves');
    const verdict = verify(dag, moves, options.memory, { variant: options.variant as Variant, slide: options.slide });
    const { ok, cost, peak, error } = verdict;
    const text = ok
      ? `legal: ${cost} words moved, at most ${peak} in fast memory`
      : `illegal: ${error!.code} at move ${error!.move}, vertex ${error!.vertex}`;
    return { data: verdict, text, ok };
  },
});

const solving = command({
  description:
    'Finds the cheapest pebbling of a DAG of at most 30 vertices, and proves that none is cheaper; of a larger one a good one, and how far it can be from the best (exit code 1).',
  positionals: [DAG],
  options: {
    ...RULES,
    'max-states': { type: 'integer', default: 5e6, min: 1, help: 'give up after so many states' },
    dims: { type: 'text', value: 'SIZES', help: 'of an ONNX model: sizes that it leaves open, e.g. x=1x3x48x320,batch=1' },
    'word-bytes': { type: 'integer', default: 4, min: 1, help: 'of an ONNX model: bytes of a word' },
    from: { type: 'text', value: 'TENSORS', help: 'of an ONNX model: tensors that are there at the start' },
    to: { type: 'text', value: 'TENSORS', help: 'of an ONNX model: tensors wanted; default its outputs' },
  },
  examples: [
    { text: 'The optimum with 5 words:', command: 'io-pebble solve dag.json --memory 5' },
    { text: 'A network, operator by operator:', command: 'io-pebble solve rec.onnx --dims x=1x3x48x320 --memory 2000000' },
  ],
  async run({ options, positionals, signal, progress }) {
    const { dag, names } = await readDag(positionals[0]!, options);
    const { memory, slide, 'max-states': most } = options;
    const rules = { variant: options.variant as Variant, slide };
    const least = leastCapacity(dag, slide);
    if (least.words > memory) {
      const name = names?.[least.vertex] ?? `vertex ${least.vertex}`;
      throw new InfeasibleError(`solve: --memory is ${memory}; ${name} and what it is computed from take ${least.words} words`);
    }
    const onProgress = (states: number) => progress(states / most);
    const found =
      dag.size <= MOST_SOLVABLE
        ? await solveOptimal(dag, memory, { ...rules, maxStates: most, signal, onProgress })
        : { ...greedyPebbling(dag, memory, rules), proven: false, lower: leastTraffic(dag), states: 0 };
    const proven = found.proven || found.cost === found.lower;
    const { moves } = dagToJson(dag, found.moves);
    const lines = moves!.map(([kind, vertex]) => `${kind} ${names?.[vertex] ?? vertex}`).join('\n');
    const head = proven ? `optimum ${found.cost}` : `at most ${found.cost}, at least ${found.lower} (not proven)`;
    return { data: { ...found, proven, moves, names }, text: `${head} after ${found.states} states\n${lines}`, ok: proven };
  },
});

interface OnnxOptions {
  readonly dims?: string | undefined;
  readonly 'word-bytes': number;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** A DAG from JSON or, where the file does not begin as that, from an ONNX model. */
async function readDag(path: string, options: OnnxOptions): Promise<{ readonly dag: PebbleDag; readonly names?: readonly string[] }> {
  const bytes = await readBytes(path);
  if (/^\s*[[{]/.test(new TextDecoder().decode(bytes.subarray(0, 64)))) return gameOf(bytes);
  const { from, to } = options;
  const { dag, tensors } = dagFromOnnx(bytes, {
    dims: dimsOf(options.dims),
    wordBytes: options['word-bytes'],
    ...(from !== undefined && { inputs: from.split(',') }),
    ...(to !== undefined && { outputs: to.split(',') }),
  });
  return { dag, names: tensors.map(({ name }) => name) };
}

function dimsOf(text: string | undefined): Record<string, number | number[]> {
  const entries = (text ?? '').split(',').filter((part) => part !== '');
  return Object.fromEntries(
    entries.map((part) => {
      const [, name, sizes] = /^(.+)=(\d+(?:x\d+)*)$/.exec(part) ?? [];
      if (name === undefined || sizes === undefined)
        throw new UsageError(`--dims has '${part}'; it must be NAME=SIZE or NAME=SIZExSIZE...`);
      const numbers = sizes.split('x').map(Number);
      return [name, numbers.length === 1 ? numbers[0]! : numbers];
    }),
  );
}

async function readGame(path: string): Promise<ReturnType<typeof dagFromJson>> {
  return gameOf(await readBytes(path));
}

function gameOf(bytes: Uint8Array): ReturnType<typeof dagFromJson> {
  const text = new TextDecoder().decode(bytes);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new BadFileError(`the game is no JSON: ${(error as Error).message}`);
  }
  return dagFromJson(json);
}

function problemOf({ n, keys, d, heads, batch, pass, mask, ...rest }: ProblemOptions): Problem {
  const nk = keys ?? n;
  const kvHeads = rest['kv-heads'];
  const made = maskOf(mask, n, nk);
  return {
    nq: n,
    nk,
    d,
    heads,
    batch,
    pass: pass as Pass,
    ...(kvHeads !== undefined && { kvHeads }),
    ...(made !== undefined && { mask: made }),
  };
}

function maskOf(text: string, n: number, nk: number): Mask | undefined {
  const [kind, size] = text.split(':');
  const square = () => {
    if (n !== nk) throw new UsageError(`--mask ${text} needs as many keys as queries`);
  };
  if (kind === 'full') return undefined;
  if (kind === 'causal') return causal(n, nk);
  const number = Number(size);
  if (!Number.isInteger(number) || number < 1)
    throw new UsageError(`--mask is '${text}'; it must be full, causal, window:W or bigbird:BLOCK`);
  square();
  if (kind === 'window') return slidingWindow(n, number);
  if (kind === 'bigbird') return bigBird(n, { block: number, window: 1, globals: 1, random: 3 });
  throw new UsageError(`--mask is '${text}'; it must be full, causal, window:W or bigbird:BLOCK`);
}

function widthsOf({ dtype, accumulator }: Pick<ProblemOptions, 'dtype' | 'accumulator'>): Omit<Memory, 'bytes' | 'words'> {
  return { elementBytes: BYTES[dtype]!, accumulatorBytes: BYTES[accumulator ?? dtype]! };
}

function memoryOf(
  options: ProblemOptions & {
    readonly sram?: string | undefined;
    readonly gpu?: string | undefined;
    readonly bandwidth?: number | undefined;
  },
): Memory {
  const { sram, gpu: name, bandwidth } = options;
  if ((sram === undefined) === (name === undefined)) throw new UsageError('give either --sram or --gpu');
  const speed = bandwidth === undefined ? {} : { bandwidth: bandwidth * 1e12 };
  if (sram !== undefined) return { bytes: sizeOf(sram), ...widthsOf(options), ...speed };
  const known = GPUS.find((one) => one.name.replace(' ', '').toLowerCase() === name!.replace(' ', '').toLowerCase());
  if (known === undefined) throw new UsageError(`--gpu is '${name}'; it must be one of ${GPUS.map((one) => one.name).join(', ')}`);
  return { ...gpu(known.name as GpuName), ...widthsOf(options), ...speed };
}

function sizeOf(text: string, option = 'sram'): number {
  const [, number, unit = 'b'] = /^(\d+(?:\.\d+)?)\s*(b|kib|kb|mib|mb)?$/i.exec(text.trim()) ?? [];
  const factor = { b: 1, kib: 2 ** 10, kb: 1e3, mib: 2 ** 20, mb: 1e6 }[unit.toLowerCase()];
  if (number === undefined || factor === undefined) throw new UsageError(`--${option} is '${text}'; it must be a size such as 192KiB`);
  return Math.floor(Number(number) * factor);
}

function described({ ranked, lowerBound, regime, notes }: Advice): string {
  const megabytes = (bytes: number) => `${(bytes / 1e6).toPrecision(4)} MB`.padStart(12);
  const bytesPerWord = ranked[0] === undefined ? 2 : ranked[0].bytes / ranked[0].words;
  const rows = ranked.map(({ schedule, bytes, tiles, ratioToLowerBound, seconds }) => {
    const sizes = Object.entries(tiles)
      .map(([name, size]) => `${name} ${size}`)
      .join(', ');
    const time = seconds === undefined ? '' : `${(1e6 * seconds).toPrecision(3)} us`.padStart(12);
    return `${schedule.padEnd(20)}${megabytes(bytes)}${`${ratioToLowerBound.toFixed(2)} x`.padStart(10)}${time}   ${sizes}`;
  });
  return [
    `regime: ${regime}`,
    `${'schedule'.padEnd(20)}${'moved'.padStart(12)}${'bound'.padStart(10)}`,
    ...rows,
    `${'lower bound'.padEnd(20)}${megabytes(lowerBound.words * bytesPerWord)}`,
    ...notes,
  ].join('\n');
}

await runCli({
  name: 'io-pebble',
  description: 'How many bytes attention must move, and which schedule moves them.',
  commands: { advise: advising, 'regime-plot': plotting, verify: verifying, solve: solving },
});
