/** The tests over the whole range of numbers, where WebAssembly is forbidden. */
import { expect, it, vi } from 'vitest';
import { capabilities } from '../src/index.ts';

vi.hoisted(() => vi.stubGlobal('WebAssembly', undefined));

it('the plain fallback runs', () => expect(capabilities().simd).toBe(false));

await import('./range.test.ts');
await import('./range-finite.test.ts');
await import('./range-results.test.ts');
await import('./range-triangular.test.ts');
