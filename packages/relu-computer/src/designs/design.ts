import type { StateLayout } from '../layout.ts';
import type { Stage } from '../network/stage.ts';

/** A network whose input and output are machine states, and how to read them. */
export interface Network {
  readonly layout: StateLayout;
  readonly stages: readonly Stage[];
}
