/** Blocks are counted from `blockLow + 2^32 blockHigh`: exports have no 64-bit integers. */
import { fillNormals } from './normal';
import { fillUniforms } from './philox';

export function philoxUniforms(out: usize, blockLow: u32, blockHigh: u32, blocks: i32, stream0: u32, stream1: u32, key0: u32, key1: u32): void {
  fillUniforms(out, blockLow, blockHigh, blocks, stream0, stream1, key0, key1);
}

export function philoxNormals(out: usize, blockLow: u32, blockHigh: u32, blocks: i32, stream0: u32, stream1: u32, key0: u32, key1: u32): void {
  fillNormals(out, blockLow, blockHigh, blocks, stream0, stream1, key0, key1);
}
