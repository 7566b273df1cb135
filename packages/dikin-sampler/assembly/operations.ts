/**
 * Multiplications done so far in this kernel, whose memory is one walk's, for statements on the cost of a step. Each routine of a step's
 * leading terms adds what its loops do.
 */
let done: f64 = 0;

// @ts-ignore: decorator
@inline
export function count(multiplications: f64): void {
  done += multiplications;
}

export function operations(): f64 {
  return done;
}
