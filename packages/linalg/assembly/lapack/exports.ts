/** The factorisations, one call each. Matrices are row-major and contiguous; results go where the pointers say; codes in ./status. */
export * from './cholesky';
export * from './lu';
export * from './qr';
export * from './eigh';
export * from './svd';
