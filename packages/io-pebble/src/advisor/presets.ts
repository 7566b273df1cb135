import { checkChoice } from '../check.ts';
import type { Memory } from './problem.ts';

export type GpuName = 'V100' | 'T4' | 'A100' | 'RTX 30' | 'RTX 40' | 'H100' | 'B200';

/** Fast memory of a GPU: what one thread block may address of a multiprocessor's shared memory. */
export interface Gpu {
  readonly name: GpuName;
  readonly computeCapability: string;
  /** KiB that a thread block may address. */
  readonly blockKiB: number;
  /** Where that is stated. */
  readonly source: string;
}

const GUIDE = 'CUDA C++ Programming Guide, Compute Capabilities';

export const GPUS: readonly Gpu[] = [
  { name: 'V100', computeCapability: '7.0', blockKiB: 96, source: `${GUIDE}, 7.x, Shared Memory` },
  { name: 'T4', computeCapability: '7.5', blockKiB: 64, source: `${GUIDE}, 7.x, Shared Memory` },
  { name: 'A100', computeCapability: '8.0', blockKiB: 163, source: `${GUIDE}, 8.x, Shared Memory` },
  { name: 'RTX 30', computeCapability: '8.6', blockKiB: 99, source: `${GUIDE}, 8.x, Shared Memory` },
  { name: 'RTX 40', computeCapability: '8.9', blockKiB: 99, source: `${GUIDE}, 8.x, Shared Memory` },
  { name: 'H100', computeCapability: '9.0', blockKiB: 227, source: `${GUIDE}, 9.0, Shared Memory` },
  { name: 'B200', computeCapability: '10.0', blockKiB: 227, source: `${GUIDE}, 10.0, Shared Memory` },
];

/**
 * The shared memory of a GPU as fast memory, for data of 16 and sums of 32 bits. Bandwidths differ between models of one name: give your own.
 *
 * @throws ArgumentError for a name that is not in `GPUS`.
 */
export function gpu(name: GpuName, options: Omit<Memory, 'bytes' | 'words'> = {}): Memory {
  checkChoice(
    'gpu',
    'name',
    name,
    GPUS.map((known) => known.name),
  );
  const { blockKiB } = GPUS.find((known) => known.name === name)!;
  return { bytes: blockKiB * 1024, elementBytes: 2, accumulatorBytes: 4, ...options };
}
