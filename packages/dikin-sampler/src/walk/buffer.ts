/** Numbers handed out one at a time that are drawn many at once, which lets the generator's WebAssembly do the work. */
export interface Buffered {
  next(): number;
}

const SIZE = 1024;

/** @param fill - draws the next numbers of a stream. */
export function buffered(fill: (out: Float64Array) => void): Buffered {
  const held = new Float64Array(SIZE);
  let used = SIZE;
  return {
    next() {
      if (used === SIZE) {
        fill(held);
        used = 0;
      }
      return held[used++]!;
    },
  };
}
