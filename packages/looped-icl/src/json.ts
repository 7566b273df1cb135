import { BadFileError, dense } from '@x/linalg';
import { type LoopModel, type LoopOptions, loopedTransformer } from './model.ts';

/** A model as plain JSON. */
export interface ModelJson {
  readonly format: 'looped-icl';
  readonly version: 1;
  readonly loops: number;
  readonly step: number | string | readonly number[];
  readonly momentum: number | string;
  /** A rule, or the rows of A. */
  readonly preconditioner: string | readonly (readonly number[])[];
  readonly mask: string;
  readonly attention: string;
  readonly engine: string;
}

/** What `JSON.stringify` takes; `modelFromJson` gives the same model back, to the bit. */
export function modelToJson(model: LoopModel): ModelJson {
  const { loops, step, momentum, preconditioner: A, mask, attention, engine } = model;
  return {
    format: 'looped-icl',
    version: 1,
    loops,
    step: typeof step === 'object' ? [...step] : step,
    momentum,
    preconditioner:
      typeof A === 'string' ? A : Array.from({ length: A.rows }, (_, i) => [...A.data.subarray(i * A.cols, (i + 1) * A.cols)]),
    mask,
    attention,
    engine,
  };
}

/**
 * @param json - what `JSON.parse` returns; nothing in it is trusted.
 * @throws BadFileError when it is no model; else as `loopedTransformer`.
 */
export function modelFromJson(json: unknown): LoopModel {
  const { format, version, preconditioner: A, step, ...rest } = (json ?? {}) as Partial<Record<keyof ModelJson, unknown>>;
  if (format !== 'looped-icl' || version !== 1) throw new BadFileError("modelFromJson: it is not version 1 of the format 'looped-icl'");
  for (const [field, kinds] of Object.entries(KINDS)) {
    const kind = typeof rest[field as keyof typeof rest];
    if (!kinds.includes(kind)) throw new BadFileError(`modelFromJson: ${field} is a ${kind}; it must be a ${kinds.join(' or a ')}`);
  }
  return loopedTransformer({
    ...(rest as LoopOptions),
    step: Array.isArray(step) ? numbers('step', step) : (step as number),
    preconditioner: Array.isArray(A) ? dense(A.length, A.length, numbers('preconditioner', rowsOf(A))) : (A as 'identity'),
  });
}

/** What a field may be; the others are numbers, text or lists. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  loops: ['number'],
  momentum: ['number', 'string'],
  mask: ['string'],
  attention: ['string'],
  engine: ['string'],
};

function rowsOf(A: readonly unknown[]): unknown[] {
  if (!A.every((row) => Array.isArray(row) && row.length === A.length))
    throw new BadFileError('modelFromJson: preconditioner is not a square matrix');
  return A.flat();
}

function numbers(name: string, list: readonly unknown[]): Float64Array {
  const bad = list.findIndex((value) => typeof value !== 'number');
  if (bad >= 0) throw new BadFileError(`modelFromJson: ${name}[${bad}] is not a number`);
  return Float64Array.from(list as number[]);
}
