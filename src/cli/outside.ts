const OUTSIDE: readonly string[] = [
  ...['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG'],
  // A quota, a bound on files, a medium that fails or is pulled out, a share that is gone.
  ...['EDQUOT', 'EFBIG', 'EIO', 'ENODEV', 'ENXIO', 'ESTALE', 'EBUSY'],
  ...['EMFILE', 'ENFILE', 'ECONNREFUSED', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENOTFOUND'],
  // A resolver that does not answer, which is what a name gets on a machine without network.
  ...['EAI_AGAIN', 'EAI_FAIL'],
];

/**
 * What to say of an error of the outside, told by its code: git missing, an unreadable store, a busy port, a full disk. Undefined
 * for what is an error of ours.
 */
export function outsideWords(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { code, fix } = cause as Error & { readonly code?: unknown; readonly fix?: unknown };
  if (typeof code !== 'string') return undefined;
  if (/^(GIT|STORE|SIGNER|SEED|PUBLISH|TRUST|FORGE)_/.test(code))
    return `${code}: ${cause.message}${typeof fix === 'string' ? `. ${fix}` : ''}`;
  if (code === 'EADDRINUSE') return `ADDRESS_IN_USE: ${cause.message}; stop what listens there or change the address`;
  // Node's own messages begin with the code.
  if (OUTSIDE.includes(code))
    return cause.message.startsWith(`${code}: `) ? cause.message : `${code}: ${cause.message}`;
  return undefined;
}
