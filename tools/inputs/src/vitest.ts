import { describe, it } from 'vitest';
import { findInput } from './index.ts';

/**
 * A `describe` block for tests that need a real input. Without it the block is shown as skipped, with the input's name; with
 * X_REQUIRE_ALL=1 it fails instead.
 *
 * @param name - as for `findInput`.
 * @param from - `import.meta.url` of the test file.
 * @param tests - defines the tests; gets the input's path.
 */
export function describeWithInput(name: string, from: string, tests: (path: string) => void): void {
  let path: string | undefined;
  try {
    path = findInput(name, from);
  } catch (error) {
    it(`needs ${name}`, () => {
      throw error;
    });
    return;
  }
  if (path === undefined) it.skip(`needs ${name}, which is not on this machine`, () => {});
  else {
    const found = path;
    describe(name, () => tests(found));
  }
}
