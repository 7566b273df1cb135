/** States of the game, each once: two masks of vertices, the least cost known, and whence. Grows as needed. */
export interface States {
  readonly count: number;
  /** The number of a state; it is added, with cost `Infinity`, where it is new. */
  find(red: number, blue: number): number;
  red(state: number): number;
  blue(state: number): number;
  cost(state: number): number;
  parent(state: number): number;
  improve(state: number, cost: number, parent: number): void;
  readonly closed: { get(state: number): boolean; add(state: number): void };
}

export function newStates(): States {
  let capacity = 1024;
  let reds = new Int32Array(capacity);
  let blues = new Int32Array(capacity);
  let costs = new Float64Array(capacity);
  let parents = new Int32Array(capacity);
  let done = new Uint8Array(capacity);
  /** Open addressing: number of a state plus one, or 0; twice as many places as states. */
  let table = new Int32Array(2 * capacity);
  let count = 0;

  const place = (red: number, blue: number): number => {
    let hash = Math.imul(red ^ Math.imul(blue, 0x9e3779b1), 0x85ebca6b);
    hash ^= hash >>> 15;
    const mask = table.length - 1;
    let at = Math.imul(hash, 0xc2b2ae35) & mask;
    for (let held = table[at]!; held !== 0 && (reds[held - 1] !== red || blues[held - 1] !== blue); held = table[at]!) at = (at + 1) & mask;
    return at;
  };

  function grow(): void {
    capacity *= 2;
    const copied = <A extends Int32Array | Float64Array | Uint8Array>(Type: new (length: number) => A, old: A): A => {
      const larger = new Type(capacity);
      larger.set(old);
      return larger;
    };
    reds = copied(Int32Array, reds);
    blues = copied(Int32Array, blues);
    costs = copied(Float64Array, costs);
    parents = copied(Int32Array, parents);
    done = copied(Uint8Array, done);
    table = new Int32Array(2 * capacity);
    for (let state = 0; state < count; state++) table[place(reds[state]!, blues[state]!)] = state + 1;
  }

  return {
    get count() {
      return count;
    },
    find(red, blue) {
      let at = place(red, blue);
      if (table[at] !== 0) return table[at]! - 1;
      if (count === capacity) {
        grow();
        at = place(red, blue);
      }
      reds[count] = red;
      blues[count] = blue;
      costs[count] = Number.POSITIVE_INFINITY;
      parents[count] = -1;
      table[at] = count + 1;
      return count++;
    },
    red: (state) => reds[state]!,
    blue: (state) => blues[state]!,
    cost: (state) => costs[state]!,
    parent: (state) => parents[state]!,
    improve(state, cost, parent) {
      costs[state] = cost;
      parents[state] = parent;
    },
    closed: {
      get: (state) => done[state] === 1,
      add(state) {
        done[state] = 1;
      },
    },
  };
}
