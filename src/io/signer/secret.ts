const SHOWN = '[secret]';

/** Private bytes that cannot be printed by accident: text, JSON and inspection all say `[secret]`. */
export class Secret {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Hands the bytes to `use` and to nobody else. */
  reveal<T>(use: (bytes: Uint8Array) => T): T {
    return use(this.#bytes);
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN;
  }
}
