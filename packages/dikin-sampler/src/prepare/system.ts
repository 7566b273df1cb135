import type { Csr } from '@x/linalg';
import { InfeasibleBodyError } from '../errors.ts';
import type { Polytope } from '../polytope.ts';
import { dotRow, normOf, packRows, rowOf, type SparseRow } from '../sparse.ts';

/** One linear constraint with a unit row: entries^T x <= bound, or = bound. */
export interface Constraint extends SparseRow {
  readonly bound: number;
  /** For messages and reports, e.g. `x3 >= 0`. */
  readonly label: string;
}

/** The body {x in R^n : equations, inequalities}. */
export interface System {
  readonly variables: number;
  readonly equations: readonly Constraint[];
  readonly inequalities: readonly Constraint[];
}

/** What cleaning left out. */
export interface Cleaning {
  /** Rows without a nonzero. */
  readonly emptyRows: readonly string[];
  /** Rows parallel to an earlier one, merged with it; rows with a single nonzero count as bounds. */
  readonly duplicateRows: readonly string[];
}

/** Violations below this, relative to the magnitude of the bound, are rounding in the file. */
const CONTRADICTION = 1e-9;

/** A unit row's bound of this magnitude is none: so linear-programming solvers take it, HiGHS among them. */
const HUGE = 1e20;

/** An interval for a direction, and what gave each end. */
interface Strip extends SparseRow {
  lower: number;
  upper: number;
  lowerLabel: string;
  upperLabel: string;
}

/**
 * Rewrites a polytope with unit rows: empty rows go, parallel rows are merged into the tightest, rows with one nonzero become
 * bounds, equal bounds become equations, bounds of 1e20 and more are dropped.
 *
 * @throws InfeasibleBodyError naming the constraints where a row or a pair of parallel rows has no solution.
 */
export function clean(body: Polytope): { readonly system: System; readonly cleaning: Cleaning } {
  const emptyRows: string[] = [];
  const duplicateRows: string[] = [];
  const strips = new Map<string, Strip>();
  const add = (row: SparseRow, lower: number, upper: number, name: string, isRow: boolean) => {
    const norm = leadingSign(row) * normOf(row);
    const entries = Float64Array.from(row.entries, (entry) => entry / norm);
    const key = keyOf(row.columns, entries);
    const ends = [end(lower, norm, name, '>='), end(upper, norm, name, '<=')] as const;
    const [low, high] = norm > 0 ? ends : [ends[1], ends[0]];
    if (!(low.value < HUGE && high.value > -HUGE)) {
      throw new InfeasibleBodyError(`prepare: no point satisfies both ${low.label} and ${high.label}`, [low.label, high.label]);
    }
    const strip = strips.get(key);
    if (strip === undefined) {
      strips.set(key, {
        columns: row.columns,
        entries,
        lower: low.value,
        upper: high.value,
        lowerLabel: low.label,
        upperLabel: high.label,
      });
      return;
    }
    if (isRow) duplicateRows.push(name);
    if (low.value > strip.lower) Object.assign(strip, { lower: low.value, lowerLabel: low.label });
    if (high.value < strip.upper) Object.assign(strip, { upper: high.value, upperLabel: high.label });
  };

  for (let j = 0; j < body.variables; j++) {
    const lower = body.lower[j]!;
    const upper = body.upper[j]!;
    if (lower !== Number.NEGATIVE_INFINITY || upper !== Number.POSITIVE_INFINITY)
      add({ columns: [j], entries: [1] }, lower, upper, body.names[j]!, false);
  }
  for (let i = 0; i < body.rows.rows; i++) {
    const row = rowOf(body.rows, i);
    const lower = body.rowLower[i]!;
    const upper = body.rowUpper[i]!;
    const name = body.rowNames[i]!;
    if (normOf(row) > 0) add(row, lower, upper, name, true);
    else if (lower > 0 || upper < 0) {
      throw new InfeasibleBodyError(`prepare: row ${name} has no nonzero, yet asks for 0 in [${lower}, ${upper}]`, [name]);
    } else emptyRows.push(name);
  }
  return { system: assemble(body.variables, [...strips.values()]), cleaning: { emptyRows, duplicateRows } };
}

function assemble(variables: number, strips: readonly Strip[]): System {
  const equations: Constraint[] = [];
  const inequalities: Constraint[] = [];
  for (const { columns, entries, lower, upper, lowerLabel, upperLabel } of strips) {
    if (lower - upper > CONTRADICTION * Math.max(1, Math.abs(lower))) {
      throw new InfeasibleBodyError(`prepare: no point satisfies both ${lowerLabel} and ${upperLabel}`, [lowerLabel, upperLabel]);
    }
    if (lower >= upper) {
      equations.push({ columns, entries, bound: (lower + upper) / 2, label: lowerLabel.replace(/ [<>]= /, ' = ') });
      continue;
    }
    if (upper < HUGE) inequalities.push({ columns, entries, bound: upper, label: upperLabel });
    if (lower > -HUGE) {
      inequalities.push({ columns, entries: Float64Array.from(entries, (e) => -e), bound: -lower, label: lowerLabel });
    }
  }
  return { variables, equations, inequalities };
}

/** Parallel rows get the same key: unit entries to 12 digits, which rounding of the scaling leaves alone. */
function keyOf(columns: ArrayLike<number>, entries: Float64Array): string {
  return Array.from(entries, (entry, k) => `${columns[k]}:${entry.toPrecision(12)}`).join(' ');
}

function leadingSign(row: SparseRow): number {
  return row.entries[0]! < 0 ? -1 : 1;
}

function end(value: number, norm: number, name: string, relation: string) {
  return { value: value / norm, label: `${name} ${relation} ${value}` };
}

/** The rows of constraints as one matrix, and their bounds. */
export function matrixOf(constraints: readonly Constraint[], cols: number): { readonly A: Csr; readonly b: Float64Array } {
  return { A: packRows(cols, constraints), b: Float64Array.from(constraints, (constraint) => constraint.bound) };
}

/** bound - entries^T x. */
export function slackAt(constraint: Constraint, x: Float64Array): number {
  return constraint.bound - dotRow(constraint, x);
}
