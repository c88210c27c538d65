import type { FindingCode } from '../../src/core/model/index.ts';

/** Why the gateway cannot start or enrol: a stable code, what was found, and the exit code (contract section 2). */
export class GatewayFailure extends Error {
  readonly code: FindingCode;
  readonly exitCode: 1 | 64 | 69;

  constructor(code: FindingCode, detail: string, exitCode: 1 | 64 | 69 = 1) {
    super(detail);
    this.code = code;
    this.exitCode = exitCode;
  }
}
