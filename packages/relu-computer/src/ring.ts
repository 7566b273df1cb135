/** The last items of a sequence. */
export interface Ring<T> {
  push(item: T): void;
  /** Takes the newest away; undefined where there is none. */
  pop(): T | undefined;
  clear(): void;
}

/** Keeps as many as `capacity`; what is pushed beyond that takes the place of the oldest. */
export function ring<T>(capacity: number): Ring<T> {
  let items: T[] = [];
  // Where the next goes, and how many there are.
  let next = 0;
  let count = 0;
  return {
    push(item) {
      items[next] = item;
      next = next + 1 === capacity ? 0 : next + 1;
      count = Math.min(count + 1, capacity);
    },
    pop() {
      if (count === 0) return undefined;
      count--;
      next = next === 0 ? capacity - 1 : next - 1;
      return items[next];
    },
    clear() {
      items = [];
      next = 0;
      count = 0;
    },
  };
}
