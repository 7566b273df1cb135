/** Standard normals by Box and Muller's transform; see src/random/normal.ts. */
import { log } from '../elementary/log';
import { cosPi, sinPi } from '../elementary/trig';
import { fillUniforms } from './philox';

/** The normals of `blocks` blocks from number low + 2^32 high on: two f64 a block. */
export function fillNormals(out: usize, low: u32, high: u32, blocks: i32, stream0: u32, stream1: u32, key0: u32, key1: u32): void {
  fillUniforms(out, low, high, blocks, stream0, stream1, key0, key1);
  for (let i = 0; i < blocks; i++, out += 16) {
    const radius = sqrt<f64>(-2 * log(1 - load<f64>(out)));
    const turn = 2 * load<f64>(out, 8);
    store<f64>(out, radius * cosPi(turn));
    store<f64>(out, radius * sinPi(turn), 8);
  }
}
