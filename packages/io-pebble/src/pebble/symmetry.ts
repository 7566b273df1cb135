/** States up to the automorphisms of a DAG. */
export interface Symmetry {
  /** The least of all images of a state, so that equal situations are searched once. The pair is overwritten by the next call. */
  canonical(red: number, blue: number): readonly [red: number, blue: number];
  /** The automorphism, as images of vertices, that takes a state to its canonical one. */
  toCanonical(red: number, blue: number): Int32Array;
}

/** @param group - the identity first. */
export function symmetry(group: readonly Int32Array[]): Symmetry {
  const tables = group.map(imagesByByte);
  const best: [number, number] = [0, 0];
  let chosen = 0;
  function canonical(red: number, blue: number): readonly [number, number] {
    best[0] = red;
    best[1] = blue;
    chosen = 0;
    for (let k = 1; k < tables.length; k++) {
      const r = permuted(tables[k]!, red);
      if (r > best[0]) continue;
      const b = permuted(tables[k]!, blue);
      if (r < best[0] || b < best[1]) {
        best[0] = r;
        best[1] = b;
        chosen = k;
      }
    }
    return best;
  }
  return {
    canonical,
    toCanonical(red, blue) {
      canonical(red, blue);
      return group[chosen]!;
    },
  };
}

/** Image of each value of each of the four bytes of a mask. */
function imagesByByte(permutation: Int32Array): Int32Array {
  const table = new Int32Array(4 * 256);
  for (let byte = 0; byte < 4; byte++) {
    for (let value = 0; value < 256; value++) {
      let image = 0;
      for (let bit = 0; bit < 8; bit++) {
        const v = 8 * byte + bit;
        if (((value >>> bit) & 1) === 1 && v < permutation.length) image |= 1 << permutation[v]!;
      }
      table[256 * byte + value] = image;
    }
  }
  return table;
}

function permuted(table: Int32Array, mask: number): number {
  return table[mask & 255]! | table[256 + ((mask >>> 8) & 255)]! | table[512 + ((mask >>> 16) & 255)]! | table[768 + (mask >>> 24)]!;
}
