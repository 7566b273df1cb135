import * as linalg from '../../src/index.ts';
import {
  AbortedError,
  ArgumentError,
  type Dense,
  NonFiniteError,
  NotConvergedError,
  OutOfMemoryError,
  ShapeError,
} from '../../src/index.ts';
import { A, any, around, HUGE, matrix, missing, options, type Row, running, sparse, vector, wide, x } from './arguments.ts';

const S = linalg.csrFromDense(A);
const fired = AbortSignal.abort();
const lstsqOptions = (options: object) => () => linalg.lstsq(A, x, any(options));
const leverageOptions = (options: object) => () => linalg.leverageScores(A, any({ method: 'approximate', ...options }));
const sampleOptions = (options: object) => () => linalg.sampleRows(A, any({ size: 2, ...options }));
const propagating = { finite: false, double: false };

/** One row of equal entries. */
const broad: Dense = { ...linalg.zeros(1, 1), cols: 2 ** 22, colStride: 0 };

/** Blocks that come in the first pass only. */
function readOnce(): () => unknown {
  const blocks = [A].values();
  return () => linalg.leverageScoresOfBlocks(() => blocks);
}

/** Sizes, seeds and streams of a sketch, and what it is applied to. */
function sketch(make: (rows: number, cols: number, options?: object) => linalg.Sketch): Row[] {
  const applied = make(2, 3);
  return [
    ...options((none) => make(2, 3, none)),
    ...[8, 9].flatMap((n): Row[] => {
      // Sixteen columns of random signs: some sum is beyond the range of f64.
      const huge = {
        ...linalg.zeros(n, 16),
        data: linalg
          .philox(1)
          .fillUniform(new Float64Array(16 * n))
          .map((u) => (u < 0.5 ? -1 : 1) * Number.MAX_VALUE),
      };
      return [
        [`S A beyond the range of f64, n = ${n}`, () => make(1, n).apply(huge), NonFiniteError, { argument: 'result' }],
        [`the same of sparse A, n = ${n}`, () => make(1, n).apply(linalg.csrFromDense(huge)), NonFiniteError, { argument: 'result' }],
        // Columns of CountSketch have one entry: nothing is added.
        ...(make === linalg.countSketch
          ? []
          : [[`S^T Y beyond it, n = ${n}`, () => make(n, n).applyTranspose(huge), NonFiniteError, { argument: 'result' }] satisfies Row]),
      ];
    }),
    ['S A beyond memory', () => make(4, 3).apply({ ...S, cols: HUGE }), OutOfMemoryError, { bytes: 32 * HUGE }],
    ['S^T Y beyond memory', () => make(1, 512).applyTranspose(broad), OutOfMemoryError, { bytes: 2 ** 34 }],
    ...[0, -1, 1.5, Number.NaN].map((rows): Row => [`rows ${rows}`, () => make(rows, 3), ShapeError]),
    ...[-1, 1.5, Number.NaN, Infinity].map((cols): Row => [`cols ${cols}`, () => make(1, cols), ShapeError]),
    ...[-1, 0.5, Number.NaN, 2 ** 53].flatMap((value): Row[] => [
      [`seed ${value}`, () => make(2, 3, { seed: value }), ArgumentError, { argument: 'seed' }],
      [`stream ${value}`, () => make(2, 3, { stream: value }), ArgumentError, { argument: 'stream' }],
    ]),
    ...matrix((M) => applied.apply(M), { double: false }),
    ...sparse((M) => applied.apply(M)),
    ['apply: other rows', () => applied.apply(wide), ShapeError],
    ...matrix((Y) => make(3, 3).applyTranspose(Y), { argument: 'Y', double: false }),
    ['applyTranspose: other rows', () => applied.applyTranspose(A), ShapeError],
  ];
}

export const SKETCHING: Readonly<Record<string, readonly Row[]>> = {
  gaussianSketch: sketch(linalg.gaussianSketch),
  countSketch: sketch(linalg.countSketch),
  osnap: [
    ...sketch(linalg.osnap),
    ...[0, 1.5, 3, Number.NaN].map(
      (nonzeros): Row => [`${nonzeros} nonzeros`, () => linalg.osnap(2, 3, { nonzeros }), ArgumentError, { argument: 'nonzeros' }],
    ),
  ],
  srht: [...sketch(linalg.srht), ['more rows than there are', () => linalg.srht(5, 3), ArgumentError, { argument: 'rows' }]],
  spectralDistortion: [
    ...matrix((M) => linalg.spectralDistortion(M, A), { double: false }),
    ...sparse((M) => linalg.spectralDistortion(M, A)),
    ...matrix((SA) => linalg.spectralDistortion(A, SA), { argument: 'SA', double: false }),
    ['columns', () => linalg.spectralDistortion(A, linalg.zeros(3, 2)), ShapeError],
  ],
  certifyDistortion: [
    ...matrix((M) => linalg.certifyDistortion(M, A), { double: false }),
    ...sparse((M) => linalg.certifyDistortion(M, A)),
    ...matrix((SA) => linalg.certifyDistortion(A, SA), { argument: 'SA', double: false }),
    ['columns', () => linalg.certifyDistortion(A, linalg.zeros(3, 2)), ShapeError],
    ...options((none) => linalg.certifyDistortion(A, A, none)),
    ...[0, 1.5, Number.NaN].map((steps): Row => [`${steps} steps`, () => linalg.certifyDistortion(A, A, { steps }), ShapeError]),
    ...[0, -1, 2, Number.NaN].map(
      (failure): Row => [`failure ${failure}`, () => linalg.certifyDistortion(A, A, { failure }), ArgumentError, { argument: 'failure' }],
    ),
    ['seed', () => linalg.certifyDistortion(A, A, { seed: -1 }), ArgumentError, { argument: 'seed' }],
    ['seed, of a zero matrix', () => linalg.certifyDistortion(linalg.zeros(3, 3), A, { seed: 0.5 }), ArgumentError, { argument: 'seed' }],
  ],
  leverageScores: [
    ...matrix((M) => linalg.leverageScores(M), { double: false }),
    ...sparse((M) => linalg.leverageScores(M)),
    ...matrix((M) => linalg.leverageScores(M, { method: 'approximate', sketch: { rows: 2 } }), { double: false }),
    ...options((none) => linalg.leverageScores(A, none)),
    ...options((none) => linalg.leverageScores(A, { method: 'approximate', sketch: any(none) }), 'sketch'),
    ['beyond memory', () => linalg.leverageScores({ ...S, cols: HUGE }), OutOfMemoryError, { bytes: 8 * HUGE * HUGE }],
    ['method', () => linalg.leverageScores(A, { method: any('fast') }), ArgumentError, { argument: 'method' }],
    ...[-1, Number.NaN, Infinity].map(
      (ridge): Row => [`ridge ${ridge}`, () => linalg.leverageScores(A, { ridge }), ArgumentError, { argument: 'ridge' }],
    ),
    ['projection', leverageOptions({ projection: -1 }), ShapeError],
    ['refineTop', leverageOptions({ refineTop: 1.5 }), ShapeError],
    ['kind', leverageOptions({ sketch: { kind: 'hash' } }), ArgumentError, { argument: 'kind' }],
    ['kind of Object', leverageOptions({ sketch: { kind: 'toString' } }), ArgumentError, { argument: 'kind' }],
    ...[0, -1, 2.5, Number.NaN, Infinity].map((rows): Row => [`sketch of ${rows} rows`, leverageOptions({ sketch: { rows } }), ShapeError]),
    ['seed', leverageOptions({ sketch: { seed: -1 } }), ArgumentError, { argument: 'seed' }],
    ['distortion', leverageOptions({ sketch: { distortion: 0 } }), ArgumentError, { argument: 'distortion' }],
  ],
  leverageScoresOfBlocks: [
    ...matrix((M) => linalg.leverageScoresOfBlocks(() => [A, M]), { double: false, argument: 'blocks[1]' }),
    ...sparse((M) => linalg.leverageScoresOfBlocks(() => [M]), { argument: 'blocks[0]' }),
    ...missing((none) => linalg.leverageScoresOfBlocks(any(none)), 'blocks'),
    ...[undefined, null, 5, A].map(
      (value): Row => [
        `blocks gives ${value}`,
        () => linalg.leverageScoresOfBlocks(() => any(value)),
        ArgumentError,
        { argument: 'blocks' },
      ],
    ),
    ...options((none) => linalg.leverageScoresOfBlocks(() => [A], none)),
    ...running((options) => linalg.leverageScoresOfBlocks(() => [A], options)),
    ['columns', () => linalg.leverageScoresOfBlocks(() => [A, linalg.zeros(3, 2)]), ShapeError],
    ['read once only', readOnce(), ArgumentError, { argument: 'blocks' }],
    ['ridge', () => linalg.leverageScoresOfBlocks(() => [A], { ridge: -1 }), ArgumentError, { argument: 'ridge' }],
    ['aborted', () => linalg.leverageScoresOfBlocks(() => [A], { signal: fired }), AbortedError],
  ],
  lewisWeights: [
    ...matrix((M) => linalg.lewisWeights(M, 1), { double: false }),
    ...sparse((M) => linalg.lewisWeights(M, 1)),
    ...[0, -1, Number.NaN, Infinity].map((p): Row => [`p = ${p}`, () => linalg.lewisWeights(A, p), ArgumentError, { argument: 'p' }]),
    ...options((none) => linalg.lewisWeights(A, 1, none)),
    ...running((options) => linalg.lewisWeights(A, 1, options)),
    ['tolerance', () => linalg.lewisWeights(A, 1, { tolerance: -1 }), ArgumentError, { argument: 'tolerance' }],
    ['maxIterations', () => linalg.lewisWeights(A, 1, { maxIterations: 0.5 }), ShapeError],
    [
      'too few iterations',
      () => linalg.lewisWeights(linalg.fromRows([[1], [2]]), 3, { maxIterations: 0 }),
      NotConvergedError,
      { iterations: 0 },
    ],
    ['aborted', () => linalg.lewisWeights(A, 1, { signal: fired }), AbortedError],
  ],
  lewisWeightsAsync: [
    ...matrix((M) => linalg.lewisWeightsAsync(M, 1), { double: false }),
    ...options((none) => linalg.lewisWeightsAsync(A, 1, none)),
    ...running((options) => linalg.lewisWeightsAsync(A, 1, options)),
    ['p', () => linalg.lewisWeightsAsync(A, 0), ArgumentError, { argument: 'p' }],
    ['aborted', () => linalg.lewisWeightsAsync(A, 1, { signal: fired }), AbortedError],
  ],
  effectiveDimension: [
    ...matrix((M) => linalg.effectiveDimension(M, 1), { double: false }),
    ...sparse((M) => linalg.effectiveDimension(M, 1)),
    ...[0, -1, Number.NaN, Infinity].map(
      (ridge): Row => [`ridge ${ridge}`, () => linalg.effectiveDimension(A, ridge), ArgumentError, { argument: 'ridge' }],
    ),
  ],
  sampleRows: [
    ...matrix((M) => linalg.sampleRows(M, { size: 2 }), { double: false }),
    ...sparse((M) => linalg.sampleRows(M, { size: 2 })),
    ...options((none) => linalg.sampleRows(A, none)),
    ...vector((scores) => linalg.sampleRows(A, { size: 2, scores }), { argument: 'scores', missing: false }),
    ['beyond memory', sampleOptions({ scheme: 'multinomial', size: 2 ** 40 }), OutOfMemoryError, { bytes: 2 ** 42 }],
    ['no size', () => linalg.sampleRows(A), ArgumentError, { argument: 'size' }],
    ...[0, -1, Number.NaN, Infinity].map((size): Row => [`size ${size}`, sampleOptions({ size }), ArgumentError, { argument: 'size' }]),
    ['eps', () => linalg.sampleRows(A, { eps: 2, delta: 0.1 }), ArgumentError, { argument: 'eps' }],
    ['delta', () => linalg.sampleRows(A, { eps: 0.5, delta: 0 }), ArgumentError, { argument: 'delta' }],
    ['scheme', sampleOptions({ scheme: 'poisson' }), ArgumentError, { argument: 'scheme' }],
    ['oversample', sampleOptions({ oversample: 0 }), ArgumentError, { argument: 'oversample' }],
    ['seed', sampleOptions({ seed: 1.5 }), ArgumentError, { argument: 'seed' }],
    ['scores too short', sampleOptions({ scores: new Float64Array(2) }), ShapeError],
    ['negative score', sampleOptions({ scores: around(-1) }), ArgumentError, { argument: 'scores' }],
    ['no positive score', sampleOptions({ scores: new Float64Array(3) }), ArgumentError, { argument: 'scores' }],
    ['score NaN', sampleOptions({ scores: around(Number.NaN) }), NonFiniteError, { argument: 'scores', index: [1] }],
  ],
  sampledRows: [
    ...missing((none) => linalg.sampledRows(A, any(none)), 'sample'),
    ...matrix((M) => linalg.sampledRows(M, { indices: new Int32Array([0]), weights: x.subarray(0, 1) }), propagating),
    ...[A, S].flatMap((M): Row[] => [
      [
        'row outside',
        () => linalg.sampledRows(M, { indices: new Int32Array([3]), weights: x.subarray(0, 1) }),
        ArgumentError,
        { argument: 'indices' },
      ],
      ['fractional row', () => linalg.sampledRows(M, { indices: any([0.5]), weights: x.subarray(0, 1) }), ArgumentError],
      ['lengths', () => linalg.sampledRows(M, { indices: new Int32Array([0]), weights: x }), ShapeError],
      [
        'weight NaN',
        () => linalg.sampledRows(M, { indices: new Int32Array(3), weights: around(Number.NaN) }),
        NonFiniteError,
        { argument: 'weights' },
      ],
    ]),
  ],
  lstsq: [
    ...matrix((M) => linalg.lstsq(M, x), { double: false }),
    ...sparse((M) => linalg.lstsq(M, x)),
    ['length of b', () => linalg.lstsq(A, new Float64Array(2)), ShapeError],
    ['b NaN', () => linalg.lstsq(A, around(Number.NaN)), NonFiniteError, { argument: 'b', index: [1] }],
    ['b Infinity', () => linalg.lstsq(A, around(Infinity)), NonFiniteError, { argument: 'b', index: [1] }],
    ['b of f32', () => linalg.lstsq(A, any(new Float32Array(3))), ArgumentError, { argument: 'b' }],
    ['no b', () => linalg.lstsq(A, any(undefined)), ArgumentError, { argument: 'b' }],
    ...options((none) => linalg.lstsq(A, x, none)),
    ...running((options) => linalg.lstsq(A, x, options)),
    ['aborted', lstsqOptions({ signal: fired }), AbortedError],
    ...options((none) => linalg.lstsq(A, x, { sketch: any(none) }), 'sketch'),
    ['method', lstsqOptions({ method: 'qr' }), ArgumentError, { argument: 'method' }],
    ['tolerance', lstsqOptions({ tolerance: Number.NaN }), ArgumentError, { argument: 'tolerance' }],
    ...['direct', 'solve'].map(
      (method): Row => [`tolerance of ${method}`, lstsqOptions({ method, tolerance: 0.1 }), ArgumentError, { argument: 'tolerance' }],
    ),
    ['maxIterations', lstsqOptions({ maxIterations: -1 }), ShapeError],
    ['sketch of 0 rows', lstsqOptions({ method: 'solve', sketch: { rows: 0 } }), ShapeError],
    ['seed', lstsqOptions({ method: 'solve', sketch: { seed: -1 } }), ArgumentError, { argument: 'seed' }],
  ],
  lstsqAsync: [
    ...matrix((M) => linalg.lstsqAsync(M, x), { double: false }),
    ...vector((b) => linalg.lstsqAsync(A, b), { argument: 'b' }),
    ...options((none) => linalg.lstsqAsync(A, x, none)),
    ...running((options) => linalg.lstsqAsync(A, x, options)),
    ['aborted', () => linalg.lstsqAsync(A, x, { signal: fired }), AbortedError],
  ],
};
