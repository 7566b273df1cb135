/** Whether every consumer finds code and types: publint for the manifest, are-the-types-wrong for each way to resolve an entry. */
import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import type { Result } from '../results.ts';
import { check } from './check.ts';
import type { Packed } from './tarball.ts';

export async function manifestLint({ folder, published }: Packed): Promise<Result> {
  const { messages } = await publint({ pkgDir: folder, pack: false, strict: true });
  return check(
    'publint --strict',
    messages.map((m) => formatMessage(m, published as unknown as Record<string, unknown>, { color: false }) ?? m.code),
  );
}

export async function typeResolution({ tarball }: Packed): Promise<Result[]> {
  const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
  if (analysis.types === false) return [check('types resolve', ['the package has no types'])];
  const byEntry = Object.keys(analysis.entrypoints).map((entry) =>
    check(
      `types of ${entry} resolve from node10, node16 ESM and CommonJS, and bundlers`,
      analysis.problems.filter((p) => entryOf(p) === entry).map(describe),
    ),
  );
  return [
    ...byEntry,
    check('types and code are of one module kind', analysis.problems.filter((p) => entryOf(p) === undefined).map(describe)),
  ];
}

const entryOf = (problem: Problem): string | undefined => ('entrypoint' in problem ? problem.entrypoint : undefined);

function describe(problem: Problem): string {
  const where = 'resolutionKind' in problem ? problem.resolutionKind : 'fileName' in problem ? problem.fileName : 'types and code';
  return `${problem.kind} (${where})`;
}
