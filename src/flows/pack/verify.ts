import { type Hash, type OrgSlug, type OrgUid, orgUid } from '../../core/model/index.ts';
import { PACK_FILES, packRoot } from '../../core/report/index.ts';
import type { ReadFolder } from '../../ports/index.ts';
import { type EvidenceSigner, evidenceSigner, TrustError } from '../../trust/index.ts';
import type { Outcome } from '../tokens.ts';
import { followHistory, followLines, openFaults } from './follow.ts';
import { packIn } from './pack-facts.ts';

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
    const [, sum = '', name = ''] = SUM_LINE.exec(line) ?? [];
    if (name === '' || files.has(name)) return undefined;
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
