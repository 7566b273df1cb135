import { readBytes } from '@x/cli';
import { BadFileError } from '@x/linalg/errors';
import { box, type Polytope, readBiggJson, readMat, readMps } from '../index.ts';
import { readSbml } from '../sbml.ts';

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const MATLAB = 'MATLAB 5.0';

/**
 * Reads a body from a file, gzipped or not, in the format that its first bytes tell: a MATLAB file says so, JSON starts with a brace, XML
 * with an angle bracket, and everything else is MPS. Netlib's files are older than UTF-8, and every byte is a Latin-1 character.
 *
 * @param limit - bounds every variable to [-limit, limit].
 * @throws BadFileError with the line.
 */
export async function readBody(path: string, limit: number | undefined): Promise<Polytope> {
  const body = await parse(path, await readBytes(path));
  return limit === undefined ? body : box(body, limit);
}

function parse(path: string, bytes: Uint8Array): Polytope | Promise<Polytope> {
  if ([...MATLAB].every((letter, i) => bytes[i] === letter.charCodeAt(0))) return readMat(bytes);
  // Some editors put a byte-order mark first.
  const content = BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;
  const start = content.find((byte) => byte > 32);
  if (start === undefined) throw new BadFileError(`${path} is empty`);
  if (start === 0x7b) return readBiggJson(new TextDecoder().decode(content));
  if (start === 0x3c) return readSbml(new TextDecoder().decode(content));
  return readMps(new TextDecoder('latin1').decode(content));
}
