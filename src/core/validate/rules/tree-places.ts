import {
  type Finding,
  type FindingCode,
  type FindingFacts,
  finding,
  orgSlug,
  type RepoPath,
  startOf,
} from '../../model/index.ts';

/** A finding about a whole file; the org is the one whose directory the path is in. */
export function fileFinding(
  code: FindingCode,
  path: RepoPath,
  facts: Omit<FindingFacts, 'place' | 'org' | 'object'>,
): Finding {
  return finding(code, { ...facts, place: startOf(path), org: orgOf(path) });
}

/** The slug of the org directory that a path is in, or null. */
export function orgOf(path: string): Finding['org'] {
  const [folder, slug = ''] = path.split('/');
  return folder === 'orgs' ? (orgSlug(slug) ?? null) : null;
}
