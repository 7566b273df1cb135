import { checkElements } from '../check.ts';
import type { Float } from '../dense.ts';
import { ArgumentError, ShapeError } from '../errors.ts';

/** @throws ArgumentError when x is not a vector of f64 or f32; ShapeError when it has another length. */
export function checkLength(operation: string, name: string, x: Float, length: number): void {
  checkElements(operation, name, x);
  if (x.length !== length) throw new ShapeError(`${operation}: ${name} has ${x.length} entries; it must have ${length}`);
}

/** @throws ArgumentError when the two arrays are not of the same element type. */
export function checkSameType(operation: string, name: string, x: Float, like: Float): void {
  if (x.BYTES_PER_ELEMENT !== like.BYTES_PER_ELEMENT) {
    const wanted = like instanceof Float32Array ? 'Float32Array' : 'Float64Array';
    throw new ArgumentError(`${operation}: ${name} is not a ${wanted}; all operands must have the same element type`, name);
  }
}
