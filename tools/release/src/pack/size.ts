/** A package's own code, bundled, minified and gzipped, against the budgets in its `size-limit` field. */
import { join } from 'node:path';
import esbuildPlugin from '@size-limit/esbuild';
import filePlugin from '@size-limit/file';
import sizeLimit from 'size-limit';
import type { Result } from '../results.ts';
import { check } from './check.ts';
import type { Packed } from './tarball.ts';

const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 1000, MB: 1e6 };

/** `60 kB` -> 60000. @throws Error when it is something else. */
export function bytes(limit: string): number {
  const [, amount, unit] = /^([\d.]+) (B|kB|MB)$/.exec(limit) ?? [];
  if (amount === undefined || unit === undefined) throw new Error(`size-limit: ${limit} is not a number of B, kB or MB`);
  return Number(amount) * (UNITS[unit] as number);
}

export async function sizes({ folder, manifest }: Packed): Promise<Result[]> {
  const budgets = manifest['size-limit'] ?? [];
  if (budgets.length === 0) return [check('has a size budget', ['package.json has no size-limit field'])];
  const ignore = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  return Promise.all(
    budgets.map(async ({ path, limit }) => {
      const files = [join(folder, path)];
      const config = { cwd: folder, checks: [{ files, path, gzip: true, ignore }] };
      const [{ size }] = (await sizeLimit([esbuildPlugin, filePlugin], config)) as [{ size: number }];
      return check(`${path} is within ${limit}`, size <= bytes(limit) ? [] : [`it has ${size} bytes, minified and gzipped`]);
    }),
  );
}
