import { growing } from './growing.ts';
import type { Claim, Group, Stage } from './stage.ts';

/** Neurons next to each other in one stage. */
export interface Range {
  readonly start: number;
  readonly count: number;
}

/** Wires that belong together, by name; a single one by its number. */
export type Bus = { readonly [name: string]: number | Range };

/** Takes the entries of one row of W. A column is named at most once a row. */
export interface Row {
  /** @param column - a neuron of the stage before. */
  add(column: number, weight: number): void;
  /** The same weight for all of a range. */
  addAll(range: Range, weight: number): void;
}

export interface StageBuilder {
  /** One neuron. @returns its number. */
  neuron(name: string, terms: readonly (readonly [column: number, weight: number])[], bias?: number, claim?: Partial<Claim>): number;
  /** Several neurons. `fill` writes row i and returns its bias. */
  neurons(name: string, count: number, fill: (i: number, row: Row) => number, claim?: Partial<Claim>): Range;
  /** Passes nonnegative values on unchanged, under the names they have in the bus. */
  carry<B extends Bus>(bus: B): B;
}

export interface NetworkBuilder {
  /** Adds a stage and returns what `fill` returns: the wires that the next stage reads. */
  stage<T>(kind: Stage['kind'], name: string, fill: (stage: StageBuilder) => T): T;
  readonly stages: readonly Stage[];
}

/** Number i of a range. */
export function at(range: Range, i: number): number {
  return range.start + i;
}

/** Builds a chain of stages row by row, in time and memory proportional to what it holds. */
export function networkBuilder(inputs: readonly Group[]): NetworkBuilder {
  const stages: Stage[] = [];
  let before = inputs;
  return {
    stages,
    stage(kind, name, fill) {
      const builder = stageBuilder(before, kind);
      const result = fill(builder);
      const stage = { name, kind, ...builder.finish() };
      stages.push(stage);
      before = stage.groups;
      return result;
    },
  };
}

/** Claims by column: the largest magnitude, whether it may be negative, and which one-hot group it is in (-1: none). */
function columnClaims(groups: readonly Group[]) {
  const last = groups[groups.length - 1];
  const cols = last === undefined ? 0 : last.start + last.count;
  const max = new Float64Array(cols);
  const signed = new Uint8Array(cols);
  const hot = new Int32Array(cols).fill(-1);
  groups.forEach(({ start, count, claim }, g) => {
    max.fill(claim.max, start, start + count);
    if (claim.signed) signed.fill(1, start, start + count);
    if (claim.oneHot) hot.fill(g, start, start + count);
  });
  return { cols, max, signed, hot };
}

function stageBuilder(before: readonly Group[], kind: Stage['kind']): StageBuilder & { finish(): Omit<Stage, 'name' | 'kind'> } {
  const claims = columnClaims(before);
  const columns = growing(Int32Array, claims.cols);
  const values = growing(Float64Array, claims.cols);
  const rowEnds = growing(Int32Array, claims.cols);
  const biases = growing(Float64Array, claims.cols);
  const groups: Group[] = [];
  let bound = 0;
  const row: Row = {
    add(column, weight) {
      if (weight === 0) return;
      columns.push(column);
      values.push(weight);
    },
    addAll({ start, count }, weight) {
      for (let i = 0; i < count; i++) row.add(start + i, weight);
    },
  };

  /** Ends a row. @returns what its sum is at most. */
  function end(bias: number): number {
    const from = rowEnds.length === 0 ? 0 : rowEnds.at(rowEnds.length - 1);
    let magnitude = Math.abs(bias);
    let most = bias;
    // Entries of a one-hot group stand next to each other in a row; of them one counts, the largest.
    let group = -1;
    let magnitudeOfGroup = 0;
    let mostOfGroup = 0;
    for (let p = from; p < columns.length; p++) {
      const column = columns.at(p);
      const weight = values.at(p);
      const size = Math.abs(weight) * claims.max[column]!;
      const share = weight > 0 || claims.signed[column] === 1 ? size : 0;
      const hot = claims.hot[column]!;
      if (hot !== group || hot === -1) {
        magnitude += magnitudeOfGroup;
        most += mostOfGroup;
        magnitudeOfGroup = 0;
        mostOfGroup = 0;
        group = hot;
      }
      magnitudeOfGroup = Math.max(magnitudeOfGroup, size);
      mostOfGroup = Math.max(mostOfGroup, share);
    }
    bound = Math.max(bound, magnitude + magnitudeOfGroup);
    rowEnds.push(columns.length);
    biases.push(bias);
    return most + mostOfGroup;
  }

  const builder: StageBuilder = {
    neuron(name, terms, bias = 0, claim = {}) {
      return builder.neurons(
        name,
        1,
        (_, r) => {
          for (const [column, weight] of terms) r.add(column, weight);
          return bias;
        },
        claim,
      ).start;
    },
    neurons(name, count, fill, claim = {}) {
      const start = rowEnds.length;
      let most = 0;
      for (let i = 0; i < count; i++) most = Math.max(most, end(fill(i, row)));
      if (count > 0) groups.push({ name, start, count, claim: { max: most, signed: false, oneHot: false, ...claim } });
      return { start, count };
    },
    carry(bus) {
      return Object.fromEntries(
        Object.entries(bus).map(([name, wires]) => {
          const { start, count } = typeof wires === 'number' ? { start: wires, count: 1 } : wires;
          const claim = count === 0 ? {} : { oneHot: claims.hot[start] !== -1 };
          const copied = builder.neurons(
            name,
            count,
            (i, r) => {
              r.add(start + i, 1);
              return 0;
            },
            claim,
          );
          return [name, typeof wires === 'number' ? copied.start : copied];
        }),
      ) as typeof bus;
    },
  };
  return {
    ...builder,
    finish() {
      const rows = rowEnds.length;
      const rowStart = new Int32Array(rows + 1);
      rowStart.set(rowEnds.take(), 1);
      if (kind === 'relu' && groups.some(({ claim }) => claim.signed)) throw new Error('a ReLU has no negative values');
      return { rows, cols: claims.cols, rowStart, columns: columns.take(), values: values.take(), bias: biases.take(), groups, bound };
    },
  };
}
