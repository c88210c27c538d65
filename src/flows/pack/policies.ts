import { isJsonObject, type Json, type OrgSlug } from '../../core/model/index.ts';
import type { PackPolicy } from '../../core/report/index.ts';
import type { HistoryEntry, OrgStore, PolicyVersion } from '../../ports/index.ts';
import type { Span } from '../evidence/index.ts';
import { sortedBy, textAt } from './span.ts';

const PAGE = 500;

/** Every version of every policy of an org. */
export async function readVersions(
  store: Pick<OrgStore, 'policyVersions'>,
  org: OrgSlug,
): Promise<readonly PolicyVersion[]> {
  const versions: PolicyVersion[] = [];
  for (;;) {
    const last = versions.at(-1);
    const after = last === undefined ? {} : { after: `${last.environment}/${last.name}/${last.version}` };
    const rows = await store.policyVersions(org, { limit: PAGE, ...after });
    versions.push(...rows);
    if (rows.length < PAGE) return versions;
  }
}

/** A version from when an entry of the history put it in force until one took it out. */
interface Term {
  readonly version: PolicyVersion;
  readonly since: number;
  until: number | undefined;
}

/** Versions of policies that were in force at any moment of the span, by policy, oldest first. */
export function policiesInForce(
  history: readonly Pick<HistoryEntry, 'at' | 'generation' | 'detail'>[],
  versions: readonly PolicyVersion[],
  { fromMs, toMs }: Span,
): readonly PackPolicy[] {
  const byPolicy = new Map<string, PolicyVersion[]>();
  for (const version of versions.toSorted((a, b) => a.version - b.version)) {
    const key = `Policy/${version.environment}/${version.name}`;
    byPolicy.set(key, [...(byPolicy.get(key) ?? []), version]);
  }
  const terms: Term[] = [];
  const open = new Map<string, Term>();
  for (const { at, generation, detail } of history)
    for (const { object, from, isGone } of policyChanges(detail)) {
      for (const key of [object, ...from]) {
        const term = open.get(key);
        if (term !== undefined) term.until = at;
        open.delete(key);
      }
      const version = byPolicy.get(object)?.findLast((row) => row.generation <= generation);
      if (isGone || version === undefined) continue;
      const term: Term = { version, since: at, until: undefined };
      open.set(object, term);
      terms.push(term);
    }
  const own = terms.filter(({ since, until }) => since < toMs && (until === undefined || until > fromMs));
  return sortedBy(own, ({ version }) => `${version.environment}/${version.name}`).map(policyOf);
}

interface PolicyChange {
  readonly object: string;
  /** What it was called before, where it got another name. */
  readonly from: readonly string[];
  readonly isGone: boolean;
}

function policyChanges(detail: Json): readonly PolicyChange[] {
  const changes = isJsonObject(detail) ? detail['changes'] : undefined;
  if (!Array.isArray(changes)) return [];
  return changes.flatMap((change: Json): readonly PolicyChange[] => {
    const { kind, object, words } = (isJsonObject(change) ? change : {}) as { readonly [field: string]: Json };
    if (typeof object !== 'string' || !object.startsWith('Policy/')) return [];
    const [, before] = /^renamed from (.+)$/.exec(kind === 'rename' ? String(words) : '') ?? [];
    const from = before === undefined ? [] : [object.replace(/[^/]+$/, before)];
    return [{ object, from, isGone: kind === 'delete' }];
  });
}

function policyOf({ version: row, since, until }: Term): PackPolicy {
  const { environment, name, version, packVersion, generation, commit, author, digest } = row;
  const identity = { environment, name, version, packVersion, generation, commit, author, digest };
  return { ...identity, since: textAt(since) ?? '', until: textAt(until) };
}
