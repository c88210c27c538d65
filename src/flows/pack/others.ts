import { FLEET_ORG, type OrgSlug, ofKind } from '../../core/model/index.ts';
import type { OrgHead, OrgStore } from '../../ports/index.ts';

/** True for a text that names an org which the pack is not of. */
export type NamesOther = (text: string) => boolean;

/** In place of words that do. */
export const NOT_TOLD = 'not told here: it names somebody else';

/** What a pack has of words that a person wrote; null where there are none. */
export function toldNote<Note extends string | null>(note: Note, namesOther: NamesOther): Note | typeof NOT_TOLD {
  return note !== null && namesOther(note) ? NOT_TOLD : note;
}

/** A shorter name is a word of too many texts. */
const SHORTEST = 3;

/** By slugs, uids, display names and domains of every org that is applied, or was. */
export async function openOthers(store: Pick<OrgStore, 'heads' | 'observe'>, org: OrgSlug): Promise<NamesOther> {
  const own: string[] = [];
  const others: string[] = [];
  for (const head of await store.heads()) (head.org === org ? own : others).push(...(await namesOf(store, head)));
  return otherThan(own, others);
}

/** A name of another within a longer own one is none. */
export function otherThan(own: readonly string[], others: readonly string[]): NamesOther {
  const [mine, theirs] = [namesFrom(own), namesFrom(others)];
  return (text) => {
    const words = wordsOf(text);
    for (let at = 0; at < words.length; ) {
      const step = longestAt(mine, words, at);
      if (longestAt(theirs, words, at) > step) return true;
      at += Math.max(1, step);
    }
    return false;
  };
}

/** Names as words, by the first of these. */
type Names = Map<string, (readonly string[])[]>;

async function namesOf(store: Pick<OrgStore, 'observe'>, { org, uid }: OrgHead): Promise<readonly string[]> {
  const spec = ofKind((await store.observe(org))?.objects ?? [], 'Organization')[0]?.document.spec;
  if (org === FLEET_ORG) return [];
  // Of one that was removed, these are what is left.
  return spec === undefined ? [org, uid] : [org, uid, spec.displayName, ...spec.domains];
}

function namesFrom(all: readonly string[]): Names {
  const names: Names = new Map();
  for (const words of all.map(wordsOf)) {
    const [first] = words;
    if (first === undefined || words.join('').length < SHORTEST) continue;
    names.set(first, [...(names.get(first) ?? []), words]);
  }
  return names;
}

function longestAt(names: Names, words: readonly string[], at: number): number {
  const found = (names.get(words[at] ?? '') ?? []).filter((name) =>
    name.every((word, step) => word === words[at + step]),
  );
  return Math.max(0, ...found.map(({ length }) => length));
}

function wordsOf(text: string): readonly string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}
