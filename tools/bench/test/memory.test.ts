import { expect, it } from 'vitest';
import { peakMemory } from '../src/index.ts';

const MB = 2 ** 20;

it.skipIf(process.platform !== 'linux')('peakMemory sees what was held at most, also when it is given back', async () => {
  const peak = await peakMemory(() => {
    new Float64Array((64 * MB) / 8).fill(1);
  });
  expect(peak).toBeGreaterThan(60 * MB);
  expect(peak).toBeLessThan(160 * MB);
});
