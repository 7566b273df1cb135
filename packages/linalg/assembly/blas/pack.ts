/**
 * Packing: one operand of a product is copied into panels that the micro-kernel reads front to back.
 *
 * An operand is `count` x `depth`: `across` is its stride along `count` (rows of A, columns of B), `along` the one along
 * the summation index. A panel holds `width` neighbours: entry (i, p) of panel q is at (q * depth + p) * width + i. The
 * last panel is filled up with zeros. Reads each entry once; writes roundUp(count, width) * depth entries.
 */
import { lanes } from './blocking';

export function pack<T>(width: i32, count: i32, depth: i32, source: usize, across: i32, along: i32, to: usize): void {
  const acrossBytes = <usize>across * sizeof<T>();
  const alongBytes = <usize>along * sizeof<T>();
  const panelBytes = <usize>(width * depth) * sizeof<T>();
  for (; count >= width; count -= width) {
    if (ASC_FEATURE_SIMD && across == 1 && width % lanes<T>() == 0) copyPanel<T>(width, depth, source, alongBytes, to);
    else if (ASC_FEATURE_SIMD && along == 1 && width == 2) interleavePanel<T>(depth, source, acrossBytes, to);
    else if (ASC_FEATURE_SIMD && along == 1 && width % lanes<T>() == 0) transposePanel<T>(width, depth, source, acrossBytes, to);
    else gatherPanel<T>(width, width, depth, source, acrossBytes, alongBytes, to);
    source += <usize>width * acrossBytes;
    to += panelBytes;
  }
  if (count > 0) gatherPanel<T>(width, count, depth, source, acrossBytes, alongBytes, to);
}

/** Neighbours are contiguous: whole vectors are copied. */
function copyPanel<T>(width: i32, depth: i32, source: usize, alongBytes: usize, to: usize): void {
  const widthBytes = <usize>width * sizeof<T>();
  for (let p = 0; p < depth; p++) {
    for (let at: usize = 0; at < widthBytes; at += 16) v128.store(to + at, v128.load(source + at));
    source += alongBytes;
    to += widthBytes;
  }
}

/** Two rows along which the summation index is contiguous are merged entry by entry. */
function interleavePanel<T>(depth: i32, source: usize, acrossBytes: usize, to: usize): void {
  const whole = depth - (depth % lanes<T>());
  for (let p = 0; p < whole; p += lanes<T>()) {
    const a = v128.load(source);
    const b = v128.load(source + acrossBytes);
    v128.store(to, sizeof<T>() == 8 ? v128.shuffle<f64>(a, b, 0, 2) : v128.shuffle<f32>(a, b, 0, 4, 1, 5));
    v128.store(to, sizeof<T>() == 8 ? v128.shuffle<f64>(a, b, 1, 3) : v128.shuffle<f32>(a, b, 2, 6, 3, 7), 16);
    source += 16;
    to += 32;
  }
  gatherPanel<T>(2, 2, depth - whole, source, acrossBytes, sizeof<T>(), to);
}

/** The summation index is contiguous: square blocks of one vector a row are transposed in registers. */
function transposePanel<T>(width: i32, depth: i32, source: usize, acrossBytes: usize, to: usize): void {
  const widthBytes = <usize>width * sizeof<T>();
  const whole = depth - (depth % lanes<T>());
  for (let i = 0; i < width; i += lanes<T>()) {
    let from = source;
    let into = to;
    for (let p = 0; p < whole; p += lanes<T>()) {
      transposeBlock<T>(from, acrossBytes, into, widthBytes);
      from += 16;
      into += widthBytes * <usize>lanes<T>();
    }
    source += acrossBytes * <usize>lanes<T>();
    to += 16;
  }
  const done = <usize>whole * sizeof<T>();
  const first = source - <usize>width * acrossBytes + done;
  gatherPanel<T>(width, width, depth - whole, first, acrossBytes, sizeof<T>(), to - widthBytes + done * <usize>width);
}

// @ts-ignore: decorator
@inline
function transposeBlock<T>(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + fromStep);
  if (sizeof<T>() == 8) {
    v128.store(to, v128.shuffle<f64>(a, b, 0, 2));
    v128.store(to + toStep, v128.shuffle<f64>(a, b, 1, 3));
  } else {
    const c = v128.load(from + 2 * fromStep);
    const d = v128.load(from + 3 * fromStep);
    const ab01 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
    const ab23 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
    const cd01 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const cd23 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(ab01, cd01, 0, 1, 4, 5));
    v128.store(to + toStep, v128.shuffle<f32>(ab01, cd01, 2, 3, 6, 7));
    v128.store(to + 2 * toStep, v128.shuffle<f32>(ab23, cd23, 0, 1, 4, 5));
    v128.store(to + 3 * toStep, v128.shuffle<f32>(ab23, cd23, 2, 3, 6, 7));
  }
}

/** Any strides, and panels that are not full: `live` of the `width` neighbours exist, the others become zero. */
function gatherPanel<T>(width: i32, live: i32, depth: i32, source: usize, acrossBytes: usize, alongBytes: usize, to: usize): void {
  for (let p = 0; p < depth; p++) {
    let from = source;
    for (let i = 0; i < width; i++) {
      if (i < live) store<T>(to, load<T>(from));
      else store<T>(to, <T>0);
      from += acrossBytes;
      to += sizeof<T>();
    }
    source += alongBytes;
  }
}

/** Multiplies packed panels by weights along the summation index: entry (i, p) by weights[p]. */
export function weigh<T>(width: i32, count: i32, depth: i32, weights: usize, panels: usize): void {
  for (; count > 0; count -= width) {
    for (let p = 0; p < depth; p++) {
      const weight = load<T>(weights + <usize>p * sizeof<T>());
      for (let i = 0; i < width; i++) {
        store<T>(panels, load<T>(panels) * weight);
        panels += sizeof<T>();
      }
    }
  }
}
