import { at, type Bus, type NetworkBuilder, type Range, type Row, type StageBuilder } from '../network/build.ts';

/** An address to be decoded. */
export interface Port {
  readonly name: string;
  /** The neuron that holds the address. */
  readonly wire: number;
  /** Cells that it may select. */
  readonly limit: number;
  /** Added to what the neuron holds. Default 0. */
  readonly offset?: number;
  /** Whether `inRange` is wanted. */
  readonly bounded?: boolean;
  /** A value that `equals` is wanted for. */
  readonly special?: number;
  /** Whether `path` is wanted: the cell is going to be written. */
  readonly written?: boolean;
}

/** Nodes of one level of a tree over the cells: [node holds the address], and how many cells a node has. */
export interface Level {
  /** Of the flags. */
  readonly name: string;
  readonly flags: Range;
  readonly cells: number;
}

export interface Decoded<B extends Bus> {
  /** What was passed on. */
  readonly bus: B;
  /** By port: [address < limit], where it is bounded. */
  readonly inRange: { readonly [port: string]: number };
  /** By port: [address = special], where there is one. */
  readonly equals: { readonly [port: string]: number };
  readonly select: Select;
  /** Where the decoder is a tree: its levels above the cells, from the root on, of the port that is to be written. */
  readonly path: readonly Level[];
}

/**
 * Adds `weight` times the conditions that are 1 when the port's address is `cell`.
 *
 * @returns how many conditions there are: all are 1 if the cell is selected, fewer if it is not.
 */
export type Select = (port: string, cell: number, row: Row, weight: number) => number;

/** Adds stages that turn addresses into selectors, and passes the bus on. */
export type Decoder = <B extends Bus>(net: NetworkBuilder, bus: B, ports: readonly Port[]) => Decoded<B>;

/**
 * Two stages: a staircase q_j = ReLU(v - j), then the one-hot [v = i] = q_(i-1) - 2 q_i + q_(i+1). `limit` + 2 neurons serve all cells.
 */
export const flat: Decoder = (net, bus, ports) => {
  const tag = tagOf(ports);
  const stairs = net.stage('relu', `staircase ${tag}`, (s) => ({
    bus: s.carry(bus),
    flags: flagStairs(s, ports),
    stairs: ports.map((port) => staircase(s, `staircase ${port.name}`, port)),
  }));
  return net.stage('linear', `one-hot ${tag}`, (s) => {
    const carried = s.carry(stairs.bus);
    const flags = flagsFrom(s, stairs.flags);
    const hot = byName(
      ports,
      stairs.stairs.map((stair, p) => oneHot(s, ports[p]!.name, stair)),
    );
    return {
      bus: carried,
      ...flags,
      path: [],
      select(port, cell, row, weight) {
        row.add(at(hot[port]!, cell), weight);
        return 1;
      },
    };
  });
};

/**
 * A digit at a time: v = radix high + low, both digits decoded by a staircase. A cell is selected by two conditions, and only some
 * 2 radix + 2 limit / radix neurons change when the address does.
 */
export function twoLevel(radix: number): Decoder {
  return (net, bus, ports) => {
    const tag = tagOf(ports);
    const blocks = ports.map(({ limit }) => Math.ceil(limit / radix));
    // A copy beside the one that the bus may hold.
    const addressOf = (name: string) => `address ${name}`;
    const addresses = Object.fromEntries(ports.map(({ name, wire }) => [addressOf(name), wire]));
    const floor = net.stage('relu', `floor ${tag}`, (s) => ({
      bus: s.carry(bus),
      addresses: s.carry(addresses),
      flags: flagStairs(s, ports),
      // Two neurons a block: [v >= k radix] = ReLU(v - k radix + 1) - ReLU(v - k radix).
      floors: ports.map(({ name, wire }, p) =>
        s.neurons(`floor ${name}`, 2 * blocks[p]!, (i, row) => {
          row.add(wire, 1);
          return 1 - (i & 1) - radix * ((i >> 1) + 1);
        }),
      ),
    }));
    // The steps stand in a stage of their own: radix times a difference of two large numbers in one row would not fit into f32.
    const steps = net.stage('linear', `steps ${tag}`, (s) => ({
      bus: s.carry(floor.bus),
      addresses: s.carry(floor.addresses),
      flags: flagsFrom(s, floor.flags),
      steps: floor.floors.map((pairs, p) =>
        s.neurons(
          `steps ${ports[p]!.name}`,
          blocks[p]!,
          (i, row) => {
            row.add(at(pairs, 2 * i), 1);
            row.add(at(pairs, 2 * i + 1), -1);
            return 0;
          },
          { max: 1 },
        ),
      ),
    }));
    const digits = net.stage('linear', `digits ${tag}`, (s) => ({
      bus: s.carry(steps.bus),
      flags: carryFlags(s, steps.flags),
      high: steps.steps.map((step, p) => digit(s, `high ${ports[p]!.name}`, step, 1)),
      low: steps.steps.map((step, p) => digit(s, `low ${ports[p]!.name}`, step, -radix, steps.addresses[addressOf(ports[p]!.name)])),
    }));
    const stairs = net.stage('relu', `staircase ${tag}`, (s) => ({
      bus: s.carry(digits.bus),
      flags: carryFlags(s, digits.flags),
      high: ports.map(({ name }, p) => staircase(s, `staircase high ${name}`, { wire: digits.high[p]!, limit: blocks[p]! })),
      low: ports.map(({ name }, p) => staircase(s, `staircase low ${name}`, { wire: digits.low[p]!, limit: radix })),
    }));
    return net.stage('linear', `one-hot ${tag}`, (s) => {
      const carried = s.carry(stairs.bus);
      const flags = carryFlags(s, stairs.flags);
      const hot = (stair: readonly Range[], which: string) =>
        byName(
          ports,
          stair.map((range, p) => oneHot(s, `${which} ${ports[p]!.name}`, range)),
        );
      const high = hot(stairs.high, 'high');
      const low = hot(stairs.low, 'low');
      return {
        bus: carried,
        ...flags,
        path: [],
        select(port, cell, row, weight) {
          row.add(at(high[port]!, Math.floor(cell / radix)), weight);
          row.add(at(low[port]!, cell % radix), weight);
          return 2;
        },
      };
    });
  };
}

/** ReLU(v - j) for j = -1 .. limit. */
export function staircase(s: StageBuilder, name: string, { wire, limit, offset = 0 }: Pick<Port, 'wire' | 'limit' | 'offset'>): Range {
  return s.neurons(name, limit + 2, (i, row) => {
    row.add(wire, 1);
    return 1 - i + offset;
  });
}

/** [v = i] for each i that the staircase serves. */
export function oneHot(s: StageBuilder, name: string, stair: Range): Range {
  const fill = (i: number, row: Row) => {
    row.add(at(stair, i), 1);
    row.add(at(stair, i + 1), -2);
    row.add(at(stair, i + 2), 1);
    return 0;
  };
  return s.neurons(`${name} =`, stair.count - 2, fill, { max: 1, oneHot: true });
}

function digit(s: StageBuilder, name: string, steps: Range, weight: number, address?: number): number {
  return s.neurons(name, 1, (_, row) => {
    if (address !== undefined) row.add(address, 1);
    row.addAll(steps, weight);
    return 0;
  }).start;
}

interface Flags {
  readonly inRange: { readonly [port: string]: number };
  readonly equals: { readonly [port: string]: number };
}

/** Two neurons where a port is bounded, three where it has a special value. */
export function flagStairs(
  s: StageBuilder,
  ports: readonly Port[],
): { readonly [flag in keyof Flags]: { readonly [port: string]: Range } } {
  const thresholds = (name: string, { wire, offset = 0 }: Port, value: number, count: number) =>
    s.neurons(name, count, (i, row) => {
      row.add(wire, 1);
      return 1 - i - value + offset;
    });
  return {
    inRange: Object.fromEntries(
      ports.filter(({ bounded }) => bounded).map((port) => [port.name, thresholds(`range ${port.name}`, port, port.limit, 2)]),
    ),
    equals: Object.fromEntries(
      ports
        .filter(({ special }) => special !== undefined)
        .map((port) => [port.name, thresholds(`${port.name} near ${port.special}`, port, port.special!, 3)]),
    ),
  };
}

export function flagsFrom(s: StageBuilder, stairs: ReturnType<typeof flagStairs>): Flags {
  const all = (ranges: { readonly [port: string]: Range }, name: (port: string) => string, weights: readonly number[], bias: number) =>
    Object.fromEntries(
      Object.entries(ranges).map(([port, range]) => [
        port,
        s.neuron(
          name(port),
          weights.map((w, i) => [at(range, i), w] as const),
          bias,
          { max: 1 },
        ),
      ]),
    );
  return {
    inRange: all(stairs.inRange, (port) => `${port} in range`, [-1, 1], 1),
    equals: all(stairs.equals, (port) => `${port} special`, [1, -2, 1], 0),
  };
}

export function carryFlags(s: StageBuilder, { inRange, equals }: Flags): Flags {
  const named = (flags: { readonly [port: string]: number }, suffix: string) =>
    Object.fromEntries(Object.entries(flags).map(([port, wire]) => [port, s.neuron(`${port} ${suffix}`, [[wire, 1]])]));
  return { inRange: named(inRange, 'in range'), equals: named(equals, 'special') };
}

export function tagOf(ports: readonly Port[]): string {
  return ports.map(({ name }) => name).join(' ');
}

export function byName(ports: readonly Port[], ranges: readonly Range[]): { readonly [port: string]: Range } {
  return Object.fromEntries(ports.map(({ name }, p) => [name, ranges[p]!]));
}
