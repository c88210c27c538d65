import type { Finding, OrgSlug, RepoPath } from '../../model/index.ts';
import { fileFinding } from './tree-places.ts';

/** How the committed generated files of one org differ from a fresh render, by blob id. */
export interface GeneratedFacts {
  readonly org: OrgSlug;
  /** Rendered, but not committed. */
  readonly missing: readonly RepoPath[];
  /** Committed, but not rendered. */
  readonly extra: readonly RepoPath[];
  /** Both, with other bytes. */
  readonly differing: readonly RepoPath[];
}

/** One finding for each generated file that is not what the inputs render to. */
export function generatedStale(facts: GeneratedFacts): readonly Finding[] {
  const fix = `Run \`tenantry render --org ${facts.org} --write\` and commit the result; to change one customer alone, add an overlay.`;
  const said = (path: RepoPath, message: string, sides: { readonly expected: string; readonly found: string }) =>
    fileFinding('GENERATED_STALE', path, { message: `${path} ${message}`, ...sides, fix });
  return [
    ...facts.missing.map((path) => said(path, 'is not committed', { expected: 'the rendered file', found: 'no file' })),
    ...facts.extra.map((path) => said(path, 'is not rendered by anything', { expected: 'no file', found: 'a file' })),
    ...facts.differing.map((path) =>
      said(path, 'is not what the inputs render to', { expected: 'the rendered bytes', found: 'other bytes' }),
    ),
  ];
}
