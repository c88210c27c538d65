import { type FindingCode, type Hash, instantText, type OrgSlug } from '../../core/model/index.ts';
import {
  type EvidencePack,
  evidencePage,
  journalLine,
  PACK_FILES,
  type PackIdentity,
  type PackIncident,
  type PackIntegrity,
  packRoot,
} from '../../core/report/index.ts';
import type { NewFolder, OrgHead, OrgStore, Publisher, RuntimeStore, Signer } from '../../ports/index.ts';
import { evidenceKey, evidenceRoots, signEvidence } from '../../trust/index.ts';
import type { CheckParts } from '../check.ts';
import {
  allLines,
  type EvidenceReport,
  type FocusRow,
  focusCsv,
  focusRows,
  linkOf,
  type Span,
  verifyEvidence,
} from '../evidence/index.ts';
import type { Outcome } from '../tokens.ts';
import { type HistoryFacts, readHistory } from './history.ts';
import { isolationOf } from './isolation.ts';
import { type LedgerFacts, ledgerOf, openBook, toldNote } from './ledger.ts';
import { countLines, type LineFacts } from './lines.ts';
import { type NamesOther, openOthers } from './others.ts';
import { oversightOf, readSteps } from './oversight.ts';
import { policiesInForce, readVersions } from './policies.ts';
import { revocationsOf } from './revocations.ts';
import { controlsOf, limitsOf, scopeOf, tokensOf } from './scope.ts';
import { isIn, sortedBy, textAt } from './span.ts';
import { type StandingOrg, standingOf } from './standing.ts';

export interface PackParts extends CheckParts {
  readonly fleet: string;
  readonly priceBook: string | null;
  /** What makes the pack, with its version. */
  readonly program: string;
  readonly store: OrgStore;
  readonly runtime: RuntimeStore;
  readonly publisher: Publisher;
  readonly signer: Signer;
  readonly hash: Hash;
  readonly log: { info(text: string): void; warn(text: string): void };
}

export interface PackAsk extends Span {
  readonly org: OrgSlug;
}

/** What was written. */
export interface MadePack {
  readonly pack: EvidencePack;
  /** By name: its length in bytes and SHA-256. */
  readonly files: readonly { readonly name: string; readonly length: number; readonly sha256: string }[];
}

/**
 * Writes the evidence of an org over a span into a new folder and signs it. Refuses ORG_UNKNOWN for an org that is not applied, and
 * EVIDENCE_PACK_UNPUBLISHED for one that has no keys yet. Evidence that is not whole is packed as it is: `integrity` says so.
 */
export async function makePack(parts: PackParts, ask: PackAsk, folder: NewFolder): Promise<Outcome<MadePack>> {
  const { store } = parts;
  const { org } = ask;
  const head = (await store.heads()).find((item) => item.org === org);
  const [observed, publication] = [await store.observe(org), await store.publication(org)];
  const standing = head === undefined ? undefined : await standingOf(parts, head, observed?.objects ?? []);
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
  const facts = await gather(parts, ask, { standing, sums });
  const signedBy = { keyId, rootVersion: newest.version };
  const pack = packOf(parts, ask, { ...facts, head, signedBy });
  await sums.put(PACK_FILES.pack, `${JSON.stringify(pack, null, 2)}\n`);
  await sums.put(PACK_FILES.page, evidencePage(pack));
  await sums.put(PACK_FILES.key, pem);
  const text = sums.text(`tenantry/evidence-pack/v1 ${org} ${head.uid} ${pack.period.from ?? '-'} ${pack.period.to}`);
  const signature = await signEvidence(trust, publication, text);
  const listed = sums.files();
  await sums.put(PACK_FILES.sums, text);
  await sums.put(PACK_FILES.signature, signature);
  return { ok: true, value: { pack, files: listed } };
}

function refused(code: FindingCode, message: string): Outcome<MadePack> {
  return { ok: false, code, message };
}

/** Writes files one after the other, and keeps what `sha256sum -c` wants of each. */
interface Sums {
  put(name: string, data: string | Uint8Array): Promise<void>;
  stream(name: string, parts: AsyncIterable<string>): Promise<void>;
  files(): MadePack['files'];
  text(comment: string): string;
}

function openSums(folder: NewFolder): Sums {
  const done: MadePack['files'][number][] = [];
  const stream: Sums['stream'] = async (name, parts) => {
    const file = await folder.file(name);
    for await (const part of parts) await file.write(part);
    done.push({ name, ...(await file.end()) });
  };
  return {
    stream,
    put: async (name, data) => {
      const file = await folder.file(name);
      await file.write(data);
      done.push({ name, ...(await file.end()) });
    },
    files: () => sortedBy(done, ({ name }) => name),
    text: (comment) =>
      `# ${comment}\n${sortedBy(done, ({ name }) => name)
        .map(({ name, sha256 }) => `${sha256}  ${name}\n`)
        .join('')}`,
  };
}

interface Gathered {
  readonly sections: Omit<EvidencePack, 'schema' | 'fleet' | 'org' | 'orgUid' | 'period' | 'made' | 'integrity'>;
  readonly report: EvidenceReport;
  readonly history: PackIntegrity['history'];
  readonly lines: LineFacts;
}

interface Gathering {
  readonly standing: StandingOrg;
  readonly sums: Sums;
}

/** Reads everything that a pack tells, and writes the copies beside it. */
async function gather(parts: PackParts, ask: PackAsk, { standing, sums }: Gathering): Promise<Gathered> {
  const { head, objects } = standing;
  const { store, runtime, log } = parts;
  const { org } = ask;
  const end = await runtime.evidenceEnd(org);
  log.info(`reading the lines of ${org}`);
  const lines = await countLines(runtime, org, { span: ask, through: end.position });
  await sums.stream(PACK_FILES.events, copiedLines(runtime, org, { lines, through: end.position }));
  const namesOther = await openOthers(store, org);
  const history = await readHistory({ ...parts, namesOther }, org, ask);
  await sums.stream(PACK_FILES.history, ndjson(history.told));
  const steps = await readSteps(runtime, org, ask);
  await sums.stream(PACK_FILES.escalations, ndjson([...steps.values()].flat()));
  const book = openBook();
  const entries = ledgerOf(runtime, org, { span: ask, through: end.entry, namesOther });
  await sums.stream(PACK_FILES.ledger, booked(entries, book.add));
  await sums.put(PACK_FILES.charges, focusCsv(await chargesOf(parts, ask, namesOther)));
  log.info(`checking the fleet at ${head.commit.slice(0, 12)}`);
  const isolation = await isolationOf(parts, head, objects);
  log.info(`proving the journals and the ledger of ${org}`);
  const report = await verifyEvidence(parts, org);
  const ledger = book.facts();
  return {
    sections: {
      scope: { ...scopeOf(standing), used: lines.used },
      configuration: {
        changes: history.changes,
        policies: policiesInForce(history.all, await readVersions(store, org), ask),
        acknowledged: await acknowledged(runtime, org),
        inEffect: lines.inEffect,
      },
      controls: controlsOf(objects),
      enforcement: lines.enforcement,
      oversight: oversightOf(steps, lines.questions),
      spend: { limits: limitsOf(objects), ...spendOf(ledger), priceBook: parts.priceBook },
      identity: await identityOf(parts, ask, { objects, history, ledger }),
      incidents: await incidentsOf(parts, ask, { history, ledger }),
      isolation,
    },
    report,
    history: { ...withheldIn(history, log), brokenAt: await store.verifyHistory(org) },
    lines,
  };
}

function withheldIn({ told }: HistoryFacts, log: PackParts['log']): Omit<PackIntegrity['history'], 'brokenAt'> {
  const [entries, withheld] = [told.length, told.filter((entry) => 'withheld' in entry).length];
  if (withheld > 0)
    log.warn(
      `${withheld} of ${entries} entries of the history name another org: the pack has them without their words`,
    );
  return { entries, withheld };
}

async function chargesOf(parts: PackParts, ask: PackAsk, namesOther: NamesOther): Promise<readonly FocusRow[]> {
  const rows = (await focusRows({ ...parts, orgs: parts.store }, ask.org, ask)) ?? [];
  return rows.map((row) => {
    return row.x_Reason === null ? row : { ...row, x_Reason: toldNote(String(row.x_Reason), namesOther) };
  });
}

/** Lines of the journals, each as `events export` writes it: who hashes `line` as it stands has `hash`. */
async function* copiedLines(
  runtime: Pick<RuntimeStore, 'lines'>,
  org: OrgSlug,
  { lines, through }: { readonly lines: LineFacts; readonly through: number },
): AsyncGenerator<string, void, undefined> {
  const wanted = new Map(lines.journals.map((journal) => [`${journal.gateway} ${journal.chain}`, journal]));
  for await (const row of allLines(runtime, org, { through })) {
    const journal = wanted.get(`${row.gateway} ${row.chain}`);
    if (journal === undefined || row.sequence < journal.from || row.sequence > journal.through) continue;
    yield `${journalLine(org, row, linkOf(row.text) !== undefined)}\n`;
  }
}

async function* ndjson(rows: readonly object[]): AsyncGenerator<string, void, undefined> {
  for (const row of rows) yield `${JSON.stringify(row)}\n`;
}

async function* booked<Row extends object>(
  rows: AsyncIterable<Row>,
  add: (row: Row) => void,
): AsyncGenerator<string, void, undefined> {
  for await (const row of rows) {
    add(row);
    yield `${JSON.stringify(row)}\n`;
  }
}

async function acknowledged(
  runtime: Pick<RuntimeStore, 'acks'>,
  org: OrgSlug,
): Promise<EvidencePack['configuration']['acknowledged']> {
  return (await runtime.acks(org)).map(({ gateway, generation, contentDigest, state, at }) => {
    return { gateway, generation, contentDigest, state, since: instantText(at) };
  });
}

function spendOf({ accounts, adjustments }: LedgerFacts): Pick<EvidencePack['spend'], 'accounts' | 'adjustments'> {
  return { accounts, adjustments };
}

async function identityOf(
  parts: PackParts,
  ask: PackAsk,
  known: Pick<StandingOrg, 'objects'> & {
    readonly history: HistoryFacts;
    readonly ledger: LedgerFacts;
  },
): Promise<PackIdentity> {
  const { objects, history, ledger } = known;
  const revocations = await revocationsOf(parts, ask, history.entries);
  const gatewayKeys = (await parts.runtime.enrolments(ask.org))
    .filter(({ enrolledAt, revokedAt }) => enrolledAt < ask.toMs && (revokedAt === null || revokedAt >= ask.fromMs))
    .map(({ gateway, enrolment, publicKey, enrolledAt, revokedAt }) => {
      return { gateway, enrolment, publicKey, enrolledAt: instantText(enrolledAt), revokedAt: textAt(revokedAt) };
    });
  const names = [...history.entries.map(({ actor }) => actor), ...ledger.adjustments.map(({ author }) => author)];
  const actors = sortedBy(new Set(names), (actor) => actor).map((actor) => {
    return { actor, actions: names.filter((name) => name === actor).length };
  });
  return { tokens: tokensOf(objects), revocations, gatewayKeys, actors };
}

async function incidentsOf(
  { runtime }: PackParts,
  ask: PackAsk,
  { history, ledger }: { readonly history: HistoryFacts; readonly ledger: LedgerFacts },
): Promise<readonly PackIncident[]> {
  const refusals = (await runtime.refusals(ask.org))
    .filter(({ at }) => isIn(ask, at))
    .map(({ gateway, at, code, missing }): PackIncident => {
      const lost = missing === null ? 'nothing of it is missing' : `lines through ${missing.sequence} are not here`;
      const words = `${gateway}: a delivery was refused (${code}); ${lost}`;
      return { at: instantText(at), what: 'refused-delivery', actor: 'control plane', words };
    });
  return sortedBy([...history.incidents, ...ledger.incidents, ...refusals], ({ at }) => at);
}

const RETENTION =
  'Lines of journals, ledger and history are never deleted by the control plane; what people did in the review queue stays in its log.';

function packOf(
  parts: PackParts,
  ask: PackAsk,
  {
    sections,
    report,
    history,
    lines,
    head,
    signedBy,
  }: Gathered & {
    readonly head: OrgHead;
    readonly signedBy: PackIntegrity['signedBy'];
  },
): EvidencePack {
  const period = { from: ask.fromMs === 0 ? null : instantText(ask.fromMs), to: instantText(ask.toMs) };
  const faults = report.faults.length + report.moreFaults;
  return {
    schema: 'tenantry/evidence-pack/v1',
    ...{ fleet: parts.fleet, org: ask.org, orgUid: head.uid, period },
    made: { at: instantText(parts.clock.nowMs()), by: parts.program },
    ...sections,
    integrity: {
      ok: report.ok && history.brokenAt === null,
      events: {
        ...{ lines: report.lines, faults, journals: report.chains.map(journalOf) },
        listed: report.faults.slice(0, 100).map(({ code, gateway, sequence, message }) => {
          return `${code}${gateway === null ? '' : ` ${gateway} line ${sequence}`}: ${message}`;
        }),
      },
      history,
      copied: lines.journals.map(({ gateway, chain, from, through }) => ({ gateway, journal: chain, from, through })),
      signedBy,
      retention: RETENTION,
    },
  };
}

function journalOf({ gateway, chain, lines, last, open }: EvidenceReport['chains'][number]) {
  const end = { lastSequence: last.sequence, lastHash: last.hash };
  return { gateway, journal: chain, lines, ...end, open: open.length };
}
