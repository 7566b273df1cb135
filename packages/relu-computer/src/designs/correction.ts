import { at, type NetworkBuilder, type Range } from '../network/build.ts';
import type { Group } from '../network/stage.ts';

/** Base of the digits that a word is rounded by. */
const RADIX = 16;

/** An entry's part that is still to be rounded, and the digits that have been found. */
interface Rounding {
  readonly rest: Range;
  readonly found: Range | undefined;
}

/**
 * Stages that round every entry of the state: whatever is within 1/4 of a state becomes that state, exactly. Without them a perturbation
 * stays, or grows.
 *
 * A digit of weight s is the number of j >= 1 with v >= j s. For v within 1/4 of a whole number, z = 2 (v - j s) + 3/2 is at least 1 where
 * v >= j s holds and at most 0 where it does not, so that 1 - ReLU(1 - ReLU(z)) is 1 or 0 without any error that rounding could leave.
 * Two ReLU stages and a linear one a digit; words of up to 4 bits have one, the paper's bits of +-1 have one as well.
 *
 * Size: 4 neurons a digit's value, a word and a digit.
 */
export function correct(net: NetworkBuilder, groups: readonly Group[]): void {
  const words = groups.find(({ name }) => name === 'memory')!.claim.max;
  let digits = 1;
  while (RADIX ** digits <= words) digits++;
  let state: readonly Rounding[] = groups.map(({ start, count }) => ({ rest: { start, count }, found: undefined }));
  for (let digit = digits - 1; digit >= 0; digit--) {
    const s = RADIX ** digit;
    const before = state;
    const last = digit === 0;
    const thresholds = net.stage('relu', `above multiples of ${s}`, (stage) =>
      groups.map(({ name, claim }, g) => {
        const { rest, found } = before[g]!;
        // The first digit takes all that lies above it, such as pc three beyond the words.
        const most = Math.floor((digit === digits - 1 ? claim.max : Math.min(claim.max, RADIX * s - 1)) / s);
        const above = stage.neurons(`${name} above`, rest.count * most, (i, row) => {
          if (claim.signed) {
            row.add(at(rest, i), 1);
            return 0.5;
          }
          row.add(at(rest, Math.floor(i / most)), 2);
          return 1.5 - 2 * s * ((i % most) + 1);
        });
        const kept = stage.carry({ ...(last ? {} : { [name]: rest }), ...(found === undefined ? {} : { [`${name} found`]: found }) });
        return { most, above, rest: kept[name], found: kept[`${name} found`] };
      }),
    );
    const flags = net.stage('relu', `below multiples of ${s}`, (stage) =>
      groups.map(({ name }, g) => {
        const { most, above, rest, found } = thresholds[g]!;
        const below = stage.neurons(
          `${name} below`,
          above.count,
          (i, row) => {
            row.add(at(above, i), -1);
            return 1;
          },
          { max: 1 },
        );
        const kept = stage.carry({
          ...(rest === undefined ? {} : { [name]: rest }),
          ...(found === undefined ? {} : { [`${name} found`]: found }),
        });
        return { most, below, rest: kept[name], found: kept[`${name} found`] };
      }),
    );
    state = net.stage('linear', last ? 'rounded' : `less multiples of ${s}`, (stage) => {
      /** Entry i of a group plus, or less, its digit. */
      const sum = (g: number, sign: 1 | -1, value: Range | undefined, name: string, claim: Group['claim']) => {
        const { most, below } = flags[g]!;
        return stage.neurons(
          name,
          groups[g]!.count,
          (i, row) => {
            if (value !== undefined) row.add(at(value, i), 1);
            if (claim.signed) {
              row.add(at(below, i), -2);
              return 1;
            }
            for (let j = 0; j < most; j++) row.add(at(below, i * most + j), -sign * s);
            return sign * s * most;
          },
          claim,
        );
      };
      if (last) return groups.map(({ name, claim }, g) => ({ rest: sum(g, 1, flags[g]!.found, name, claim), found: undefined }));
      const found = groups.map(({ name, claim }, g) => sum(g, 1, flags[g]!.found, `${name} found`, { ...claim, signed: false }));
      const rest = groups.map(({ name, claim }, g) =>
        sum(g, -1, flags[g]!.rest, name, { ...claim, max: Math.min(claim.max, s - 1), signed: false }),
      );
      return groups.map((_, g) => ({ rest: rest[g]!, found: found[g]! }));
    });
  }
}
