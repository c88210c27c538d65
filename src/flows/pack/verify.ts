import {
  canonicalText,
  type Decoder,
  fitted,
  flag,
  integer,
  list,
  nullable,
  record,
  text as textOf,
} from '../../core/bundle/index.ts';
import {
  type Hash,
  isJsonObject,
  type Json,
  type JsonObject,
  type OrgSlug,
  type OrgUid,
  orgUid,
  parseJson,
} from '../../core/model/index.ts';
import { type EvidencePack, journalLine, PACK_FILES, packRoot } from '../../core/report/index.ts';
import type { ReadFolder } from '../../ports/index.ts';
import { type EvidenceSigner, evidenceSigner, TrustError } from '../../trust/index.ts';
import { linkOf } from '../evidence/index.ts';
import type { Outcome } from '../tokens.ts';

/** Who signed a pack, and what of it does not hold. */
export interface PackVerdict {
  readonly org: OrgSlug;
  readonly orgUid: OrgUid;
  readonly from: string | null;
  readonly to: string;
  readonly signer: EvidenceSigner;
  readonly files: number;
  /** Lines of journals, and entries of the history, whose hashes and links were followed. */
  readonly lines: number;
  readonly entries: number;
  /** Entries without their words: these name another org, and what they said is believed of who signed. */
  readonly withheld: number;
  /** What does not follow, in words; the pack itself may say so, where the evidence was not whole when it was made. */
  readonly faults: readonly string[];
  /** What the pack says of the evidence that it was made from. */
  readonly isWhole: boolean;
}

const SUMS_BYTES = 1 << 20;
const ROOT_BYTES = 1 << 20;
const PACK_BYTES = 1 << 29;
const LINE_BYTES = 1 << 25;
const MOST_FAULTS = 20;

/**
 * Judges a folder as a pack of this org, from what is in it alone: the signature over the checksums by the roots, every file by its
 * checksum, every line of a journal and every entry of the history by its hash and link. Refuses EVIDENCE_PACK_MISSING for what is no pack
 * of this org, and EVIDENCE_PACK_CHANGED for roots, a signature or files that are not what was signed.
 */
export async function verifyPack(
  { folder, hash }: { readonly folder: ReadFolder; readonly hash: Hash },
  org: OrgSlug,
): Promise<Outcome<PackVerdict>> {
  const sums = (await folder.bytes(PACK_FILES.sums, SUMS_BYTES)) ?? new Uint8Array();
  const head = headOf(new TextDecoder().decode(sums));
  if (head?.org !== org) {
    const found = head === undefined ? 'none' : `one of ${head.org}`;
    return refused('EVIDENCE_PACK_MISSING', `expected an evidence pack of ${org}, found ${found}`);
  }
  const signer = await signerOf(folder, head.uid, sums);
  if (!signer.ok) return signer;
  const changed = await changedFile(folder, head.files);
  if (changed !== null) return refused('EVIDENCE_PACK_CHANGED', changed);
  const pack = await packIn(folder);
  const { from, to } = head;
  if (pack?.org !== org || pack.orgUid !== head.uid || pack.period.from !== from || pack.period.to !== to)
    return refused('EVIDENCE_PACK_CHANGED', `expected ${PACK_FILES.pack} of ${org} and this period, found another`);
  const faults = openFaults();
  const lines = await followLines(folder, { org, hash, pack, faults });
  const history = await followHistory(folder, { org, hash, pack, faults });
  const said = { org, orgUid: head.uid, from, to, signer: signer.value, files: head.files.size };
  return { ok: true, value: { ...said, lines, ...history, faults: faults.listed, isWhole: pack.isWhole } };
}

function refused(code: 'EVIDENCE_PACK_MISSING' | 'EVIDENCE_PACK_CHANGED', message: string) {
  return { ok: false, code, message } as const;
}

interface SumsHead {
  readonly org: string;
  readonly uid: OrgUid;
  readonly from: string | null;
  readonly to: string;
  /** Checksums by the names of files. */
  readonly files: ReadonlyMap<string, string>;
}

const FIRST_LINE =
  /^# tenantry\/evidence-pack\/v1 ([a-z0-9-]+) ([a-z0-9]+) (-|[0-9]{4}-[0-9T:-]{14}Z) ([0-9]{4}-[0-9T:-]{14}Z)$/;
const SUM_LINE = /^([0-9a-f]{64}) {2}([A-Za-z0-9][A-Za-z0-9._-]{0,63})$/;

/** undefined for what is not exactly such a list. */
function headOf(text: string): SumsHead | undefined {
  const [first = '', ...rest] = text.split('\n');
  const [, org = '', id = '', from = '', to = ''] = FIRST_LINE.exec(first) ?? [];
  const uid = orgUid(id);
  const files = new Map<string, string>();
  for (const line of rest.slice(0, -1)) {
    const [, sum, name] = SUM_LINE.exec(line) ?? [];
    if (sum === undefined || name === undefined || files.has(name)) return undefined;
    files.set(name, sum);
  }
  if (uid === undefined || rest.at(-1) !== '') return undefined;
  return { org, uid, from: from === '-' ? null : from, to, files };
}

async function signerOf(folder: ReadFolder, uid: OrgUid, sums: Uint8Array): Promise<Outcome<EvidenceSigner>> {
  const signature = (await folder.bytes(PACK_FILES.signature, SUMS_BYTES)) ?? new Uint8Array();
  try {
    return { ok: true, value: await evidenceSigner(uid, rootsIn(folder), { sums, signature }) };
  } catch (cause) {
    // What its own code advises is for whoever publishes: of a folder nothing can be put right.
    if (cause instanceof TrustError) return refused('EVIDENCE_PACK_CHANGED', cause.message);
    throw cause;
  }
}

async function* rootsIn(folder: ReadFolder): AsyncGenerator<Uint8Array, void, undefined> {
  for (let version = 1; ; version += 1) {
    const root = await folder.bytes(packRoot(version), ROOT_BYTES);
    if (root === undefined) return;
    yield root;
  }
}

/** The first file that is not what was signed; one that was not signed at all is none of the pack. */
async function changedFile(folder: ReadFolder, files: ReadonlyMap<string, string>): Promise<string | null> {
  for (const name of await folder.names())
    if (!files.has(name) && name !== PACK_FILES.sums && name !== PACK_FILES.signature)
      return `expected only the files that ${PACK_FILES.sums} lists, found ${JSON.stringify(name)}`;
  for (const [name, expected] of files) {
    const found = await folder.facts(name);
    if (found?.sha256 === expected) continue;
    return `expected ${name} with SHA-256 ${expected}, found ${found === undefined ? 'no such file' : found.sha256}`;
  }
  return null;
}

/** What of a pack is compared with the other files. */
interface PackFacts extends Pick<EvidencePack, 'org' | 'orgUid' | 'period'> {
  readonly isWhole: boolean;
  /** How many entries the history has. */
  readonly entries: number;
  readonly copied: readonly CopiedLines[];
}

type CopiedLines = EvidencePack['integrity']['copied'][number];

const ANY_TEXT = textOf<never>(/^/, 'a text');
const COUNT = integer(0, Number.MAX_SAFE_INTEGER);

const PACK_FACTS: Decoder<PackFacts> = record<PackFacts>({
  ...{ org: ANY_TEXT, orgUid: ANY_TEXT, isWhole: flag, entries: COUNT },
  period: record<PackFacts['period']>({ from: nullable(ANY_TEXT), to: ANY_TEXT }),
  copied: list(record<CopiedLines>({ gateway: ANY_TEXT, journal: COUNT, from: COUNT, through: COUNT }), 1_000_000),
});

/** Undefined where pack.json is none: whoever has a key of the org signs what he likes. */
async function packIn(folder: ReadFolder): Promise<PackFacts | undefined> {
  const pack = parsed((await folder.bytes(PACK_FILES.pack, PACK_BYTES)) ?? new Uint8Array()) ?? {};
  if (pack['schema'] !== 'tenantry/evidence-pack/v1') return undefined;
  const { org = null, orgUid: uid = null, period = null } = pack;
  const { ok = null, history, copied = null } = mapOf(pack['integrity']);
  const { entries = null } = mapOf(history);
  const facts = fitted(PACK_FACTS, { org, orgUid: uid, period, isWhole: ok, entries, copied });
  return facts.ok ? facts.value : undefined;
}

function mapOf(value: Json | undefined): { readonly [field: string]: Json | undefined } {
  return isJsonObject(value) ? value : {};
}

function parsed(text: Uint8Array | string | undefined): JsonObject | undefined {
  try {
    const value: Json = parseJson(typeof text === 'string' ? text : new TextDecoder().decode(text));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

interface Faults {
  readonly listed: string[];
  add(fault: string): void;
}

function openFaults(): Faults {
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

async function followLines(folder: ReadFolder, { org, hash, pack, faults }: Following): Promise<number> {
  const ends = new Map<string, End>();
  let count = 0;
  for await (const raw of folder.lines(PACK_FILES.events, LINE_BYTES)) {
    count += 1;
    const row = storedLine(org, raw);
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
function storedLine(org: OrgSlug, raw: string | undefined): StoredLine | undefined {
  const { gateway, chain, hash } = parsed(raw) ?? {};
  if (raw === undefined || typeof gateway !== 'string' || typeof chain !== 'number' || typeof hash !== 'string')
    return undefined;
  const around = journalLine(org, { gateway, chain, hash, text: '' }, true);
  const text = raw.slice(around.length - 1, -1);
  const link = linkOf(text);
  if (link === undefined || !raw.startsWith(around.slice(0, -1))) return undefined;
  return { gateway, chain, hash, sequence: link.sequence, previous: link.previous, text };
}

async function followHistory(
  folder: ReadFolder,
  { org, hash, pack, faults }: Following,
): Promise<Pick<PackVerdict, 'entries' | 'withheld'>> {
  let before: { readonly sequence: Json; readonly hash: Json } | undefined;
  let [count, withheld] = [0, 0];
  for await (const raw of folder.lines(PACK_FILES.history, LINE_BYTES)) {
    count += 1;
    const { hash: stated = null, ...link } = parsed(raw) ?? {};
    const isWithheld = link['withheld'] === 'detail';
    if (isWithheld) withheld += 1;
    const { sequence = null, previous = null } = link as JsonObject;
    const follows = before === undefined || (sequence === Number(before.sequence) + 1 && previous === before.hash);
    if (link['org'] !== org || (!isWithheld && hash.sha256(canonicalText(link)) !== stated) || !follows)
      faults.add(`${PACK_FILES.history} line ${count}: expected the entry that follows the one before, with its hash`);
    before = { sequence, hash: stated };
  }
  if (count !== pack.entries) faults.add(`${PACK_FILES.history}: expected ${pack.entries} entries, found ${count}`);
  return { entries: count, withheld };
}
