import { commitId, isJsonObject, type Json, type JsonObject, type OrgSlug } from '../../core/model/index.ts';
import type { PackChange, PackIncident } from '../../core/report/index.ts';
import type { HistoryEntry, OrgStore, Repository } from '../../ports/index.ts';
import { pages, type Span } from '../evidence/index.ts';
import { type NamesOther, NOT_TOLD } from './others.ts';
import { isIn, textAt } from './span.ts';

/** What the history of an org says of a span. */
export interface HistoryFacts {
  /** Every entry that there is, oldest first. */
  readonly all: readonly HistoryEntry[];
  /** All from the first to the last of the span, so that their links can be followed. */
  readonly entries: readonly HistoryEntry[];
  /** The entries as a pack has them: without `detail` where that names another org. */
  readonly told: readonly (HistoryEntry | WithheldEntry)[];
  readonly changes: readonly PackChange[];
  readonly incidents: readonly PackIncident[];
}

/** An entry whose hash cannot be made again from what is said of it, and still links those around it. */
interface WithheldEntry extends Omit<HistoryEntry, 'detail'> {
  readonly withheld: 'detail';
}

export async function readHistory(
  parts: {
    readonly store: Pick<OrgStore, 'history'>;
    readonly repository: Repository;
    readonly namesOther: NamesOther;
  },
  org: OrgSlug,
  span: Span,
): Promise<HistoryFacts> {
  const { store, repository, namesOther } = parts;
  const all: HistoryEntry[] = [];
  const rows = pages(
    (page) => store.history(org, page),
    ({ sequence }) => sequence,
  );
  for await (const entry of rows) all.push(entry);
  all.reverse();
  const isOfSpan = ({ at }: HistoryEntry): boolean => isIn(span, at);
  const entries = all.slice(all.findIndex(isOfSpan), all.findLastIndex(isOfSpan) + 1);
  const isWithheld = ({ detail }: HistoryEntry): boolean => spoken(detail).some(namesOther);
  const told = entries.map((entry) => (isWithheld(entry) ? withheld(entry) : entry));
  const own = entries.filter(isOfSpan).map((entry) => (isWithheld(entry) ? withoutWords(entry) : entry));
  const changes: PackChange[] = [];
  for (const entry of own) changes.push(changeOf(entry, await committedAt(repository, entry)));
  return { all, entries, told, changes, incidents: own.flatMap(incidentOf) };
}

/** What people and rollouts said: all texts but those about the objects of the org itself, of which a waiver is what its owner says. */
function spoken(detail: Json): readonly string[] {
  if (typeof detail === 'string') return [detail];
  if (Array.isArray(detail)) return detail.flatMap(spoken);
  if (!isJsonObject(detail)) return [];
  return Object.entries(detail).flatMap(([name, value]) =>
    name === 'changes' && Array.isArray(value) ? value.filter(isWaiver).flatMap(spoken) : spoken(value),
  );
}

function isWaiver(change: Json): change is JsonObject {
  return isJsonObject(change) && String(change['object']).startsWith('Waiver/');
}

function withheld({ detail: _, ...entry }: HistoryEntry): WithheldEntry {
  return { ...entry, withheld: 'detail' };
}

function withoutWords(entry: HistoryEntry): HistoryEntry {
  const changes = isJsonObject(entry.detail) ? entry.detail['changes'] : undefined;
  if (!Array.isArray(changes)) return { ...entry, detail: { words: NOT_TOLD } };
  return { ...entry, detail: { changes: changes.map((one) => (isWaiver(one) ? { ...one, words: [NOT_TOLD] } : one)) } };
}

/** A clone need not hold every commit. */
async function committedAt(repository: Repository, { commit }: HistoryEntry): Promise<string | null> {
  const known = commit === null ? undefined : await repository.resolve(commit);
  return known === undefined ? null : textAt((await repository.facts(known)).committedAtMs);
}

function changeOf(entry: HistoryEntry, madeAt: string | null): PackChange {
  const { sequence, at, action, actor, generation, commit, approval, detail } = entry;
  const told = isJsonObject(detail) ? detail : {};
  const subject = typeof told['subject'] === 'string' ? told['subject'] : null;
  const when = textAt(at) ?? '';
  const facts = { sequence, at: when, action, actor, generation, commit, committedAt: madeAt };
  return { ...facts, subject, merged: mergedIn(told['merged']), approval, words: wordsOf(detail) };
}

function mergedIn(merged: Json | undefined): PackChange['merged'] {
  if (merged === undefined || !isJsonObject(merged)) return null;
  const { commit, author, subject } = merged as { readonly [field: string]: Json | undefined };
  const id = commitId(String(commit));
  return id === undefined ? null : { commit: id, author: String(author), subject: String(subject) };
}

/** What an entry says happened, a line each; of what is no change of objects, its facts. */
function wordsOf(detail: Json): readonly string[] {
  if (!isJsonObject(detail)) return [];
  const changes = detail['changes'];
  if (!Array.isArray(changes)) return factsOf(detail);
  return changes.flatMap((change: Json) => {
    if (!isJsonObject(change)) return [];
    const { kind, object, words } = change as { readonly [field: string]: Json | undefined };
    const said = Array.isArray(words) ? words.filter((word) => typeof word === 'string') : [];
    return [`${kind} ${object}${said.length === 0 ? '' : `: ${said.join('; ')}`}`];
  });
}

function factsOf(detail: { readonly [field: string]: Json | undefined }): readonly string[] {
  const { words, ...facts } = detail;
  const named = Object.entries(facts).flatMap(([name, value]) =>
    value === null || value === undefined || typeof value === 'object' ? [] : [`${name}: ${value}`],
  );
  return [...(typeof words === 'string' ? [words] : []), ...named];
}

const INCIDENTS = ['heal', 'deny', 'rollback', 'end', 'revoke', 'take-over'] as const;

function incidentOf({ at, action, actor, detail }: HistoryEntry): readonly PackIncident[] {
  const what = INCIDENTS.find((name) => name === action);
  return what === undefined ? [] : [{ at: textAt(at) ?? '', what, actor, words: wordsOf(detail).join('; ') }];
}
