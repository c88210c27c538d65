import { createHash } from 'node:crypto';
import type {
  CommitId,
  DesiredObject,
  GitId,
  Hash,
  JournalLine,
  OrgSlug,
  OrgUid,
  Publication,
  RepoPath,
  Settlement,
  Sha256Hex,
} from '../../core/model/index.ts';
import type {
  EscalationQueue,
  HistoryEntry,
  LeaseTerms,
  NewEscalation,
  OrgHead,
  OrgStore,
  PolicyVersion,
  RuntimeStore,
} from '../../ports/index.ts';
import type { StoreCounters } from './statements.ts';

const hex = (algorithm: string, data: Uint8Array | string): string => createHash(algorithm).update(data).digest('hex');

export const testHash: Hash = {
  sha256: (data) => hex('sha256', data) as Sha256Hex,
  gitBlobId: (content) => hex('sha1', content) as GitId,
};

export const digest = (of: string): Sha256Hex => testHash.sha256(of);
export const slug = (text: string): OrgSlug => text as OrgSlug;
export const uid = (text: string): OrgUid => text.padEnd(20, '0') as OrgUid;
export const commit = (of: string): CommitId => hex('sha1', of) as CommitId;

export const ACME = slug('acme');
export const ZULU = slug('zulu');
export const ZEROS = '0'.repeat(64) as Sha256Hex;

/** A store that a contract is run against. */
export interface StoreUnderTest {
  readonly orgs: OrgStore;
  readonly runtime: RuntimeStore;
  readonly counters: Readonly<StoreCounters>;
  /** Every stored row of the org as one text in a stable order, read past the ports. */
  dump(org: OrgSlug): Promise<string>;
}

/** Opens an empty store; whoever opened it closes it after the test. */
export type OpenStore = () => Promise<StoreUnderTest>;

export const headOf = (org: OrgSlug, generation: number, change: Partial<OrgHead> = {}): OrgHead => ({
  org,
  uid: uid(org),
  generation,
  contentDigest: digest(`${org} ${generation}`),
  commit: commit(`${org} ${generation}`),
  appliedAtMs: 1000 + generation,
  template: 'standard@1.0.0',
  inputDigest: digest(`input ${org} ${generation}`),
  ...change,
});

export function objectOf(kind: 'Team' | 'Wallet' | 'Policy', name: string, say: string): DesiredObject {
  const environment = kind === 'Policy' ? 'production' : null;
  const text = `spec: ${say}\n`;
  return {
    id: { kind, environment, name },
    path: `orgs/acme/${kind.toLowerCase()}s/${name}.yaml` as RepoPath,
    origin: 'generated',
    document: { kind, metadata: { name }, spec: { say } },
    text,
    digest: digest(text),
  };
}

type NewEntry = Omit<HistoryEntry, 'org' | 'sequence' | 'previous' | 'hash'>;

export const entryOf = (generation: number, change: Partial<NewEntry> = {}): NewEntry => ({
  at: 1000 + generation,
  actor: 'ana@msp.example',
  action: 'apply',
  generation,
  commit: commit(`${generation}`),
  approval: null,
  changeDigest: digest(`change ${generation}`),
  planDigest: null,
  detail: { words: [`generation ${generation}`], number: 1.5 },
  ...change,
});

export const versionOf = (name: string, content: string): Omit<PolicyVersion, 'org' | 'version'> => ({
  environment: 'production',
  name,
  generation: 1,
  commit: commit(content),
  author: 'ana@msp.example',
  changeDetail: `now ${content}`,
  digest: digest(content),
  packVersion: '1.0.0',
  at: 7,
});

export function publicationOf(version: number, change: Partial<Publication> = {}): Publication {
  const facts = { length: 10, sha256: digest(`file ${version}`), expiresAt: 1_000 + version };
  return {
    generation: version,
    epochs: { root: 1, targets: 1, snapshot: 1, timestamp: 1 },
    rootVersion: 1,
    roots: { 1: { ...facts, sha256: digest('root 1') } },
    targetsVersion: version,
    snapshotVersion: version,
    timestampVersion: version,
    signedAt: { targets: version, snapshot: version, timestamp: version },
    meta: { targets: facts, snapshot: facts },
    targets: {
      main: {
        environment: 'production',
        generation: version,
        contentDigest: digest(`content ${version}`),
        previous: null,
        bundle: facts,
        provenance: facts,
      },
    },
    ...change,
  };
}

/** Stores a code and redeems it: the gateway is enrolled under `key`. */
export async function enrol(runtime: RuntimeStore, org: OrgSlug, gateway: string, key = `key of ${gateway}`) {
  const codeHash = digest(`code ${org} ${gateway} ${key}`);
  await runtime.putEnrolmentCode(org, { gateway, codeHash, expiresAt: 1000 });
  return runtime.redeemEnrolmentCode(org, { codeHash, publicKey: key, nowMs: 10 });
}

export const termsOf = (sliceId: string, change: Partial<LeaseTerms> = {}): LeaseTerms => ({
  gateway: 'main',
  wallet: 'team',
  period: '2026-11',
  periodEnd: 5_000_000,
  currency: 'EUR',
  limitMicros: 1000,
  thresholds: [50, 100],
  needMicros: 10,
  sliceMicros: 100,
  sliceId,
  nowMs: 50,
  expiresAt: 500,
  ...change,
});

export const settlementOf = (id: string, sliceId: string, change: Partial<Settlement> = {}): Settlement => ({
  id,
  sliceId,
  requestId: `request ${id}`,
  settledMicros: 10,
  excessMicros: 0,
  model: 'small',
  inputTokens: 3,
  outputTokens: 4,
  at: 60,
  ...change,
});

/** A chained line with its hash, as a gateway's journal has it. */
export function lineOf(sequence: number, previous: Sha256Hex, say = '') {
  const id = `event ${sequence} ${say}`;
  const line: JournalLine = {
    sequence,
    previous,
    event: { type: 'intent', id, at: sequence, requestId: id, target: 'openai', wallets: [] },
  };
  const text = JSON.stringify(line);
  return { line, text, hash: digest(text) };
}

/** `count` lines, each after the one before; the first after `start`. */
export function chainOf(count: number, start: { sequence: number; hash: Sha256Hex } = { sequence: 0, hash: ZEROS }) {
  const lines: ReturnType<typeof lineOf>[] = [];
  let previous = start.hash;
  for (let index = 1; index <= count; index += 1) {
    const next = lineOf(start.sequence + index, previous);
    lines.push(next);
    previous = next.hash;
  }
  return lines;
}

export const escalationOf = (id: string, createdAt: number, change: Partial<NewEscalation> = {}): NewEscalation => ({
  id,
  gateway: 'main',
  requestId: `request ${id}`,
  phase: 'output',
  policy: 'human-oversight',
  reasonCode: 'PII',
  token: 'bot',
  team: 'support',
  model: 'small',
  createdAt,
  receivedAt: createdAt,
  review: queueOf({ dueAt: createdAt + 60 }),
  ...change,
});

export const queueOf = (change: Partial<EscalationQueue> = {}): EscalationQueue => ({
  name: 'legal',
  dueAt: 60,
  onTimeout: 'deny',
  channels: [],
  ...change,
});
