import type { FindingCode } from '../../core/model/index.ts';

/** An error with a stable code for the edge that shows it; the text never holds private material. */
export function signerError(
  code: FindingCode & `SIGNER_${string}`,
  message: string,
): Error & { readonly code: string } {
  return Object.assign(new Error(message), { code });
}
