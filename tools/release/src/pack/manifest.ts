/** package.json as a user gets it. */
import type { Result } from '../results.ts';
import { check } from './check.ts';
import type { Manifest, Packed } from './tarball.ts';

/** The one internal package that others may depend on; it depends on nothing. */
const FOUNDATION = '@x/linalg';
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepublish', 'prepare'];

export function manifest({ published, source }: Packed): Result[] {
  const folder = source.split('/').slice(-2).join('/');
  const expected: Partial<Record<keyof Manifest, unknown>> = { type: 'module', sideEffects: false, license: 'MIT' };
  return [
    check(
      'type, sideEffects and license are as everywhere',
      Object.entries(expected).flatMap(([key, value]) => (published[key as keyof Manifest] === value ? [] : [`${key} is not ${value}`])),
    ),
    check('runs from Node 20 on', published.engines?.node === '>=20' ? [] : [`engines.node is ${published.engines?.node}`]),
    check(
      'no install script',
      INSTALL_SCRIPTS.filter((name) => published.scripts?.[name] !== undefined),
    ),
    check('no development dependency', Object.keys(published.devDependencies ?? {})),
    check('no dependency but the foundation and released packages', dependencyObjections(published)),
    check('says where its source is', published.repository?.directory === folder ? [] : [`repository.directory is not ${folder}`]),
  ];
}

/** What speaks against the run-time dependencies of a published manifest. */
export function dependencyObjections({ name, dependencies, optionalDependencies, peerDependencies }: Manifest): string[] {
  const all = Object.entries({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  return [
    ...(name === FOUNDATION
      ? Object.keys({ ...dependencies, ...optionalDependencies }).map((d) => `${FOUNDATION} must not depend on ${d}`)
      : []),
    ...all.filter(([d]) => d.startsWith('@x/') && d !== FOUNDATION).map(([d]) => `${d} is not ${FOUNDATION}`),
    ...all
      .filter(([, range]) => !/^(?:\^|~|>=|<|\d)/.test(range))
      .map(([d, range]) => `${d}: ${range} is not a range of released versions`),
  ];
}
