import { philox, type Rng } from '@x/linalg';
import { effort, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { verify } from '../src/pebble/verify.ts';
import { SCHEDULE_NAMES, scheduleOf } from '../src/schedules/all.ts';
import { countingMachine } from '../src/schedules/counting.ts';
import type { Shape } from '../src/schedules/machine.ts';
import { type Played, playingMachine } from '../src/schedules/playing.ts';
import { liveWords, movedWords, type Schedule, type Tiles, type Words } from '../src/schedules/schedule.ts';
import { TENSORS } from '../src/schedules/simulate.ts';
import { randomKind } from './draw.ts';
import { attention, differences, matmul } from './reference.ts';

interface Case {
  readonly shape: Shape;
  readonly tiles: Tiles;
  readonly rng: Rng;
}

function drawn(schedule: Schedule, k: number): Case {
  const rng = philox(31, k);
  const size = (most: number) => 1 + rng.integer(most);
  const [nq, nk] = [size(7), size(7)];
  const shape = { nq, nk, d: size(4), dv: size(4), mask: randomKind(rng, nq, nk, k), accumulator: 1 };
  const names = schedule.phases.flatMap((phase) => Object.keys(phase.tiles));
  return { shape, tiles: Object.fromEntries(names.map((name) => [name, size(5)])), rng };
}

const normal = (rng: Rng, count: number) => rng.fillNormal(new Float64Array(count));

function inputsOf(schedule: Schedule, { shape, rng }: Case): Map<string, Float64Array> {
  const { nq, nk, d, dv } = shape;
  if (schedule.pass === 'paperGradient') {
    return new Map(
      Object.entries({
        A1: normal(rng, nq * d),
        A2: normal(rng, nk * d),
        A3: normal(rng, nk * d),
        X: normal(rng, d * d),
        Y: normal(rng, d * dv),
        E: normal(rng, nq * dv),
      }),
    );
  }
  const [Q, K, V] = [normal(rng, nq * d), normal(rng, nk * d), normal(rng, nk * dv)];
  return new Map(Object.entries({ Q, K, V, dO: normal(rng, nq * dv), ...attention(shape, Q, K, V) }));
}

/** The schedule on data, in just as much fast memory as it says that it needs. */
function played(schedule: Schedule, drawing: Case, inputs: ReadonlyMap<string, Float64Array>): Played {
  const { shape, tiles } = drawing;
  const names = TENSORS[schedule.pass];
  const machine = playingMachine(
    liveWords(schedule, shape, tiles),
    new Map([...inputs].filter(([name]) => names.inputs.includes(name))),
    names.outputs,
  );
  schedule.run(machine, shape, tiles);
  return machine.finish();
}

const cases = (count: number) => Array.from({ length: effort(count) }, (_, k) => k);

describe.each(SCHEDULE_NAMES.map(scheduleOf))('P2: $name moves what its closed form says', (schedule) => {
  const holds = (words: (shape: Shape, tiles: Tiles) => Words) => {
    for (const k of cases(80)) {
      const drawing = drawn(schedule, k);
      const { shape, tiles } = drawing;
      const M = liveWords(schedule, shape, tiles);
      const counting = countingMachine(M);
      schedule.run(counting, shape, tiles);
      const { loads, stores } = words(shape, tiles);
      expect(counting.traffic).toMatchObject({ loads, stores });
      expect(counting.live).toBe(0);
      const { dag, moves, ...counts } = played(schedule, drawing, inputsOf(schedule, drawing));
      expect(counts).toMatchObject({ loads, stores });
      const verdict = verify(dag, moves, M, { slide: true });
      expect(verdict.error).toBeUndefined();
      expect(verdict).toMatchObject({ ok: true, loads, stores });
    }
  };
  it('tile by tile, entry by entry and as legal moves, under any mask', () => holds((shape, tiles) => movedWords(schedule, shape, tiles)));

  it('with wider sums, tile by tile', () => {
    for (const k of cases(80)) {
      const { shape: narrow, tiles } = drawn(schedule, k);
      const shape = { ...narrow, accumulator: 2 };
      const counting = countingMachine(liveWords(schedule, shape, tiles));
      schedule.run(counting, shape, tiles);
      expect(counting.traffic).toMatchObject(movedWords(schedule, shape, tiles));
    }
  });

  it('which a form without ragged tiles, a first pass or the mask does not', () => {
    // Full tiles in place of ragged ones.
    mustFail(() =>
      holds((shape, tiles) => {
        const up = (n: number, size: number) => Math.ceil(n / size) * size;
        const [nq, nk] = [up(shape.nq, Math.max(...Object.values(tiles))), shape.nk];
        return shape.mask === undefined ? movedWords(schedule, { ...shape, nq, nk }, tiles) : movedWords(schedule, shape, tiles);
      }),
    );
    mustFail(() => holds((shape, tiles) => movedWords(schedule, { ...shape, mask: undefined }, tiles)));
    mustFail(() =>
      holds((shape, tiles) => {
        const { loads, stores } = movedWords(schedule, shape, tiles);
        return { loads: loads + 1, stores };
      }),
    );
  });

  it('and never holds more than it says: with full tiles just as much', () => {
    let tight = 0;
    for (const k of cases(80)) {
      const { shape, tiles } = drawn(schedule, k);
      const M = liveWords(schedule, shape, tiles);
      const counting = countingMachine(M);
      schedule.run(counting, shape, tiles);
      if (counting.traffic.peak === M) tight++;
    }
    expect(tight).toBeGreaterThan(0);
  });
});

/** Rounding: sums of some dozen terms of size 1, and exponentials. */
const CLOSE = 1e-12;

describe.each(SCHEDULE_NAMES.map(scheduleOf))('P7: $name computes what it should', (schedule) => {
  const largest = (x: Float64Array) => x.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const distance = (x: Float64Array, y: Float64Array) =>
    x.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i]!)), 0) / largest(y);
  const { pass } = schedule;

  const holds = (change: (inputs: Map<string, Float64Array>) => void = () => {}) => {
    for (const k of cases(pass === 'forward' ? 60 : 25)) {
      const drawing = drawn(schedule, k);
      const { shape } = drawing;
      const inputs = inputsOf(schedule, drawing);
      const given = new Map([...inputs].map(([name, values]) => [name, values.slice()]));
      change(given);
      const { results } = played(schedule, drawing, given);
      const of = (name: string) => inputs.get(name)!;
      if (pass === 'forward') {
        const { O } = attention(shape, of('Q'), of('K'), of('V'));
        expect(distance(results.get('O')!, O)).toBeLessThanOrEqual(CLOSE);
      } else if (pass === 'backward') {
        const loss = (Q: Float64Array, K: Float64Array, V: Float64Array) =>
          attention(shape, Q, K, V).O.reduce((sum, o, i) => sum + o * of('dO')[i]!, 0);
        // Central differences of step 1e-5 of a function with bounded third derivatives: about 1e-10, and 1e-16 / 1e-5 of rounding.
        expect(
          distance(
            results.get('dQ')!,
            differences((x) => loss(x, of('K'), of('V')), of('Q')),
          ),
        ).toBeLessThanOrEqual(1e-7);
        expect(
          distance(
            results.get('dK')!,
            differences((x) => loss(of('Q'), x, of('V')), of('K')),
          ),
        ).toBeLessThanOrEqual(1e-7);
        expect(
          distance(
            results.get('dV')!,
            differences((x) => loss(of('Q'), of('K'), x), of('V')),
          ),
        ).toBeLessThanOrEqual(1e-7);
      } else {
        const { nq, nk, d, dv } = shape;
        const h = matmul(of('A3'), of('Y'), nk, d, dv);
        const loss = (X: Float64Array) => {
          const { O, L } = attention(shape, matmul(of('A1'), X, nq, d, d), of('A2'), h);
          // A query without keys has no part in it.
          return O.reduce((sum, o, i) => sum + (L[Math.floor(i / dv)] === Number.NEGATIVE_INFINITY ? 0 : (o - of('E')[i]!) ** 2 / 2), 0);
        };
        expect(distance(results.get('G')!, differences(loss, of('X'), 1e-6))).toBeLessThanOrEqual(1e-6);
      }
    }
  };
  it('on data', () => holds());
  it('and not with other data', () => {
    const name = pass === 'paperGradient' ? 'A2' : 'K';
    mustFail(() =>
      holds((inputs) =>
        inputs.set(
          name,
          inputs.get(name)!.map((value) => -value),
        ),
      ),
    );
  });
});

describe('P7: scores of +-1e4', () => {
  it.each(['unfused', 'smallCache', 'flash1', 'flash2'] as const)('%s gives no NaN', (name) => {
    const schedule = scheduleOf(name);
    const shape = { nq: 5, nk: 6, d: 2, dv: 2, mask: undefined, accumulator: 1 };
    const rng = philox(4);
    const [Q, K, V] = [normal(rng, 10).map((x) => 100 * x), normal(rng, 12).map((x) => 100 * x), normal(rng, 12)];
    const tiles = Object.fromEntries(schedule.phases.flatMap((phase) => Object.keys(phase.tiles).map((tile) => [tile, 2])));
    const { results } = played(schedule, { shape, tiles, rng }, new Map(Object.entries({ Q, K, V })));
    const { O } = attention(shape, Q, K, V);
    for (const [i, value] of results.get('O')!.entries()) expect(Math.abs(value - O[i]!)).toBeLessThanOrEqual(1e-11);
  });
});
