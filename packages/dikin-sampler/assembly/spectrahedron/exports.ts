/** Spectrahedra. Records are addresses of what the classes describe. */
import { dikinPropose, State, stateFill } from './dikin';
import { pencilAlong, pencilGradient, pencilHessian } from './hessian';
import { Pencil, pencilFactor } from './pencil';

export function spectraFactor(pencil: usize, y: usize, L: usize): bool {
  return pencilFactor(changetype<Pencil>(pencil), y, L);
}

export function spectraHessian(pencil: usize, L: usize, H: usize): void {
  pencilHessian(changetype<Pencil>(pencil), L, H);
}

export function spectraGradient(pencil: usize, L: usize, gradient: usize): void {
  pencilGradient(changetype<Pencil>(pencil), L, gradient);
}

export function spectraAlong(pencil: usize, L: usize, v: usize, out: usize): void {
  pencilAlong(changetype<Pencil>(pencil), L, v, out);
}

export function spectraFill(pencil: usize, state: usize, P: usize): bool {
  return stateFill(changetype<Pencil>(pencil), changetype<State>(state), P);
}

export function spectraPropose(pencil: usize, from: usize, to: usize, P: usize, scale: f64, noise: usize): f64 {
  return dikinPropose(changetype<Pencil>(pencil), changetype<State>(from), changetype<State>(to), P, scale, noise);
}
