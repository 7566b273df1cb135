import { type Dense, dense } from '@x/linalg';
import { checkWhole } from '../check.ts';
import { type Context, promptOf } from '../context.ts';

/** The mean label of the `neighbours` nearest examples (default 3, or all if there are fewer); equal distances by position. @throws as `predict`. */
export function nearestPredict(context: Context, queries: Dense, options: { readonly neighbours?: number } = {}): Dense {
  const { X, Y, n, d, k, q, queries: Q } = promptOf('nearestPredict', context, queries);
  const { neighbours = 3 } = options;
  checkWhole('nearestPredict', 'neighbours', neighbours, 1);
  const count = Math.min(neighbours, n);
  const out = new Float64Array(q * k);
  for (let j = 0; j < q; j++) {
    const distances = Float64Array.from({ length: n }, (_, i) => {
      let sum = 0;
      for (let c = 0; c < d; c++) sum += (X.data[i * d + c]! - Q.data[j * d + c]!) ** 2;
      return sum;
    });
    const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => distances[a]! - distances[b]! || a - b);
    for (const i of order.slice(0, count)) for (let c = 0; c < k; c++) out[j * k + c]! += Y.data[i * k + c]! / count;
  }
  return dense(q, k, out);
}
