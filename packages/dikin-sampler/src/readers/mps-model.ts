import { BadFileError } from '@x/linalg/errors';

export type RowType = 'N' | 'E' | 'L' | 'G';

/** A constraint row while the file is being read. */
interface MpsRow {
  readonly name: string;
  readonly columns: number[];
  readonly entries: number[];
  /** Its bounds, from type, right-hand side and range. */
  interval(): readonly [number, number];
}

export interface MpsColumn {
  readonly name: string;
  integer: boolean;
  cost: number;
  /** Undefined until the file gives one; the default is 0. */
  lower: number | undefined;
  upper: number;
  /** Whether BOUNDS names it: an integer column that it does not name lies in [0, 1]. */
  bounded: boolean;
}

interface OpenRow extends MpsRow {
  readonly type: Exclude<RowType, 'N'>;
  rightHandSide: number | undefined;
  range: number | undefined;
}

/** Collects the sections of an MPS file, whose order is free after ROWS and COLUMNS, and checks every name. */
export class MpsModel {
  sense: 'min' | 'max' = 'min';
  /** Of the objective row; undefined until the file gives one. */
  objectiveRightHandSide: number | undefined;
  /** Name of the objective row. */
  objective: string | undefined;
  /** Whether columns that come now are integer. */
  integer = false;
  readonly rows: OpenRow[] = [];
  readonly columns: MpsColumn[] = [];

  /** Constraint rows by name; `null` for N rows. Maps, not objects: a row may be called `__proto__`. */
  readonly #rows = new Map<string, OpenRow | null>();
  readonly #columns = new Map<string, MpsColumn>();
  /** The set that counts, by section. */
  readonly #sets = new Map<string, string>();
  /** Last column that put an entry into a row, to find double entries. */
  readonly #lastColumn = new Map<string, number>();

  addRow(type: RowType, name: string, line: number): void {
    if (this.#rows.has(name)) throw new BadFileError(`readMps: line ${line}: row ${name} is declared twice`, line);
    if (type === 'N') {
      this.objective ??= name;
      this.#rows.set(name, null);
      return;
    }
    const row: OpenRow = {
      name,
      type,
      columns: [],
      entries: [],
      rightHandSide: undefined,
      range: undefined,
      interval: () => interval(row.type, row.rightHandSide ?? 0, row.range),
    };
    this.#rows.set(name, row);
    this.rows.push(row);
  }

  openColumn(name: string, line: number): void {
    if (this.columns.at(-1)?.name === name) return;
    if (this.#columns.has(name))
      throw new BadFileError(`readMps: line ${line}: column ${name} comes a second time, after other columns`, line);
    const column: MpsColumn = { name, integer: this.integer, cost: 0, lower: undefined, upper: Number.POSITIVE_INFINITY, bounded: false };
    this.#columns.set(name, column);
    this.columns.push(column);
  }

  /** An entry of the column opened last. */
  addEntry(rowName: string, value: number, line: number): void {
    const row = this.#row(rowName, line);
    const column = this.columns.length - 1;
    if (this.#lastColumn.get(rowName) === column) {
      throw new BadFileError(`readMps: line ${line}: column ${this.columns[column]!.name} has two entries in row ${rowName}`, line);
    }
    this.#lastColumn.set(rowName, column);
    if (row !== null) {
      row.columns.push(column);
      row.entries.push(value);
    } else if (rowName === this.objective) {
      this.columns[column]!.cost = value;
    }
  }

  setRightHandSide(set: string, rowName: string, value: number, line: number): void {
    const row = this.#row(rowName, line);
    if (!this.#counts('RHS', set)) return;
    if (row === null && rowName !== this.objective) return;
    if ((row === null ? this.objectiveRightHandSide : row.rightHandSide) !== undefined) {
      throw new BadFileError(`readMps: line ${line}: row ${rowName} has two right-hand sides`, line);
    }
    if (row === null) this.objectiveRightHandSide = value;
    else row.rightHandSide = value;
  }

  setRange(set: string, rowName: string, value: number, line: number): void {
    const row = this.#row(rowName, line);
    if (!this.#counts('RANGES', set)) return;
    if (row === null) throw new BadFileError(`readMps: line ${line}: row ${rowName} is of type N and takes no range`, line);
    if (row.range !== undefined) throw new BadFileError(`readMps: line ${line}: row ${rowName} has two ranges`, line);
    row.range = value;
  }

  hasColumn(name: string): boolean {
    return this.#columns.has(name);
  }

  setBound(set: string, type: string, name: string, value: number, line: number): void {
    const column = this.#columns.get(name);
    if (column === undefined) throw new BadFileError(`readMps: line ${line}: column ${name} is not in COLUMNS`, line);
    if (!this.#counts('BOUNDS', set)) return;
    const impossible = type === 'UP' || type === 'UI' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    if (value === impossible || (type === 'FX' && !Number.isFinite(value))) {
      throw new BadFileError(`readMps: line ${line}: bound ${type} of column ${name} is ${value}, which no number satisfies`, line);
    }
    column.bounded = true;
    switch (type) {
      case 'UP':
      case 'UI':
        column.upper = value;
        if (value < 0) column.lower ??= Number.NEGATIVE_INFINITY;
        break;
      case 'LO':
      case 'LI':
        column.lower = value;
        break;
      case 'FX':
        column.lower = value;
        column.upper = value;
        break;
      case 'FR':
        column.lower = Number.NEGATIVE_INFINITY;
        column.upper = Number.POSITIVE_INFINITY;
        break;
      case 'MI':
        column.lower = Number.NEGATIVE_INFINITY;
        break;
      case 'PL':
        column.upper = Number.POSITIVE_INFINITY;
        break;
      default:
        column.lower = 0;
        column.upper = 1;
    }
    if (type === 'BV' || type === 'LI' || type === 'UI') column.integer = true;
  }

  #row(name: string, line: number): OpenRow | null {
    const row = this.#rows.get(name);
    if (row === undefined) throw new BadFileError(`readMps: line ${line}: row ${name} is not in ROWS`, line);
    return row;
  }

  #counts(section: string, set: string): boolean {
    if (!this.#sets.has(section)) this.#sets.set(section, set);
    return this.#sets.get(section) === set;
  }
}

/** The sign of an equation's range says on which side of the right-hand side it lies. */
function interval(type: Exclude<RowType, 'N'>, b: number, range: number | undefined): readonly [number, number] {
  const width = range === undefined ? Number.POSITIVE_INFINITY : Math.abs(range);
  if (type === 'L') return [b - width, b];
  if (type === 'G') return [b, b + width];
  return range === undefined ? [b, b] : range < 0 ? [b - width, b] : [b, b + width];
}
