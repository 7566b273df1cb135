/**
 * Finds a real input. Names:
 *   npm:PACKAGE/PATH   a file of an npm devDependency of the package that asks, e.g. npm:vega-datasets/data/cars.json
 *   FOLDER/FILE        a file of a data folder, e.g. netlib/afiro.mps.gz: looked for in $X_DATA, then in ../shared/data
 *
 * @param name - the input's name.
 * @param from - `import.meta.url` of the file that asks.
 * @returns its path, or undefined when it is not on this machine.
 * @throws Error naming the input when it is missing and X_REQUIRE_ALL=1.
 */
export function findInput(_name: string, _from: string): string | undefined {
  throw new Error('in work');
}
