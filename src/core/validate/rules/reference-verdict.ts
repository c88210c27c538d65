import { descriptorOf, type Named, type Reference, references } from '../../kinds/index.ts';
import type { Finding, FindingCode } from '../../model/index.ts';
import { type OrgView, oncePerOrg, type RuleObject } from '../view.ts';

/** What is wrong with a reference. */
export type Verdict = 'crosses-org' | 'other-environment' | 'unresolved';

/** One reference of the org, with the object that makes it. */
export interface OrgReference extends Reference {
  readonly from: RuleObject;
}

/** The references of an org that are not fine, judged once for all rules that ask. */
export function faultyReferences(org: OrgView, verdict: Verdict): readonly OrgReference[] {
  const known = judged(org);
  return known.size === 0 ? [] : [...known].flatMap(([reference, found]) => (found === verdict ? [reference] : []));
}

const judged = oncePerOrg((org): ReadonlyMap<OrgReference, Verdict> => {
  const found = new Map<OrgReference, Verdict>();
  const isFaulty = (named: Named): boolean => verdictOf(org, named) !== null;
  for (const from of org.objects) {
    for (const reference of references(from.id.kind, from.document, isFaulty)) {
      const verdict = verdictOf(org, reference);
      if (verdict !== null) found.set({ from, ...reference }, verdict);
    }
  }
  return found;
});

/** Judges one reference: by the objects of the same org alone; other orgs are only recognised, never looked into. */
function verdictOf(org: OrgView, reference: Named): Verdict | null {
  const { kind, name, environment } = reference;
  if (name.includes('/') || name.includes('\\') || org.otherOrgs.uids.has(name)) return 'crosses-org';
  const found = org.named(kind, name);
  if (environment === null ? found.length > 0 : found.some(({ id }) => id.environment === environment)) return null;
  if (found.length > 0) return 'other-environment';
  return otherOrgNamed(org, name) === null ? 'unresolved' : 'crosses-org';
}

/** Findings for the references that reach into another org and that `isMeant` is about. */
export function crossings(
  code: FindingCode,
  org: OrgView,
  isMeant: (reference: OrgReference) => boolean,
): readonly Finding[] {
  return faultyReferences(org, 'crosses-org')
    .filter(isMeant)
    .map((reference) => {
      const other = otherOrgNamed(org, reference.name.split('/')[0] ?? '');
      return org.report(
        code,
        { object: reference.from, pointer: reference.pointer },
        {
          message: `${targetText(reference)} reaches ${other === null ? 'out of the org' : `into org ${other}`}`,
          expected: `the name of an object of org ${org.org}`,
          found: JSON.stringify(reference.name),
        },
      );
    });
}

/** The other org whose slug a name is, or begins with at a hyphen: `bravo-main` in org acme is of org bravo. */
function otherOrgNamed(org: OrgView, name: string): string | null {
  if (name === org.org || name.startsWith(`${org.org}-`)) return null;
  for (let end = name.length; end > 0; end = name.lastIndexOf('-', end - 1)) {
    const prefix = name.slice(0, end);
    if (org.otherOrgs.slugs.has(prefix)) return prefix;
  }
  return null;
}

/** "policy support of production". */
export function targetText(reference: OrgReference): string {
  const where = reference.environment === null ? '' : ` of ${reference.environment}`;
  return `${descriptorOf(reference.kind).noun} ${JSON.stringify(reference.name)}${where}`;
}
