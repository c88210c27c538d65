import { type FakeForge, type Pull, startFakeForge } from '../scripts/forge/index.ts';
import {
  type CommitId,
  commitId,
  type Finding,
  finding,
  type OrgSlug,
  type RepoPath,
} from '../src/core/model/index.ts';
import type { ChangeReport, CheckReport } from '../src/core/report/index.ts';
import { openGitHub } from '../src/io/forge/index.ts';
import type { Forge, Log } from '../src/ports/index.ts';

// A fake forge with one pull request, and the real client in front of it.

export const OWNER = 'northlight';
export const REPOSITORY = 'fleet';
export const BOT = 'github-actions[bot]';
export const HEAD = commitId('a'.repeat(40)) as CommitId;
const BASE = 'b'.repeat(40);
const SECOND_MS = 2;

export const silent: Log = { info: () => undefined, warn: () => undefined, progress: () => undefined };

export interface Forged {
  readonly fake: FakeForge;
  readonly pull: Pull;
  readonly forge: Forge;
  /** Another run's client, as the same bot or as somebody else. */
  client(user?: 'bot' | 'stranger'): Forge;
}

export async function startForge(): Promise<Forged> {
  const users = { 'bot-token': BOT, 'stranger-token': 'mallory' };
  const fake = await startFakeForge({ owner: OWNER, repository: REPOSITORY, users });
  const pull: Pull = {
    number: 7,
    author: 'ana',
    owner: OWNER,
    branch: 'topic',
    head: HEAD,
    base: BASE,
    title: 'a change',
    body: '',
    state: 'open',
    mergedAt: null,
    visibleFrom: 0,
    labels: [],
    reviewers: [],
    teams: [],
  };
  fake.state.pulls.push(pull);
  const client = (user: 'bot' | 'stranger' = 'bot'): Forge =>
    openGitHub({
      api: fake.url,
      owner: OWNER,
      repository: REPOSITORY,
      token: `${user}-token`,
      log: silent,
      secondMs: SECOND_MS,
    });
  return { fake, pull, forge: client(), client };
}

export function findingsOf(count: number, code: Finding['code'] = 'ISO_I02_REF_NOT_IN_ORG'): CheckReport {
  const findings = Array.from({ length: count }, (_, index) =>
    finding(code, {
      org: 'acme' as OrgSlug,
      object: 'Wallet/main',
      place: { file: 'orgs/acme/org.yaml' as RepoPath, line: index + 1, column: 1 },
      message: `finding number ${index + 1}`,
      expected: 'this',
      found: 'that',
    }),
  );
  return { findings, counters: {}, durationMs: 0 };
}

export function changesOf(orgs: readonly string[], words = 'limit 1 -> 2'): ChangeReport {
  const digest = 'c'.repeat(64) as ChangeReport['changeDigest'];
  return {
    base: BASE,
    head: HEAD,
    changeDigest: digest,
    hazards: [],
    // Each org changes another wallet, so that no two of them are one group.
    orgs: orgs.map((org, index) => ({
      org: org as OrgSlug,
      changeDigest: digest,
      hazards: [],
      changes: [
        {
          kind: 'update',
          key: `Wallet/main-${index}` as ChangeReport['orgs'][number]['changes'][number]['key'],
          fields: [{ path: '/spec/limit', words: `${words} in ${org}`, source: null }],
        },
      ],
    })),
  };
}
