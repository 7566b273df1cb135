/** Spectrahedra. Records are addresses of what the classes describe. */
import { accept, advance, energyOf, propose, settle, softened, SpectraChain, State } from './chain';
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

export function spectraPlace(chain: usize): bool {
  const c = changetype<SpectraChain>(chain);
  softened(c);
  return settle(c, changetype<State>(c.here));
}

export function spectraEnergy(chain: usize): f64 {
  const c = changetype<SpectraChain>(chain);
  return energyOf(c, changetype<State>(c.here));
}

export function spectraSoften(chain: usize): void {
  softened(changetype<SpectraChain>(chain));
}

export function spectraPropose(chain: usize): f64 {
  return propose(changetype<SpectraChain>(chain));
}

export function spectraAccept(chain: usize): void {
  accept(changetype<SpectraChain>(chain));
}

export function spectraAdvance(chain: usize, kind: i32, steps: i32): i32 {
  return advance(changetype<SpectraChain>(chain), kind, steps);
}
