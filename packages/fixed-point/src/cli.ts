#!/usr/bin/env node
import { writeFile } from 'node:fs/promises';
import { command, type Positional, readBytes, runCli, SEED, UsageError } from '@x/cli';
import { PNG } from 'pngjs';
import {
  type BasinMap,
  basinMap,
  basinPixels,
  basinSvg,
  box,
  type Certificate,
  certificateFromJson,
  certificateToJson,
  certify,
  certifyMostRobust,
  certifyNear,
  classify,
  type Enumeration,
  enumerateFixedPoints,
  type LoopedNet,
  METHODS,
  type Method,
  multistart,
  type NoCertificate,
  noiseError,
  readJsonNet,
  readOnnxNet,
  solveFixedPoint,
  verifyCertificate,
} from './index.ts';

const MODEL: Positional = { name: 'MODEL', help: 'a looped network as JSON, or an ONNX chain of dense layers, gzipped or not; - is stdin' };
const LOWER = { type: 'number', default: -2, help: 'lower bound of every coordinate' } as const;
const UPPER = { type: 'number', default: 2, help: 'upper bound of every coordinate' } as const;
const START = {
  type: 'text',
  value: 'X',
  help: 'a start, as numbers with commas; one number stands for all coordinates; default 0',
} as const;

const solving = command({
  description: 'Finds a fixed point from a start, or those that random starts reach, and says how it looks there.',
  positionals: [MODEL],
  options: {
    method: { type: 'text', choices: METHODS, default: 'auto', help: 'the method' },
    start: START,
    starts: { type: 'integer', min: 1, help: 'random starts between --lower and --upper instead of one' },
    lower: LOWER,
    upper: UPPER,
    tolerance: { type: 'number', default: 1e-10, min: 0, help: 'of the residual, relative and absolute' },
    iterations: { type: 'integer', default: 1000, min: 1, help: 'the most iterations' },
    seed: SEED,
  },
  examples: [
    { text: 'From zero:', command: 'fixed-point solve model.json' },
    { text: 'All that Newton reaches from 500 starts:', command: 'fixed-point solve block.onnx --starts 500 --method newton' },
  ],
  async run({ options, positionals, signal }) {
    const net = await readModel(positionals[0] as string);
    const limits = { rtol: options.tolerance, atol: options.tolerance, maxIterations: options.iterations };
    const method = options.method as Method;
    if (options.starts !== undefined) {
      if (options.start !== undefined) throw new UsageError('--start is one start, --starts are random ones');
      checkBounds(options.lower, options.upper);
      const region = box(options.lower, options.upper, net.dimension);
      const found = multistart(net.evaluate, region, { starts: options.starts, seed: options.seed, method, ...limits, signal });
      const points = found.map((point) => ({ ...point, classification: classify(net, point.x) }));
      const lines = points.map(
        ({ x, hits, classification }) => `${String(hits).padStart(6)} starts  ${classification.kind.padEnd(10)} ${shown(x)}`,
      );
      return {
        data: { points },
        text: [`${counted(points.length)} reached; there may be others`, ...lines].join('\n'),
        ok: points.length > 0,
      };
    }
    const run = solveFixedPoint(net.evaluate, startOf(options.start, net.dimension), {
      method,
      jacobian: net.jacobian,
      jvp: net.jvp,
      signal,
      ...limits,
    });
    const classification = run.converged ? classify(net, run.x) : undefined;
    const verdict = `${run.reason}: ${run.method}, ${run.iterations} iterations, ${run.evaluations} evaluations, residual ${run.residual.toExponential(2)}`;
    const kind = classification && `${classification.kind}: spectral radius ${classification.spectralRadius.toPrecision(4)}`;
    return { data: { ...run, classification }, text: [verdict, ...(kind ? [kind] : []), shown(run.x)].join('\n'), ok: run.converged };
  },
});

const certifying = command({
  description: 'Proves that a box holds exactly one fixed point; without a box, finds one around the fixed point that a start leads to.',
  positionals: [MODEL],
  options: {
    start: START,
    robust: { type: 'flag', help: 'the box that withstands the largest disturbances, instead of a small one' },
    lower: { type: 'text', value: 'X', help: 'lower bounds of the box, as numbers with commas; needs --upper' },
    upper: { type: 'text', value: 'X', help: 'upper bounds' },
    out: { type: 'text', value: 'FILE', help: 'write the certificate as JSON' },
  },
  examples: [
    {
      text: 'The fixed point that an orbit from 1 ends in, with its basin of disturbances:',
      command: 'fixed-point certify model.json --start 1 --robust',
    },
    { text: 'A box of your own, kept:', command: 'fixed-point certify model.json --lower=-0.2 --upper=0.3 --out proof.json' },
  ],
  async run({ options, positionals }) {
    const net = await readModel(positionals[0] as string);
    if ((options.lower === undefined) !== (options.upper === undefined)) throw new UsageError('--lower and --upper belong together');
    if (options.lower !== undefined && (options.start !== undefined || options.robust))
      throw new UsageError('--start and --robust find a box; --lower and --upper give one');
    const outcome =
      options.lower === undefined
        ? around(net, options.start, options.robust)
        : certify(net, box(startOf(options.lower, net.dimension), startOf(options.upper, net.dimension)));
    const fragile = options.robust && outcome.status === 'certified' && outcome.noiseRadius === 0;
    const text = [describe(outcome), ...(fragile ? ['no box was found that disturbances do not lead out of'] : [])].join('\n');
    if (outcome.status !== 'certified') return { data: outcome, text, ok: false };
    const json = certificateToJson(outcome);
    if (options.out !== undefined) await writeFile(options.out, `${JSON.stringify(json)}\n`);
    return { data: json, text };
  },
});

const verifying = command({
  description: 'Checks a certificate by other arithmetic than that which made it: whole numbers with 200 binary places.',
  positionals: [MODEL, { name: 'CERTIFICATE', help: 'what certify --out wrote' }],
  examples: [{ text: 'A proof from somebody else:', command: 'fixed-point verify model.json proof.json' }],
  async run({ positionals }) {
    const net = await readModel(positionals[0] as string);
    const certificate = certificateFromJson(new TextDecoder().decode(await readBytes(positionals[1] as string)));
    const result = verifyCertificate(net, certificate);
    return { data: result, text: result.valid ? 'valid' : `not valid: ${result.reason}`, ok: result.valid };
  },
});

const enumerating = command({
  description: 'Finds every fixed point in a box, attracting or not, with a proof that there are no others.',
  positionals: [MODEL],
  options: {
    lower: LOWER,
    upper: UPPER,
    'min-width': { type: 'number', min: Number.MIN_VALUE, help: 'boxes narrower than this are not split; default 1e-6 of the box' },
    'max-boxes': { type: 'integer', default: 1_000_000, min: 1, help: 'boxes looked at, at most' },
  },
  examples: [{ text: 'All between -1.6 and 1.6:', command: 'fixed-point enumerate model.json --lower=-1.6 --upper 1.6' }],
  async run({ options, positionals, signal, progress }) {
    checkBounds(options.lower, options.upper);
    const net = await readModel(positionals[0] as string);
    const result = await enumerateFixedPoints(net, box(options.lower, options.upper, net.dimension), {
      ...(options['min-width'] === undefined ? {} : { minWidth: options['min-width'] }),
      maxBoxes: options['max-boxes'],
      signal,
      onProgress: progress,
    }).catch(keepFinished);
    const { points, boundary, undecided, complete, boxes } = result;
    const verdict = complete ? 'complete' : `not complete: ${undecided.length} place${undecided.length === 1 ? '' : 's'} undecided`;
    const lines = [...points, ...boundary].map((point) => `${kindOf(point)} ${shown(middleOf(point))}`);
    return {
      data: { complete, boxes, points: points.map(certificateToJson), boundary: boundary.map(certificateToJson), undecided },
      text: [
        `${counted(points.length)}${boundary.length > 0 ? `, ${boundary.length} on the boundary` : ''}; ${verdict} (${boxes} boxes)`,
        ...(points.length > 1 ? [tally(points)] : []),
        ...lines,
      ].join('\n'),
      ok: complete,
    };
  },
});

const basin = command({
  description: 'Draws the basins of attraction on a plane of two coordinates.',
  positionals: [MODEL],
  options: {
    out: { type: 'text', default: 'basin.png', value: 'FILE', help: 'the picture, .png or .svg' },
    axes: { type: 'text', default: '0,1', value: 'I,J', help: 'the coordinates across and up' },
    start: { ...START, help: 'the other coordinates, as numbers with commas; default 0' },
    lower: LOWER,
    upper: UPPER,
    width: { type: 'integer', default: 400, min: 1, max: 4096, help: 'cells across, and up' },
    iterations: { type: 'integer', default: 1000, min: 1, help: 'the most iterations' },
  },
  examples: [
    { text: 'Coordinates 0 and 1 from -1.5 to 1.5:', command: 'fixed-point basin model.json --lower=-1.5 --upper 1.5 --out basin.svg' },
  ],
  async run({ options, positionals, signal, progress }) {
    if (!/\.(png|svg)$/i.test(options.out)) throw new UsageError(`--out is ${options.out}; it must end in .png or .svg`);
    const net = await readModel(positionals[0] as string);
    const plane = planeOf(net, options);
    const map = await basinMap(net, plane, {
      width: options.width,
      maxIterations: options.iterations,
      signal,
      onProgress: progress,
    });
    await writeFile(options.out, /\.svg$/i.test(options.out) ? basinSvg(map) : png(map));
    const cells = map.labels.length;
    // Starts that lie exactly on the way into a saddle end there.
    const shares = map.attractors.map((x, k) => ({
      x,
      share: map.labels.filter((label) => label === k + 1).length / cells,
      kind: classify(net, x).kind,
    }));
    const attracting = shares.filter(({ kind }) => kind === 'attracting').length;
    const others = shares.length - attracting;
    const lines = shares.map(({ x, share, kind }) => `${(100 * share).toFixed(1).padStart(6)} %  ${kind.padEnd(10)} ${shown(x)}`);
    const lost = map.labels.filter((label) => label === 0).length / cells;
    return {
      data: { file: options.out, attractors: shares, unreached: lost },
      text: [
        `${options.out}: ${attracting} attractor${attracting === 1 ? '' : 's'}${others > 0 ? `, ${others} other end${others === 1 ? '' : 's'}` : ''}${lost > 0 ? `; ${(100 * lost).toFixed(1)} % reached none` : ''}`,
        ...lines,
      ].join('\n'),
    };
  },
});

/** JSON starts with a brace; the first byte of an ONNX model is a field's key, 8 as a rule. */
async function readModel(path: string): Promise<LoopedNet> {
  const bytes = await readBytes(path);
  const text = bytes.find((byte) => byte > 32);
  return text === 0x7b || text === 0xef ? readJsonNet(new TextDecoder().decode(bytes)) : readOnnxNet(bytes);
}

function startOf(text: string | undefined, dimension: number): Float64Array {
  const numbers = (text ?? '0').split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!numbers.every(Number.isFinite)) throw new UsageError(`'${text}' is not a list of numbers with commas`);
  if (numbers.length !== 1 && numbers.length !== dimension)
    throw new UsageError(`'${text}' has ${numbers.length} numbers; the network has ${dimension} coordinates`);
  return Float64Array.from({ length: dimension }, (_, i) => numbers[numbers.length === 1 ? 0 : i] as number);
}

function around(net: LoopedNet, start: string | undefined, robust: boolean): Certificate | NoCertificate {
  const { x, reason, converged } = solveFixedPoint(net.evaluate, startOf(start, net.dimension), {
    jacobian: net.jacobian,
    rtol: 1e-13,
    atol: 1e-13,
  });
  if (!converged && reason !== 'stagnated')
    return { status: 'unknown', reason: `no fixed point was found from the start (${reason}); another --start may lead to one` };
  const mostRobust = robust ? certifyMostRobust(net, x) : undefined;
  return mostRobust?.status === 'certified' ? mostRobust : certifyNear(net, x);
}

function checkBounds(lower: number, upper: number): void {
  if (!(lower < upper)) throw new UsageError(`--lower ${lower} is not below --upper ${upper}`);
}

function planeOf(net: LoopedNet, { axes, start, lower, upper }: { axes: string; start: string | undefined; lower: number; upper: number }) {
  const d = net.dimension;
  if (d < 2) throw new UsageError('a picture needs a network of at least two coordinates; this one has 1');
  const chosen = axes.split(',').map(Number);
  if (chosen.length !== 2 || !chosen.every((k) => Number.isInteger(k) && k >= 0 && k < d) || chosen[0] === chosen[1]) {
    throw new UsageError(`--axes is ${axes}; it must be two different coordinates from 0 to ${d - 1}`);
  }
  checkBounds(lower, upper);
  const origin = startOf(start, d);
  const [u, v] = chosen.map((k) => {
    origin[k] = (lower + upper) / 2;
    return new Float64Array(d).fill((upper - lower) / 2, k, k + 1);
  }) as [Float64Array, Float64Array];
  return { origin, u, v };
}

function png(map: BasinMap): Uint8Array {
  const { width, height, data } = basinPixels(map);
  const image = new PNG({ width, height });
  image.data.set(data);
  return PNG.sync.write(image);
}

/** An interrupted enumeration is reported as far as it came. */
function keepFinished(error: unknown): Enumeration {
  const partial = error instanceof Error && error.name === 'AbortError' ? (error as Error & { partial?: Enumeration }).partial : undefined;
  if (partial === undefined) throw error;
  return partial;
}

function describe(outcome: Certificate | NoCertificate): string {
  if (outcome.status !== 'certified') return `${outcome.status}: ${outcome.reason}`;
  const { kind, box: X, contraction, noiseRadius } = outcome;
  return [
    `certified by ${kind === 'banach' ? "Banach's" : "Krawczyk's"} theorem: exactly one fixed point, ${kindOf(outcome).trim()}`,
    `at  ${shown(middleOf(outcome))}`,
    `box ${shown(X.lower)} to ${shown(X.upper)}`,
    ...(contraction === undefined ? [] : [`contraction factor ${contraction.toPrecision(6)}`]),
    ...(noiseRadius > 0 ? [`disturbances of up to ${noiseRadius.toPrecision(6)} a loop stay in the box`] : []),
    ...(noiseRadius > 0 && kind === 'banach' ? [`and end within ${noiseError(outcome).toPrecision(6)} of the fixed point`] : []),
  ].join('\n');
}

function tally(points: readonly Certificate[]): string {
  const kinds = points.map((point) => kindOf(point).trim());
  return [...new Set(kinds)].map((kind) => `${kinds.filter((other) => other === kind).length} ${kind}`).join(', ');
}

function kindOf({ attracting }: Certificate): string {
  return (attracting === true ? 'attracting' : attracting === false ? 'not attracting' : 'attraction unknown').padEnd(18);
}

function middleOf({ enclosure: { lower, upper } }: Certificate): Float64Array {
  return lower.map((l, i) => l / 2 + upper[i] / 2);
}

function counted(n: number): string {
  return `${n} fixed point${n === 1 ? '' : 's'}`;
}

function shown(x: Float64Array): string {
  const cells = Array.from(x.subarray(0, 8), (v) => (Math.abs(v) < 1e-15 ? '0' : String(Number(v.toPrecision(8)))));
  return x.length > 8 ? `${cells.join(' ')} ... (${x.length})` : cells.join(' ');
}

await runCli({
  name: 'fixed-point',
  description: 'Finds, counts, certifies and draws the fixed points of looped networks.',
  commands: { solve: solving, certify: certifying, verify: verifying, enumerate: enumerating, basin },
});
