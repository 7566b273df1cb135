/** A contributor who makes a package and works on it alone. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyRepository, removeFolders, sharingBuilds } from '../src/rehearse/copy.ts';
import { PNPM, run } from '../src/rehearse/shell.ts';
import { required } from '../src/required.ts';
import { readResults } from '../src/results.ts';

describe.skipIf(!required())('a new package (it needs downloads: X_REQUIRE_ALL=1)', () => {
  let repository: string;
  const pnpm = (...args: string[]): Promise<string> => run([...PNPM, ...args], repository, sharingBuilds());

  beforeAll(async () => {
    repository = await copyRepository();
    await pnpm('install', '--frozen-lockfile', '--prefer-offline', '--filter', '@x/linalg...');
    // The whole repository is not installed here, and need not be.
    await pnpm('--config.verifyDepsBeforeRun=false', 'new', 'probe', 'Shows what a package looks like.');
    await pnpm('install', '--no-frozen-lockfile', '--prefer-offline', '--filter', '@x/probe...');
  });
  afterAll(removeFolders);

  it('passes the checks of the whole repository', async () => {
    await pnpm('--config.verifyDepsBeforeRun=false', 'lint');
    await pnpm('--filter', '@x/release', 'exec', 'vitest', 'run', 'test/structure.test.ts');
  });

  it('passes its tests', async () => {
    await pnpm('--filter', '@x/probe', 'test');
    expect(existsSync(join(repository, 'packages/probe/test-results/unit.json'))).toBe(true);
  });

  it('works for a user on every Node version and in Chromium', async () => {
    const command = [...PNPM, '--filter', '@x/probe', 'exec', 'turbo', 'run', 'consumers'];
    await run(command, repository, sharingBuilds({ X_REQUIRE_ALL: '1' }));
    const results = readResults(join(repository, 'packages/probe/test-results/consumers.json')) ?? [];
    expect(results.length).toBeGreaterThan(10);
    expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
  });

  it('runs its experiments', async () => {
    expect(await pnpm('--filter', '@x/probe', 'experiments', '--quick')).toContain('1 holds');
  });

  it('runs its benchmarks', async () => {
    expect(await pnpm('--filter', '@x/probe', 'bench', '--node', 'current', '--limit', '0', '--dry')).toContain('n = 1000');
  });

  it('has had no other package installed or built', () => {
    const others = readdirSync(join(repository, 'packages')).filter((name) => name !== 'probe' && name !== 'linalg');
    const touched = others.flatMap((name) => ['node_modules', 'dist'].map((made) => `packages/${name}/${made}`));
    expect(touched.filter((path) => existsSync(join(repository, path)))).toEqual([]);
  });
});
