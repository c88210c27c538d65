import { byCodeUnit, type OrgSlug } from '../model/index.ts';

/** Who owns what, as org.yaml and fleet.yaml say. */
export interface Ownership {
  readonly platform: readonly string[];
  readonly orgs: ReadonlyMap<OrgSlug, readonly string[]>;
}

const BEGIN = '# tenantry: begin. Made by `tenantry render --write` from fleet.yaml and org.yaml; lines above stay.';
const END = '# tenantry: end';

/**
 * The generated part of an owner file in the language of CODEOWNERS, where the last match counts: everything is the
 * platform's, an org's directory also its owners', what accepts exceptions and this file the platform's alone.
 */
function generatedPart({ platform, orgs }: Ownership): string {
  const team = platform.join(' ');
  const lines = [...orgs]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([org, owners]) => `/orgs/${org}/ ${[...new Set([...owners, ...platform])].join(' ')}`);
  const alone = ['/orgs/*/waivers/', '/orgs/*/pins/', '/.github/'].map((path) => `${path} ${team}`);
  return [BEGIN, `* ${team}`, ...lines, ...alone, END, ''].join('\n');
}

/** The owner file with its generated part as it should be; what people wrote before it stays, nothing comes after. */
export function ownerFile(current: string, ownership: Ownership): string {
  const at = current.indexOf('# tenantry: begin');
  const end = current.indexOf(END);
  const before = at < 0 ? current : current.slice(0, at);
  const after = at < 0 || end < at ? '' : current.slice(end + END.length);
  const own = `${before.trimEnd()}\n${after.trim()}`.trim();
  return `${own === '' ? '' : `${own}\n\n`}${generatedPart(ownership)}`;
}

/** True for a file that Tenantry keeps, as against one that people wrote alone. */
export function isOwnerFileOurs(text: string): boolean {
  return text.includes('# tenantry: begin');
}
