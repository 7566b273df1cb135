import { type BitPool, systemBits } from '../noise/source.ts';

/** Where releases take their bits from; the entry `testing` replaces it for the duration of a call. */
let source: () => BitPool = systemBits;

/** The bits of one release. */
export function releaseBits(): BitPool {
  return source();
}

/** Runs `work` with another source of bits. For the entry `testing` alone. */
export function withBits<R>(bits: () => BitPool, work: () => R): R {
  const usual = source;
  source = bits;
  try {
    return work();
  } finally {
    source = usual;
  }
}
