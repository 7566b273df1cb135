/** Sums of distances that are not private, for one column, from sorted rows. */
export class Truth {
  readonly #sorted: Float64Array;
  readonly #sums: Float64Array;

  constructor(rows: Float64Array) {
    this.#sorted = rows.slice().sort();
    this.#sums = new Float64Array(rows.length + 1);
    for (let i = 0; i < rows.length; i++) this.#sums[i + 1] = (this.#sums[i] as number) + (this.#sorted[i] as number);
  }

  at(y: number): number {
    const n = this.#sorted.length;
    let [low, high] = [0, n];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] as number) < y) low = middle + 1;
      else high = middle;
    }
    const left = this.#sums[low] as number;
    return y * low - left + ((this.#sums[n] as number) - left) - y * (n - low);
  }
}

export function rootMeanSquare(errors: readonly number[]): number {
  return Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
}
