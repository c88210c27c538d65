import { canonicalText } from '../../core/bundle/index.ts';
import type { Hash, Json, JsonObject, OrgSlug } from '../../core/model/index.ts';
import { journalLine, PACK_FILES } from '../../core/report/index.ts';
import type { ReadFolder } from '../../ports/index.ts';
import { linkOf } from '../evidence/index.ts';
import { type PackFacts, parsed } from './pack-facts.ts';

const LINE_BYTES = 1 << 25;
const MOST_FAULTS = 20;

export interface Faults {
  readonly listed: string[];
  add(fault: string): void;
}

export function openFaults(): Faults {
  const listed: string[] = [];
  return {
    listed,
    add: (fault) => {
      if (listed.length < MOST_FAULTS) listed.push(fault);
    },
  };
}

interface Following {
  readonly org: OrgSlug;
  readonly hash: Hash;
  readonly pack: PackFacts;
  readonly faults: Faults;
}

interface End {
  readonly from: number;
  sequence: number;
  hash: string;
}

/** Follows every line of a journal by its hash and link; how many there are. */
export async function followLines(folder: ReadFolder, { org, hash, pack, faults }: Following): Promise<number> {
  const ends = new Map<string, End>();
  let count = 0;
  for await (const raw of folder.lines(PACK_FILES.events, LINE_BYTES)) {
    count += 1;
    const row = storedLine(org, raw ?? '');
    if (row === undefined) {
      faults.add(`${PACK_FILES.events} line ${count}: expected a line of a journal, found another text`);
      continue;
    }
    const where = `${row.gateway}, journal ${row.chain}, line ${row.sequence}`;
    if (hash.sha256(row.text) !== row.hash) faults.add(`${where}: expected the text whose hash is ${row.hash}`);
    const end = ends.get(`${row.gateway} ${row.chain}`);
    if (end === undefined)
      ends.set(`${row.gateway} ${row.chain}`, { from: row.sequence, sequence: row.sequence, hash: row.hash });
    else {
      if (row.sequence !== end.sequence + 1 || row.previous !== end.hash)
        faults.add(`${where}: expected line ${end.sequence + 1} after ${end.hash}, found one after ${row.previous}`);
      [end.sequence, end.hash] = [row.sequence, row.hash];
    }
  }
  judgeEnds(ends, { pack, faults });
  return count;
}

/** Each journal has exactly the lines that the pack says it has. */
function judgeEnds(ends: Map<string, End>, { pack, faults }: Pick<Following, 'pack' | 'faults'>): void {
  for (const { gateway, journal, from, through } of pack.copied) {
    const key = `${gateway} ${journal}`;
    const end = ends.get(key);
    ends.delete(key);
    if (end?.from !== from || end.sequence !== through)
      faults.add(
        `${gateway}, journal ${journal}: expected lines ${from} to ${through}, found ${end?.from ?? 'none'} to ${end?.sequence ?? 'none'}`,
      );
  }
  for (const [key, { from, sequence }] of ends)
    faults.add(`${key.replace(/ (\d+)$/, ', journal $1')}: expected none of its lines, found ${from} to ${sequence}`);
}

interface StoredLine {
  readonly gateway: string;
  readonly chain: number;
  readonly hash: string;
  readonly sequence: number;
  readonly previous: string;
  readonly text: string;
}

/** The text of the journal in a line that `journalLine` wrote of this org. */
function storedLine(org: OrgSlug, raw: string): StoredLine | undefined {
  const { gateway, chain, hash } = parsed(raw);
  if (typeof gateway !== 'string' || typeof chain !== 'number' || typeof hash !== 'string') return undefined;
  const around = journalLine(org, { gateway, chain, hash, text: '' }, true);
  const text = raw.slice(around.length - 1, -1);
  const link = linkOf(text);
  if (link === undefined || !raw.startsWith(around.slice(0, -1))) return undefined;
  return { gateway, chain, hash, sequence: link.sequence, previous: link.previous, text };
}

/** Follows every entry of the history; how many there are, and how many of them without their words. */
export async function followHistory(
  folder: ReadFolder,
  { org, hash, pack, faults }: Following,
): Promise<{ readonly entries: number; readonly withheld: number }> {
  let before: { readonly sequence: Json; readonly hash: Json } | undefined;
  let [count, withheld] = [0, 0];
  for await (const raw of folder.lines(PACK_FILES.history, LINE_BYTES)) {
    count += 1;
    const { hash: stated = null, ...link } = parsed(raw ?? '');
    const isWithheld = link['withheld'] === 'detail';
    if (isWithheld) withheld += 1;
    const { sequence = null, previous = null } = link as JsonObject;
    const follows = before === undefined || (sequence === Number(before.sequence) + 1 && previous === before.hash);
    if (link['org'] !== org || (!isWithheld && hash.sha256(canonicalText(link)) !== stated) || !follows)
      faults.add(`${PACK_FILES.history} line ${count}: expected the entry that follows the one before, with its hash`);
    before = { sequence, hash: stated };
  }
  if (count !== pack.entries) faults.add(`${PACK_FILES.history}: expected ${pack.entries} entries, found ${count}`);
  // Whoever takes the words of one away would else be believed that they name somebody else.
  if (withheld !== pack.withheld)
    faults.add(`${PACK_FILES.history}: expected ${pack.withheld} entries without their words, found ${withheld}`);
  return { entries: count, withheld };
}
