import { type Dense, dense } from '@x/linalg';
import type { Frame } from '../coordinates.ts';
import type { Engine } from '../engine.ts';
import { thirdSize, unpackThird } from '../third.ts';
import { type Passes, padded } from './passes.ts';

/** One pass each, two for `squaredProjection`. */
export function products(passes: Passes): Omit<Engine, 'rows' | 'cols' | 'b' | 'evaluate'> {
  const { n, d, k, view, rows, wide, most, eachBlock, scaleBy, weigh, useFactor, eachWhite, zero, readSymmetric, addWeighed, startThird } =
    passes;
  const { factors, sums, vector, packed, form, weights, panels, weighed, product, scratch } = passes.room;
  const weighted = (frame: Frame, u: Float64Array): Dense => {
    zero(product, wide * wide);
    eachWhite(frame, (first, count, m) => addWeighed(u, first, count, m));
    return readSymmetric();
  };
  return {
    times(h) {
      const out = new Float64Array(n);
      view(vector, d).set(h);
      eachBlock((block, first, count) => {
        k.timesVector(count, d, block, vector, sums);
        out.set(view(sums, count), first);
      });
      return out;
    },
    gram(w) {
      zero(product, wide * wide);
      eachBlock((block, first, count, m) => {
        view(factors, count).fill(1);
        for (let i = count; i < m; i++) view(factors, m)[i] = 0;
        k.packRows(m, d, block, factors, panels);
        addWeighed(w, first, count, m);
      });
      return readSymmetric();
    },
    squaredProjection(at, u) {
      const C = weighted(at, u);
      const out = new Float64Array(n);
      // The form of C from its upper triangle, off-diagonal entries twice.
      const T = C.data.map((value, p) => (p % d > Math.floor(p / d) ? 2 * value : p % (d + 1) === 0 ? value : 0));
      useFactor(dense(d, d, T));
      view(form, wide * d).set(view(packed, wide * d));
      eachWhite(at, (first, count, m) => {
        k.quadraticForms(m, d, panels, form, sums);
        out.set(view(sums, count), first);
      });
      return out;
    },
    project(at, v) {
      const sum = new Float64Array(d);
      const rest = new Float64Array(d);
      eachWhite(at, (first, count, m) => {
        weigh(v, first, count);
        zero(vector, wide);
        k.addRows(m, d, panels, weights, vector);
        addTwoSum(view(vector, d), sum, rest);
      });
      return sum.map((value, j) => value + rest[j]!);
    },
    visitRows(visit) {
      eachBlock((block, first, count) => visit(view(block, count * d), first, count));
    },
    weighted,
    third(at, u) {
      const tensor = startThird();
      eachWhite(at, (first, count, m) => {
        weigh(u, first, count);
        k.weighPanels(m, d, panels, weights, weighed);
        k.addThird(m, d, panels, weighed, scratch, tensor);
      });
      return unpackThird(d, view(tensor, thirdSize(d)));
    },
    sampled({ Z, slack }, chosen, w) {
      zero(product, wide * wide);
      useFactor(Z);
      const slacks = new Float64Array(chosen.length);
      for (let k = 0; k < chosen.length; k++) slacks[k] = slack[chosen[k]!]!;
      for (let first = 0; first < chosen.length; first += most) {
        const count = Math.min(most, chosen.length - first);
        const block = rows.gathered(chosen, first, count);
        scaleBy(slacks, first, count);
        k.whiten(padded(count), d, block, factors, packed, panels, sums);
        addWeighed(w, first, count, padded(count));
      }
      return readSymmetric();
    },
    rowNorms(frame) {
      const out = new Float64Array(n);
      eachWhite(frame, (first, count) => out.set(view(sums, count), first));
      return out;
    },
  };
}

/** sum + rest += x, what rounding takes from the sum going to the rest (Knuth's TwoSum). */
function addTwoSum(x: Float64Array, sum: Float64Array, rest: Float64Array): void {
  for (let j = 0; j < x.length; j++) {
    const a = sum[j]!;
    const s = a + x[j]!;
    const t = s - a;
    sum[j] = s;
    rest[j] = rest[j]! + (a - (s - t) + (x[j]! - t));
  }
}
