import { type RepoPath, repoPath } from '../../core/model/index.ts';

/** True when `path` is one of `paths` or lies below one of them. */
export function isWithin(path: string, paths: readonly RepoPath[]): boolean {
  return paths.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}

/** Control characters, marks that turn text around, and what bytes become that are no UTF-8. */
const UNSAFE_PATH = /[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069\ufffd]/;

/** The path of a file as git names it, or undefined where no file of a fleet may be called so. */
export function plainPath(shown: string): RepoPath | undefined {
  return UNSAFE_PATH.test(shown) ? undefined : repoPath(shown);
}
