import type { RepoPath } from '../../core/model/index.ts';

/** True when `path` is one of `paths` or lies below one of them. */
export function isWithin(path: string, paths: readonly RepoPath[]): boolean {
  return paths.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}
