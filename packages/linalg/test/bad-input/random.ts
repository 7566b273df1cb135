import * as linalg from '../../src/index.ts';
import { ArgumentError, NonFiniteError, ShapeError } from '../../src/index.ts';
import { any, around, missing, type Row, vector } from './arguments.ts';

const rng = linalg.philox(1);

export const RANDOM: Readonly<Record<string, readonly Row[]>> = {
  philox: [
    ...[-1, 0.5, Number.NaN, 2 ** 53].flatMap((value): Row[] => [
      [`seed ${value}`, () => linalg.philox(value), ArgumentError, { argument: 'seed' }],
      [`stream ${value}`, () => linalg.philox(0, value), ArgumentError, { argument: 'stream' }],
      [`split ${value}`, () => rng.split(value), ArgumentError, { argument: 'index' }],
    ]),
    ...[0, -1, 1.5, Number.NaN, 2 ** 54].map((n): Row => [`integer ${n}`, () => rng.integer(n), ArgumentError, { argument: 'n' }]),
    ['fillUniform', () => rng.fillUniform(any(new Int32Array(3))), ArgumentError, { argument: 'out' }],
    ['fillNormal', () => rng.fillNormal(any([0, 0])), ArgumentError, { argument: 'out' }],
  ],
  restore: [
    undefined,
    null,
    {},
    { ...rng.state(), algorithm: 'mt19937' },
    { ...rng.state(), key: [1] },
    { ...rng.state(), key: [0, 2 ** 32] },
    { ...rng.state(), stream: undefined },
    { ...rng.state(), position: -1 },
    { ...rng.state(), position: 0.5 },
    { ...rng.state(), halfPair: 1 },
    { ...rng.state(), halfPair: true, position: 2 },
  ].map((state): Row => [JSON.stringify(state) ?? 'undefined', () => linalg.restore(any(state)), ArgumentError, { argument: 'state' }]),
  choose: [
    ['negative n', () => linalg.choose(rng, -1, 0), ShapeError],
    ['fractional count', () => linalg.choose(rng, 3, 1.5), ShapeError],
    ['NaN', () => linalg.choose(rng, Number.NaN, 1), ShapeError],
    ...missing((none) => linalg.choose(any(none), 3, 1), 'rng'),
    ['2^31 numbers', () => linalg.choose(rng, 2 ** 31, 1), ShapeError],
    ['too many', () => linalg.choose(rng, 3, 4), ArgumentError, { argument: 'count' }],
  ],
  aliasTable: [
    ...vector((weights) => linalg.aliasTable(weights), { argument: 'weights', length: false }),
    ...missing((none) => linalg.aliasTable(around(1)).draw(any(none)), 'rng'),
    ['negative', () => linalg.aliasTable(around(-1)), ArgumentError, { argument: 'weights' }],
    ['all zero', () => linalg.aliasTable(new Float64Array(3)), ArgumentError, { argument: 'weights' }],
    ['none', () => linalg.aliasTable(new Float64Array(0)), ArgumentError, { argument: 'weights' }],
    ['NaN', () => linalg.aliasTable(around(Number.NaN)), NonFiniteError, { argument: 'weights', index: [1] }],
    ['Infinity', () => linalg.aliasTable(around(Infinity)), NonFiniteError, { argument: 'weights', index: [1] }],
  ],
};
