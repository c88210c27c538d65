import { nodeHash } from '../../host/index.ts';
import { type Finding, type FindingCode, finding, type OrgDiff, type OrgSlug, type RepoPath } from '../model/index.ts';
import { changeMap, diffOrg, mapDigest } from '../plan/index.ts';
import { orgObjects, wholeOrg } from '../plan/objects.testkit.ts';
import type { ChangeReport } from './index.ts';

/** A finding with texts that try to break out of every format. */
export const HOSTILE = 'a%b\r\n::error::x</failure>&"\u001b[31m|`@everyone`\u202e #1 ]]>';

export function findingOf(code: FindingCode, more: Partial<Finding> = {}): Finding {
  const place = { file: 'orgs/acme/org.yaml' as RepoPath, line: 12, column: 5 };
  const texts = { message: `${code} happened`, expected: 'this', found: 'that' };
  return { ...finding(code, { place, org: 'acme' as OrgSlug, object: 'Wallet/main', ...texts }), ...more };
}

/** A report over diffs, with the digests that they give. */
export function reportOf(orgs: readonly OrgDiff[], more: Partial<ChangeReport> = {}): ChangeReport {
  return {
    base: 'main',
    head: 'topic',
    changeDigest: mapDigest(changeMap(orgs), nodeHash),
    orgs,
    hazards: [],
    ...more,
  };
}

/** An org whose limit rises from 500 to 800 and that loses what `without` names. */
export function raisedLimit(org: string, without: readonly string[] = [], limit = '800'): OrgDiff {
  const head = wholeOrg(org)
    .filter(({ id }) => !without.includes(`${id.kind}/${id.name}`))
    .map((side) => (side.id.kind === 'Wallet' ? orgObjects(org).wallet('main', { limit }) : side));
  const source = { file: `orgs/${org}/org.yaml` as RepoPath, line: 14, column: 3 };
  return diffOrg({ org: org as OrgSlug, base: wholeOrg(org), head, limits: null, sourceOf: () => source }, nodeHash);
}
