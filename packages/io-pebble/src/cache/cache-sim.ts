import { checkChoice, checkWhole } from '../check.ts';

export interface CacheOptions {
  /** Bytes in all, a multiple of line times ways. */
  readonly bytes: number;
  /** Bytes of a line. Default 64. */
  readonly lineBytes?: number;
  /** Lines of a set; `full` is one set. Default `full`. */
  readonly ways?: number | 'full';
  /** What leaves: the line used longest ago, or the one that came first. Default `lru`. */
  readonly policy?: 'lru' | 'fifo';
}

export interface CacheStats {
  readonly accesses: number;
  readonly misses: number;
}

/** A cache that sees addresses one by one. */
export interface CacheSim {
  /** @param address - in bytes, in [0, 2^53). @returns whether its line was there. */
  access(address: number): boolean;
  /** Many addresses at once. @returns how many were not there. */
  accessAll(addresses: ArrayLike<number>): number;
  stats(): CacheStats;
}

/**
 * A set-associative cache of lines, write-allocate, reads and writes alike.
 *
 * @throws ArgumentError.
 * Cost: O(1) an access for LRU and FIFO with one set (a hash table and a linked list), O(ways) with several.
 */
export function cacheSim(options: CacheOptions): CacheSim {
  const { bytes, lineBytes = 64, ways = 'full', policy = 'lru' } = options;
  checkWhole('cacheSim', 'lineBytes', lineBytes, 1, 2 ** 30);
  checkChoice('cacheSim', 'policy', policy, ['lru', 'fifo']);
  checkWhole('cacheSim', 'bytes', bytes, lineBytes, 2 ** 40);
  const lines = Math.floor(bytes / lineBytes);
  if (ways !== 'full') checkWhole('cacheSim', 'ways', ways, 1, lines);
  const touch =
    ways === 'full' || ways === lines ? oneSet(lines, policy === 'lru') : manySets(Math.floor(lines / ways), ways, policy === 'lru');
  // A division by a power of two is exact as a product.
  const perByte = Number.isInteger(Math.log2(lineBytes)) ? 1 / lineBytes : 0;
  const lineOf = (address: number): number => Math.floor(perByte > 0 ? address * perByte : address / lineBytes);
  let [accesses, misses, latest] = [0, 0, -1];
  return {
    access(address) {
      accesses++;
      latest = lineOf(address);
      const hit = touch(latest);
      if (!hit) misses++;
      return hit;
    },
    accessAll(addresses) {
      let [missed, last] = [0, latest];
      for (let i = 0; i < addresses.length; i++) {
        const line = lineOf(addresses[i]!);
        // The line of the access before is there, and no policy moves it.
        if (line === last) continue;
        last = line;
        if (!touch(line)) missed++;
      }
      accesses += addresses.length;
      misses += missed;
      latest = last;
      return missed;
    },
    stats: () => ({ accesses, misses }),
  };
}

/** All lines in one set: a hash table of lines and a list from the line used last to the one that leaves next. */
function oneSet(capacity: number, lru: boolean): (line: number) => boolean {
  const bits = Math.max(4, Math.ceil(Math.log2(4 * capacity)));
  const [mask, shift] = [2 ** bits - 1, 32 - bits];
  const table = new Int32Array(mask + 1).fill(-1);
  const line = new Float64Array(capacity);
  // A ring through slot `capacity`, whose older one is the newest and whose newer one the oldest.
  const newer = new Int32Array(capacity + 1);
  const older = new Int32Array(capacity + 1);
  newer[capacity] = capacity;
  older[capacity] = capacity;
  let count = 0;
  const home = (of: number): number => {
    const high = of >= 2 ** 32 ? Math.imul(Math.floor(of / 2 ** 32), 0x85ebca6b) : 0;
    return Math.imul(of ^ high, 0x9e3779b1) >>> shift;
  };

  const unlink = (slot: number): void => {
    const [n, o] = [newer[slot]!, older[slot]!];
    older[n] = o;
    newer[o] = n;
  };
  const pushNewest = (slot: number): void => {
    const before = older[capacity]!;
    newer[slot] = capacity;
    older[slot] = before;
    newer[before] = slot;
    older[capacity] = slot;
  };
  /** Takes an entry out of the table and closes the gap. */
  const forget = (of: number): void => {
    let at = home(of);
    while (line[table[at]!] !== of) at = (at + 1) & mask;
    for (let next = (at + 1) & mask; table[next] !== -1; next = (next + 1) & mask) {
      const wanted = home(line[table[next]!]!);
      if (((next - wanted) & mask) >= ((next - at) & mask)) {
        table[at] = table[next]!;
        at = next;
      }
    }
    table[at] = -1;
  };

  return (wanted) => {
    let at = home(wanted);
    for (let slot = table[at]!; slot !== -1; slot = table[at]!) {
      if (line[slot] === wanted) {
        if (lru && older[capacity] !== slot) {
          unlink(slot);
          pushNewest(slot);
        }
        return true;
      }
      at = (at + 1) & mask;
    }
    let slot = count;
    if (count < capacity) count++;
    else {
      slot = newer[capacity]!;
      forget(line[slot]!);
      unlink(slot);
      at = home(wanted);
      while (table[at] !== -1) at = (at + 1) & mask;
    }
    line[slot] = wanted;
    table[at] = slot;
    pushNewest(slot);
    return false;
  };
}

/** Several sets, each a short list in the order in which lines leave, the next to leave last. */
function manySets(sets: number, ways: number, lru: boolean): (line: number) => boolean {
  const held = new Float64Array(sets * ways).fill(-1);
  return (wanted) => {
    const first = (wanted % sets) * ways;
    let at = 0;
    while (at < ways && held[first + at] !== wanted) at++;
    const hit = at < ways;
    if (hit && !lru) return true;
    held.copyWithin(first + 1, first, first + Math.min(at, ways - 1));
    held[first] = wanted;
    return hit;
  };
}
