export { columnMeans } from './column-means.ts';
export type { ColumnMeansOptions } from './types.ts';
