/** What a user does first, on every engine that we promise: collects rows, releases, asks, writes and reads. */
import { DistanceBuilder, DistanceOracle, PrivacyBudget } from '@x/dp-kde';

export async function smoke(): Promise<unknown> {
  const budget = new PrivacyBudget({ epsilon: 1 });
  const builder = new DistanceBuilder({ bounds: [[0, 240]], resolution: 256 });
  builder.add(Float64Array.from({ length: 1000 }, (_, i) => (i * 7) % 240));
  const oracle = builder.release(budget);
  const again = DistanceOracle.fromBytes(oracle.toBytes());
  const { value, stddev } = oracle.query([80]);
  // The noise differs from run to run; its size does not.
  return [
    budget.remaining,
    oracle.private,
    again.query([80]).value === value,
    Math.abs(value - 66_506) < 40 * stddev,
    Math.round(stddev),
    Math.round(new PrivacyBudget({ epsilon: 1, delta: 1e-6 }).rho! * 1e5),
  ];
}

export const expected: unknown = [0, true, true, true, 814, 2436];
