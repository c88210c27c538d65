import { type FindingCode, instantText, type OrgUid } from '../../core/model/index.ts';
import { type EvidencePack, evidencePage, PACK_FILES, packRoot } from '../../core/report/index.ts';
import type { NewFolder } from '../../ports/index.ts';
import { evidenceKey, evidenceRoots, signEvidence } from '../../trust/index.ts';
import type { Outcome } from '../tokens.ts';
import { writeCopies } from './copies.ts';
import { integrityOf } from './integrity.ts';
import { openOthers } from './others.ts';
import type { PackAsk, PackParts } from './parts.ts';
import { sectionsOf } from './sections.ts';
import { appliedNow, type StandingOrg, standingOf } from './standing.ts';
import { type ListedFile, openSums, type Sums } from './sums.ts';

/** What was written. */
export interface MadePack {
  readonly pack: EvidencePack;
  /** Those that the list of checksums names. */
  readonly files: readonly ListedFile[];
}

/**
 * Writes the evidence of an org over a span into a new folder and signs it. Refuses ORG_UNKNOWN for an org that is not applied, and
 * EVIDENCE_PACK_UNPUBLISHED for one that has no keys yet. Evidence that is not whole is packed as it is: `integrity` says so.
 */
export async function makePack(parts: PackParts, ask: PackAsk, folder: NewFolder): Promise<Outcome<MadePack>> {
  const { store } = parts;
  const { org } = ask;
  const { head, objects } = await appliedNow(store, org);
  const publication = await store.publication(org);
  const standing = head === undefined ? undefined : await standingOf(parts, head, objects);
  if (head === undefined || standing === undefined)
    return refused('ORG_UNKNOWN', `expected an applied org, found ${org}; see \`tenantry status\``);
  if (publication === undefined)
    return refused('EVIDENCE_PACK_UNPUBLISHED', `expected ${org} to be published, found no keys of it that could sign`);
  const trust = { ...parts, org: head.uid, nowMs: parts.clock.nowMs() };
  const roots = await evidenceRoots(trust, publication);
  const newest = roots.at(-1);
  if (newest === undefined) throw new RangeError(`expected a published root of ${org}`);
  const { keyId, pem } = await evidenceKey(trust, publication, newest);
  const sums = openSums(folder);
  for (const { version, bytes } of roots) await sums.put(packRoot(version), bytes);
  await sums.put(PACK_FILES.key, pem);
  const signedBy = { keyId, rootVersion: newest.version };
  const pack = await writePack(parts, ask, { uid: head.uid, standing, sums, signedBy });
  const text = sums.text(`tenantry/evidence-pack/v1 ${org} ${head.uid} ${pack.period.from ?? '-'} ${pack.period.to}`);
  const signature = await signEvidence(trust, publication, text);
  const files = sums.files();
  await sums.put(PACK_FILES.sums, text);
  await sums.put(PACK_FILES.signature, signature);
  return { ok: true, value: { pack, files } };
}

function refused(code: FindingCode, message: string): Outcome<MadePack> {
  return { ok: false, code, message };
}

interface Writing {
  readonly uid: OrgUid;
  readonly standing: StandingOrg;
  readonly sums: Sums;
  readonly signedBy: EvidencePack['integrity']['signedBy'];
}

/** Everything but the signature and what is needed to judge it. */
async function writePack(parts: PackParts, ask: PackAsk, writing: Writing): Promise<EvidencePack> {
  const { uid, standing, sums, signedBy } = writing;
  const { org, fromMs, toMs } = ask;
  const namesOther = await openOthers(parts.store, org);
  parts.log.info(`reading the lines of ${org}`);
  const copied = await writeCopies({ ...parts, namesOther }, ask, sums);
  parts.log.info(`checking the fleet at ${standing.head.commit.slice(0, 12)}`);
  const sections = await sectionsOf(parts, ask, { standing, copied, namesOther });
  parts.log.info(`proving the journals and the ledger of ${org}`);
  const integrity = await integrityOf(parts, ask, copied);
  const pack: EvidencePack = {
    schema: 'tenantry/evidence-pack/v1',
    ...{ fleet: parts.fleet, org, orgUid: uid },
    period: { from: fromMs === 0 ? null : instantText(fromMs), to: instantText(toMs) },
    made: { at: instantText(parts.clock.nowMs()), by: parts.program },
    ...sections,
    integrity: { ...integrity, signedBy },
  };
  await sums.put(PACK_FILES.pack, `${JSON.stringify(pack, null, 2)}\n`);
  await sums.put(PACK_FILES.page, evidencePage(pack));
  return pack;
}
