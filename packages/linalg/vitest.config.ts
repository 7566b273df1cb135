import { unit } from '@x/presets/vitest';
import { defineConfig } from 'vitest/config';

/** Files that forbid WebAssembly, start workers or measure memory, each in a process of its own; the others share one, which saves its start. */
const ALONE = ['test/*fallback.test.ts', 'test/memory.test.ts', 'test/pool.test.ts'];

const { include, ...settings } = unit().test ?? {};
export default defineConfig({
  test: {
    ...settings,
    projects: [
      { extends: true, test: { name: 'alone', include: ALONE } },
      { extends: true, test: { name: 'together', include, exclude: ALONE, isolate: false } },
    ],
  },
});
