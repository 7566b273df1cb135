import { philox, type Rng } from '@x/linalg';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../src/frame.ts';
import { plainKernel } from '../src/kernel/instance.ts';
import { autoWalk, cdhrWalk, hitAndRunWalk } from '../src/walk/cdhr.ts';
import { type DikinOptions, dikinWalk } from '../src/walk/dikin.ts';
import type { PolytopeWalk } from '../src/walk/polytope-walk.ts';
import { randomFrame, randomQuadratic } from './bodies.ts';

type Make = (frame: Frame, rng: Rng, options?: DikinOptions) => PolytopeWalk;
const dikin =
  (how: DikinOptions): Make =>
  (frame, rng, options) =>
    dikinWalk(frame, rng, { ...how, ...options });

const walks: readonly [string, Make][] = [
  ['cdhr', cdhrWalk],
  ['hit-and-run', hitAndRunWalk],
  ['auto', autoWalk],
  ['dikin', dikin({})],
  ['dikin, Lee-Sidford', dikin({ barrier: 'leeSidford' })],
  ['dikin, John', dikin({ barrier: 'john' })],
  ['dikin, f32', dikin({ hessian: 'f32' })],
  ['dikin, bucketed', dikin({ hessian: 'bucketed' })],
];

const plain = randomFrame(9, 4, philox(3));
const frames: readonly [string, Frame][] = [
  ['uniform', plain],
  ['Gaussian', { ...plain, quadratic: randomQuadratic(4, philox(4)) }],
  [
    'user',
    { ...plain, energy: (w) => w[0]! ** 4 + Math.abs(w[1]!), soft: Float64Array.from({ length: 16 }, (_, i) => Number(i % 5 === 0)) },
  ],
];

describe.each(walks)('%s', (_, make) => {
  it.each(frames)('saved, it goes on with the same steps, bit for bit: %s', (__, frame) => {
    const walk = make(frame, philox(1, 5));
    walk.place(new Float64Array(4));
    walk.advance(4321);
    const state = walk.save();
    walk.advance(777);
    const expected = walk.position.slice();
    const other = make(frame, philox(1, 5));
    other.restore(state);
    other.advance(700);
    other.advance(77);
    expect(other.position).toEqual(expected);
    expect(other.energy).toBe(walk.energy);
    expect(other.save()).toEqual(walk.save());
  });

  it.each(frames)('has the same bits without WebAssembly: %s', (__, frame) => {
    const fast = make(frame, philox(2, 3));
    const slow = make(frame, philox(2, 3), { makeKernel: plainKernel });
    for (const walk of [fast, slow]) {
      walk.place(new Float64Array(4));
      walk.advance(500);
    }
    expect(slow.save()).toEqual(fast.save());
  });

  it('refuses the state of another body', () => {
    const walk = make(plain, philox(1));
    expect(() => walk.restore(new Float64Array(7))).toThrow(/restore: state has 7 entries/);
  });

  it('leaves the chain where it was when a density throws', () => {
    let calls = 0;
    const energy = () => {
      if (++calls === 50) throw new Error('no');
      return 0;
    };
    const walk = make({ ...plain, energy }, philox(1));
    walk.place(new Float64Array(4));
    expect(() => {
      for (;;) walk.advance(1);
    }).toThrow('no');
    const slacks = plain.slack.map((s, i) => s - [0, 1, 2, 3].reduce((sum, j) => sum + entry(plain, i, j) * walk.position[j]!, 0));
    expect(walk.minSlack).toBeCloseTo(Math.min(...slacks), 12);
    walk.advance(10);
    expect(walk.minSlack).toBeGreaterThan(0);
  });
});

function entry({ A }: Frame, i: number, j: number): number {
  for (let p = A.indptr[i]!; p < A.indptr[i + 1]!; p++) if (A.indices[p] === j) return A.data[p]!;
  return 0;
}
