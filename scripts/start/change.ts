import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { render } from '../../src/flows/index.ts';
import { wireHost, wireRepository } from '../../src/wire.ts';
import { commitAll } from './fleet.ts';
import { sleep } from './processes.ts';
import { ask, chat, type OnceParts } from './request.ts';
import { type Row, row } from './table.ts';
import type { DemoGateway } from './tokens.ts';

export interface OrgUnderTest {
  readonly org: string;
  readonly staffToken: string;
  readonly gateways: readonly (DemoGateway & { readonly url: string; readonly pid: number })[];
}

/** One gateway, as the control plane tells it. */
interface Status {
  readonly org: string;
  readonly gateway: string;
  readonly ring: string;
  readonly wantedGeneration: number;
  readonly published: string | null;
  readonly acknowledged: string | null;
  readonly state: string;
  readonly code: string | null;
}

const DEADLINE_MS = 60_000;

/**
 * Commits to one org's org.yaml, on their whole way. The gateways sleep (SIGSTOP) while two are applied and published: the
 * first one answers the question that waits for them, and of the second one's bundle a byte was flipped on the disk. They
 * must refuse it and go on answering with the last good one. When the byte is put back they must take the new bundle, and no
 * other org's digest may have moved.
 */
export async function mergedChange(parts: OnceParts, under: OrgUnderTest): Promise<readonly Row[]> {
  const before = await statusOf(parts, under.staffToken);
  for (const gateway of under.gateways) process.kill(gateway.pid, 'SIGSTOP');
  let damaged: readonly Damage[] = [];
  try {
    const first = await publishedChange(parts, under, before);
    damaged = own(await publishedChange(parts, under, first), under).map((item) => damage(parts, item));
  } finally {
    for (const gateway of under.gateways) process.kill(gateway.pid, 'SIGCONT');
  }
  const refused = await until(parts, under, (now) => own(now, under).every((item) => item.state === 'rejected'));
  const rows: Row[] = [];
  for (const gateway of under.gateways) rows.push(await lastGood(refused, gateway));
  for (const item of damaged) item.mend();
  const after = await until(parts, under, (now) =>
    own(now, under).every((item) => item.state === 'active' && item.acknowledged === item.published),
  );
  for (const gateway of under.gateways) rows.push(await swapped(after, gateway));
  const moved = after.filter((item) => item.org !== under.org && item.published !== find(before, item)?.published);
  rows.push(row(under.org, 'digests of other orgs that moved', '0', String(moved.length)));
  return rows;
}

/** Commits a change and waits until each gateway of the org has another bundle published than `before`. */
async function publishedChange(
  parts: OnceParts,
  under: OrgUnderTest,
  before: readonly Status[],
): Promise<readonly Status[]> {
  await commitChange(parts, under.org);
  return until(parts, under, (now) =>
    own(now, under).every((item) => item.published !== find(before, item)?.published),
  );
}

/** The last good one is what the gateway acknowledged, and never what is published now. */
async function lastGood(now: readonly Status[], gateway: DemoGateway & { readonly url: string }): Promise<Row> {
  const name = `${gateway.org}/${gateway.gateway}`;
  const answer = await ask(gateway.url, gateway.appToken, chat(gateway.model, 'Are you there?'));
  const seen = find(now, gateway);
  const good = seen?.acknowledged === seen?.published ? 'the last good one' : (seen?.acknowledged?.slice(0, 12) ?? '');
  return row(
    name,
    'tampered bundle',
    `TRUST_HASH; 200 with ${good}`,
    `${seen?.code ?? seen?.state}; ${answer.status} with ${answer.bundle}`,
  );
}

async function swapped(now: readonly Status[], gateway: DemoGateway & { readonly url: string }): Promise<Row> {
  const seen = find(now, gateway);
  const digest = seen?.published?.slice(0, 12) ?? '';
  const answer = await ask(gateway.url, gateway.appToken, chat(gateway.model, 'Are you still there?'));
  const got = `${answer.status} with ${answer.bundle}, acknowledged ${seen?.acknowledged?.slice(0, 12)}`;
  return row(
    `${gateway.org}/${gateway.gateway}`,
    'merged change swapped in',
    `200 with ${digest}, acknowledged ${digest}`,
    got,
  );
}

function find(all: readonly Status[], which: { readonly org: string; readonly gateway: string }): Status | undefined {
  return all.find((item) => item.org === which.org && item.gateway === which.gateway);
}

function own(all: readonly Status[], under: OrgUnderTest): readonly Status[] {
  return all.filter((item) => item.org === under.org);
}

/** Every gateway of the fleet, asked with a staff token. */
export async function statusOf(parts: OnceParts, staffToken: string): Promise<readonly Status[]> {
  const response = await fetch(`${parts.report.controlPlane}/api/v1/fleet/gateways`, {
    headers: { authorization: `Bearer ${staffToken}` },
  });
  return ((await response.json()) as { readonly items: readonly Status[] }).items;
}

/** Looks until it holds, or gives what was seen last: the table then says what is missing. */
async function until(
  parts: OnceParts,
  under: OrgUnderTest,
  holds: (now: readonly Status[]) => boolean,
): Promise<readonly Status[]> {
  const deadline = Date.now() + DEADLINE_MS;
  let now = await statusOf(parts, under.staffToken);
  while (!holds(now) && Date.now() < deadline) {
    await sleep(200);
    now = await statusOf(parts, under.staffToken);
  }
  return now;
}

/** Raises the org wallet's limit by one in org.yaml, renders, commits: what a merged pull request would be. */
async function commitChange(parts: OnceParts, org: string): Promise<void> {
  const file = join(parts.dir, 'orgs', org, 'org.yaml');
  const text = readFileSync(file, 'utf8');
  const changed = text.replace(
    /orgLimit: ['"]?(\d+)(\.\d+)?['"]?/,
    (_, whole: string) => `orgLimit: '${Number(whole) + 1}.00'`,
  );
  if (changed === text) throw new Error(`expected inputs.wallets.orgLimit in ${file}`);
  writeFileSync(file, changed);
  const host = await wireHost();
  const { repository, write } = await wireRepository(parts.dir);
  await render(host.hash, { tree: repository.workTree(), orgs: null, write });
  commitAll(parts.dir, `Raise the monthly limit of ${org}`);
}

interface Damage {
  mend(): void;
}

/** Flips one byte in the middle of the newest published bundle of a gateway. */
function damage(parts: OnceParts, status: Status): Damage {
  const published = join(parts.dir, '.tenantry/published');
  const folders = readdirSync(published).map((uid) => join(published, uid, 'targets', status.gateway));
  const bundles = folders.flatMap((folder) => listOf(folder)).filter((file) => file.endsWith('.bundle.tar'));
  const newest = bundles.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
  if (newest === undefined) throw new Error(`expected a published bundle of ${status.org}/${status.gateway}`);
  flip(newest);
  return { mend: () => flip(newest) };
}

function listOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function flip(file: string): void {
  const at = Math.floor(statSync(file).size / 2);
  const byte = readFileSync(file)[at] ?? 0;
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Uint8Array.of(byte ^ 1), 0, 1, at);
  fsyncSync(descriptor);
  closeSync(descriptor);
}
