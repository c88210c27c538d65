import { descriptorOf } from '../../kinds/index.ts';
import type { OrgReference, OrgView } from '../view.ts';

/** What is wrong with a reference; null when it is fine. */
export type Verdict = 'crosses-org' | 'other-environment' | 'unresolved' | null;

/** Judges one reference: by the objects of the same org alone; other orgs are only recognised, never looked into. */
export function verdictOf(org: OrgView, reference: OrgReference): Verdict {
  const { kind, name, environment } = reference;
  if (name.includes('/') || name.includes('\\') || org.otherOrgs.uids.has(name)) return 'crosses-org';
  const found = org.named(kind, name);
  if (environment === null ? found.length > 0 : found.some(({ id }) => id.environment === environment)) return null;
  if (found.length > 0) return 'other-environment';
  return otherOrgNamed(org, name) === null ? 'unresolved' : 'crosses-org';
}

/** The other org whose slug a name is, or begins with at a hyphen: `bravo-main` in org acme is of org bravo. */
export function otherOrgNamed(org: OrgView, name: string): string | null {
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
