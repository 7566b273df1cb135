/** What a user does first, on every engine that we promise: see tools/release/src/consumers. It may not need WebAssembly. */
import { fromRows, loopedTransformer, predict } from '@x/looped-icl';

export async function smoke(): Promise<unknown> {
  const x = fromRows([
    [1, 2],
    [3, 6.5],
    [-1, 1],
  ]);
  const { predictions, kappa, errorBound } = predict(
    loopedTransformer({ loops: 80, step: 'chebyshev' }),
    { x, y: Float64Array.of(5, 16, 1) },
    fromRows([[2, 2]]),
  );
  return { prediction: predictions.data[0]!.toFixed(6), kappa: kappa!.toFixed(4), certain: errorBound!.data[0]! < 1e-5 };
}

export const expected: unknown = { prediction: '6.000000', kappa: '32.0699', certain: true };
