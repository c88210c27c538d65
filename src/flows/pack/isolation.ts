import { type Finding, fails, type ObjectSide, type OrgSlug, ofKind } from '../../core/model/index.ts';
import type { PackCheck, PackIsolation } from '../../core/report/index.ts';
import { type CatalogueEntry, catalogue } from '../../core/validate/index.ts';
import type { OrgHead } from '../../ports/index.ts';
import { type CheckParts, check } from '../check.ts';
import { type NamesOther, toldNote } from './others.ts';

const NOTHING: ReadonlySet<string> = new Set();

/**
 * The isolation catalogue for one org, by a check of the whole fleet at the commit that is applied: what another org has to do with
 * a finding is not said.
 */
export async function isolationOf(
  parts: CheckParts & { readonly namesOther: NamesOther },
  { org, commit }: Pick<OrgHead, 'org' | 'commit'>,
  objects: readonly ObjectSide[],
): Promise<PackIsolation> {
  const tree = parts.repository.treeAt(commit);
  const { findings } = await check(parts, { tree, touched: NOTHING, orgs: null });
  const own = findings.filter((finding) => isOf(org, finding));
  const waivers = ofKind(objects, 'Waiver').map(({ document: { spec } }) => {
    const { code, object, owner, approvers = [], reason, expires } = spec;
    return { code, object, owner, approvers, reason: toldNote(reason, parts.namesOther), expires };
  });
  return { commit, checks: catalogue.map((entry) => checkOf(entry, own)), waivers };
}

/** Also what is of no org: where the store is published, every org is. */
function isOf(org: OrgSlug, { org: whose, place, related }: Finding): boolean {
  const files = [place, ...(related ?? [])].map(({ file }) => file);
  const isOfAll = whose === null && !files.some((file) => file.startsWith('orgs/'));
  return isOfAll || whose === org || files.some((file) => file.startsWith(`orgs/${org}/`));
}

const ELSEWHERE: readonly CatalogueEntry['decided'][] = ['forge', 'live'];
const AT_CHANGE: readonly CatalogueEntry['decided'][] = ['check --base', 'plan', 'apply'];

/** What a check of the catalogue came to, by what was found of the org. */
export function checkOf({ id, check: what, decided, codes }: CatalogueEntry, findings: readonly Finding[]): PackCheck {
  const found = findings.filter(({ code }) => codes.includes(code));
  const verdict = (): PackCheck['verdict'] => {
    if (found.some(fails)) return 'broken';
    if (found.some(({ waived }) => waived !== undefined)) return 'waived';
    if (ELSEWHERE.includes(decided)) return 'elsewhere';
    if (AT_CHANGE.includes(decided)) return 'at-change';
    return decided === 'check' ? 'held' : 'impossible';
  };
  return { id, check: what, decided, verdict: verdict() };
}
