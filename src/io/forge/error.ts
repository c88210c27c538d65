/** The forge does not answer, or does not let us. `code` is what commands show; `fix` is in the imperative. */
export class ForgeError extends Error {
  readonly code: 'FORGE_UNAVAILABLE' | 'FORGE_REFUSED';
  readonly status: number | null;
  readonly fix: string;

  constructor(
    code: ForgeError['code'],
    message: string,
    how: { readonly status: number | null; readonly fix: string },
  ) {
    super(message);
    this.name = 'ForgeError';
    this.code = code;
    this.status = how.status;
    this.fix = how.fix;
  }
}

/** True for a refusal that is about how often we ask: it says nothing of what was asked. */
export function isRateLimit(cause: unknown): boolean {
  const { status, message } = cause as { readonly status?: unknown; readonly message?: unknown };
  return status === 429 || /rate limit/i.test(typeof message === 'string' ? message : '');
}

/** What a failed request means for whoever started the command; the request itself, with its token, stays out. */
export function forgeError(what: string, cause: unknown): ForgeError {
  const { status, message } = cause as { readonly status?: unknown; readonly message?: unknown };
  const words = typeof message === 'string' ? message.slice(0, 300) : 'no answer';
  if (typeof status !== 'number' || status >= 500 || isRateLimit(cause)) {
    const fix = 'Run this again later.';
    return new ForgeError('FORGE_UNAVAILABLE', `${what}: expected an answer of the forge, found ${words}`, {
      status: typeof status === 'number' ? status : null,
      fix,
    });
  }
  const fix =
    status === 401 || status === 403
      ? 'Look at the permissions of the token.'
      : 'Look at the repository, the number and the commit that were given.';
  return new ForgeError('FORGE_REFUSED', `${what}: the forge answered ${status}: ${words}`, { status, fix });
}
