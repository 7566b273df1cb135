import type { StateLayout } from '../layout.ts';
import type { Stage } from '../network/stage.ts';

/** A network whose input and output are machine states, and how to read them. */
export interface Network {
  readonly layout: StateLayout;
  readonly stages: readonly Stage[];
  /** Of `paper23`: the part of the paper's construction that each ReLU stage belongs to. */
  readonly parts?: readonly string[];
}
