import canonicalJson from '@tufjs/canonical-json';
import { packTar } from '../core/bundle/index.ts';
import { instantText, type JsonObject, type TrustCode } from '../core/model/index.ts';
import { at, type Change, entry, type Forgery, named, type Signed, set } from './forgery.testkit.ts';
import { sha256Of } from './layout.ts';
import { bytesOf, GATEWAY, ORG, OTHER_ORG, signerOf } from './trust.testkit.ts';

// What somebody with a stolen key could sign, or write without one, and the code with which a gateway refuses it. The
// same lists are played in memory (read/attacks.test.ts) and by a server over HTTP (cases/hostile).

export interface ForgeryCase {
  /** As in docs/threat-model.md. */
  readonly threat: `T-${string}`;
  readonly name: string;
  readonly code: TrustCode;
  readonly forge: (forgery: Forgery) => Promise<void> | void;
}

type Row = readonly [name: string, code: TrustCode, change: Change, threat?: ForgeryCase['threat']];
type Sign = (forgery: Forgery, change: Change) => Promise<void>;

const casesOf = (threat: ForgeryCase['threat'], sign: Sign, rows: readonly Row[]): readonly ForgeryCase[] =>
  rows.map(([name, code, change, own = threat]) => ({
    threat: own,
    name,
    code,
    forge: (forgery) => sign(forgery, change),
  }));

const merged =
  (steps: readonly string[], fields: JsonObject): Change =>
  (signed) => {
    Object.assign(at(signed, ...steps), fields);
  };
const own = (fields: JsonObject): Change => merged(['x-tenantry'], fields);
const LONG_AGO = '2020-01-01T00:00:00Z';
const FAR_AHEAD = '2098-01-01T00:00:00Z';

const hourEarlier = (signed: Signed): string => instantText(Date.parse(String(signed['expires'])) - 3_600_000);

/** The timestamp key alone. */
const timestampRows: readonly Row[] = [
  ['no date', 'TRUST_DATE', set('expires', '9999')],
  ['a date that never comes', 'TRUST_DATE', set('expires', 'Jan 1 2099')],
  ['a date without a zone', 'TRUST_DATE', set('expires', '2099-01-01T00:00:00')],
  ['an empty date', 'TRUST_DATE', set('expires', '')],
  ['a signing time after the expiry', 'TRUST_DATE', own({ signedAt: FAR_AHEAD })],
  ['no signing time', 'TRUST_DATE', own({ signedAt: null })],
  ['a version beyond what can be counted on', 'TRUST_VERSION', set('version', 2 ** 41), 'T-12'],
  ['a version too large to count', 'TRUST_VERSION', set('version', 1e21), 'T-11'],
  ['another org in it', 'TRUST_AUDIENCE', own({ org: OTHER_ORG }), 'T-01'],
  ['no hash of the snapshot', 'TRUST_UNPINNED', merged(['meta', 'snapshot.json'], { hashes: {} })],
  ['md5 alone', 'TRUST_UNPINNED', merged(['meta', 'snapshot.json'], { hashes: { md5: 'ab' } })],
  ['no length of the snapshot', 'TRUST_UNPINNED', merged(['meta', 'snapshot.json'], { length: null })],
  ['an endless snapshot', 'TRUST_LENGTH', merged(['meta', 'snapshot.json'], { length: 1e9, version: 2 ** 30 })],
  [
    'another snapshot under the same version',
    'TRUST_SAME_VERSION',
    merged(['meta', 'snapshot.json'], { hashes: { sha256: '0'.repeat(64) } }),
  ],
  ['a snapshot that is not there', 'TRUST_MISSING', merged(['meta', 'snapshot.json'], { version: 2 ** 30 })],
  [
    'other bytes under the same version',
    'TRUST_SAME_VERSION',
    (s) => Object.assign(s, { version: Number(s['version']) - 1, expires: hourEarlier(s) }),
    'T-21',
  ],
  ['an older version', 'TRUST_ROLLBACK', (s) => set('version', Number(s['version']) - 2)(s), 'T-02'],
  [
    'a time far ahead',
    'TRUST_CLOCK',
    (s) => {
      s['expires'] = FAR_AHEAD;
      own({ signedAt: '2097-01-01T00:00:00Z' })(s);
    },
    'T-16',
  ],
  [
    'an expiry that has passed',
    'TRUST_EXPIRED',
    (s) => {
      s['expires'] = LONG_AGO;
      own({ signedAt: '2019-12-31T00:00:00Z' })(s);
    },
  ],
];

/** Snapshot and timestamp key: the online seed. */
const snapshotRows: readonly Row[] = [
  ['a second metadata file', 'TRUST_METADATA', merged(['meta'], { 'more.json': { version: 1 } })],
  ['targets without a hash', 'TRUST_UNPINNED', merged(['meta', 'targets.json'], { hashes: {} })],
  [
    'other targets under the same version',
    'TRUST_SAME_VERSION',
    merged(['meta', 'targets.json'], { hashes: { sha256: '0'.repeat(64) } }),
  ],
  [
    'targets of an older version',
    'TRUST_ROLLBACK',
    (s) => {
      const named = at(s, 'meta', 'targets.json');
      named['version'] = Number(named['version']) - 1;
    },
  ],
  ['an expired snapshot', 'TRUST_EXPIRED', set('expires', LONG_AGO)],
];

const custom = (fields: JsonObject): Change => merged(['targets', `${GATEWAY}/bundle.tar`, 'custom'], fields);

/** Publish and online seed together: what is pinned at enrolment still holds. */
const targetsRows: readonly Row[] = [
  ['another org', 'TRUST_AUDIENCE', custom({ org: OTHER_ORG })],
  ['another fleet', 'TRUST_AUDIENCE', custom({ fleet: 'elsewhere' })],
  ['another gateway', 'TRUST_AUDIENCE', custom({ gateway: 'other' })],
  [
    "another gateway's bundle",
    'TRUST_AUDIENCE',
    (s) => {
      const { length = null, hashes = null } = at(s, 'targets', 'other/bundle.tar');
      Object.assign(entry(s, 'bundle.tar'), { length, hashes });
    },
  ],
  [
    "another gateway's whole entry",
    'TRUST_AUDIENCE',
    (s) => {
      at(s, 'targets')[`${GATEWAY}/bundle.tar`] = at(s, 'targets', 'other/bundle.tar');
    },
  ],
  ['another environment', 'TRUST_AUDIENCE', custom({ environment: 'staging' })],
  ['another content', 'TRUST_CONTENT_DIGEST', custom({ contentDigest: '0'.repeat(64) })],
  ['a lower generation', 'TRUST_GENERATION_FELL', custom({ generation: 0 })],
  ['an open custom', 'TRUST_METADATA', custom({ more: 1 })],
  ['no custom', 'TRUST_METADATA', (s) => Object.assign(entry(s, 'bundle.tar'), { custom: null })],
  ['a bundle without a hash', 'TRUST_UNPINNED', (s) => Object.assign(entry(s, 'bundle.tar'), { hashes: {} })],
  [
    'a bundle with md5 alone',
    'TRUST_UNPINNED',
    (s) => Object.assign(entry(s, 'bundle.tar'), { hashes: { md5: 'ab' } }),
  ],
  ['an endless bundle', 'TRUST_LENGTH', (s) => Object.assign(entry(s, 'bundle.tar'), { length: 1e12 })],
  ['delegations', 'TRUST_DELEGATION', set('delegations', { keys: {}, roles: [] })],
];

/** Signs targets, and lays the other gateway's bundle under this gateway's name too. */
const signTargets: Sign = async (forgery, change) => {
  await forgery.targets(change);
  for (const [path, bytes] of [...forgery.files.files]) {
    if (path.includes('/other/')) forgery.files.files.set(path.replace('/other/', `/${GATEWAY}/`), bytes);
  }
};

/** A root key, or a root that somebody made up. */
const rootRows: readonly Row[] = [
  ['of another org', 'TRUST_ROOT_IDENTITY', own({ org: OTHER_ORG })],
  ['of another fleet', 'TRUST_ROOT_IDENTITY', own({ fleet: 'elsewhere' })],
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
    'with one key under two ids, to reach a threshold of two',
    'TRUST_DUPLICATE_KEY',
    (s) => {
      const keys = at(s, 'keys');
      const role = at(s, 'roles', 'targets');
      const [id = ''] = role['keyids'] as readonly string[];
      const copy = { ...(keys[id] as JsonObject), extra: 'x' };
      const copyId = sha256Of(bytesOf(canonicalJson.canonicalize(copy)));
      keys[copyId] = copy;
      Object.assign(role, { keyids: [id, copyId], threshold: 2 });
    },
  ],
  [
    'with a key of another kind',
    'TRUST_KEY_ID',
    (s) => Object.assign(Object.values(at(s, 'keys'))[0] as Signed, { keytype: 'rsa' }),
  ],
  ['with a role of unknown keys', 'TRUST_KEY_ID', merged(['roles', 'targets'], { keyids: ['0'.repeat(64)] })],
  [
    'with a key counted twice',
    'TRUST_DUPLICATE_KEY',
    (s) => {
      const role = at(s, 'roles', 'targets');
      const ids = role['keyids'] as readonly string[];
      role['keyids'] = [...ids, ...ids];
    },
  ],
  ['with a threshold of none', 'TRUST_THRESHOLD', merged(['roles', 'targets'], { threshold: 0 })],
  ['with a threshold that nobody reaches', 'TRUST_THRESHOLD', merged(['roles', 'targets'], { threshold: 2 })],
  ['without consistent snapshots', 'TRUST_METADATA', set('consistent_snapshot', false)],
  ['that have expired', 'TRUST_EXPIRED', set('expires', LONG_AGO)],
];

/** The same signatures over a text that others might read otherwise. */
const respelled = (name: string, edit: (text: string) => string): ForgeryCase => ({
  threat: 'T-11',
  name,
  code: 'TRUST_AMBIGUOUS',
  async forge(forgery) {
    await forgery.timestamp(() => undefined);
    forgery.respell('timestamp.json', edit);
  },
});

const spellingCases: readonly ForgeryCase[] = [
  respelled('a field that stands twice', (text) => text.replace('"version":', '"version":1,"version":')),
  respelled('two documents in one', (text) => text.replace('"signed":', '"signed":{},"signed":')),
  respelled('a number in another spelling', (text) => text.replace(/"version":(\d+)/, '"version":$1.0')),
  respelled('a name in another spelling', (text) => text.replace('"version"', '"\\u0076ersion"')),
  {
    threat: 'T-11',
    name: 'a field that programs take for a prototype',
    code: 'TRUST_AMBIGUOUS',
    async forge(forgery) {
      await forgery.timestamp(() => undefined);
      forgery.respell('timestamp.json', (text) => text.replace('{"signatures"', '{"__proto__":{},"signatures"'));
    },
  },
];

const signatureCases: readonly ForgeryCase[] = [
  {
    threat: 'T-08',
    name: 'a snapshot of its own making fails on its signature',
    code: 'TRUST_SIGNATURE',
    async forge(forgery) {
      const version = forgery.snapshotVersion;
      const snapshot = { ...forgery.signed(`${version}.snapshot.json`), version: version + 1 };
      const bytes = await forgery.put(`${version + 1}.snapshot.json`, 'snapshot', snapshot, signerOf('stranger'));
      await forgery.timestamp((signed) => {
        signed['meta'] = { 'snapshot.json': named(version + 1, bytes) };
      });
    },
  },
  {
    threat: 'T-10',
    name: 'a root of a stranger',
    code: 'TRUST_SIGNATURE',
    async forge(forgery) {
      await forgery.put('2.root.json', 'root', { ...forgery.signed('1.root.json'), version: 2 }, signerOf('stranger'));
      await forgery.timestamp(() => undefined);
    },
  },
  {
    threat: 'T-10',
    name: 'one signature twice',
    code: 'TRUST_SIGNATURE',
    async forge(forgery) {
      await forgery.timestamp(() => undefined);
      forgery.respell('timestamp.json', (text) => text.replace(/"signatures":\[(.*?)\]/, '"signatures":[$1,$1]'));
    },
  },
];

const bundleCases: readonly ForgeryCase[] = [
  {
    threat: 'T-07',
    name: 'a bundle that is no archive',
    code: 'TRUST_ARCHIVE',
    forge: (forgery) => forgery.bundle(bytesOf('no archive')),
  },
  {
    threat: 'T-07',
    name: 'an archive with a link in it',
    code: 'TRUST_ARCHIVE',
    forge: (forgery) => forgery.bundle(edited(archiveOf(forgery), (bytes) => bytes.fill(0x32, 156, 157))),
  },
  {
    threat: 'T-07',
    name: 'an archive with a path out of its folder',
    code: 'TRUST_ARCHIVE',
    forge: (forgery) => forgery.bundle(edited(archiveOf(forgery), (bytes) => bytes.set(bytesOf('../../x\0\0\0\0'), 0))),
  },
  {
    threat: 'T-07',
    name: 'an archive with more after its end',
    code: 'TRUST_ARCHIVE',
    forge: (forgery) => forgery.bundle(new Uint8Array([...archiveOf(forgery), ...new Uint8Array(512)])),
  },
  {
    threat: 'T-09',
    name: 'an archive with other files',
    code: 'TRUST_BUNDLE_SHAPE',
    forge: (forgery) =>
      forgery.bundle(
        packTar(new Map(['bundle.json', 'data.json', 'policy-config.yaml'].map((name) => [name, bytesOf('{}')]))),
      ),
  },
];

function archiveOf(forgery: Forgery): Uint8Array {
  const own = [...forgery.files.files].findLast(
    ([path]) => path.startsWith(`${ORG}/targets/${GATEWAY}/`) && path.endsWith('.tar'),
  );
  return own?.[1] ?? new Uint8Array(0);
}

function edited(bytes: Uint8Array, edit: (copy: Uint8Array) => void): Uint8Array {
  const copy = bytes.slice();
  edit(copy);
  return copy;
}

/** Every forgery; each is made from what is published and leaves that as it is. */
export const forgeries: readonly ForgeryCase[] = [
  ...casesOf('T-08', (forgery, change) => forgery.timestamp(change), timestampRows),
  ...casesOf('T-08', (forgery, change) => forgery.snapshot(change), snapshotRows),
  ...casesOf('T-09', signTargets, targetsRows),
  ...casesOf('T-10', (forgery, change) => forgery.nextRoot(change), rootRows),
  ...spellingCases,
  ...signatureCases,
  ...bundleCases,
];
