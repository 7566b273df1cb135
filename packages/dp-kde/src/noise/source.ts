/** 65,536 bytes, the most that getRandomValues gives at once. */
const WORDS = 16_384;

/** Random bits, 32 at a time. A word is wiped from the pool as it is taken. */
export class BitPool {
  /** False for a seeded pool, whose output protects nobody. */
  readonly secure: boolean;
  readonly #fill: (words: Uint32Array<ArrayBuffer>) => void;
  readonly #words: Uint32Array<ArrayBuffer>;
  #next: number;

  constructor(fill: (words: Uint32Array<ArrayBuffer>) => void, secure: boolean, words: number = WORDS) {
    this.#fill = fill;
    this.secure = secure;
    this.#words = new Uint32Array(words);
    this.#next = words;
  }

  /** A whole number, uniform on [0, 2^32). */
  u32(): number {
    if (this.#next === this.#words.length) {
      this.#fill(this.#words);
      this.#next = 0;
    }
    const word = this.#words[this.#next] as number;
    this.#words[this.#next++] = 0;
    return word;
  }

  /** Forgets the bits that are left. */
  wipe(): void {
    this.#words.fill(0);
    this.#next = this.#words.length;
  }
}

/**
 * Bits of the system's secure source (WebCrypto, which Node takes from node:crypto's generator). A new pool for each release, so that no
 * process that is forked or restored from a snapshot between two of them uses a bit twice.
 */
export function systemBits(): BitPool {
  return new BitPool((words) => crypto.getRandomValues(words), true);
}
