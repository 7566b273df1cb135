import { ArgumentError, BadFileError } from '@x/linalg';
import type { ChainState } from './engine.ts';
import type { Run } from './run.ts';
import type { Target } from './target.ts';
import type { Tuning } from './walk/tune.ts';

/** Where the chains of a run stand, and what they are chains of. */
export interface SavedState {
  readonly seed: number;
  readonly tuning: Tuning;
  /** Draws that each chain made so far. */
  readonly draws: number;
  readonly chains: readonly ChainState[];
  /** Tells bodies, walks and frames apart: chains go on in the target they came from only. */
  readonly fingerprint: string;
}

const MAGIC = 'dikin-sampler state 1\n';

/**
 * The end of a run as bytes, for `sample(body, { resume })`: on any machine, with any number of workers, the chains go on as if they had
 * never stopped. The draws themselves are not in it.
 */
export function saveState({ state }: Run): Uint8Array {
  const walks = state.chains.map(({ walk }) => walk);
  const head = { ...state, chains: state.chains.map(({ walk, ...rest }) => ({ ...rest, length: walk.length })) };
  const text = new TextEncoder().encode(`${MAGIC}${JSON.stringify(head)}\n`);
  const out = new Uint8Array(text.length + walks.reduce((sum, walk) => sum + 8 * walk.length, 0));
  out.set(text);
  const view = new DataView(out.buffer);
  let at = text.length;
  for (const walk of walks) {
    for (const value of walk) {
      view.setFloat64(at, value, true);
      at += 8;
    }
  }
  return out;
}

/** What `saveState` made bytes of. @throws BadFileError when they are something else, or damaged. */
export function loadState(bytes: Uint8Array): SavedState {
  const magic = new TextEncoder().encode(MAGIC);
  if (!magic.every((byte, i) => bytes[i] === byte)) throw new BadFileError('loadState: this is no saved state of this version');
  const end = bytes.indexOf(10, magic.length);
  let head: Omit<SavedState, 'chains'> & { readonly chains: readonly { steps: number; moved: number; length: number }[] };
  try {
    head = JSON.parse(new TextDecoder().decode(bytes.subarray(magic.length, end)));
  } catch {
    throw new BadFileError('loadState: the state is damaged');
  }
  if (!isHead(head)) throw new BadFileError('loadState: the state is damaged');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = end + 1;
  const total = head.chains.reduce((sum, { length }) => sum + length, 0);
  if (bytes.length !== at + 8 * total)
    throw new BadFileError(`loadState: the state has ${bytes.length} bytes; it announces ${at + 8 * total}`);
  const chains = head.chains.map(({ length, ...rest }) => {
    const walk = new Float64Array(length);
    for (let k = 0; k < length; k++, at += 8) walk[k] = view.getFloat64(at, true);
    return { ...rest, walk };
  });
  // JSON has no NaN, which the autocorrelation time of a run that measured none is.
  const tuning = { ...head.tuning, autocorrelationTime: head.tuning.autocorrelationTime ?? Number.NaN };
  return { ...head, tuning, chains };
}

const whole = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

/** Whether a parsed head has what the chains need to go on. */
function isHead(head: Partial<Omit<SavedState, 'chains'> & { readonly chains: unknown }> | null): boolean {
  if (typeof head !== 'object' || head === null || typeof head.fingerprint !== 'string' || !Array.isArray(head.chains)) return false;
  const { thin, burnIn, radius } = head.tuning ?? {};
  const chains: readonly (Record<string, unknown> | null)[] = head.chains;
  return (
    [head.seed, head.draws, burnIn, thin].every(whole) &&
    thin !== 0 &&
    (radius === undefined || radius > 0) &&
    chains.length > 0 &&
    chains.every((chain) => [chain?.steps, chain?.moved, chain?.length].every(whole))
  );
}

/** @throws ArgumentError unless the state belongs to the target. */
export function checkState(state: SavedState, fingerprint: string): void {
  if (state.fingerprint !== fingerprint) {
    throw new ArgumentError(
      'sample: resume holds the state of another body, density, walk or frame; give the same as in the run it came from',
      'resume',
    );
  }
}

/** Every part of a run asks for it. */
const known = new WeakMap<Target, string>();

/** FNV-1a over the target's numbers and choices and over what it makes of a few points: equal targets have equal ones. */
export function fingerprintOf(target: Target): string {
  const found = known.get(target);
  if (found !== undefined) return found;
  const d = target.dimension;
  const x = new Float64Array(target.names.length);
  let hash = 0x811c9dc5;
  const add = (byte: number) => {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  };
  for (const scale of [0, 1]) {
    target.unfold(
      Float64Array.from({ length: d }, (_, j) => scale * (j + 1)),
      x,
    );
    for (const byte of new Uint8Array(x.buffer)) add(byte);
  }
  for (const part of [target.walk, target.frame, ...target.quantities, ...target.identity]) {
    if (typeof part === 'string') for (let i = 0; i < part.length; i++) add(part.charCodeAt(i));
    else for (const byte of new Uint8Array(part.buffer, part.byteOffset, part.byteLength)) add(byte);
  }
  const fingerprint = `${d}:${x.length}:${hash.toString(16)}`;
  known.set(target, fingerprint);
  return fingerprint;
}
