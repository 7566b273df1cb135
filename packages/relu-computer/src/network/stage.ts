/** A run of neurons of one stage that have a name: `gate A[17]` is neuron start + 17. */
export interface Group {
  readonly name: string;
  readonly start: number;
  readonly count: number;
  readonly claim: Claim;
}

/** What holds of a group's values in every step from a valid state. Tests check it; the bound on sums rests on it. */
export interface Claim {
  /** Values lie in [0, max], or in [-max, max] where they are signed. */
  readonly max: number;
  readonly signed: boolean;
  /** At most one of them is not 0. */
  readonly oneHot: boolean;
}

/**
 * One layer of a network: h' = ReLU(W h + b) or, as a linear bottleneck, h' = W h + b. W is sparse, by compressed rows: the entries
 * of row i are `values[p]` in column `columns[p]`, p from `rowStart[i]` to `rowStart[i + 1]`.
 */
export interface Stage {
  readonly name: string;
  readonly kind: 'relu' | 'linear';
  readonly rows: number;
  readonly cols: number;
  readonly rowStart: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
  readonly bias: Float64Array;
  /** All neurons by name, in order and without gaps. */
  readonly groups: readonly Group[];
  /**
   * No partial sum of a row exceeds this in any step from a valid state, in whatever order it is added:
   * max_i sum_j |W_ij| |h_j| + |b_i|. Below 2^24 all of the stage is exact in f32, below 2^53 in f64.
   */
  readonly bound: number;
}

/** Name of a neuron, e.g. `memory[17]`. A group of one has no index. */
export function neuronName({ groups }: Pick<Stage, 'groups'>, index: number): string {
  const group = groups[lastStartingBefore(groups, index)]!;
  return group.count === 1 ? group.name : `${group.name}[${index - group.start}]`;
}

/** The neuron of a name, or undefined. */
export function neuronIndex({ groups }: Pick<Stage, 'groups'>, name: string): number | undefined {
  const [, groupName, index] = /^(.*?)(?:\[(\d+)\])?$/.exec(name)!;
  const group = groups.find((candidate) => candidate.name === groupName);
  const offset = Number(index ?? 0);
  return group !== undefined && offset < group.count && (index !== undefined || group.count === 1) ? group.start + offset : undefined;
}

function lastStartingBefore(groups: readonly Group[], index: number): number {
  let low = 0;
  let high = groups.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (groups[middle]!.start <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}
