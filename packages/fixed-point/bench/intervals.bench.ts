import { peer, type Suite } from '@x/bench';
import { certifyProduct, loopedNet } from '@x/fixed-point';
import { dense, philox } from '@x/linalg';

/** What interval-arithmetic exports, as far as it is used. */
interface Peer {
  readonly default?: Peer;
  readonly Interval: new (lo: number, hi: number) => PeerInterval;
  add(a: PeerInterval, b: PeerInterval): PeerInterval;
  multiply(a: PeerInterval, b: PeerInterval): PeerInterval;
  tanh(a: PeerInterval): PeerInterval;
}

interface PeerInterval {
  readonly lo: number;
  readonly hi: number;
}

function inputs(d: number) {
  const rng = philox(3);
  const W = rng.fillNormal(new Float64Array(d * d)).map((w) => w / d);
  const b = rng.fillNormal(new Float64Array(d));
  const lower = rng.fillNormal(new Float64Array(d));
  return { W, b, lower, upper: lower.map((l) => l + 0.1) };
}

const intervals: Suite<number> = {
  id: 'intervals',
  title: 'Time of bounds of tanh(W x + b) over a box',
  cases: [10, 100].map((d) => ({ label: `d = ${d}`, parameters: d })),
  contenders: [
    {
      name: '@x/fixed-point',
      setup(d) {
        const { W, b, lower, upper } = inputs(d);
        const net = loopedNet({ weights: dense(d, d, W), bias: b, activation: 'tanh' });
        const out = [new Float64Array(d), new Float64Array(d)] as const;
        return () => {
          net.range(lower, upper, out[0], out[1]);
          return out;
        };
      },
    },
    {
      name: 'interval-arithmetic 1.1.3',
      async setup(d) {
        const loaded = (await peer('interval-arithmetic@1.1.3')) as Peer;
        const I = loaded.default ?? loaded;
        const { W, b, lower, upper } = inputs(d);
        const point = (v: number) => new I.Interval(v, v);
        const weights = Array.from(W, point);
        const bias = Array.from(b, point);
        const X = Array.from(lower, (l, i) => new I.Interval(l, upper[i] as number));
        return () => {
          const out = [new Float64Array(d), new Float64Array(d)] as const;
          for (let i = 0; i < d; i++) {
            let sum = bias[i] as PeerInterval;
            for (let k = 0; k < d; k++) sum = I.add(sum, I.multiply(weights[i * d + k] as PeerInterval, X[k] as PeerInterval));
            const { lo, hi } = I.tanh(sum);
            out[0][i] = lo;
            out[1][i] = hi;
          }
          return out;
        };
      },
    },
  ],
  bars: [{ of: '@x/fixed-point', over: 'interval-arithmetic 1.1.3', atLeast: 20, cases: ['d = 100'] }],
  check(output, d) {
    const [lower, upper] = output as readonly [Float64Array, Float64Array];
    const { W, b, lower: l, upper: u } = inputs(d);
    for (let i = 0; i < d; i++) {
      let [low, high] = [b[i] as number, b[i] as number];
      for (let k = 0; k < d; k++) {
        const w = W[i * d + k] as number;
        low += Math.min(w * (l[k] as number), w * (u[k] as number));
        high += Math.max(w * (l[k] as number), w * (u[k] as number));
      }
      const off = Math.max(Math.abs((lower[i] as number) - Math.tanh(low)), Math.abs((upper[i] as number) - Math.tanh(high)));
      if (!(off < 1e-11)) throw new Error(`row ${i} is off by ${off}`);
    }
  },
};

const product: Suite<number> = {
  id: 'product',
  title: 'Time of one certificate for 2^d fixed points',
  cases: [64, 256, 512, 1024].map((d) => ({ label: `d = ${d}`, parameters: d, size: d })),
  contenders: [
    {
      name: 'certifyProduct',
      setup(d) {
        const rng = philox(5);
        const W = Float64Array.from({ length: d * d }, (_, p) => (p % (d + 1) === 0 ? 1 : 0) + (0.02 * (2 * rng.uniform() - 1)) / d);
        const net = loopedNet({
          weights: dense(d, d, W),
          bias: Float64Array.from({ length: d }, () => 0.01 * (2 * rng.uniform() - 1)),
          activation: 'cubic',
        });
        return () => certifyProduct(net, [-1, 1]);
      },
    },
  ],
  exponents: [{ of: 'certifyProduct', atMost: 2.1 }],
  check(output, d) {
    const { status, count } = output as { status: string; count?: bigint };
    if (status !== 'certified' || count !== 2n ** BigInt(d)) throw new Error(`${status}, ${String(count)}`);
  },
};

export const suites: readonly Suite<number>[] = [intervals, product];
