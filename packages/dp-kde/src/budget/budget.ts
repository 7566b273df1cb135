import { ArgumentError } from '@x/linalg/errors';
import { checkRange, checkWhole } from '../check.ts';
import { BudgetExceededError } from '../errors.ts';
import { zcdpRho } from './conversion.ts';

/** epsilon alone is pure differential privacy; with delta, approximate; rho alone is zero-concentrated. */
export type BudgetOptions =
  | { readonly epsilon: number; readonly delta?: number; readonly rho?: undefined }
  | { readonly rho: number; readonly epsilon?: undefined; readonly delta?: undefined };

/** What one release may spend: by a Laplace mechanism `epsilon`, by a Gaussian one `rho`; absent where the budget does not allow the kind. */
export interface Grant {
  readonly share: number;
  readonly epsilon?: number;
  readonly rho?: number;
  /** It is one of disjoint parts of the data, each of which spends the same budget. */
  readonly parallel: boolean;
}

export interface Entry {
  readonly label: string;
  readonly share: number;
}

/** Shares are counted in 2^-40 of the budget, so that they add up exactly. */
const WHOLE = 2 ** 40;
const LEAST = 1e-9;
const MOST = 1e9;

/**
 * A privacy budget for one data set, spent in shares of itself.
 *
 * Sequential composition: pure budgets add epsilon, the others rho. An (epsilon, delta) budget is the largest rho that implies it
 * (`zcdpRho`); only a release that spends it whole may be purely epsilon-DP instead. Parallel composition: `parallel`.
 */
export class PrivacyBudget {
  readonly epsilon: number | undefined;
  readonly delta: number | undefined;
  /** The zCDP parameter of the whole budget; undefined for a pure one. */
  readonly rho: number | undefined;
  readonly #parallel: boolean;
  readonly #entries: Entry[] = [];
  #left: number = WHOLE;

  /** @throws ArgumentError unless epsilon and rho lie in [1e-9, 1e9] and delta in [1e-300, 1 - 1e-9]. */
  constructor(options: BudgetOptions, parallel = false) {
    const { epsilon, delta, rho } = options ?? {};
    if ((epsilon === undefined) === (rho === undefined)) {
      throw new ArgumentError('PrivacyBudget: give epsilon (with delta or without) or rho, and not both', 'options');
    }
    if (epsilon !== undefined) checkRange('PrivacyBudget', 'epsilon', epsilon, LEAST, MOST);
    if (rho !== undefined) checkRange('PrivacyBudget', 'rho', rho, LEAST, MOST);
    if (delta !== undefined) checkRange('PrivacyBudget', 'delta', delta, 1e-300, 1 - 1e-9);
    this.epsilon = epsilon;
    this.delta = delta;
    this.rho = rho ?? (delta === undefined ? undefined : zcdpRho(epsilon as number, delta));
    this.#parallel = parallel;
  }

  /** The share that is left, in [0, 1]. */
  get remaining(): number {
    return this.#left / WHOLE;
  }

  get spent(): number {
    return 1 - this.remaining;
  }

  /** What was spent on what, in order. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /**
   * What a share would allow, without spending it.
   *
   * @throws ArgumentError unless share lies in (0, 1].
   */
  grant(share: number): Grant {
    const counted = shareOf(share);
    const part = counted / WHOLE;
    const common = { share: part, parallel: this.#parallel };
    if (this.rho === undefined) return { ...common, epsilon: part * (this.epsilon as number) };
    const rho = part * this.rho;
    // epsilon-DP is epsilon^2 / 2-zCDP (Bun and Steinke 2016, proposition 1.4).
    const fromRho = Math.sqrt(2 * rho) * (1 - 2 ** -50);
    const whole = counted === WHOLE && this.epsilon !== undefined;
    return { ...common, rho, epsilon: whole ? Math.max(this.epsilon as number, fromRho) : fromRho };
  }

  /**
   * Spends a share. It stays spent whatever happens afterwards.
   *
   * @throws ArgumentError unless share lies in (0, 1]; BudgetExceededError when less is left.
   */
  debit(share: number, label: string): Grant {
    const grant = this.grant(share);
    const counted = shareOf(share);
    if (counted > this.#left) {
      throw new BudgetExceededError(
        `PrivacyBudget: ${label} asks for a share of ${grant.share}, and ${this.remaining} is left`,
        grant.share,
        this.remaining,
      );
    }
    this.#left -= counted;
    this.#entries.push({ label, share: grant.share });
    return grant;
  }

  /**
   * Budgets for disjoint parts of the data, each with this share, which is spent once: a row that is added or removed lies in one part.
   * Which part a row belongs to must not depend on other rows. Releases refuse them under the adjacency `replace`, where a row may change
   * its part.
   */
  parallel(parts: number, share: number, label: string = `${parts} disjoint parts`): PrivacyBudget[] {
    checkWhole('PrivacyBudget.parallel', 'parts', parts, 1, 2 ** 31);
    const { share: part } = this.debit(share, label);
    const own = this.#optionsOf(part);
    return Array.from({ length: parts }, () => new PrivacyBudget(own, true));
  }

  /** A whole approximate budget stays one; a part of it is a part of its rho. */
  #optionsOf(part: number): BudgetOptions {
    if (this.rho === undefined) return { epsilon: part * (this.epsilon as number) };
    if (part === 1 && this.epsilon !== undefined) return { epsilon: this.epsilon, delta: this.delta as number };
    return { rho: part * this.rho };
  }
}

function shareOf(share: number): number {
  const counted = typeof share === 'number' && share <= 1 ? Math.floor(share * WHOLE) : 0;
  if (!(counted >= 1)) throw new ArgumentError(`PrivacyBudget: share is ${String(share)}; it must lie in (0, 1]`, 'share');
  return counted;
}
