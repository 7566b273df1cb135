export { peakMemory } from './memory.ts';
export { AbsentError, peer, peerFolder, peers } from './peers.ts';
export type { Bar, Calibration, Case, Contender, ExponentBar, Run, Suite } from './suite.ts';
