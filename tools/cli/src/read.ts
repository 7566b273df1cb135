import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** The bytes of a file named on the command line: `-` is stdin, and gzip (known by its first bytes) is uncompressed. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const bytes = path === '-' ? await buffer(process.stdin) : await readFile(path);
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
}
