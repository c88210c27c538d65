import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeHash } from '../../src/host/index.ts';
import { type BundleFetcher, knownFiles, packParcel, type Verifier } from '../../src/trust/index.ts';
import { GATEWAY, HOUR_MS, ORG, open, Publishing, pull, scratch } from '../../src/trust/trust.testkit.ts';
import { createDownload } from './download.ts';
import { DEFAULT_PACE } from './pace.ts';
import { createParcelFetcher } from './parcel.ts';

// The real verifier over HTTP, against a server that has parcels or not.

let server: Server;
let agent: Agent;
let publishing: Publishing;
/** Paths that were asked for. */
const asked: string[] = [];
/** The parcel for who asks; null: there are none here. */
let parcel: (() => Uint8Array | undefined) | null;
let status = 404;

const everything = (): Map<string, Uint8Array> =>
  new Map([...publishing.files.files].map(([path, bytes]) => [path.slice(ORG.length + 1), bytes]));
const without = (part: string): Uint8Array | undefined =>
  packParcel(new Map([...everything()].filter(([path]) => !path.includes(part))));

beforeEach(async () => {
  publishing = new Publishing();
  await publishing.publish({ [GATEWAY]: 'one' });
  asked.length = 0;
  parcel = () => packParcel(everything());
  status = 404;
  server = createServer((request, response) => {
    const path = (request.url ?? '').slice('/org/'.length);
    asked.push(path);
    const isParcel = path.startsWith('publication?');
    const bytes = isParcel ? parcel?.() : everything().get(path);
    const stamp = `"${nodeHash.sha256(bytes ?? '')}"`;
    if (bytes === undefined) response.writeHead(isParcel ? status : 404).end();
    else if (request.headers['if-none-match'] === stamp) response.writeHead(304).end();
    else response.writeHead(200, { etag: stamp }).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  agent = new Agent({ connections: 1 });
});
afterEach(async () => {
  await agent.destroy();
  server.closeAllConnections();
  server.close();
});

const verifierIn = (dir: string): Promise<Verifier> => open(publishing, dir, { fetcher: fetcherNow() });

const fetcherNow = (): BundleFetcher => {
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const download = createDownload({
    agent,
    origin,
    folder: '/org',
    signedHeaders: () => ({}),
    pace: DEFAULT_PACE,
  });
  return createParcelFetcher(download, () => publishing.nowMs);
};
const askedNow = (): readonly string[] => asked.splice(0);

describe('a source with parcels', () => {
  it('is asked once for an activation, once for a change, and tells what the gateway has', () =>
    scratch(async (dir) => {
      const verifier = await verifierIn(dir);
      expect(await pull(verifier)).toBe('one');
      expect(askedNow()).toEqual(['publication?root=1']);
      expect(await pull(verifier)).toBe('one');
      const [unchanged = ''] = askedNow();
      const bundle = [...everything().keys()].find((path) => path.endsWith('.bundle.tar'))?.slice(-75, -11);
      expect(knownFiles(new URL(unchanged, 'http://a').searchParams)).toEqual({ root: 1, snapshot: 1, bundle });
      await publishing.publish({ [GATEWAY]: 'two' });
      expect(await pull(verifier)).toBe('two');
      expect(askedNow()).toHaveLength(1);
    }));

  it('asks alone for what a parcel lacks, and takes a root that is not in it for none', () =>
    scratch(async (dir) => {
      parcel = () => without('bundle.tar');
      expect(await pull(await verifierIn(dir))).toBe('one');
      expect(askedNow()).toEqual(['publication?root=1', expect.stringContaining('.bundle.tar')]);
    }));

  it('is asked for the timestamp alone by who does not say what it has', async () => {
    expect(await fetcherNow().get('timestamp.json', { limitBytes: 10_000 })).toMatchObject({ status: 200 });
    expect(askedNow()).toEqual(['timestamp.json']);
  });

  it('gives no file beyond the limit it is asked for', async () => {
    const fetcher = fetcherNow();
    const known = { root: 1, snapshot: null, bundle: null };
    await fetcher.get('timestamp.json', { limitBytes: 10_000, known });
    await expect(fetcher.get('1.snapshot.json', { limitBytes: 10 })).rejects.toMatchObject({ code: 'TRUST_LENGTH' });
    expect(askedNow()).toEqual(['publication?root=1']);
  });

  it('is refused as a whole where it cannot be opened, has no timestamp, or a file over its limit', () =>
    scratch(async (dir) => {
      const verifier = await verifierIn(dir);
      parcel = () => new TextEncoder().encode('something else');
      expect(await pull(verifier)).toBe('TRUST_ARCHIVE');
      parcel = () => without('timestamp');
      expect(await pull(verifier)).toBe('TRUST_ARCHIVE');
      parcel = () => packParcel(new Map([['timestamp.json', new Uint8Array(20_000)]]));
      expect(await pull(verifier)).toBe('TRUST_LENGTH');
      parcel = () => new Uint8Array(9 * 1024 * 1024);
      expect(await pull(verifier)).toBe('TRUST_LENGTH');
      parcel = () => packParcel(everything());
      expect(await pull(verifier)).toBe('one');
    }));

  it('gives nothing with another meaning, whatever byte of a parcel is changed', () =>
    scratch(async (dir) => {
      const genuine = packParcel(everything()) ?? new Uint8Array(0);
      await publishing.publish({ [GATEWAY]: 'two' });
      const changed = packParcel(everything()) ?? new Uint8Array(0);
      for (let at = 0; at < changed.length; at += 211) {
        const verifier = await verifierIn(`${dir}/${at}`);
        parcel = () => genuine;
        expect(await pull(verifier)).toBe('one');
        parcel = () => changed.map((byte, index) => (index === at ? byte ^ 0x21 : byte));
        expect(await pull(verifier)).toMatch(/^(two|TRUST_[A-Z_]+)$/);
        expect(verifier.lastKnownGood()?.content.policyText).toMatch(/^(one|two)$/);
      }
    }));
});

describe('a source without parcels', () => {
  it('that fails gives every file alone this time only', () =>
    scratch(async (dir) => {
      [parcel, status] = [null, 503];
      const verifier = await verifierIn(dir);
      expect(await pull(verifier)).toBe('one');
      await publishing.publish({ [GATEWAY]: 'two' });
      askedNow();
      expect(await pull(verifier)).toBe('two');
      expect(askedNow()[0]).toContain('publication?');
    }));

  it.each([404, 403])(
    'that answers %i gives every file alone, and is not asked for parcels again for an hour',
    (code) =>
      scratch(async (dir) => {
        [parcel, status] = [null, code];
        const verifier = await verifierIn(dir);
        expect(await pull(verifier)).toBe('one');
        expect(askedNow().slice(0, 3)).toEqual(['publication?root=1', 'timestamp.json', '2.root.json']);
        await publishing.publish({ [GATEWAY]: 'two' });
        expect(await pull(verifier)).toBe('two');
        expect(askedNow()[0]).toBe('timestamp.json');
        publishing.nowMs += HOUR_MS;
        await publishing.publish({ [GATEWAY]: 'three' });
        expect(await pull(verifier)).toBe('three');
        expect(askedNow()[0]).toContain('publication?');
      }),
  );
});
