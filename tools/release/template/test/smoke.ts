/** What a user does first, on every engine that we promise: see tools/release/src/consumers. It may not need WebAssembly. */
import { columnMeans, fromRows } from '@x/__NAME__';

export async function smoke(): Promise<unknown> {
  return [
    ...columnMeans(
      fromRows([
        [1, 2],
        [3, 6],
      ]),
    ),
  ];
}

export const expected: unknown = [2, 4];
