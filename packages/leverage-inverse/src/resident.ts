import { checkDesign, type Design } from './design.ts';
import { createEngine, type Engine } from './engine.ts';

/** Engines of designs that stay in a kernel; they go with their designs. */
const engines = new WeakMap<Design, Engine>();

/**
 * The same design, checked and copied into a kernel once, for many calls: functions that are given the result skip both. Later changes of
 * the arrays of `design` are not seen. The memory goes with the result.
 *
 * @throws ShapeError, ArgumentError, NonFiniteError; OutOfMemoryError.
 * Memory: 8 n d bytes for a dense design up to 2 GiB; larger and sparse ones are read block by block, and gain the check alone.
 */
export function residentDesign(design: Design): Design {
  checkDesign('residentDesign', design);
  const resident = { ...design };
  engines.set(resident, createEngine(resident, true));
  return resident;
}

/** @throws as `checkDesign`, which a resident design has passed. */
export function checkOnce(operation: string, design: Design): void {
  if (!engines.has(design)) checkDesign(operation, design);
}

/** Of a design that has been checked. */
export function engineOf(design: Design, resident = false): Engine {
  return engines.get(design) ?? createEngine(design, resident);
}
