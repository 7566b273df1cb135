/** What the kernel exports. Pointers are byte addresses; a panel is four neighbouring columns of a block of rows, row by row. */
export { allocate } from '../../linalg/assembly/arena';
export * from './exports';
