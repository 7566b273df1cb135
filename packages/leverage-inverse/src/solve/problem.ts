import { gemv } from '@x/linalg';
import { whitenVector } from '../coordinates.ts';
import type { Evaluation, Wanted } from '../engine.ts';
import { inner } from '../matrix.ts';
import { gradientSum, type Point, type Problem } from './part.ts';

/** F and its gradient at x; undefined outside of the cells. The arrays of `reuse`, a point that is not needed any more, are overwritten. */
export function pointAt(problem: Problem, x: Float64Array, wanted: Wanted, reuse?: Point): Point | undefined {
  const evaluations: Evaluation[] = [];
  for (const [k, { engine, signs }] of problem.parts.entries()) {
    const evaluation = engine.evaluate('invertLeverageGradient', x, { ...wanted, signs, reuse: reuse?.parts[k] });
    if (evaluation === undefined) return undefined;
    evaluations.push(evaluation);
  }
  let value = 0;
  for (const [k, { c, weight }] of problem.parts.entries()) value += weight * (evaluations[k]!.potential + inner(c, x));
  const first = evaluations[0]!;
  const single = problem.parts.length === 1 && problem.parts[0]!.weight === 1;
  // One part needs no way back from whitened coordinates, which costs digits.
  const residual = single
    ? subtract(first.whitened, whitenVector(first, problem.parts[0]!.c))
    : whitenVector(first, gradientSum(problem, evaluations));
  if (problem.penalty === undefined) return { x, parts: evaluations, value, residual };
  const Nx = gemv({ A: problem.penalty, x });
  return { x, parts: evaluations, value: value + inner(x, Nx) / 2, residual: subtract(residual, whitenVector(first, Nx)) };
}

function subtract(x: Float64Array, y: Float64Array): Float64Array {
  return x.map((value, j) => value - y[j]!);
}
