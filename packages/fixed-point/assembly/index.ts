/** What the kernel exports. Pointers are byte addresses; matrices are row-major f64. */
export { allocate, mark, release } from '../../linalg/assembly/arena';
export { evaluateRows } from './evaluate';
export { judgeRows } from './judge';
