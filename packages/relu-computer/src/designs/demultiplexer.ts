import { at, type Range, type StageBuilder } from '../network/build.ts';
import { byName, carryFlags, type Decoder, flagStairs, flagsFrom, type Level, type Port, tagOf } from './decoder.ts';

/**
 * A tree that hands an address down into the one child that holds it: a node's value is 0, or 1 + the address within its part of the
 * cells. Child k of a node of value y, whose children have s cells each, takes f(y - k s) with f(t) = t for 1 <= t <= s and 0 else:
 *
 *   f(t) = ReLU(t) - (s + 1) ReLU(t - s) + s ReLU(t - s - 1),
 *
 * so that thresholds are shared between neighbours: 2 radix + 1 neurons a node. When the address changes, only the nodes on the old
 * and the new path change: O(radix log limit / log radix) neurons, where the flat staircase has O(limit).
 *
 * Two stages a level, ceil(log limit / log radix) levels.
 */
export function demultiplexer(radix: number): Decoder {
  return (net, bus, ports) => {
    const tag = tagOf(ports);
    const written = ports.findIndex((port) => port.written);
    const depth = Math.max(...ports.map(({ limit }) => levels(limit, radix)));
    const root = net.stage('relu', `thresholds 1 ${tag}`, (s) => ({
      bus: s.carry(bus),
      flags: flagStairs(s, ports),
      nodes: thresholds(s, 1, ports, radix, radix ** (depth - 1)),
    }));
    let level = net.stage('linear', `children 1 ${tag}`, (s) => ({
      bus: s.carry(root.bus),
      flags: flagsFrom(s, root.flags),
      nodes: children(s, 1, ports, radix, radix ** (depth - 1), root.nodes),
      path: [] as Level[],
    }));
    for (let l = 2; l <= depth; l++) {
      // Cells of a child at this level; all ports' trees are of the same depth.
      const cells = radix ** (depth - l);
      const parent = level;
      const above = net.stage('relu', `thresholds ${l} ${tag}`, (s) => ({
        bus: s.carry(parent.bus),
        flags: carryFlags(s, parent.flags),
        nodes: thresholds(s, l, ports, radix, cells, parent.nodes),
        path: carryPath(s, parent.path),
        below: written === -1 ? undefined : shifted(s, parent.nodes[written]!),
      }));
      level = net.stage('linear', `children ${l} ${tag}`, (s) => ({
        bus: s.carry(above.bus),
        flags: carryFlags(s, above.flags),
        nodes: children(s, l, ports, radix, cells, above.nodes),
        path: [
          ...carryPath(s, above.path),
          ...(above.below === undefined
            ? []
            : [
                {
                  ...holds(s, `node ${l - 1} ${ports[written]!.name} holds`, above.nodes[written]!, above.below, radix),
                  cells: cells * radix,
                },
              ]),
        ],
      }));
    }
    const leaves = byName(ports, level.nodes);
    return {
      bus: level.bus,
      ...level.flags,
      path: level.path,
      select(port, cell, row, weight) {
        row.add(at(leaves[port]!, cell), weight);
        return 1;
      },
    };
  };
}

/** y - 1 of each node. */
function shifted(s: StageBuilder, nodes: Range): Range {
  return s.neurons(
    'node - 1',
    nodes.count,
    (i, row) => {
      row.add(at(nodes, i), 1);
      return -1;
    },
    { oneHot: true },
  );
}

/** [y >= 1] of each node, from its first threshold, which is y, and y - 1. */
function holds(s: StageBuilder, name: string, nodes: Range, below: Range, radix: number): Omit<Level, 'cells'> {
  const flags = s.neurons(
    name,
    below.count,
    (i, row) => {
      row.add(at(nodes, i * (2 * radix + 1)), 1);
      row.add(at(below, i), -1);
      return 0;
    },
    { max: 1, oneHot: true },
  );
  return { name, flags };
}

/** Passes the levels of a path on. */
export function carryPath(s: StageBuilder, path: readonly Level[]): Level[] {
  return path.map(({ name, flags, cells }) => ({ name, flags: s.carry({ [name]: flags })[name]!, cells }));
}

/** Of each node of value y: y - j s for j = 0 .. radix, then y - j s - 1 for j = 1 .. radix. */
function thresholds(
  s: StageBuilder,
  level: number,
  ports: readonly Port[],
  radix: number,
  cells: number,
  nodes?: readonly Range[],
): Range[] {
  const width = 2 * radix + 1;
  return ports.map(({ name, wire, limit }, p) =>
    s.neurons(`threshold ${level} ${name}`, Math.ceil(limit / (cells * radix)) * width, (i, row) => {
      const which = i % width;
      const j = which > radix ? which - radix : which;
      // The address itself is one less than the root's value.
      row.add(nodes === undefined ? wire : at(nodes[p]!, Math.floor(i / width)), 1);
      return (nodes === undefined ? 1 : 0) - j * cells - (which > radix ? 1 : 0);
    }),
  );
}

function children(s: StageBuilder, level: number, ports: readonly Port[], radix: number, cells: number, nodes: readonly Range[]): Range[] {
  const width = 2 * radix + 1;
  return ports.map(({ name, limit }, p) =>
    s.neurons(
      cells === 1 ? `${name} =` : `node ${level} ${name}`,
      Math.ceil(limit / cells),
      (i, row) => {
        const k = i % radix;
        const first = at(nodes[p]!, Math.floor(i / radix) * width);
        row.add(first + k, 1);
        row.add(first + k + 1, -(cells + 1));
        row.add(first + radix + k + 1, cells);
        return 0;
      },
      { max: cells, oneHot: true },
    ),
  );
}

function levels(limit: number, radix: number): number {
  let depth = 1;
  while (radix ** depth < limit) depth++;
  return depth;
}
