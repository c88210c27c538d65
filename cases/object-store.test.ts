import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OrgUid } from '../src/core/model/index.ts';
import { drift } from '../src/flows/index.ts';
import { nodeHash } from '../src/host/index.ts';
import { KEYS, S3Server } from '../src/io/publisher/s3/server.testkit.ts';
import type { Publisher, WriteTree } from '../src/ports/index.ts';
import { wireState } from '../src/wire.ts';
import { ALDER, createFleet, type OpenFleet, START_MS, type TestFleet } from './fleet.testkit.ts';
import { verifiedFrom } from './published.testkit.ts';

// The whole way from a commit to a verified bundle with an object store in the middle, wired as fleet.yaml says it.

let server: S3Server;
let fleet: TestFleet;
let open: OpenFleet;
let publisher: Publisher;
let scratch: string;

beforeEach(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'object-store-'));
  server = new S3Server();
  const endpoint = await server.listen();
  vi.stubEnv('AWS_ACCESS_KEY_ID', KEYS.id);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', KEYS.secret);
  const state = await wireState(
    scratch,
    {
      store: { driver: 'sqlite', path: 'store.db' },
      publisher: { driver: 's3', endpoint, region: KEYS.region, bucket: 'bucket', prefix: 'fleet' },
    },
    nodeHash,
  );
  publisher = state.publisher;
  state.close();
  fleet = await createFleet();
  open = await fleet.open({ nowMs: () => START_MS });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  open.close();
  fleet.destroy();
  await server.close();
  await rm(scratch, { recursive: true });
});

const verified = (uid: OrgUid, gateway: string): Promise<unknown> =>
  verifiedFrom({ publisher, scratch, nowMs: () => START_MS }, { uid, gateway });

describe('a fleet that publishes to an object store', () => {
  it('publishes what a gateway verifies, and nothing of what did not change', async () => {
    expect(await open.apply({ parts: { publisher } })).toMatchObject({ ok: true });
    const { uid, generation } = await open.headOf(ALDER);
    expect(await verified(uid, 'desk-production')).toMatchObject({ org: uid, gateway: 'desk-production', generation });
    const before = new Set(server.objects.keys());
    fleet.edit(`orgs/${ALDER}/org.yaml`, "team: desk, limit: '100.00'", "team: desk, limit: '110.00'");
    await fleet.save('more for the desk');
    server.mishaps.push(503, 'done-then-cut', 500);
    expect(await open.apply({ parts: { publisher } })).toMatchObject({ ok: true });
    const added = [...server.objects.keys()].filter((key) => !before.has(key));
    expect(added.every((key) => key.startsWith(`/bucket/fleet/${uid}/`))).toBe(true);
    expect(await verified(uid, 'desk-production')).toMatchObject({ generation: generation + 1 });
  });

  it('publishes in the place of a timestamp that is too long to be read, and past versions that are', async () => {
    expect(await open.apply({ parts: { publisher } })).toMatchObject({ ok: true });
    const { uid, generation } = await open.headOf(ALDER);
    const long = new Uint8Array(8 * 1024 * 1024 + 1);
    for (const path of ['timestamp.json', '2.targets.json', '2.snapshot.json'])
      server.objects.set(`/bucket/fleet/${uid}/${path}`, long);
    fleet.edit(`orgs/${ALDER}/org.yaml`, "team: desk, limit: '100.00'", "team: desk, limit: '110.00'");
    await fleet.save('more for the desk');
    expect(await open.apply({ parts: { publisher } })).toMatchObject({ ok: true });
    expect(await verified(uid, 'desk-production')).toMatchObject({ generation: generation + 1 });
    // Where nothing else is due, drift finds it and puts it again.
    server.objects.set(`/bucket/fleet/${uid}/timestamp.json`, long);
    const look = async (heal: WriteTree | null) =>
      (await drift({ ...(await open.parts()), publisher }, { orgs: [ALDER], heal })).drifts;
    expect(await look(null)).toMatchObject([{ where: 'published', words: expect.stringContaining('timestamp.json') }]);
    await look({ write: async () => undefined });
    expect(await look(null)).toEqual([]);
    expect(await verified(uid, 'desk-production')).toMatchObject({ generation: generation + 1 });
  });

  it('holds the org whose files stand there with other bytes, and changes nothing that readers see', async () => {
    expect(await open.apply({ parts: { publisher } })).toMatchObject({ ok: true });
    const { uid } = await open.headOf(ALDER);
    const seen = await publisher.get(uid, 'timestamp.json');
    const key = `/bucket/fleet/${uid}/timestamp.json`;
    fleet.edit(`orgs/${ALDER}/org.yaml`, "team: desk, limit: '100.00'", "team: desk, limit: '110.00'");
    await fleet.save('more for the desk');
    // Another publisher replaces the timestamp between this one's reading and its writing.
    const raced: Publisher = {
      ...publisher,
      async putMutable(org, path, bytes, over) {
        if (org === uid) server.objects.set(key, new TextEncoder().encode('{}'));
        await publisher.putMutable(org, path, bytes, over);
      },
    };
    const report = await open.apply({ parts: { publisher: raced } });
    expect(report).toMatchObject({ ok: false, published: [{ org: ALDER, findings: [{ code: 'PUBLISH_CONFLICT' }] }] });
    expect(server.objects.get(key)).toEqual(new TextEncoder().encode('{}'));
    expect(seen).toBeDefined();
    expect(await open.apply({ parts: { publisher } })).toMatchObject({ ok: true });
    expect(await verified(uid, 'desk-production')).toMatchObject({ org: uid });
  });
});
