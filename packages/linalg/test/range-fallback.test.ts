/** The tests over the whole range of numbers, where WebAssembly is forbidden. */
import { expect, it, vi } from 'vitest';
import { capabilities, leverageScoresOfBlocks, zeros } from '../src/index.ts';

vi.hoisted(() => vi.stubGlobal('WebAssembly', undefined));

it('the plain fallback runs', () => expect(capabilities().simd).toBe(false));

it('leverage scores of blocks without columns', async () =>
  expect((await leverageScoresOfBlocks(() => [zeros(3, 0), zeros(2, 0)])).scores).toEqual(new Float64Array(5)));

await import('./graded.test.ts');
await import('./range.test.ts');
await import('./range-finite.test.ts');
await import('./range-results.test.ts');
await import('./range-triangular.test.ts');
