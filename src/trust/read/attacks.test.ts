import canonicalJson from '@tufjs/canonical-json';
import { beforeAll, describe, expect, it } from 'vitest';
import { packTar } from '../../core/bundle/index.ts';
import type { JsonObject, TrustRole } from '../../core/model/index.ts';
import { rotateOrg } from '../index.ts';
import { tufKey } from '../key.ts';
import { factsOf, sha256Of } from '../layout.ts';
import {
  bytesOf,
  GATEWAY,
  HOUR_MS,
  MemoryFiles,
  ORG,
  OTHER_ORG,
  open,
  Publishing,
  pull,
  Source,
  scratch,
  signerOf,
} from '../trust.testkit.ts';

type Signed = { -readonly [key in keyof JsonObject]: JsonObject[key] };
type Change = (signed: Signed) => void;

/** The files of a publication, to be changed and signed again by whoever holds a role's key. */
class Forgery {
  readonly files: MemoryFiles;
  readonly #of: Publishing;

  constructor(of: Publishing) {
    this.#of = of;
    this.files = new MemoryFiles();
    for (const [path, bytes] of of.files.files) this.files.files.set(path, bytes);
  }

  signed(path: string): Signed {
    const bytes = this.files.files.get(`${ORG}/${path}`) ?? new Uint8Array(0);
    return (JSON.parse(new TextDecoder().decode(bytes)) as { signed: Signed }).signed;
  }

  async put(path: string, role: TrustRole, signed: Signed, signer = this.#of.signer): Promise<Uint8Array> {
    const { keyID } = tufKey(await signer.publicKey(role, ORG, 1));
    const sig = Buffer.from(await signer.sign(role, ORG, 1, bytesOf(canonicalJson.canonicalize(signed)))).toString(
      'hex',
    );
    const bytes = bytesOf({ signatures: [{ keyid: keyID, sig }], signed });
    this.files.files.set(`${ORG}/${path}`, bytes);
    return bytes;
  }

  /** Changes targets, then signs snapshot and timestamp so that they fit: what both seeds together could do. */
  async targets(change: Change): Promise<void> {
    const version = this.#of.publication?.targetsVersion ?? 0;
    const targets = this.signed(`${version}.targets.json`);
    change(targets);
    const bytes = await this.put(`${version + 1}.targets.json`, 'targets', { ...targets, version: version + 1 });
    await this.snapshot((signed) => {
      signed['meta'] = { 'targets.json': named(version + 1, bytes) };
    });
  }

  async snapshot(change: Change): Promise<void> {
    const version = this.#of.publication?.snapshotVersion ?? 0;
    const snapshot = this.signed(`${version}.snapshot.json`);
    change(snapshot);
    const bytes = await this.put(`${version + 1}.snapshot.json`, 'snapshot', { ...snapshot, version: version + 1 });
    await this.timestamp((signed) => {
      signed['meta'] = { 'snapshot.json': named(version + 1, bytes) };
    });
  }

  async timestamp(change: Change, signer = this.#of.signer): Promise<void> {
    const timestamp = this.signed('timestamp.json');
    const signed: Signed = { ...timestamp, version: Number(timestamp['version']) + 1 };
    change(signed);
    await this.put('timestamp.json', 'timestamp', signed, signer);
  }

  /** Replaces the bundle, with length and hash to match. */
  bundle(bytes: Uint8Array): Promise<void> {
    const facts = factsOf(bytes);
    this.files.files.set(`${ORG}/targets/${GATEWAY}/${facts.sha256}.bundle.tar`, bytes);
    return this.targets((signed) => {
      Object.assign(entry(signed, 'bundle.tar'), { length: facts.length, hashes: { sha256: facts.sha256 } });
    });
  }

  async nextRoot(change: Change): Promise<void> {
    const root = this.signed('1.root.json');
    const signed: Signed = { ...root, version: 2 };
    change(signed);
    await this.put('2.root.json', 'root', signed);
    await this.timestamp(() => undefined);
  }
}

const named = (version: number, bytes: Uint8Array): JsonObject => {
  const { length, sha256 } = factsOf(bytes);
  return { version, length, hashes: { sha256 } };
};
const at = (value: unknown, ...steps: readonly string[]): Signed =>
  steps.reduce((inner, step) => (inner as Record<string, unknown>)[step], value) as Signed;
const entry = (signed: Signed, file: string): Signed => at(signed, 'targets', `${GATEWAY}/${file}`);

const set =
  (key: string, value: JsonObject[string]): Change =>
  (signed) => {
    signed[key] = value;
  };

/** What the gateway answers to a forged source, after it took the genuine publication; and that it went on with that. */
async function verdict(publishing: Publishing, files: MemoryFiles): Promise<string> {
  return scratch(async (dir) => {
    await pull(await open(publishing, dir, { fetcher: new Source(publishing.files) }));
    const verifier = await open(publishing, dir, { fetcher: new Source(files) });
    const code = await pull(verifier);
    expect(verifier.lastKnownGood()?.content.policyText).toBe('one');
    const restarted = await open(publishing, dir, { fetcher: new Source(publishing.files) });
    expect(await pull(restarted)).toBe('one');
    return code;
  });
}

const publishing = new Publishing();
beforeAll(async () => {
  await publishing.publish({ [GATEWAY]: 'one', other: 'other' });
});

describe('whoever holds the timestamp key', () => {
  const cases: readonly (readonly [string, string, Change])[] = [
    ['no date', 'TRUST_DATE', set('expires', '9999')],
    ['a date that never comes', 'TRUST_DATE', set('expires', 'Jan 1 2099')],
    ['a date without a zone', 'TRUST_DATE', set('expires', '2099-01-01T00:00:00')],
    [
      'a signing time after the expiry',
      'TRUST_DATE',
      (s) => Object.assign(at(s, 'x-tenantry'), { signedAt: '2098-01-01T00:00:00Z' }),
    ],
    ['no signing time', 'TRUST_DATE', (s) => Object.assign(at(s, 'x-tenantry'), { signedAt: null })],
    ['a version beyond what can be counted on', 'TRUST_VERSION', set('version', 2 ** 41)],
    ['a version too large to count', 'TRUST_VERSION', set('version', 1e21)],
    ['another org in it', 'TRUST_AUDIENCE', (s) => Object.assign(at(s, 'x-tenantry'), { org: OTHER_ORG })],
    ['no hash of the snapshot', 'TRUST_UNPINNED', (s) => Object.assign(at(s, 'meta', 'snapshot.json'), { hashes: {} })],
    ['md5 alone', 'TRUST_UNPINNED', (s) => Object.assign(at(s, 'meta', 'snapshot.json'), { hashes: { md5: 'ab' } })],
    [
      'no length of the snapshot',
      'TRUST_UNPINNED',
      (s) => Object.assign(at(s, 'meta', 'snapshot.json'), { length: null }),
    ],
    [
      'an endless snapshot',
      'TRUST_LENGTH',
      (s) => Object.assign(at(s, 'meta', 'snapshot.json'), { length: 1e9, version: 7 }),
    ],
    [
      'another snapshot under the same version',
      'TRUST_SAME_VERSION',
      (s) => Object.assign(at(s, 'meta', 'snapshot.json'), { hashes: { sha256: '0'.repeat(64) } }),
    ],
    [
      'a snapshot that is not there',
      'TRUST_MISSING',
      (s) => Object.assign(at(s, 'meta', 'snapshot.json'), { version: 9 }),
    ],
    [
      'other bytes under the same version',
      'TRUST_SAME_VERSION',
      (s) => Object.assign(s, { version: Number(s['version']) - 1, expires: '2027-01-03T00:00:00Z' }),
    ],
    ['an older version', 'TRUST_ROLLBACK', (s) => set('version', Number(s['version']) - 2)(s)],
    [
      'a time far ahead',
      'TRUST_CLOCK',
      (s) => {
        s['expires'] = '2098-01-01T00:00:00Z';
        Object.assign(at(s, 'x-tenantry'), { signedAt: '2097-01-01T00:00:00Z' });
      },
    ],
    [
      'an expiry that has passed',
      'TRUST_EXPIRED',
      (s) => {
        s['expires'] = '2027-01-01T00:00:00Z';
        Object.assign(at(s, 'x-tenantry'), { signedAt: '2026-12-31T00:00:00Z' });
      },
    ],
  ];
  it.each(cases)('%s: %s', async (_, code, change) => {
    const forgery = new Forgery(publishing);
    await forgery.timestamp(change);
    expect(await verdict(publishing, forgery.files)).toBe(code);
  });

  it('a snapshot of its own making fails on its signature', async () => {
    const forgery = new Forgery(publishing);
    const stranger = signerOf('stranger');
    const snapshot = { ...forgery.signed('1.snapshot.json'), version: 2 };
    const bytes = await forgery.put('2.snapshot.json', 'snapshot', snapshot, stranger);
    await forgery.timestamp((signed) => {
      signed['meta'] = { 'snapshot.json': named(2, bytes) };
    });
    expect(await verdict(publishing, forgery.files)).toBe('TRUST_SIGNATURE');
  });
});

describe('whoever holds the online key', () => {
  const cases: readonly (readonly [string, string, Change])[] = [
    ['a second metadata file', 'TRUST_METADATA', (s) => Object.assign(at(s, 'meta'), { 'more.json': { version: 1 } })],
    ['targets without a hash', 'TRUST_UNPINNED', (s) => Object.assign(at(s, 'meta', 'targets.json'), { hashes: {} })],
    [
      'other targets under the same version',
      'TRUST_SAME_VERSION',
      (s) => Object.assign(at(s, 'meta', 'targets.json'), { hashes: { sha256: '0'.repeat(64) } }),
    ],
    ['an expired snapshot', 'TRUST_EXPIRED', set('expires', '2027-01-01T00:00:00Z')],
  ];
  it.each(cases)('%s: %s', async (_, code, change) => {
    const forgery = new Forgery(publishing);
    await forgery.snapshot(change);
    expect(await verdict(publishing, forgery.files)).toBe(code);
  });
});

describe('whoever holds both seeds cannot cross what is pinned', () => {
  const cases: readonly (readonly [string, string, Change])[] = [
    ['another org', 'TRUST_AUDIENCE', (s) => Object.assign(at(entry(s, 'bundle.tar'), 'custom'), { org: OTHER_ORG })],
    [
      'another fleet',
      'TRUST_AUDIENCE',
      (s) => Object.assign(at(entry(s, 'bundle.tar'), 'custom'), { fleet: 'elsewhere' }),
    ],
    [
      'another gateway',
      'TRUST_AUDIENCE',
      (s) => Object.assign(at(entry(s, 'bundle.tar'), 'custom'), { gateway: 'other' }),
    ],
    [
      "another gateway's bundle",
      'TRUST_AUDIENCE',
      (s) => {
        const { length, hashes } = at(s, 'targets', 'other/bundle.tar');
        Object.assign(entry(s, 'bundle.tar'), { length, hashes });
      },
    ],
    [
      "another gateway's whole entry",
      'TRUST_AUDIENCE',
      (s) => {
        at(s, 'targets')['desk/bundle.tar'] = at(s, 'targets', 'other/bundle.tar');
      },
    ],
    [
      'another environment',
      'TRUST_AUDIENCE',
      (s) => Object.assign(at(entry(s, 'bundle.tar'), 'custom'), { environment: 'staging' }),
    ],
    [
      'another content',
      'TRUST_CONTENT_DIGEST',
      (s) => Object.assign(at(entry(s, 'bundle.tar'), 'custom'), { contentDigest: '0'.repeat(64) }),
    ],
    [
      'a lower generation',
      'TRUST_GENERATION_FELL',
      (s) => Object.assign(at(entry(s, 'bundle.tar'), 'custom'), { generation: 0 }),
    ],
    ['an open custom', 'TRUST_METADATA', (s) => Object.assign(at(entry(s, 'bundle.tar'), 'custom'), { more: 1 })],
    ['no custom', 'TRUST_METADATA', (s) => Object.assign(entry(s, 'bundle.tar'), { custom: null })],
    ['a bundle without a hash', 'TRUST_UNPINNED', (s) => Object.assign(entry(s, 'bundle.tar'), { hashes: {} })],
    ['an endless bundle', 'TRUST_LENGTH', (s) => Object.assign(entry(s, 'bundle.tar'), { length: 1e12 })],
    ['delegations', 'TRUST_DELEGATION', set('delegations', { keys: {}, roles: [] })],
  ];
  it.each(cases)('%s: %s', async (_, code, change) => {
    const forgery = new Forgery(publishing);
    await forgery.targets(change);
    // The other gateway's bundle lies under this gateway's name too.
    for (const [path, bytes] of publishing.files.files) {
      if (path.includes('/other/')) forgery.files.files.set(path.replace('/other/', `/${GATEWAY}/`), bytes);
    }
    expect(await verdict(publishing, forgery.files)).toBe(code);
  });

  it('nor what a bundle may be', async () => {
    const archive = new Forgery(publishing);
    await archive.bundle(bytesOf('no archive'));
    expect(await verdict(publishing, archive.files)).toBe('TRUST_ARCHIVE');
    const shape = new Forgery(publishing);
    await shape.bundle(
      packTar(new Map(['bundle.json', 'data.json', 'policy-config.yaml'].map((name) => [name, bytesOf('{}')]))),
    );
    expect(await verdict(publishing, shape.files)).toBe('TRUST_BUNDLE_SHAPE');
  });
});

describe('the same bundle with something else signed about it', () => {
  const cases: readonly (readonly [string, Change])[] = [
    ['generation', (s) => Object.assign(at(entry(s, 'bundle.tar'), 'custom'), { generation: 2 })],
    [
      'provenance',
      (s) => {
        delete at(s, 'targets')[`${GATEWAY}/provenance.json`];
      },
    ],
  ];
  it.each(cases)('a changed %s is a candidate, not unchanged', (_, change) =>
    scratch(async (dir) => {
      await pull(await open(publishing, dir, { fetcher: new Source(publishing.files) }));
      const forgery = new Forgery(publishing);
      await forgery.targets(change);
      const verifier = await open(publishing, dir, { fetcher: new Source(forgery.files) });
      expect((await verifier.poll()).kind).toBe('candidate');
    }),
  );
});

describe('roots', () => {
  const cases: readonly (readonly [string, string, Change])[] = [
    ['of another org', 'TRUST_ROOT_IDENTITY', (s) => Object.assign(at(s, 'x-tenantry'), { org: OTHER_ORG })],
    ['of another fleet', 'TRUST_ROOT_IDENTITY', (s) => Object.assign(at(s, 'x-tenantry'), { fleet: 'elsewhere' })],
    ['of nobody', 'TRUST_ROOT_IDENTITY', set('x-tenantry', null)],
    ['that skip a version', 'TRUST_VERSION', set('version', 3)],
    [
      'with a key under a wrong id, in its role too',
      'TRUST_KEY_ID',
      (s) => {
        const role = at(s, 'roles', 'targets');
        const [id = ''] = role['keyids'] as readonly string[];
        const keys = at(s, 'keys');
        keys['0'.repeat(64)] = keys[id] ?? null;
        delete keys[id];
        role['keyids'] = ['0'.repeat(64)];
      },
    ],
    [
      'with a key under a wrong id',
      'TRUST_KEY_ID',
      (s) => {
        const keys = at(s, 'keys');
        const [id = '', key = null] = Object.entries(keys)[0] ?? [];
        delete keys[id];
        keys['0'.repeat(64)] = key;
      },
    ],
    [
      'with one key under two ids',
      'TRUST_DUPLICATE_KEY',
      (s) => {
        const keys = at(s, 'keys');
        const copy = { ...(Object.values(keys)[0] as JsonObject), extra: 'x' };
        keys[sha256Of(bytesOf(canonicalJson.canonicalize(copy)))] = copy;
      },
    ],
    [
      'with a key of another kind',
      'TRUST_KEY_ID',
      (s) => Object.assign(Object.values(at(s, 'keys'))[0] as Signed, { keytype: 'rsa' }),
    ],
    [
      'with a role of unknown keys',
      'TRUST_KEY_ID',
      (s) => Object.assign(at(s, 'roles', 'targets'), { keyids: ['0'.repeat(64)] }),
    ],
    [
      'with a key counted twice',
      'TRUST_DUPLICATE_KEY',
      (s) => {
        const role = at(s, 'roles', 'targets');
        const ids = role['keyids'] as readonly string[];
        role['keyids'] = [...ids, ...ids];
      },
    ],
    ['with a threshold of none', 'TRUST_THRESHOLD', (s) => Object.assign(at(s, 'roles', 'targets'), { threshold: 0 })],
    [
      'with a threshold that nobody reaches',
      'TRUST_THRESHOLD',
      (s) => Object.assign(at(s, 'roles', 'targets'), { threshold: 2 }),
    ],
    ['without consistent snapshots', 'TRUST_METADATA', set('consistent_snapshot', false)],
    ['that have expired', 'TRUST_EXPIRED', set('expires', '2027-01-01T00:00:00Z')],
  ];
  it.each(cases)('%s: %s', async (_, code, change) => {
    const forgery = new Forgery(publishing);
    await forgery.nextRoot(change);
    expect(await verdict(publishing, forgery.files)).toBe(code);
  });

  it('of a stranger fail on the signature', async () => {
    const forgery = new Forgery(publishing);
    await forgery.put('2.root.json', 'root', { ...forgery.signed('1.root.json'), version: 2 }, signerOf('stranger'));
    await forgery.timestamp(() => undefined);
    expect(await verdict(publishing, forgery.files)).toBe('TRUST_SIGNATURE');
  });

  it('pinned for another gateway are refused before anything is asked', () =>
    scratch(async (dir) => {
      const source = new Source(publishing.files);
      const identity = { fleet: 'elsewhere', orgUid: ORG, gateway: GATEWAY };
      await expect(open(publishing, dir, { fetcher: source, identity })).rejects.toMatchObject({
        code: 'TRUST_ROOT_IDENTITY',
      });
      expect(source.requests).toEqual([]);
    }));
});

describe("another org's repository, served to this gateway", () => {
  const neighbour = new Publishing(OTHER_ORG);
  beforeAll(async () => {
    await neighbour.publish({ [GATEWAY]: 'neighbour' });
    neighbour.keep(
      await rotateOrg({
        ...neighbour.trust,
        publication: neighbour.publication as never,
        epochs: { root: 2, targets: 2, snapshot: 2, timestamp: 2 },
        nextTimestamp: neighbour.nextTimestamp,
      }),
    );
  });
  it.each([
    ['all of it', /^TRUST_ROOT_IDENTITY$/, () => true],
    ['all but roots', /^TRUST_AUDIENCE$/, (path: string) => !path.endsWith('root.json')],
    ['its timestamp', /^TRUST_AUDIENCE$/, (path: string) => path === 'timestamp.json'],
    ['its snapshot', /^TRUST_(HASH|LENGTH)$/, (path: string) => path.endsWith('.snapshot.json')],
    ['its targets', /^TRUST_(HASH|LENGTH)$/, (path: string) => path.endsWith('.targets.json')],
    ['its bundle', /^TRUST_(HASH|LENGTH)$/, (path: string) => path.endsWith('bundle.tar')],
  ] as const)('%s: %s', (_, code, swapped) =>
    scratch(async (dir) => {
      const source = new Source(publishing.files);
      const theirs = (path: string): Uint8Array | undefined =>
        neighbour.files.files.get(`${OTHER_ORG}/${path}`) ??
        [...neighbour.files.files].find(([name]) => path.startsWith('targets/') && name.endsWith('bundle.tar'))?.[1];
      source.lie = (path, bytes) => (swapped(path) ? theirs(path) : bytes);
      const verifier = await open(publishing, dir, { fetcher: source });
      expect(await pull(verifier)).toMatch(code);
      expect(verifier.lastKnownGood()).toBeNull();
    }),
  );
});

describe('replay, freeze and damage', () => {
  it('an older publication is refused, whichever of its files is served', () =>
    scratch(async (dir) => {
      const live = new Publishing();
      await live.publish({ [GATEWAY]: 'one' });
      const old = new Map(live.files.files);
      await live.publish({ [GATEWAY]: 'two' });
      const source = new Source(live.files);
      const verifier = await open(live, dir, { fetcher: source });
      expect(await pull(verifier)).toBe('two');
      source.lie = (path, bytes) => old.get(`${ORG}/${path}`) ?? bytes;
      expect(await pull(verifier)).toBe('TRUST_ROLLBACK');
      expect(await pull(await open(live, dir, { fetcher: source }))).toBe('TRUST_ROLLBACK');
    }));

  it('a source that stands still is fresh until its timestamp expires', () =>
    scratch(async (dir) => {
      const live = new Publishing();
      await live.publish({ [GATEWAY]: 'one' });
      const verifier = await open(live, dir, { fetcher: new Source(live.files) });
      await pull(verifier);
      live.nowMs += 72 * HOUR_MS - 1;
      expect(await pull(verifier)).toBe('one');
      live.nowMs += 1;
      expect(await pull(verifier)).toBe('TRUST_EXPIRED');
      expect(await pull(await open(live, dir, { fetcher: new Source(live.files) }))).toBe('TRUST_EXPIRED');
    }));

  it('the clock that counts is the injected one, also for tuf-js', () =>
    scratch(async (dir) => {
      const long = new Publishing();
      long.nowMs = Date.parse('2020-01-01T00:00:00Z');
      await long.publish({ [GATEWAY]: 'one' });
      expect(await pull(await open(long, dir, { fetcher: new Source(long.files) }))).toBe('one');
    }));

  it('a clock that was set back does not revive what has expired, and shows', () =>
    scratch(async (dir) => {
      const live = new Publishing();
      await live.publish({ [GATEWAY]: 'one' });
      const old = new Map(live.files.files);
      live.nowMs += 100 * HOUR_MS;
      await live.publish({ [GATEWAY]: 'two' });
      const source = new Source(live.files);
      await pull(await open(live, dir, { fetcher: source }));
      source.lie = (path, bytes) => old.get(`${ORG}/${path}`) ?? bytes;
      const verifier = await open(live, dir, { fetcher: source, nowMs: () => live.nowMs - 99 * HOUR_MS });
      expect(verifier.clockBehindMs()).toBe(99 * HOUR_MS);
      expect(await pull(verifier)).toBe('TRUST_ROLLBACK');
    }));

  it('cut, appended, empty and endless files are refused', () =>
    scratch(async (dir) => {
      const source = new Source(publishing.files);
      const verifier = await open(publishing, dir, { fetcher: source });
      const changes: readonly ((bytes: Uint8Array) => Uint8Array)[] = [
        (bytes) => bytes.subarray(0, bytes.length - 1),
        (bytes) => new Uint8Array([...bytes, 32]),
        () => new Uint8Array(0),
        () => new Uint8Array(10_000_000),
      ];
      for (const suffix of ['timestamp.json', 'snapshot.json', 'targets.json', 'bundle.tar', 'provenance.json']) {
        for (const change of changes) {
          source.lie = (path, bytes) => (bytes !== undefined && path.endsWith(suffix) ? change(bytes) : bytes);
          const result = await verifier.poll();
          const harmless = suffix === 'timestamp.json' && change === changes[1];
          expect(result.kind, `${suffix} ${changes.indexOf(change)}`).toBe(harmless ? 'candidate' : 'refused');
        }
      }
    }));

  it('any flipped bit in any published file is refused or changes nothing', () =>
    scratch(async (dir) => {
      const source = new Source(publishing.files);
      const verifier = await open(publishing, dir, { fetcher: source });
      const genuine = await verifier.poll();
      if (genuine.kind !== 'candidate') throw new Error(JSON.stringify(genuine));
      const codes = new Set<string>();
      for (const [name, bytes] of publishing.files.files) {
        const file = name.slice(ORG.length + 1);
        if (file === '1.root.json' || file.startsWith('targets/other/')) continue;
        for (let at = 0; at < bytes.length; at += 1 + Math.floor(bytes.length / 30)) {
          source.lie = (path, found) => (path === file ? flipped(bytes, at) : found);
          const result = await verifier.poll();
          if (result.kind === 'refused') codes.add(result.code);
          else expect(result, `${file} byte ${at}`).toMatchObject({ kind: 'candidate', target: genuine.target });
        }
      }
      expect([...codes]).toEqual(expect.arrayContaining(['TRUST_HASH', 'TRUST_SIGNATURE']));
    }));
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
  return copy;
}
