import { log } from '../elementary/log.ts';
import { cosPi, sinPi } from '../elementary/trig.ts';

/**
 * Box and Muller's transform: two independent standard normals from two independent uniforms in [0, 1), one block's worth.
 * assembly/random/normal.ts is its twin, equal bit for bit. As u is a multiple of 2^-53, no normal exceeds
 * sqrt(2 * 53 ln 2) = 8.57 in size; a normal beyond that has probability 1e-17.
 */
export function normalPair(u: number, v: number, out: Float64Array): void {
  const radius = Math.sqrt(-2 * log(1 - u));
  out[0] = radius * cosPi(2 * v);
  out[1] = radius * sinPi(2 * v);
}
