import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/**
 * Vitest settings of every package: results also as JSON, so that the whole run can be summed up in one line. Where the package uses
 * @x/testkit, its set-up runs before each test file.
 */
export function unit(): ViteUserConfig {
  return suite('unit', 'test');
}

/** The same with the tests in one process, which saves its start for each file, but for those that change or measure theirs. */
export function unitTogether({ alone }: { readonly alone: readonly string[] }): ViteUserConfig {
  const { include, ...settings } = unit().test ?? {};
  return defineConfig({
    test: {
      ...settings,
      projects: [
        { extends: true, test: { name: 'alone', include: [...alone] } },
        { extends: true, test: { name: 'together', ...(include === undefined ? {} : { include }), exclude: [...alone], isolate: false } },
      ],
    },
  });
}

/** The same for the tests in another folder, which another task runs. */
export function suite(task: string, folder: string): ViteUserConfig {
  return defineConfig({
    test: {
      include: [`${folder}/**/*.test.ts`],
      setupFiles: testkitSetup(),
      // The long tests do ten times the work.
      testTimeout: process.env.X_FULL === '1' ? 1_800_000 : 120_000,
      reporters: ['default', 'json'],
      outputFile: { json: `test-results/${task}.json` },
    },
  });
}

function testkitSetup(): string[] {
  try {
    return [createRequire(resolve('package.json')).resolve('@x/testkit/setup')];
  } catch {
    return [];
  }
}
