type Numbers = Int32Array | Float64Array;

export interface Growing<A extends Numbers> {
  readonly length: number;
  at(index: number): number;
  push(value: number): void;
  /** What was pushed, in an array of its own. */
  take(): A;
}

/** A typed array that doubles when it is full. */
export function growing<A extends Numbers>(Type: new (length: number) => A, capacity: number): Growing<A> {
  let held = new Type(Math.max(16, capacity));
  let length = 0;
  return {
    get length() {
      return length;
    },
    at: (index) => held[index]!,
    push(value) {
      if (length === held.length) {
        const larger = new Type(2 * length);
        larger.set(held);
        held = larger;
      }
      held[length++] = value;
    },
    take: () => held.slice(0, length) as A,
  };
}
