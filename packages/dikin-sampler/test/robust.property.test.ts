/** Lemma D.12 and its limits: which approximate metrics keep the density exactly. */
import { philox, type Rng } from '@x/linalg';
import { effort, expectPass, mustFail, tTest } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { FALSE_ALARM } from './judge.ts';

/**
 * A Dikin walk on [0, 1], H(x) = 1 / x^2 + 1 / (1 - x)^2, whose Hessian is multiplied by a factor within [1 / e, e]. A design says what factors a step
 * from x to z uses at either end, given what the walk keeps.
 */
interface Design {
  /** The factor of the start. */
  start(x: number): number;
  /** The factor at z, coming from x with its factor. */
  next(x: number, z: number, factor: number, rng: Rng): number;
  /** That at x, drawn again at every step, if it is not kept. */
  again?(rng: Rng): number;
}

/** Uniform in [1 / e, e] on a logarithmic scale by the bits of x alone. */
function hashed(x: number): number {
  const bits = new Uint32Array(new Float64Array([x]).buffer);
  const mixed = Math.imul(bits[0]! ^ Math.imul(bits[1]!, 0x9e3779b1), 0x85ebca6b) >>> 0;
  return Math.exp(2 * (mixed / 2 ** 32) - 1);
}
const coin = (rng: Rng) => Math.exp(2 * rng.uniform() - 1);

const DESIGNS = {
  'a function of the point': { start: hashed, next: (_, z) => hashed(z) },
  'coins kept with the point': { start: () => 1, next: (_x, _z, _factor, rng) => coin(rng) },
  'fresh coins at both ends': { start: () => 1, next: (_x, _z, _factor, rng) => coin(rng), again: coin },
  // Half an iteration from the weights of the last point, as warm starts stopped early or lazily updated inverses do.
  'a function of the path': { start: () => 1, next: (x, _z, factor) => Math.sqrt(factor) * Math.exp(0.7 * (x - 0.5)) },
} satisfies Record<string, Design>;

const logH = (x: number, factor: number) => Math.log(factor * (1 / (x * x) + 1 / ((1 - x) * (1 - x))));

/** Means of x and x^2 over batches of a long chain; the filter uses the factors that were really proposed with. */
function batches(design: Design, seed: number): { readonly first: number[]; readonly second: number[] } {
  const rng = philox(seed);
  let x = 0.5;
  let factor = design.start(x);
  const first: number[] = [];
  const second: number[] = [];
  for (let batch = 0; batch < 60; batch++) {
    let [sum, squares] = [0, 0];
    const size = effort(4000, 40_000);
    for (let t = 0; t < size; t++) {
      if (design.again !== undefined) factor = design.again(rng);
      const here = logH(x, factor);
      const z = x + rng.normal() * Math.exp(-here / 2);
      if (z > 0 && z < 1) {
        const other = design.next(x, z, factor, rng);
        const there = logH(z, other);
        const square = (z - x) * (z - x);
        const logTau = (there - here) / 2 - (square * (Math.exp(there) - Math.exp(here))) / 2;
        if (Math.log(1 - rng.uniform()) < logTau) {
          x = z;
          factor = other;
        }
      } else rng.uniform();
      sum += x;
      squares += x * x;
    }
    first.push(sum / size);
    second.push(squares / size);
  }
  return { first, second };
}

describe('P8: a Hessian that is wrong by factors up to e keeps the density', () => {
  const property = (design: Design) => {
    const runs = [1, 2, 3, 4].map((seed) => batches(design, seed));
    expectPass(tTest([runs.flatMap(({ first }) => first), runs.flatMap(({ second }) => second)], [1 / 2, 1 / 3], FALSE_ALARM));
  };
  it.each(['a function of the point', 'coins kept with the point', 'fresh coins at both ends'] as const)('with %s', (design) =>
    property(DESIGNS[design]),
  );
  it('and does not with a function of the path', () => mustFail(() => property(DESIGNS['a function of the path'])));
  it('the factors are as rough as is claimed', () => {
    const values = Array.from({ length: 1000 }, (_, i) => Math.log(hashed((i + 0.5) / 1000)));
    expect(Math.max(...values)).toBeGreaterThan(0.95);
    expect(Math.min(...values)).toBeLessThan(-0.95);
  });
});
