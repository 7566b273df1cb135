/**
 * The random numbers of one chain: uniforms and normals of a Philox stream, each from blocks of its own that are drawn many at once. The
 * buffers are functions of their first block, so a few words are the whole state.
 */
import { fillNormals } from '../../../linalg/assembly/random/normal';
import { fillUniforms } from '../../../linalg/assembly/random/philox';

/** Blocks of two numbers that a buffer holds. */
const BLOCKS: i32 = 64;

/** The host writes the key, the stream and the next block; a buffer used up is filled from there. */
// @ts-ignore: decorator
@unmanaged
export class Stream {
  key0: u32;
  key1: u32;
  stream0: u32;
  stream1: u32;
  /** The next block that no buffer has taken, low word first. */
  low: u32;
  high: u32;
  /** First blocks of the buffers and how many of their numbers are used. */
  uniformLow: u32;
  uniformHigh: u32;
  uniformUsed: i32;
  normalLow: u32;
  normalHigh: u32;
  normalUsed: i32;
  /** The buffers, 2 BLOCKS numbers each. */
  uniforms: usize;
  normals: usize;
}

/** Fills the buffers again from their first blocks, after the host has written those. */
export function streamReload(s: Stream): void {
  fillUniforms(s.uniforms, s.uniformLow, s.uniformHigh, BLOCKS, s.stream0, s.stream1, s.key0, s.key1);
  fillNormals(s.normals, s.normalLow, s.normalHigh, BLOCKS, s.stream0, s.stream1, s.key0, s.key1);
}

/** A multiple of 2^-53 in [0, 1). */
export function nextUniform(s: Stream): f64 {
  if (s.uniformUsed == 2 * BLOCKS) {
    s.uniformLow = s.low;
    s.uniformHigh = s.high;
    skip(s);
    fillUniforms(s.uniforms, s.uniformLow, s.uniformHigh, BLOCKS, s.stream0, s.stream1, s.key0, s.key1);
    s.uniformUsed = 0;
  }
  const used = s.uniformUsed;
  s.uniformUsed = used + 1;
  return load<f64>(s.uniforms + (<usize>used << 3));
}

/** A standard normal. */
export function nextNormal(s: Stream): f64 {
  if (s.normalUsed == 2 * BLOCKS) {
    s.normalLow = s.low;
    s.normalHigh = s.high;
    skip(s);
    fillNormals(s.normals, s.normalLow, s.normalHigh, BLOCKS, s.stream0, s.stream1, s.key0, s.key1);
    s.normalUsed = 0;
  }
  const used = s.normalUsed;
  s.normalUsed = used + 1;
  return load<f64>(s.normals + (<usize>used << 3));
}

function skip(s: Stream): void {
  s.low += BLOCKS;
  if (s.low < <u32>BLOCKS) s.high += 1;
}
