import { describe, expect, it } from 'vitest';
import { calibrator } from '../src/calibration.ts';
import { clockFor, granularity } from '../src/clock.ts';
import { measure, RULES } from '../src/measure.ts';
import { pairedRatio, shareOfCalibration, spread, timing } from '../src/summary.ts';
import { fakeMachine } from './fake.ts';

describe('measure', () => {
  it('keeps seven repetitions of each on a steady machine, and no more', async () => {
    const machine = fakeMachine();
    const gauge = calibrator(machine.calibration, machine.clock);
    const contenders = [
      { name: 'a', run: () => machine.work(3) },
      { name: 'b', run: () => machine.work(36) },
    ];
    const [a, b] = await measure(contenders, gauge, machine.clock);
    expect(a!.observations).toHaveLength(7);
    expect(timing(a!, gauge.best(), 0.95)).toMatchObject({ kept: 7, of: 7 });
    expect(timing(a!, gauge.best(), 0.95).seconds!.median).toBeCloseTo(0.003, 12);
    expect(pairedRatio(a!, b!, gauge.best(), 0.95)).toMatchObject({ kept: 7, of: 7 });
    expect(pairedRatio(a!, b!, gauge.best(), 0.95)!.median).toBeCloseTo(12, 10);
    // 1e6 flops in 3 ms over 1e5 flops in 0.1 ms.
    expect(shareOfCalibration(a!, 1e6, 1e5, gauge.best(), 0.95)!.median).toBeCloseTo(1 / 3, 10);
  });

  it('takes the time of a program outside from what its runs return', async () => {
    const machine = fakeMachine();
    const gauge = calibrator(machine.calibration, machine.clock);
    const contenders = [
      { name: 'here', run: () => machine.work(3) },
      {
        name: 'outside',
        outside: true,
        run: async () => {
          machine.work(20);
          return 0.012;
        },
      },
    ];
    const [here, outside] = await measure(contenders, gauge, machine.clock);
    expect(timing(outside!, gauge.best(), 0.95).seconds!.median).toBeCloseTo(0.012, 12);
    expect(pairedRatio(here!, outside!, gauge.best(), 0.95)!.median).toBeCloseTo(4, 10);
  });

  it('drops what was measured while the machine was slow, and goes on', async () => {
    const machine = fakeMachine();
    // A third of the time at half speed.
    machine.slowness = (now) => (Math.floor(now / 50) % 3 === 2 ? 2 : 1);
    const gauge = calibrator(machine.calibration, machine.clock);
    const [a] = await measure([{ name: 'a', run: () => machine.work(4) }], gauge, machine.clock);
    const { kept, of, seconds } = timing(a!, gauge.best(), 0.95);
    expect(kept).toBe(7);
    expect(of).toBeGreaterThan(7);
    expect(seconds!.median).toBeCloseTo(0.004, 12);
  });

  it('the same with the gate open keeps slow ones: the gate is what drops them', async () => {
    const machine = fakeMachine();
    machine.slowness = (now) => (Math.floor(now / 50) % 3 === 2 ? 2 : 1);
    const gauge = calibrator(machine.calibration, machine.clock);
    const [a] = await measure([{ name: 'a', run: () => machine.work(4) }], gauge, machine.clock, { ...RULES, gate: 0, keep: 30 });
    expect(timing(a!, gauge.best(), 0).seconds!.max).toBeGreaterThan(0.006);
  });

  it('stops at the time limit, with what there is and its counts', async () => {
    const machine = fakeMachine();
    let calls = 0;
    // Each moment slower than the one before: only the first can be near the best.
    machine.slowness = () => 1 + calls++ / 50;
    const gauge = calibrator(machine.calibration, machine.clock);
    const [a, b] = await measure(
      [
        { name: 'a', run: () => machine.work(1) },
        { name: 'b', run: () => machine.work(2) },
      ],
      gauge,
      machine.clock,
      { ...RULES, limitMs: 2000 },
    );
    const told = timing(a!, gauge.best(), 0.95);
    expect(told.kept).toBeLessThan(7);
    expect(told.of).toBeGreaterThan(told.kept);
    expect(told.seconds).toBeDefined();
    const ratio = pairedRatio(a!, b!, gauge.best(), 0.95)!;
    expect(ratio.of).toBeGreaterThan(ratio.kept);
    expect(ratio.median).toBeGreaterThan(1);
  });

  it('makes one round even without time', async () => {
    const machine = fakeMachine();
    const gauge = calibrator(machine.calibration, machine.clock);
    const [a] = await measure([{ name: 'a', run: () => machine.work(1) }], gauge, machine.clock, { ...RULES, limitMs: 0 });
    expect(a!.observations).toHaveLength(1);
  });

  it('alternates the contenders and who begins', async () => {
    const machine = fakeMachine();
    const order: string[] = [];
    const gauge = calibrator(machine.calibration, machine.clock);
    const runner = (name: string) => ({
      name,
      run: () => {
        order.push(name);
        machine.work(200);
      },
    });
    await measure([runner('a'), runner('b'), runner('c')], gauge, machine.clock);
    expect(order.slice(-21).join('')).toBe('abcbcacababcbcacababc');
  });

  it('waits for asynchronous contenders', async () => {
    const machine = fakeMachine();
    const gauge = calibrator(machine.calibration, machine.clock);
    const run = async () => {
      await Promise.resolve();
      machine.work(5);
    };
    const [a] = await measure([{ name: 'a', run }], gauge, machine.clock);
    expect(timing(a!, gauge.best(), 0.95).seconds!.median).toBeCloseTo(0.005, 12);
  });

  it('leaves out a contender that fails, early or late, and tells why', async () => {
    const machine = fakeMachine();
    const gauge = calibrator(machine.calibration, machine.clock);
    let runs = 0;
    const [good, early, late] = await measure(
      [
        { name: 'good', run: () => machine.work(5) },
        {
          name: 'early',
          run: () => {
            throw new RangeError('memory access out of bounds');
          },
        },
        {
          name: 'late',
          run: () => {
            if (runs++ > 40) throw new Error('tired');
            machine.work(5);
          },
        },
      ],
      gauge,
      machine.clock,
    );
    expect(good!.observations).toHaveLength(7);
    expect(early!.failure).toBe('RangeError: memory access out of bounds');
    expect(late!.failure).toBe('Error: tired');
  });
});

describe('the best calibration', () => {
  it('is one seen three times, so that a freak reading does not condemn the others', () => {
    const machine = fakeMachine();
    const gauge = calibrator(machine.calibration, machine.clock);
    const normal = gauge.burst();
    machine.slowness = () => 0.5;
    gauge.burst();
    machine.slowness = () => 1;
    gauge.burst();
    gauge.burst();
    expect(gauge.best()).toBeCloseTo(normal, 8);
  });
});

describe('clocks', () => {
  it('are chosen by granularity, unless the suite says', () => {
    expect(clockFor('wall').kind).toBe('wall');
    expect(clockFor('cpu').kind).toBe('cpu');
    expect(granularity(clockFor('wall'))).toBeLessThan(0.1);
    expect(clockFor(undefined).kind).toBe(granularity(clockFor('cpu')) <= 0.1 ? 'cpu' : 'wall');
    const ticking = { kind: 'cpu' as const, now: () => Math.floor(performance.now() / 4) * 4, elapsed: () => performance.now() };
    expect(granularity(ticking)).toBeGreaterThanOrEqual(4);
  });
});

it('spread', () => {
  expect(spread([])).toBeUndefined();
  expect(spread([3, 1, 2])).toEqual({ min: 1, median: 2, max: 3 });
  expect(spread([4, 1, 2, 3])).toEqual({ min: 1, median: 2.5, max: 4 });
});
