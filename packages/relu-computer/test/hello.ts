/** Prints a line, then jumps to -1. From Rosetta Code, "Subleq". */
export const HELLO = '15 17 -1 17 -1 -1 16 1 -1 16 3 -1 15 15 0 0 -1 72 101 108 108 111 44 32 119 111 114 108 100 33 10 0';

/** Instructions until it halts. */
export const HELLO_STEPS = 71;

/** Reads two words and writes their product, by repeated addition; self-modifying it is not, so every design runs it. */
export const PRODUCT = `
      -1 a ?            # read a
      -1 b ?            # read b
loop: b Z; Z t          # t <- t + b, then Z <- 0
      Z
      t sum             # sum <- sum - t, so that sum counts down
      t
      one a stop        # a <- a - 1, stop at 0
      Z Z loop
stop: Z; sum Z          # Z <- -sum
      Z (-1)            # write it
      Z Z (-1)
. a: 0 b: 0 t: 0 sum: 0 Z: 0 one: 1
`;
