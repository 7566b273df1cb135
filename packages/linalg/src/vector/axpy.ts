import { checkElements, checkLength, checkNumber } from '../check.ts';
import type { Float } from '../dense.ts';

/**
 * y <- y + alpha x, in place. Computed in f64 and rounded once to the type of y; NaN and infinities propagate. x may be y.
 *
 * @returns y.
 * @throws ShapeError when the lengths differ; ArgumentError when alpha is not a number or x or y not a vector of f64 or f32.
 */
export function axpy<T extends Float>(alpha: number, x: Float, y: T): T {
  checkNumber('axpy', 'alpha', alpha);
  checkElements('axpy', 'x', x);
  checkLength('axpy', 'y', y, x.length);
  for (let i = 0; i < x.length; i++) y[i]! += alpha * x[i]!;
  return y;
}

/**
 * x <- alpha x, in place; NaN and infinities propagate.
 *
 * @returns x.
 * @throws ArgumentError when alpha is not a number or x not a vector of f64 or f32.
 */
export function scale<T extends Float>(alpha: number, x: T): T {
  checkNumber('scale', 'alpha', alpha);
  checkElements('scale', 'x', x);
  for (let i = 0; i < x.length; i++) x[i]! *= alpha;
  return x;
}
