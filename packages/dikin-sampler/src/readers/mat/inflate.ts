import { BadFileError } from '@x/linalg/errors';

/**
 * Decompresses zlib data, giving up beyond `limit` bytes: a few bytes can stand for gigabytes.
 *
 * @throws BadFileError.
 */
export async function inflate(data: Uint8Array, limit: number, where: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const stream = new Blob([data as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('deflate'));
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > limit) {
        await reader.cancel();
        throw new BadFileError(`readMat: ${where}: more than ${limit} bytes when decompressed; raise maxBytes if it is meant so`);
      }
      parts.push(value);
    }
  } catch (error) {
    if (error instanceof BadFileError) throw error;
    throw new BadFileError(`readMat: ${where}: the compressed data is damaged (${error instanceof Error ? error.message : error})`);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
