import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** The folder beside the repository where data that cannot be committed is kept. */
const BESIDE: string = fileURLToPath(new URL('../../../../shared/data', import.meta.url));

/**
 * Finds a real input. Names:
 *   npm:PACKAGE/PATH   a file of an npm devDependency of the package that asks, e.g. npm:vega-datasets/data/cars.json
 *   FOLDER/FILE        a file of a data folder, e.g. netlib/afiro.mps.gz: looked for in $X_DATA, then in ../shared/data
 *
 * @param name - the input's name.
 * @param from - `import.meta.url` of the file that asks.
 * @returns its path, or undefined when it is not on this machine.
 * @throws Error naming the input when it is missing and X_REQUIRE_ALL=1, or when X_DATA is no absolute path.
 */
export function findInput(name: string, from: string): string | undefined {
  const places = name.startsWith('npm:') ? npmPlaces(name.slice('npm:'.length), fileURLToPath(from)) : dataPlaces(name);
  const found = places.find(existsSync);
  if (found === undefined && process.env.X_REQUIRE_ALL === '1') {
    throw new Error(`findInput: ${name} is missing, and X_REQUIRE_ALL=1 allows no skips; looked for ${places.join(', ')}`);
  }
  return found;
}

/** The bytes of an input, uncompressed when its name ends in .gz. */
export function readInput(path: string): Buffer {
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** node_modules of every folder above the asking file, nearest first: a package's `exports` need not list its data. */
function npmPlaces(path: string, file: string): string[] {
  const places: string[] = [];
  for (let folder = dirname(file), inner = file; folder !== inner; inner = folder, folder = dirname(folder)) {
    places.push(join(folder, 'node_modules', path));
  }
  return places;
}

function dataPlaces(name: string): string[] {
  const own = process.env.X_DATA;
  // Each package is run in its own folder, so that a relative path would mean another place for each.
  if (own && !isAbsolute(own)) throw new Error(`findInput: X_DATA is '${own}'; it must be an absolute path`);
  return [...(own ? [join(own, name)] : []), join(BESIDE, name)];
}
