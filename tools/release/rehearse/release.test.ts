/** A release from changeset to users, against a registry on this machine. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Project } from '../src/consumers/install.ts';
import { smokeOnNodes } from '../src/consumers/node.ts';
import { writeSmoke } from '../src/consumers/smoke.ts';
import { types } from '../src/consumers/types.ts';
import { readManifest } from '../src/pack/tarball.ts';
import { commit, copyRepository, newFolder, removeFolders, sharingBuilds } from '../src/rehearse/copy.ts';
import { type Registry, startRegistry } from '../src/rehearse/registry.ts';
import { PNPM, run, terminal } from '../src/rehearse/shell.ts';
import { required } from '../src/required.ts';

/** A package that stands on another of ours and on one of others. */
const LEAF = '@x/dikin-sampler';
const FOUNDATION = '@x/linalg';
/** One that has no part in what is released. The other packages are left out: each would be built anew for every release. */
const BYSTANDER = '@x/looped-icl';

describe.skipIf(!required())('a release (it needs downloads: X_REQUIRE_ALL=1)', () => {
  let registry: Registry;
  let repository: string;

  const names = (): string[] => readdirSync(join(repository, 'packages')).map((folder) => `@x/${folder}`);
  const source = (name: string): string => join(repository, 'packages', name.replace('@x/', ''));
  const versions = (): Record<string, string> => Object.fromEntries(names().map((name) => [name, readManifest(source(name)).version]));
  const published = async (): Promise<Record<string, string[]>> =>
    Object.fromEntries(await Promise.all(names().map(async (name) => [name, await registry.versions(name)] as const)));

  /** Writes a changeset for each package named, and does what the release workflow does. */
  async function release(bump: 'minor' | 'patch', packages: readonly string[]): Promise<void> {
    for (const name of packages) {
      writeFileSync(join(repository, '.changeset', `${name.replace('@x/', '')}.md`), `---\n"${name}": ${bump}\n---\n\nA change.\n`);
    }
    const environment = sharingBuilds({ NPM_CONFIG_USERCONFIG: registry.npmrc });
    await run([...PNPM, 'exec', 'changeset', 'version'], repository, environment);
    await run([...PNPM, 'install', '--lockfile-only', '--prefer-offline'], repository, environment);
    await commit(repository, 'Versions');
    await run([...PNPM, 'run', 'release'], repository, environment);
  }

  beforeAll(async () => {
    registry = await startRegistry();
    repository = await copyRepository();
    const others = names().filter((name) => ![LEAF, FOUNDATION, BYSTANDER].includes(name));
    for (const name of others) rmSync(source(name), { recursive: true });
    for (const file of readdirSync(join(repository, '.changeset'))) if (file.endsWith('.md')) rmSync(join(repository, '.changeset', file));
    await run([...PNPM, 'install', '--no-frozen-lockfile', '--prefer-offline'], repository);
    await release('minor', names());
  });
  afterAll(() => {
    registry?.stop();
    removeFolders();
  });

  it('publishes every package the first time', async () => {
    for (const [name, version] of Object.entries(versions())) expect([name, await registry.versions(name)]).toEqual([name, [version]]);
  });

  it('of one package publishes that package alone', async () => {
    const [before, were] = [versions(), await published()];
    await release('patch', [LEAF]);
    const now = versions();
    expect(now).toEqual({ ...before, [LEAF]: now[LEAF] });
    expect(now[LEAF]).not.toBe(before[LEAF]);
    expect(await published()).toEqual({ ...were, [LEAF]: [before[LEAF], now[LEAF]] });
  });

  it('of the foundation alone leaves what stands on it as it was', async () => {
    const [before, were] = [versions(), await published()];
    await release('patch', [FOUNDATION]);
    const now = versions();
    expect(now).toEqual({ ...before, [FOUNDATION]: now[FOUNDATION] });
    expect(await published()).toEqual({ ...were, [FOUNDATION]: [before[FOUNDATION], now[FOUNDATION]] });
  });

  /** What an install must bring: the two packages of ours as just released, and what they declare of others. */
  const tree = (): string[] => {
    const ours = [LEAF, FOUNDATION].map((name) => `${name}@${versions()[name]}`);
    // The solver, and the parser of SBML with its tables of characters.
    const others = [/^highs@1\./, /^saxes@6\./, /^xmlchars@2\./].map((name) => expect.stringMatching(name) as string);
    return [...ours, ...others];
  };

  describe.each([
    {
      manager: 'npm',
      add: ['npm', 'install', '--no-audit', '--no-fund', LEAF],
      installed: async (folder: string): Promise<string[]> => {
        const { dependencies } = JSON.parse(await run(['npm', 'ls', '--all', '--json'], folder)) as Tree;
        return flatten(dependencies);
      },
    },
    {
      manager: 'pnpm',
      // pnpm holds back versions younger than a day; all of these are.
      add: [...PNPM, 'add', '--config.minimumReleaseAge=0', LEAF],
      installed: async (folder: string): Promise<string[]> => {
        const [{ dependencies }] = JSON.parse(await run([...PNPM, 'list', '--depth', 'Infinity', '--json'], folder)) as [Tree];
        return flatten(dependencies);
      },
    },
  ])('reaches a user of $manager', ({ add, installed }) => {
    let project: Project;
    beforeAll(async () => {
      const folder = newFolder('user');
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true, type: 'module' }));
      await run(add, folder, terminal({ NPM_CONFIG_USERCONFIG: registry.npmrc }));
      project = { folder, manifest: readManifest(source(LEAF)), source: source(LEAF) };
      writeSmoke(project);
    });

    it('with its dependencies and nothing else', async () => expect(await installed(project.folder)).toEqual(tree()));

    it('who imports it as ESM and CommonJS', () => {
      const node = { version: process.versions.node, path: process.execPath };
      expect(smokeOnNodes(project, [node]).filter((r) => r.outcome !== 'passed')).toEqual([]);
    });

    it('who writes TypeScript', async () => {
      expect(types(project).filter((r) => r.outcome !== 'passed')).toEqual([]);
      const use = "import { smoke, expected } from './smoke.mts'; console.log(JSON.stringify([await smoke(), expected]));";
      const [result, expected] = JSON.parse(await run([process.execPath, '--input-type=module', '-e', use], project.folder));
      expect(result).toEqual(expected);
    });
  });
});

interface Tree {
  /** Without a version: an optional peer that is not there. */
  readonly dependencies?: Readonly<Record<string, Tree & { readonly version?: string }>>;
}

/** `name@version` of everything in a tree, each once. */
function flatten(tree: Tree['dependencies']): string[] {
  const all = Object.entries(tree ?? {}).flatMap(([name, { version, dependencies }]) =>
    version === undefined ? [] : [`${name}@${version}`, ...flatten(dependencies)],
  );
  return [...new Set(all)].sort();
}
