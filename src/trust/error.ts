import type { TrustCode } from '../core/model/index.ts';

/** A refusal with its stable code; `message` is for people and holds no private material. */
export class TrustError extends Error {
  readonly code: TrustCode;

  constructor(code: TrustCode, message: string) {
    super(message);
    this.code = code;
  }
}
