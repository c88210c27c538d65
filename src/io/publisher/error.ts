import type { FindingCode } from '../../core/model/index.ts';

/** An error with a stable code for the edge that shows it. */
export function publishError(code: FindingCode & `PUBLISH_${string}`, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** An error of the file system, or of the lock file's own database. */
export function isDiskError(error: unknown): error is Error {
  const { code } = error as { readonly code?: unknown };
  return error instanceof Error && typeof code === 'string' && /^(E[A-Z0-9]+|ERR_SQLITE_ERROR)$/.test(code);
}

/** True for an error with that code, ours or the file system's. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
