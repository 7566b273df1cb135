import { checkChoice } from '../check.ts';
import type { Memory } from './problem.ts';

export type GpuName = 'GTX 10' | 'V100' | 'T4' | 'A100' | 'RTX 30' | 'RTX 40' | 'H100' | 'H200' | 'B200' | 'RTX 50';

/** Fast memory of a GPU: what one thread block may address of a multiprocessor's shared memory. */
export interface Gpu {
  readonly name: GpuName;
  readonly computeCapability: string;
  /** KiB of shared memory that a thread block may address, and that a multiprocessor has. */
  readonly blockKiB: number;
  readonly multiprocessorKiB: number;
  /** KiB of registers of a multiprocessor. */
  readonly registerKiB: number;
  /** Where that is stated. */
  readonly source: string;
}

/** The vendor's table of architectures; a thread block may address all but what the driver keeps, a KiB from 8.0 on. */
const SOURCE =
  'https://github.com/NVIDIA/cccl/blob/004ad1986064aaa82892ed00d0dbda88b90fa6e6/libcudacxx/include/cuda/__device/arch_traits.h';

const known = (name: GpuName, computeCapability: string, blockKiB: number, multiprocessorKiB: number): Gpu => ({
  name,
  computeCapability,
  blockKiB,
  multiprocessorKiB,
  registerKiB: 256,
  source: `${SOURCE}, sm_${computeCapability.replace('.', '')}`,
});

export const GPUS: readonly Gpu[] = [
  known('GTX 10', '6.1', 48, 96),
  known('V100', '7.0', 96, 96),
  known('T4', '7.5', 64, 64),
  known('A100', '8.0', 163, 164),
  known('RTX 30', '8.6', 99, 100),
  known('RTX 40', '8.9', 99, 100),
  known('H100', '9.0', 227, 228),
  known('H200', '9.0', 227, 228),
  known('B200', '10.0', 227, 228),
  known('RTX 50', '12.0', 99, 100),
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
    GPUS.map((one) => one.name),
  );
  const { blockKiB } = GPUS.find((one) => one.name === name)!;
  return { bytes: blockKiB * 1024, elementBytes: 2, accumulatorBytes: 4, ...options };
}
