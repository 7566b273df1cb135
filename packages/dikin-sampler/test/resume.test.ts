import { philox, type Rng } from '@x/linalg';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../src/frame.ts';
import { cdhrWalk } from '../src/walk/cdhr.ts';
import { dikinWalk } from '../src/walk/dikin.ts';
import type { Walk } from '../src/walk/walk.ts';
import { randomFrame, randomQuadratic } from './bodies.ts';

const walks: readonly [string, (frame: Frame, rng: Rng) => Walk][] = [
  ['cdhr', cdhrWalk],
  ['dikin', dikinWalk],
];

describe.each(walks)('a saved %s walk', (_, make) => {
  it.each([false, true])('goes on with the same steps, bit for bit (Gaussian: %s)', (gaussian) => {
    const plain = randomFrame(9, 4, philox(3));
    const frame = gaussian ? { ...plain, quadratic: randomQuadratic(4, philox(4)) } : plain;
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

  it('refuses the state of another body', () => {
    const walk = make(randomFrame(9, 4, philox(3)), philox(1));
    expect(() => walk.restore(new Float64Array(7))).toThrow(/restore: state has 7 entries/);
  });
});
