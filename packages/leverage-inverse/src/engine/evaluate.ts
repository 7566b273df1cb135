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
  const { n, d, b, k, view, rows, wide, scaleBy, eachWhite, zero, readSymmetric, startThird } = passes;
  const { offset, slacks, factors, sums, vector, panels, weighed, product, scratch } = passes.room;
  const fresh = () => ({ slack: new Float64Array(n), scores: new Float64Array(n) });
  let own: ReturnType<typeof fresh> | undefined;
  const ownArrays = () => {
    own ??= fresh();
    return own;
  };
  return (operation, x, { qhat = false, third = false, signs, slacks: known, reuse } = {}) => {
    const { slack: given, scores } = reuse === 'own' ? ownArrays() : (reuse ?? fresh());
    const slack = known ?? given;
    zero(product, wide * wide);
    view(vector, d).set(x);
    for (let first = 0; first < n; first += BLOCK) {
      const count = Math.min(BLOCK, n - first);
      const block = rows.at(first, count);
      if (known === undefined) {
        view(offset, count).set(b.subarray(first, first + count));
        k.slackRows(count, d, block, vector, offset, slacks);
        slack.set(view(slacks, count), first);
      }
      if (signs === undefined) {
        const row = zeroOf(slack, first, first + count);
        if (row >= 0) throw new SlackZeroError(`${operation}: the slack of row ${row} is zero`, row);
      } else if (!haveSigns(slack, signs, first, first + count)) return undefined;
      scaleBy(slack, first, count);
      k.packRows(padded(count), d, block, factors, panels);
      k.addSymmetric(padded(count), d, panels, panels, product);
    }
    const factor = factorOf(operation, readSymmetric(), scaledBlocks(rows.reader, slack, d));
    let potential = 0;
    for (let j = 0; j < d; j++) potential += log(factor.L.data[factor.L.offset + j * (factor.L.rowStride + factor.L.colStride)]!);

    const tensor = third ? startThird() : 0;
    zero(product, wide * wide);
    zero(vector, wide);
    const at = { ...factor, x: x.slice(), slack, scores, potential };
    eachWhite(at, (first, count, m) => {
      scores.set(view(sums, count), first);
      k.addRows(m, d, panels, sums, vector);
      if (qhat) {
        k.weighPanels(m, d, panels, sums, weighed);
        k.addSymmetric(m, d, panels, weighed, product);
      }
      if (third) k.addThird(m, d, panels, panels, scratch, tensor);
    });
    return {
      ...at,
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
