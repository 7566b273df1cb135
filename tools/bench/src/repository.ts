import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The workspace's root at or above a folder; the file system's root when there is none. */
export function repositoryOf(folder: string): string {
  return existsSync(join(folder, 'pnpm-workspace.yaml')) || dirname(folder) === folder ? folder : repositoryOf(dirname(folder));
}
