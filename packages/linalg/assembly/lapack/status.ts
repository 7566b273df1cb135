/** What the drivers share. Callers look after the range of numbers: see src/lapack/range.ts. */
import { entry } from './vector';

/** |x_0| + |x_1| + ...: not finite where an entry is not, or by overflow. */
export function absSum<T>(count: i32, x: usize): T {
  const end = x + <usize>count * sizeof<T>();
  let sum: T = 0;
  if (ASC_FEATURE_SIMD) {
    // Four sums, as one alone would wait for each addition.
    const fours = x + ((<usize>count * sizeof<T>()) & ~63);
    let first = v128.splat<T>(0), second = first, third = first, fourth = first;
    for (; x < fours; x += 64) {
      first = v128.add<T>(first, v128.abs<T>(v128.load(x)));
      second = v128.add<T>(second, v128.abs<T>(v128.load(x, 16)));
      third = v128.add<T>(third, v128.abs<T>(v128.load(x, 32)));
      fourth = v128.add<T>(fourth, v128.abs<T>(v128.load(x, 48)));
    }
    first = v128.add<T>(v128.add<T>(first, second), v128.add<T>(third, fourth));
    sum = v128.extract_lane<T>(first, 0) + v128.extract_lane<T>(first, 1);
    if (sizeof<T>() == 4) sum += v128.extract_lane<T>(first, 2) + v128.extract_lane<T>(first, 3);
  }
  for (; x < end; x += sizeof<T>()) sum += abs<T>(load<T>(x));
  return sum;
}

/** order[i] <- the index of the i-th largest (descending) or smallest of n values. Insertion: they come almost sorted. */
export function sortOrder(n: i32, values: usize, order: usize, descending: bool): void {
  for (let i = 0; i < n; i++) {
    const value = load<f64>(entry(values, 0, 0, i));
    let j = i;
    for (; j > 0; j--) {
      const before = load<i32>(order + (<usize>(j - 1) << 2));
      const other = load<f64>(entry(values, 0, 0, before));
      if (descending ? other >= value : other <= value) break;
      store<i32>(order + (<usize>j << 2), before);
    }
    store<i32>(order + (<usize>j << 2), i);
  }
}
