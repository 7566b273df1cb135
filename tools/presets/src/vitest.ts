import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Vitest settings of every package: results also as JSON, so that the whole run can be summed up in one line. */
export function unit(): ViteUserConfig {
  return defineConfig({
    test: {
      include: ['test/**/*.test.ts'],
      testTimeout: 120_000,
      reporters: ['default', 'json'],
      outputFile: { json: 'test-results/unit.json' },
    },
  });
}
