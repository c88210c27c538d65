import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OrgUid } from '../src/core/model/index.ts';
import { type ApplyParts, pruneAll, publishDue, refreshAll, rotateKeys, timestampFile } from '../src/flows/index.ts';
import { nodeHash } from '../src/host/index.ts';
import { ociPublisher, registryCredentialsFrom } from '../src/io/publisher/index.ts';
import { LOGIN, OciServer } from '../src/io/publisher/oci/server.testkit.ts';
import type { Fence, Publisher } from '../src/ports/index.ts';
import { wireState } from '../src/wire.ts';
import { ALDER, createFleet, HOUR_MS, type OpenFleet, START_MS, type TestFleet } from './fleet.testkit.ts';
import { verifiedFrom } from './published.testkit.ts';
import { planeOf } from './rollout.testkit.ts';

// The whole way from a commit to a verified bundle with an OCI registry in the middle, wired as fleet.yaml says it.

const LEASE = 'controller';
const TTL_MS = 30_000;

let server: OciServer;
let fleet: TestFleet;
let open: OpenFleet;
let publisher: Publisher;
let fence: Fence;
let scratch: string;
let nowMs = START_MS;

beforeEach(async () => {
  nowMs = START_MS;
  scratch = mkdtempSync(join(tmpdir(), 'oci-registry-'));
  server = new OciServer();
  server.auth = 'bearer';
  const endpoint = await server.listen();
  vi.stubEnv('TENANTRY_REGISTRY_HOST', new URL(endpoint).host);
  vi.stubEnv('TENANTRY_REGISTRY_USERNAME', LOGIN.username);
  vi.stubEnv('TENANTRY_REGISTRY_PASSWORD', LOGIN.password);
  const state = await wireState(
    scratch,
    { store: { driver: 'sqlite', path: 'store.db' }, publisher: { driver: 'oci', endpoint, prefix: 'fleet' } },
    nodeHash,
  );
  publisher = state.publisher;
  state.close();
  fleet = await createFleet();
  open = await fleet.open({ nowMs: () => nowMs });
  fence = await leaseOf('first');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  open.close();
  fleet.destroy();
  await server.close();
  await rm(scratch, { recursive: true });
});

async function leaseOf(holder: string): Promise<Fence> {
  const grant = await open.state.store.acquireLease(LEASE, holder, nowMs, TTL_MS);
  if (!grant.granted) throw new Error(`expected the lease, found it with ${grant.holder}`);
  return { name: LEASE, fence: grant.fence };
}

const publishing = (more: Partial<ApplyParts> = {}) => ({ parts: { publisher, fence, ...more } });

async function change(limit: number): Promise<void> {
  fleet.edit(`orgs/${ALDER}/org.yaml`, `team: desk, limit: '${limit - 1}.00'`, `team: desk, limit: '${limit}.00'`);
  await fleet.save(`limit ${limit}`);
  nowMs += 60_000;
}

const verified = (uid: OrgUid, gateway: string): Promise<unknown> =>
  verifiedFrom({ publisher, scratch, nowMs: () => nowMs }, { uid, gateway });

describe('a fleet that publishes to an OCI registry', () => {
  it('publishes what a gateway verifies, to the repository of the org that changed alone', async () => {
    expect(await open.apply(publishing())).toMatchObject({ ok: true });
    const { uid, generation } = await open.headOf(ALDER);
    expect(await verified(uid, 'desk-production')).toMatchObject({ org: uid, gateway: 'desk-production', generation });
    const before = new Map([...server.repositories.keys()].map((name) => [name, server.tags(name)]));
    expect([...before.keys()].sort()).toEqual(
      (await open.state.store.heads())
        .filter((head) => head.org !== '_fleet')
        .map((head) => `fleet/${head.uid}`)
        .sort(),
    );
    await change(101);
    server.mishaps.push(503, 'done-then-cut', 500);
    expect(await open.apply(publishing())).toMatchObject({ ok: true });
    const changed = [...before].filter(([name, tags]) => server.tags(name).length > tags.length);
    expect(changed.map(([name]) => name)).toEqual([`fleet/${uid}`]);
    expect(await verified(uid, 'desk-production')).toMatchObject({ generation: generation + 1 });
  });

  it('refreshes, prunes and rotates keys there, and what is left is verified', async () => {
    expect(await open.apply(publishing())).toMatchObject({ ok: true });
    const { uid } = await open.headOf(ALDER);
    server.tagsPerPage = 1000;
    for (const limit of [101, 102, 103]) {
      await change(limit);
      expect(await open.apply(publishing())).toMatchObject({ ok: true });
    }
    const parts = await open.parts(publishing().parts);
    nowMs += 2 * HOUR_MS;
    expect(await refreshAll(parts)).toMatchObject({ orgs: 3, findings: [] });
    const before = server.tags(`fleet/${uid}`);
    const pruned = await pruneAll(parts, { versions: 1 });
    expect(pruned).toMatchObject({ orgs: 1, findings: [] });
    expect(server.tags(`fleet/${uid}`)).toHaveLength(before.length - pruned.files);
    expect(pruned.bytes).toBeGreaterThan(0);
    const { custody, roots } = open.state;
    const rotation = { holder: 'online', orgs: [ALDER], withNewSeed: false } as const;
    expect(await rotateKeys({ ...parts, custody, roots, actor: 'ann' }, rotation)).toMatchObject({
      ok: true,
      value: { orgs: [{ outcome: 'rotated' }] },
    });
    expect(server.tags(`fleet/${uid}`)).toContain('2.root.json');
    expect(await verified(uid, 'desk-production')).toMatchObject({ org: uid });
    server.deletes = false;
    await change(104);
    expect(await open.apply(publishing())).toMatchObject({ ok: true });
    const refused = await pruneAll(await open.parts(publishing().parts), { versions: 1 });
    expect(refused).toMatchObject({ files: 0, findings: [{ code: 'PUBLISH_UNDELETABLE', org: ALDER }] });
  });

  it('shows what was published before or after, wherever a publisher dies, and the next one goes on', async () => {
    const client = (how: { readonly holdMs?: number } = {}): Publisher =>
      ociPublisher({
        place: { endpoint: server.origin, prefix: 'fleet' },
        credentials: registryCredentialsFrom(process.env),
        ...{ pauseMs: 1, ...how },
      });
    publisher = client();
    expect(await open.apply(publishing())).toMatchObject({ ok: true });
    const { uid } = await open.headOf(ALDER);
    server.tagsPerPage = 1000;
    let [limit, requests] = [100, 0];
    for (let dieAfter = 3; ; dieAfter += 11) {
      limit += 1;
      await change(limit);
      const before = server.log.length;
      server.dieAfter = dieAfter;
      const report = await open.apply(publishing({ publisher: client() }));
      server.dieAfter = Number.POSITIVE_INFINITY;
      requests = server.log.length - before;
      const { generation } = await open.headOf(ALDER);
      const seen = await verified(uid, 'desk-production');
      if (report.ok) {
        expect(seen).toMatchObject({ generation });
        break;
      }
      expect([generation, generation - 1]).toContain((seen as { readonly generation: number }).generation);
      // The next one waits until the claim of the dead one stood still long enough; what a busy machine makes too slow for so
      // short a hold, the run after goes on with.
      const parts = await open.parts(publishing({ publisher: client({ holdMs: 500 }) }).parts);
      for (let run = 0; run < 20 && (await publishDue(parts)).some(({ findings }) => findings.length > 0); run += 1);
      expect(await verified(uid, 'desk-production')).toMatchObject({ generation });
    }
    expect(requests).toBeGreaterThan(30);
  }, 60_000);

  it('writes nothing without the lease of the store, and nothing once another process has it', async () => {
    const without = await open.apply(publishing({ fence: undefined }));
    expect(without.ok).toBe(false);
    expect(without.published.flatMap(({ findings }) => findings.map(({ code }) => code))).toEqual(
      Array.from({ length: 3 }, () => 'PUBLISH_UNLEASED'),
    );
    const tags = () => [...server.repositories.keys()].flatMap((name) => server.tags(name));
    expect(tags()).toEqual([]);
    expect(await open.apply(publishing())).toMatchObject({ ok: true });
    const parts = await open.parts(publishing().parts);
    const { custody, roots } = open.state;
    const before = tags();
    nowMs += 2 * HOUR_MS;
    await leaseOf('second');
    const rotation = { holder: 'online', orgs: null, withNewSeed: false } as const;
    for (const work of [
      () => refreshAll(parts),
      () => pruneAll(parts, { versions: 0 }),
      () => rotateKeys({ ...parts, custody, roots, actor: 'ann' }, rotation),
    ])
      await expect(work()).rejects.toMatchObject({ code: 'STORE_FENCED' });
    expect(tags()).toEqual(before);
  });

  it('serves gateways through a control plane that lost the lease, and renews nothing there', async () => {
    expect(await open.apply(publishing())).toMatchObject({ ok: true });
    const head = await open.headOf(ALDER);
    const seen = await publisher.get(head.uid, 'timestamp.json');
    nowMs += 2 * HOUR_MS;
    const told: string[] = [];
    const log = { info: () => undefined, warn: (text: string) => told.push(text), progress: () => undefined };
    const plane = { ...planeOf(open, { nowMs: () => nowMs }), publisher, fence, log };
    const ask = {
      head,
      etag: undefined,
      waitMs: 0,
      signal: new AbortController().signal,
      away: <T>(wait: () => Promise<T>) => wait(),
    };
    const second = await leaseOf('second');
    expect(await timestampFile(plane, ask)).toMatchObject({ ok: true, body: { bytes: seen } });
    expect(told).toEqual([expect.stringContaining('STORE_FENCED')]);
    const held = { ...plane, fence: second };
    expect(await timestampFile(held, ask)).not.toMatchObject({ body: { bytes: seen } });
  });
});
