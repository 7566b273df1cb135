import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * A digest of the names and sizes of the real inputs outside the repository. Test results are cached by what they depend
 * on; these inputs come and go without any file of the repository changing.
 */
export function dataStamp(root: string): string {
  const hash = createHash('sha256');
  for (const folder of [process.env.X_DATA, resolve(root, '../shared/data')]) {
    if (folder === undefined || !existsSync(folder)) continue;
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      hash.update(`${name} ${statSync(join(folder, name), { throwIfNoEntry: false })?.size}\n`);
    }
  }
  return hash.digest('hex').slice(0, 16);
}
