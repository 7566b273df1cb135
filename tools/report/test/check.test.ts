import { describe, expect, it } from 'vitest';
import { checkExperiment, checkOutcome } from '../src/check.ts';

const experiment = { id: 'a', claim: 'c', source: 's', inputs: [], run: async () => outcome };
const series = { label: 'l', kind: 'line', x: [1, 2], y: Float64Array.of(1, 2) };
const plot = { title: 't', x: { label: 'x' }, y: { label: '', scale: 'log' }, series: [series] };
const table = { columns: ['n', 'error'], rows: [[1, 'small']] };
const outcome = { measured: 'm', bound: 'b', verdict: 'holds', table, plots: [plot] };

describe('checkExperiment', () => {
  it('accepts what keeps the contract', () => expect(checkExperiment({ experiment }, 'a')).toBe(experiment));
  it.each([
    ['experiments/a.ts: it exports other; it must export `experiment`', { other: 1 }],
    ['must export `experiment`', { experiment: undefined }],
    ['experiment is null; it must be an object', { experiment: null }],
    ["experiment.id is 'b'; it must be the file's name, 'a'", { experiment: { ...experiment, id: 'b' } }],
    ['experiment.claim is undefined; it must be a text', { experiment: { ...experiment, claim: undefined } }],
    ['experiment.source is missing; it must be a text', { experiment: { id: 'a', claim: 'c' } }],
    ['experiment.claim is empty', { experiment: { ...experiment, claim: '' } }],
    ["experiment.inputs is 'x'; it must be an array", { experiment: { ...experiment, inputs: 'x' } }],
    ['experiment.inputs[0] is 3', { experiment: { ...experiment, inputs: [3] } }],
    ['experiment.run is 1; it must be a function', { experiment: { ...experiment, run: 1 } }],
  ])('refuses %s', (message, module) => expect(() => checkExperiment(module, 'a')).toThrow(message));
});

describe('checkOutcome', () => {
  it('accepts what keeps the contract', () => expect(checkOutcome(outcome, 'a')).toBe(outcome));
  it('accepts a rule without x', () => {
    const rule = { label: 'l', kind: 'rule', y: [1] };
    expect(() => checkOutcome({ ...outcome, plots: [{ ...plot, series: [rule] }] }, 'a')).not.toThrow();
  });
  it.each([
    ['outcome is undefined; it must be an object', undefined],
    ['outcome.measured is undefined', { ...outcome, measured: undefined }],
    ['outcome.bound is missing', { measured: 'm', verdict: 'holds' }],
    ["outcome.verdict is 'true'; it must be one of holds, failed, refuted-as-documented, skipped", { ...outcome, verdict: 'true' }],
    ['outcome.note is 1', { ...outcome, note: 1 }],
    ['outcome.table.rows[0] has 2 cells; the table has 1 columns', { ...outcome, table: { columns: ['a'], rows: [[1, 2]] } }],
    ['outcome.table.rows[0][0] is true', { ...outcome, table: { columns: ['a'], rows: [[true]] } }],
    ['outcome.plots[0].x.label is missing', { ...outcome, plots: [{ ...plot, x: {} }] }],
    ["plots[0].y.scale is 'sqrt'; it must be one of linear, log", { ...outcome, plots: [{ ...plot, y: { label: 'y', scale: 'sqrt' } }] }],
    ["plots[0].series[0].kind is 'pie'", { ...outcome, plots: [{ ...plot, series: [{ ...series, kind: 'pie' }] }] }],
    ['series[0].x has 1 entries; its y has 2', { ...outcome, plots: [{ ...plot, series: [{ ...series, x: [1] }] }] }],
    [
      "series[0].y is an array; it must be numbers only; entry 1 is 'a'",
      { ...outcome, plots: [{ ...plot, series: [{ ...series, y: [1, 'a'] }] }] },
    ],
    ['series[0].y2 is missing', { ...outcome, plots: [{ ...plot, series: [{ ...series, kind: 'band' }] }] }],
  ])('refuses %s', (message, bad) => expect(() => checkOutcome(bad, 'a')).toThrow(message));
  it('says which field', () => {
    const bad = { ...outcome, plots: [plot, { ...plot, series: [series, { ...series, label: 3 }] }] };
    expect(() => checkOutcome(bad, 'a')).toThrow('experiments/a.ts: outcome.plots[1].series[1].label is 3; it must be a text');
  });
});
