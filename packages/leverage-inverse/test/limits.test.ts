/** What the claim does not say: README, "What the claim says, and what it does not", by its numbers. */
import { type Dense, dense, eigenvalues, multiply, philox, transpose } from '@x/linalg';
import { fitExponent, mustFail } from '@x/testkit';
import { describe, expect, it } from 'vitest';
import { countAmbiguity, invertLeverageGradient, leverageGradient, leverageJacobian } from '../src/index.ts';
import { norm } from '../src/matrix.ts';
import { randomProblem, times } from './reference.ts';

/** H = diag(1, kappa), Ht = H^{1/2} (I + eps [[0, 1], [1, 0]]) H^{1/2}: within 1 +- eps of H. */
function nearby(kappa: number, eps: number): { readonly H: Dense; readonly Ht: Dense } {
  const r = Math.sqrt(kappa);
  return { H: dense(2, 2, Float64Array.of(1, 0, 0, kappa)), Ht: dense(2, 2, Float64Array.of(1, eps * r, eps * r, kappa)) };
}

function inverse2({ data: [a, b, c, d] }: Dense): Dense {
  const det = a! * d! - b! * c!;
  return dense(2, 2, Float64Array.of(d! / det, -b! / det, -c! / det, a! / det));
}

/** The largest singular value. */
function norm2(M: Dense): number {
  return Math.sqrt(eigenvalues(multiply(transpose(M), M)).at(-1)!);
}

/** Eigenvalues of diag(m)^-1 N, both ends. */
function ratios(m: readonly [number, number], { data }: Dense): readonly [number, number] {
  const scaled = data.map((value, p) => value / Math.sqrt(m[p >> 1]! * m[p & 1]!));
  const values = eigenvalues(dense(2, 2, scaled));
  return [values[0]!, values[1]!];
}

describe('2: without the signs x is not unique', () => {
  /** Signs of all cells that random points of a large box meet. */
  const cellsOf = (A: Dense, b: Float64Array): Int8Array[] => {
    const rng = philox(61, 1);
    const cells = new Map<string, Int8Array>();
    for (let t = 0; t < 20_000; t++) {
      const x = rng.fillNormal(new Float64Array(2)).map((value) => value * 10 ** (3 * rng.uniform() - 1));
      const signs = Int8Array.from(times(A, x), (value, i) => Math.sign(value - b[i]!));
      cells.set(signs.join(), signs);
    }
    return [...cells.values()];
  };
  /** In the plane a cell runs to infinity along a line of its boundary or nowhere. */
  const isBounded = (A: Dense, signs: Int8Array): boolean => {
    for (let i = 0; i < A.rows; i++) {
      for (const side of [1, -1]) {
        const h = Float64Array.of(-side * A.data[2 * i + 1]!, side * A.data[2 * i]!);
        if (times(A, h).every((value, k) => k === i || value * signs[k]! > 0)) return false;
      }
    }
    return true;
  };
  it('n = 6 lines in the plane: each of C(5, 2) bounded cells holds one x with the same gradient, proven', async () => {
    const rng = philox(61);
    const A = dense(6, 2, rng.fillNormal(new Float64Array(12)));
    const b = rng.fillNormal(new Float64Array(6));
    const design = { A, b };
    const c = leverageGradient(design, Float64Array.of(0.3, -0.2)).gradient;
    const bounded = cellsOf(A, b).filter((signs) => isBounded(A, signs));
    expect(BigInt(bounded.length)).toBe(countAmbiguity(design).boundedCells);
    for (const signs of bounded) {
      const { status, x } = await invertLeverageGradient(design, c, { signs });
      expect(status).toBe('certified');
      const { gradient, slack } = leverageGradient(design, x);
      expect(slack.every((value, i) => value * signs[i]! > 0)).toBe(true);
      expect(norm(gradient.map((value, j) => value - c[j]!))).toBeLessThan(1e-8 * norm(gradient.map(Math.abs)) + 1e-9 * norm(c));
    }
  });
});

describe('3: scores alone give less', () => {
  it('with b in the range of A sigma is constant along rays from the apex, g falls as 1 / t', () => {
    const { design, x } = randomProblem(philox(62), 40, 4, { cone: true });
    const [near, far] = [
      leverageGradient(design, x),
      leverageGradient(
        design,
        x.map((value) => 3 * value),
      ),
    ];
    for (const [i, sigma] of near.scores.entries()) expect(Math.abs(far.scores[i]! - sigma)).toBeLessThan(1e-12);
    for (const [j, value] of near.gradient.entries())
      expect(Math.abs(3 * far.gradient[j]! - value)).toBeLessThan(1e-11 * norm(near.gradient));
    expect(norm(leverageJacobian(design, x).apply(x))).toBeLessThan(1e-11);
  });
  it('fails for offsets outside of the range', () =>
    mustFail(() => {
      const { design, x } = randomProblem(philox(62), 40, 4);
      expect(norm(leverageJacobian(design, x).apply(x))).toBeLessThan(1e-11);
    }));
});

describe('5: log(1 / eps) steps are local and in the norm of H', () => {
  it('a Hessian within 1 +- 0.1 multiplies the Euclidean error by 10, and contracts that in the norm of H by 1 / 9', () => {
    const [kappa, eps] = [1e4, 0.1];
    const { H, Ht } = nearby(kappa, eps);
    const [least, most] = ratios([1, kappa], Ht);
    expect(least).toBeCloseTo(1 - eps, 12);
    expect(most).toBeCloseTo(1 + eps, 12);
    // The error after a step, I - Ht^-1 H, in both norms.
    const E = multiply(inverse2(Ht), H).data.map((value, p) => (p % 3 === 0 ? 1 : 0) - value);
    expect(norm2(dense(2, 2, E))).toBeGreaterThan(10);
    const r = Math.sqrt(kappa);
    expect(norm2(dense(2, 2, Float64Array.of(E[0]!, E[1]! / r, E[2]! * r, E[3]!)))).toBeLessThan(eps / (1 - eps) + 1e-12);
  });
});

describe('6: squares break sampling', () => {
  it('Qt within 1 +- 0.1 of Q: Qt^2 over Q^2 goes from 0.37 to 2.63 for kappa = 100, from 0.0096 to 102 for 1e4', () => {
    for (const [kappa, low, high] of [
      [100, 0.37, 2.63],
      [1e4, 0.0096, 102],
    ] as const) {
      const { Ht } = nearby(kappa, 0.1);
      const [least, most] = ratios([1, kappa ** 2], multiply(Ht, Ht));
      expect(Math.abs(least / low - 1)).toBeLessThan(0.02);
      expect(Math.abs(most / high - 1)).toBeLessThan(0.02);
    }
  });
  it('that is the conditioning: for kappa = 1 the ratios are those of (1 +- 0.1)^2', () => {
    const { Ht } = nearby(1, 0.1);
    const [least, most] = ratios([1, 1], multiply(Ht, Ht));
    expect(least).toBeCloseTo(0.81, 12);
    expect(most).toBeCloseTo(1.21, 12);
  });
});

describe('7: scores with relative error eps leave an error in x that is proportional to it', () => {
  it('from eps = 1e-2 to 1e-6', async () => {
    const { design, x, signs } = randomProblem(philox(63), 200, 4);
    const { scores, slack } = leverageGradient(design, x);
    const off = philox(64).fillUniform(new Float64Array(200));
    const sizes = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6];
    const errors: number[] = [];
    for (const eps of sizes) {
      const wrong = scores.map((sigma, i) => (sigma * (1 + eps * (2 * off[i]! - 1))) / slack[i]!);
      const c = times({ ...design.A, rows: 4, cols: 200, rowStride: 1, colStride: 4 }, wrong);
      const { x: found } = await invertLeverageGradient(design, c, { signs });
      errors.push(norm(found.map((value, j) => value - x[j]!)) / norm(x));
    }
    expect(Math.abs(fitExponent(sizes, errors).slope - 1)).toBeLessThan(0.05);
    expect(errors[0]!).toBeGreaterThan(1e-5);
  });
});
