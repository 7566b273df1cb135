import { type Case, LINE } from './cases.ts';

const FLOAT = 4;
const PAGE = 4096;
const WORDS = LINE / FLOAT;

/**
 * Addresses that attention.c touches, in its order, one for each line that an inner loop runs along: between two of them it only touches
 * lines of those again that it has just touched, which changes nothing in an LRU cache of more than a few lines a set.
 */
export function traceOf({ loop, n, d, a, b }: Case): Float64Array {
  const out: number[] = [];
  let next = PAGE;
  const matrix = (entries: number) => {
    const base = next;
    next += Math.ceil((entries * FLOAT) / PAGE) * PAGE + PAGE;
    return base;
  };
  const [Q, K, V, O] = [matrix(n * d), matrix(n * d), matrix(n * d), matrix(n * d)];
  const [S, largest, sum, block] = [matrix(n * n), matrix(n), matrix(n), matrix(a * b)];
  /** What the program itself uses all the time: its stack and pointers, and the table and constants of expf. */
  const [program, exponentials] = [matrix(3 * WORDS), matrix(6 * WORDS)];
  const touch = (base: number, entry: number) => out.push(base + entry * FLOAT);
  const expf = () => {
    for (let line = 0; line < 6; line++) touch(exponentials, line * WORDS);
  };
  /** Several arrays side by side, from `from` to `to` of a row. */
  const along = (from: number, to: number, ...rows: readonly (readonly [base: number, entry: number])[]) => {
    for (let line = 0; line < 3; line++) touch(program, line * WORDS);
    for (let t = from; t < to; ) {
      // As far as all of them stay in their lines.
      let steps = to - t;
      for (const [base, entry] of rows) {
        const address = base + (entry + t) * FLOAT;
        out.push(address);
        steps = Math.min(steps, (LINE - (address % LINE)) / FLOAT);
      }
      t += steps;
    }
  };
  const blocks = (size: number, count = n) =>
    Array.from({ length: Math.ceil(count / size) }, (_, k) => [k * size, Math.min(count, (k + 1) * size)] as const);
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, k) => from + k);

  if (loop === 'flash2') {
    for (const [i0, i1] of blocks(a)) {
      for (const i of range(0, i1 - i0)) {
        touch(largest, i);
        touch(sum, i);
      }
      for (const [j0, j1] of blocks(b)) {
        for (const i of range(i0, i1)) {
          for (const j of range(j0, j1)) {
            along(0, d, [Q, i * d], [K, j * d]);
            touch(block, (i - i0) * b + j - j0);
          }
        }
        for (const i of range(i0, i1)) {
          touch(largest, i - i0);
          along(0, j1 - j0, [block, (i - i0) * b]);
          touch(sum, i - i0);
          expf();
          along(0, d, [O, i * d]);
          for (const j of range(j0, j1)) {
            expf();
            touch(block, (i - i0) * b + j - j0);
            touch(sum, i - i0);
            along(0, d, [V, j * d], [O, i * d]);
          }
        }
      }
      for (const i of range(i0, i1)) {
        touch(sum, i - i0);
        along(0, d, [O, i * d]);
      }
    }
    return Float64Array.from(out);
  }
  const statistics = (i: number) => {
    along(0, n, [S, i * n]);
    expf();
    along(0, n, [S, i * n]);
  };
  if (loop === 'small') {
    for (const [i0, i1] of blocks(a)) {
      for (const [j0, j1] of blocks(a)) {
        for (const [t0, t1] of blocks(a, d)) {
          for (const i of range(i0, i1)) {
            for (const j of range(j0, j1)) {
              touch(S, i * n + j);
              along(t0, t1, [Q, i * d], [K, j * d]);
              touch(S, i * n + j);
            }
          }
        }
      }
    }
    for (const i of range(0, n)) {
      statistics(i);
      touch(largest, i);
      touch(sum, i);
    }
    for (const [i0, i1] of blocks(a)) {
      for (const [k0, k1] of blocks(a, d)) {
        for (const [j0, j1] of blocks(a)) {
          for (const i of range(i0, i1)) {
            for (const j of range(j0, j1)) {
              touch(S, i * n + j);
              expf();
              touch(largest, i);
              touch(sum, i);
              along(k0, k1, [V, j * d], [O, i * d]);
            }
          }
        }
      }
    }
    return Float64Array.from(out);
  }
  for (const i of range(0, n)) {
    for (const j of range(0, n)) {
      along(0, d, [Q, i * d], [K, j * d]);
      touch(S, i * n + j);
    }
  }
  for (const i of range(0, n)) {
    statistics(i);
    along(0, n, [S, i * n]);
  }
  for (const i of range(0, n)) {
    for (const j of range(0, n)) {
      touch(S, i * n + j);
      along(0, d, [V, j * d], [O, i * d]);
    }
  }
  return Float64Array.from(out);
}
