import { type Dense, dense, log } from '@x/linalg';
import type { RowReader } from '../design.ts';
import type { Engine } from '../engine.ts';
import { SlackZeroError } from '../errors.ts';
import { factorOf } from '../factor.ts';
import { BLOCK } from '../rows.ts';
import { thirdSize, unpackThird } from '../third.ts';
import { type Passes, padded } from './passes.ts';

/** Two passes: H from the rows of A_x, then B and what is made of it. */
export function evaluator(passes: Passes): Engine['evaluate'] {
  const { n, d, b, k, view, rows, wide, eachBlock, useFactor, zero, readSymmetric, startThird } = passes;
  const { factors, vector, packed, panels, weighed, product, scratch } = passes.room;
  const fresh = () => ({ slack: new Float64Array(n), scores: new Float64Array(n) });
  let own: ReturnType<typeof fresh> | undefined;
  const ownArrays = () => {
    own ??= fresh();
    return own;
  };
  /** All rows, so that blocks need no copies; behind the last one there is room for the padding. */
  let all: { readonly offsets: number; readonly slack: number; readonly scores: number } | undefined;
  const allRows = () => {
    if (all === undefined) {
      const numbers = () => k.allocate(8 * padded(n)) >>> 0;
      all = { offsets: numbers(), slack: numbers(), scores: numbers() };
      view(all.offsets, n).set(b);
    }
    return all;
  };
  return (operation, x, { qhat = false, third = false, signs, slacks: known, reuse } = {}) => {
    const { slack: given, scores } = reuse === 'own' ? ownArrays() : (reuse ?? fresh());
    const slack = known ?? given;
    const tensor = third ? startThird() : 0;
    const at = allRows();
    const inside = view(at.slack, padded(n));
    if (known !== undefined) inside.set(known);
    // The padding then adds nothing anywhere.
    inside.fill(Number.POSITIVE_INFINITY, n);
    zero(product, wide * wide);
    view(vector, d).set(x);
    for (let first = 0; first < n; first += BLOCK) {
      const count = Math.min(BLOCK, n - first);
      const block = rows.at(first, count);
      const here = at.slack + 8 * first;
      if (known === undefined) k.slackRows(count, d, block, vector, at.offsets + 8 * first, here);
      if (signs === undefined) {
        const row = zeroOf(inside, first, first + count);
        if (row >= 0) throw new SlackZeroError(`${operation}: the slack of row ${row} is zero`, row);
      } else if (!haveSigns(inside, signs, first, first + count)) return undefined;
      k.invert(padded(count), here, factors);
      k.packRows(padded(count), d, block, factors, panels);
      k.addSymmetric(padded(count), d, panels, panels, product);
    }
    if (known === undefined) slack.set(view(at.slack, n));
    const factor = factorOf(operation, readSymmetric(), scaledBlocks(rows.reader, slack, d));
    let potential = 0;
    for (let j = 0; j < d; j++) potential += log(factor.L.data[factor.L.offset + j * (factor.L.rowStride + factor.L.colStride)]!);

    zero(product, wide * wide);
    zero(vector, wide);
    useFactor(factor.Z);
    eachBlock((block, first, _, m) => {
      const sums = at.scores + 8 * first;
      k.invert(m, at.slack + 8 * first, factors);
      k.whiten(m, d, block, factors, packed, panels, sums);
      k.addRows(m, d, panels, sums, vector);
      if (qhat) {
        k.weighPanels(m, d, panels, sums, weighed);
        k.addSymmetric(m, d, panels, weighed, product);
      }
      if (third) k.addThird(m, d, panels, panels, scratch, tensor);
    });
    scores.set(view(at.scores, n));
    return {
      ...factor,
      x: x.slice(),
      slack,
      scores,
      potential,
      whitened: view(vector, d).slice(),
      qhat: qhat ? readSymmetric() : undefined,
      third: third ? unpackThird(d, view(tensor, thirdSize(d))) : undefined,
    };
  };
}

function zeroOf(slack: Float64Array, from: number, to: number): number {
  for (let i = from; i < to; i++) if (slack[i] === 0) return i;
  return -1;
}

function haveSigns(slack: Float64Array, signs: Int8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!(slack[i]! * signs[i]! > 0)) return false;
  return true;
}

/** diag(1 / slack) A in blocks, for a QR. */
function scaledBlocks(reader: RowReader, slack: Float64Array, d: number): () => Iterable<Dense> {
  return function* () {
    const size = Math.max(BLOCK, 4 * d);
    for (let first = 0; first < slack.length; first += size) {
      const count = Math.min(size, slack.length - first);
      const rows = new Float64Array(count * d);
      reader.range(first, count, rows);
      yield dense(
        count,
        d,
        rows.map((value, p) => value / slack[first + Math.floor(p / d)]!),
      );
    }
  };
}
