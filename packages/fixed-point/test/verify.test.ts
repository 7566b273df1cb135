import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dense } from '@x/linalg';
import { describe, expect, it } from 'vitest';
import {
  type ActivationSpec,
  box,
  type Certificate,
  certificateFromJson,
  certificateToJson,
  certify,
  certifyMostRobust,
  certifyNear,
  certifyProduct,
  enumerateFixedPoints,
  type LoopedNet,
  loopedNet,
  type ProductCertificate,
  solveFixedPoint,
  verifyCertificate,
} from '../src/index.ts';
import { nearDiagonal, randomNet, scalar } from './nets.ts';

const SPECS: ActivationSpec[] = [
  'identity',
  'relu',
  'tanh',
  'sigmoid',
  'gelu',
  'silu',
  'hard-tanh',
  'cubic',
  { kind: 'leaky-relu', slope: 0.01 },
  { kind: 'polynomial', coefficients: [0.1, 0.5, -0.2] },
  { kind: 'exp-polynomial', coefficients: [-0.4, 0.3, -0.02] },
];

describe('the checker confirms what the certifier proves', () => {
  it.each(SPECS.map((spec) => [JSON.stringify(spec), spec] as const))('%s, by both theorems and with most noise', (_, spec) => {
    const net = randomNet(4, spec, 0.6, 3);
    const { x } = solveFixedPoint(net.evaluate, new Float64Array(4));
    const around = box(
      x.map((v) => v - 0.01),
      x.map((v) => v + 0.01),
    );
    for (const outcome of [certifyNear(net, x), certifyMostRobust(net, x), certify(net, around, { method: 'krawczyk' })]) {
      expect(outcome.status).toBe('certified');
      expect(verifyCertificate(net, outcome as Certificate)).toEqual({ valid: true, reason: '' });
    }
  });
  it('all 81 points of an enumeration, and a product', async () => {
    const net = nearDiagonal(4, 'cubic', { eps: 0.01 });
    for (const point of (await enumerateFixedPoints(net, box(-1.6, 1.6, 4))).points) expect(verifyCertificate(net, point).reason).toBe('');
    const product = certifyProduct(net, [-1, 1], { noise: 'largest' });
    expect(verifyCertificate(net, product as ProductCertificate).reason).toBe('');
  });
});

describe('the checker refuses', () => {
  const net = nearDiagonal(3, 'cubic', { seed: 5 });
  const corner = (net: LoopedNet) => solveFixedPoint(net.evaluate, [1, 1, 1]).x;
  const banach = certifyNear(net, corner(net), { noise: 0.03 }) as Certificate;
  const saddle = certifyNear(net, solveFixedPoint(net.evaluate, [0, 1, 1], { method: 'newton', jacobian: net.jacobian }).x) as Certificate;
  const product = certifyProduct(net, [-1, 1], { noise: 0.03 }) as ProductCertificate;
  const moved = (x: Float64Array, by: number) => x.map((v) => v + by);
  const scaled = (x: Float64Array, by: number) => x.map((v) => v * by);

  it('begins with valid ones', () => {
    expect([banach.kind, saddle.kind, saddle.attracting, product.kind]).toEqual(['banach', 'krawczyk', false, 'product']);
    for (const c of [banach, saddle, product]) expect(verifyCertificate(net, c).valid).toBe(true);
  });

  const noise = { noiseRadius: banach.noiseRadius * 1.001 + 1e-6 };
  const tampered: [string, Certificate | ProductCertificate][] = [
    ['a smaller contraction factor', { ...banach, contraction: (banach.contraction as number) * 0.999 }],
    ['a factor of 1', { ...banach, contraction: 1 }],
    ['no factor', { ...banach, contraction: undefined }],
    ['more noise', { ...banach, ...noise }],
    ['NaN for noise', { ...banach, noiseRadius: Number.NaN }],
    ['another box', { ...banach, box: { lower: moved(banach.box.lower, 0.2), upper: moved(banach.box.upper, 0.2) } }],
    ['a box that is no box', { ...banach, box: { lower: banach.box.upper, upper: banach.box.lower } }],
    ['a box of another dimension', { ...banach, box: { lower: new Float64Array(2), upper: new Float64Array(2) } }],
    [
      'an enclosure beside the point',
      { ...banach, enclosure: { lower: moved(banach.enclosure.lower, 1e-9), upper: moved(banach.enclosure.upper, 1e-9) } },
    ],
    ['a point for an enclosure', { ...banach, enclosure: { lower: banach.enclosure.lower, upper: banach.enclosure.lower } }],
    ['other weights', { ...banach, weights: new Float64Array([1, 1000, 1]) }],
    ['weights of zero', { ...banach, weights: new Float64Array(3) }],
    ['an attracting point said to repel', { ...banach, attracting: false }],
    ['a saddle said to attract', { ...saddle, attracting: true }],
    ['a saddle as a contraction', { ...saddle, kind: 'banach', attracting: true, contraction: 0.9 }],
    [
      'an attracting point said to repel, by Krawczyk',
      { ...(certify(net, banach.box, { method: 'krawczyk' }) as Certificate), attracting: false },
    ],
    ['another preconditioner', { ...saddle, preconditioner: scaled(saddle.preconditioner, -1) }],
    ['a preconditioner of zeros', { ...saddle, preconditioner: new Float64Array(9) }],
    ['one of another size', { ...saddle, preconditioner: new Float64Array(4) }],
    ['a noise radius for a saddle', { ...saddle, noiseRadius: 1e-9 }],
    [
      'a Krawczyk enclosure beside the point',
      { ...saddle, enclosure: { lower: moved(saddle.enclosure.lower, 1e-9), upper: moved(saddle.enclosure.upper, 1e-9) } },
    ],
    ['another count', { ...product, count: 9n }],
    ['overlapping intervals', { ...product, upper: product.upper.map((u, p) => (p % 2 === 0 ? 0.9 : u)) }],
    ['wider intervals', { ...product, lower: moved(product.lower, -0.4), upper: moved(product.upper, 0.4) }],
    ['a smaller product factor', { ...product, contraction: product.contraction * 0.999 }],
    ['more noise for a product', { ...product, noiseRadius: product.noiseRadius * 1.01 + 1e-6 }],
  ];
  it.each(tampered)('%s', (_, certificate) => expect(verifyCertificate(net, certificate)).toMatchObject({ valid: false }));

  it('a network whose numbers are not finite, or whose layers do not follow each other, whatever the certificate', () => {
    const { dimension, layers, residual } = net;
    const [first, ...rest] = layers;
    const damaged: [string, Parameters<typeof verifyCertificate>[0]][] = [
      ['bias', { dimension, residual, layers: [{ ...first, bias: first.bias.map(() => Infinity) }, ...rest] }],
      ['weight', { dimension, residual, layers: [{ ...first, weights: first.weights.map(() => Number.NaN) }, ...rest] }],
      ['residual', { dimension, layers, residual: Number.NaN }],
      ['slope', { dimension, residual, layers: [{ ...first, activation: { kind: 'leaky-relu', slope: Infinity } }, ...rest] }],
      ['short', { dimension, residual, layers: [{ ...first, weights: first.weights.subarray(1) }, ...rest] }],
      ['wide', { dimension: dimension + 1, residual, layers }],
      ['none', { dimension, residual, layers: [] }],
    ];
    for (const [, data] of damaged) expect(verifyCertificate(data, banach).valid).toBe(false);
    expect(verifyCertificate({ dimension, layers, residual }, banach).valid).toBe(true);
  });
  it('infinite weights scaled down to finite ones, layer by layer', () => {
    const layer = (weight: number, bias: number) => ({
      inputs: 1,
      outputs: 1,
      weights: new Float64Array([weight]),
      bias: new Float64Array([bias]),
      activation: 'identity' as const,
    });
    const certificate = {
      ...banach,
      box: box([0], [2 ** 26]),
      enclosure: box([0], [2 ** 26]),
      contraction: 0.5,
      weights: new Float64Array([1]),
      noiseRadius: 0,
    };
    for (const bias of [Infinity, Number.NaN]) {
      const layers = [layer(0, bias), ...Array.from({ length: 6 }, () => layer(2 ** -170, 0))];
      expect(verifyCertificate({ dimension: 1, residual: 0, layers }, certificate).reason).toMatch('not finite');
    }
  });
  it('a Krawczyk center outside the box: no bound of the Jacobian reaches from there', () => {
    // 2 tanh(10 x) has the fixed points 0 and +-2 alone; from this center the operator maps boxes without any into themselves.
    const layers = [
      { weights: dense(1, 1, new Float64Array([10])), activation: 'tanh' },
      { weights: dense(1, 1, new Float64Array([2])) },
    ] as const;
    const steep = loopedNet(layers);
    const forged = certificateFromJson({
      status: 'certified',
      kind: 'krawczyk',
      box: { lower: [1.2], upper: [1.5] },
      enclosure: { lower: [1.3], upper: [1.4] },
      weights: [1],
      contraction: 1e-6,
      attracting: true,
      noiseRadius: 0,
      center: [Math.atanh(0.675) / 10],
      preconditioner: [1],
    });
    expect(verifyCertificate(steep, forged)).toMatchObject({ valid: false, reason: /center/ });
  });
  it('more noise than one side withstands', () => {
    const one = scalar('cubic');
    for (const [lower, upper, noise] of [
      [0.85, 1.02, 0.05],
      [0.95, 1.12, 0.06],
    ] as const) {
      const made = certify(one, box([lower], [upper])) as Certificate;
      expect(verifyCertificate(one, made).valid).toBe(true);
      expect(verifyCertificate(one, { ...made, noiseRadius: noise }).valid).toBe(false);
    }
  });
  it('an enclosure around another fixed point', () => {
    const one = scalar('cubic');
    const at = (x: number) => certify(one, box([x - 0.05], [x + 0.05]), { method: 'krawczyk' }) as Certificate;
    const corner = at(1);
    // The preconditioner at -1 is as good at 1; that at 0 is not.
    for (const made of [at(0), at(-1)]) {
      const forged = { ...made, enclosure: corner.enclosure, contraction: corner.contraction, attracting: true };
      expect(verifyCertificate(one, forged)).toMatchObject({ valid: false, reason: /enclosure/ });
    }
  });
  it('numbers that are none, and what is no certificate', () => {
    for (const bad of [Number.NaN, Infinity]) {
      expect(verifyCertificate(net, { ...banach, weights: new Float64Array(3).fill(bad) }).valid).toBe(false);
      expect(verifyCertificate(net, { ...banach, noiseRadius: bad }).valid).toBe(false);
      expect(verifyCertificate(net, { ...product, noiseRadius: bad }).valid).toBe(false);
    }
    for (const none of [null, {}, { kind: 'banach' }, { kind: 'product' }] as never[])
      expect(verifyCertificate(net, none).valid).toBe(false);
    const text = JSON.stringify(certificateToJson(banach)).replace(/"weights":\[[^\]]*\]/, '"weights":[1e999,1e999,1e999]');
    expect(() => certificateFromJson(text)).toThrow(/finite/);
  });
  it('in no more time than it needs where the numbers are large: steep slopes and tiny factors', () => {
    for (const gain of [1e3, 1e6, 1e9]) {
      const steep = scalar('tanh', gain);
      expect(verifyCertificate(steep, certifyNear(steep, [1]) as Certificate)).toEqual({ valid: true, reason: '' });
    }
    const huge = scalar({ kind: 'exp-polynomial', coefficients: [0, 1e-300] }, 1e5);
    const made = { ...(certifyNear(scalar('tanh'), [1e-3]) as Certificate) };
    expect(verifyCertificate(huge, { ...banach, ...made, box: box([0], [1]), enclosure: box([0], [1]) }).valid).toBe(false);
  });

  it('a certificate of another network, or for a fixed point that is not there', () => {
    expect(verifyCertificate(nearDiagonal(3, 'cubic', { seed: 5, e: 0.3 }), banach).valid).toBe(false);
    expect(verifyCertificate(nearDiagonal(3, 'tanh', { seed: 5, gain: 1.5 }), product).valid).toBe(false);
    const gone = scalar('cubic', 1, -0.2);
    for (const radius of [0.05, 0.1, 0.2]) {
      const made = { ...(certify(scalar('cubic', 1, -0.1), box([0.9], [1.1])) as Certificate) };
      const X = box([1 - radius], [1 + radius]);
      expect(verifyCertificate(gone, { ...made, box: X, enclosure: X }).valid).toBe(false);
    }
  });
});

describe('certificates as JSON', () => {
  const net = nearDiagonal(3, 'cubic', { seed: 5 });
  it('survive bit by bit, and are checked from there', () => {
    const { x } = solveFixedPoint(net.evaluate, [1, 1, 1]);
    const around = box(
      x.map((v) => v - 0.1),
      x.map((v) => v + 0.1),
    );
    for (const c of [certifyNear(net, x), certify(net, around, { method: 'krawczyk' }), certifyProduct(net, [-1, 1])] as (
      | Certificate
      | ProductCertificate
    )[]) {
      const back = certificateFromJson(JSON.stringify(certificateToJson(c)));
      expect(back).toEqual(c);
      expect(verifyCertificate(net, back).valid).toBe(true);
    }
  });
  it('say what is wrong', () => {
    const json = certificateToJson(certifyNear(net, [1, 1, 1]) as Certificate);
    expect(() => certificateFromJson('{')).toThrow(/not JSON/);
    expect(() => certificateFromJson([])).toThrow(/kind/);
    expect(() => certificateFromJson({ ...json, kind: 'magic' })).toThrow(/kind/);
    expect(() => certificateFromJson({ ...json, weights: 'heavy' })).toThrow(/weights/);
    expect(() => certificateFromJson({ ...json, box: { lower: [1], upper: [0] } })).toThrow(/not a box/);
    expect(() => certificateFromJson({ ...json, attracting: 'maybe' })).toThrow(/attracting/);
  });
});

describe('independence', () => {
  /** Statements over several lines too. */
  const OUTSIDE = /^(?:import|export) (?!type )[^;]* from '\.\.\/[^;]*;/gm;
  it('is seen where it is broken', () => {
    expect("import type { A } from '../a.ts';\nimport {\n  b,\n} from '../b.ts';".match(OUTSIDE)).toHaveLength(1);
  });
  it('the checker imports types only from outside its folder', () => {
    const folder = fileURLToPath(new URL('../src/verify/', import.meta.url));
    for (const file of readdirSync(folder)) {
      expect(readFileSync(folder + file, 'utf8').match(OUTSIDE) ?? []).toEqual([]);
    }
  });
});
