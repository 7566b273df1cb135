/**
 * A computation that splits into shards and merges associatively. Types only: every package that splits declares this same interface, and
 * whatever runs it needs no package to know another. Merged in the order of the shards the result is that of one machine, bit for bit,
 * in whatever order they finish, and however often: engines run a job at least once.
 */
export interface MapMerge<Params, Shard, State, Result> {
  /** Both are part of the name of a job. */
  readonly name: string;
  readonly version: number;
  /** The shards, each with its own seed; equal params give equal shards. */
  plan(params: Params): readonly Shard[];
  /** Pure: the same bytes for the same shard. */
  map(shard: Shard, signal?: AbortSignal): Promise<State>;
  readonly empty: State;
  merge(a: State, b: State): State;
  /** In the caller's process, once. */
  finish(state: State, params: Params): Result;
  encode(state: State): Uint8Array;
  decode(bytes: Uint8Array): State;
}
