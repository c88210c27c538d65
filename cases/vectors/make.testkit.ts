import canonicalJson from '@tufjs/canonical-json';
import { instantText, type TrustCode, type TrustRole } from '../../src/core/model/index.ts';
import { nodeHash } from '../../src/host/index.ts';
import { forgeries } from '../../src/trust/forgeries.testkit.ts';
import { Forgery } from '../../src/trust/forgery.testkit.ts';
import { requestSigner, rotateOrg } from '../../src/trust/index.ts';
import { tufKey } from '../../src/trust/key.ts';
import {
  bytesOf,
  FLEET,
  GATEWAY,
  HOUR_MS,
  MemoryFiles,
  ORG,
  OTHER_ORG,
  Publishing,
  signerOf,
} from '../../src/trust/trust.testkit.ts';

// The vectors of this folder, made anew from fixed seeds and times: the same bytes on every machine.

const SEEDS = 'vectors';

/** Bytes of a published file: as text where they are text, else in base64. */
export type VectorFile = { readonly text: string } | { readonly base64: string };
export interface VectorFiles {
  readonly [path: string]: VectorFile | null;
}

export interface Vector {
  readonly name: string;
  readonly threat: string | null;
  /** A gateway that has the pinned root alone, or one that took the repository as it stands. */
  readonly given: 'fresh' | 'known';
  readonly now: string;
  /** What the source has in the place of the repository's files; null: no such file. */
  readonly replaced: VectorFiles;
  readonly expect:
    | { readonly verdict: 'accept'; readonly generation: number; readonly contentDigest: string }
    | { readonly verdict: 'unchanged' }
    | { readonly verdict: 'refuse'; readonly code: TrustCode };
}

export interface Repository {
  readonly identity: { readonly fleet: string; readonly orgUid: string; readonly gateway: string };
  readonly pinnedRoot: string;
  readonly now: string;
  readonly files: VectorFiles;
}

const asFile = (bytes: Uint8Array): VectorFile => {
  const text = Buffer.from(bytes).toString('utf8');
  return Buffer.from(text, 'utf8').equals(Buffer.from(bytes)) && !text.includes('\0')
    ? { text }
    : { base64: Buffer.from(bytes).toString('base64') };
};

export const bytesOfFile = (file: VectorFile): Uint8Array =>
  new Uint8Array('text' in file ? Buffer.from(file.text, 'utf8') : Buffer.from(file.base64, 'base64'));

/** The org of the vectors: two publications, the second of which is the repository. */
async function openOrg(): Promise<{ readonly publishing: Publishing; readonly first: Uint8Array }> {
  const publishing = new Publishing(ORG, new MemoryFiles(), signerOf(SEEDS));
  await publishing.publish({ [GATEWAY]: 'pack: {name: desk, version: 1.0.0, enabled: true}\n', other: 'pack: {}\n' });
  const first = publishing.file('timestamp.json');
  await publishing.publish({ [GATEWAY]: 'pack: {name: desk, version: 1.1.0, enabled: true}\n', other: 'pack: {}\n' });
  return { publishing, first };
}

const filesOf = (files: MemoryFiles, org: string = ORG): VectorFiles =>
  Object.fromEntries(
    [...files.files]
      .filter(([path]) => path.startsWith(`${org}/`))
      .map(([path, bytes]) => [path.slice(org.length + 1), asFile(bytes)]),
  );

/** What is in `files` and not, or otherwise, in the base. */
const changesTo = (base: VectorFiles, files: VectorFiles): VectorFiles =>
  Object.fromEntries(
    Object.entries(files).filter(([path, file]) => JSON.stringify(file) !== JSON.stringify(base[path] ?? null)),
  );

const rotated = async (publishing: Publishing): Promise<void> => {
  publishing.nowMs += 1000;
  const { trust, publication, nextTimestamp } = publishing;
  if (publication === undefined) throw new Error('expected a publication');
  const epochs = { root: 2, targets: 2, snapshot: 2, timestamp: 2 };
  publishing.keep(await rotateOrg({ ...trust, publication, nextTimestamp, epochs }));
};

interface Made {
  readonly repository: Repository;
  readonly vectors: readonly Vector[];
  readonly keys: object;
}

/** Everything that stands in the files of this folder. */
export async function makeVectors(): Promise<Made> {
  const { publishing, first } = await openOrg();
  const base = filesOf(publishing.files);
  const now = instantText(publishing.nowMs);
  const identity = { fleet: FLEET, orgUid: ORG, gateway: GATEWAY };
  const vectors = [
    ...(await plainVectors(publishing, base)),
    ...(await laterVectors(base)),
    ...(await foreignVectors(publishing, first)),
    ...(await forgedVectors(publishing, base)),
  ];
  return {
    repository: { identity, pinnedRoot: '1.root.json', now, files: base },
    vectors,
    keys: await keysOf(publishing),
  };
}

const acceptOf = (publishing: Publishing, generation = publishing.generation): Vector['expect'] => {
  const contentDigest = publishing.publication?.targets[GATEWAY]?.contentDigest ?? '';
  return { verdict: 'accept', generation, contentDigest };
};

/** The repository as it is, at different times, and with a file that is damaged or gone. */
async function plainVectors(publishing: Publishing, base: VectorFiles): Promise<readonly Vector[]> {
  const at = (ms: number): string => instantText(publishing.nowMs + ms);
  const plain = { threat: null, now: at(0), replaced: {} };
  const bundle =
    Object.keys(base).findLast((path) => path.startsWith(`targets/${GATEWAY}/`) && path.endsWith('.tar')) ?? '';
  const bytes = bytesOfFile(base[bundle] ?? { text: '' });
  const flipped = bytes.map((byte, index) => (index === 600 ? byte ^ 1 : byte));
  const damaged = (name: string, code: TrustCode, file: VectorFile | null): Vector => ({
    threat: 'T-04',
    name,
    given: 'fresh',
    now: at(0),
    replaced: { [bundle]: file },
    expect: { verdict: 'refuse', code },
  });
  return [
    { ...plain, name: 'the repository, to a gateway that knows nothing', given: 'fresh', expect: acceptOf(publishing) },
    { ...plain, name: 'the repository, to a gateway that has it', given: 'known', expect: { verdict: 'unchanged' } },
    {
      ...plain,
      threat: 'T-03',
      name: 'the repository, a second before its timestamp expires',
      given: 'known',
      now: at(72 * HOUR_MS - 1000),
      expect: { verdict: 'unchanged' },
    },
    {
      ...plain,
      threat: 'T-03',
      name: 'the repository, when its timestamp expires',
      given: 'known',
      now: at(72 * HOUR_MS),
      expect: { verdict: 'refuse', code: 'TRUST_EXPIRED' },
    },
    damaged('a bundle with a flipped bit', 'TRUST_HASH', asFile(flipped)),
    damaged('a bundle that is cut', 'TRUST_LENGTH', asFile(bytes.subarray(0, -512))),
    damaged('a bundle that is gone', 'TRUST_MISSING', null),
  ];
}

/** What the org publishes next. */
async function laterVectors(base: VectorFiles): Promise<readonly Vector[]> {
  const later = async (
    facts: Pick<Vector, 'name' | 'given'>,
    grow: (publishing: Publishing) => Promise<unknown>,
    expected?: Vector['expect'],
  ): Promise<Vector> => {
    const { publishing } = await openOrg();
    await grow(publishing);
    const replaced = changesTo(base, filesOf(publishing.files));
    const now = instantText(publishing.nowMs);
    return { ...facts, threat: null, now, replaced, expect: expected ?? acceptOf(publishing) };
  };
  const two = (publishing: Publishing) =>
    publishing.publish({ [GATEWAY]: 'pack: {name: desk, version: 2.0.0}\n', other: 'pack: {}\n' });
  return [
    await later({ name: 'a new publication', given: 'known' }, two),
    await later({ name: 'a rollback: older content under a higher generation', given: 'known' }, async (publishing) => {
      await two(publishing);
      await publishing.publish({
        [GATEWAY]: 'pack: {name: desk, version: 1.1.0, enabled: true}\n',
        other: 'pack: {}\n',
      });
    }),
    await later({ name: 'a rotation of all keys, and nothing new', given: 'known' }, rotated, { verdict: 'unchanged' }),
    await later(
      { name: 'a publication behind a rotation, to a gateway that slept', given: 'known' },
      async (publishing) => {
        await rotated(publishing);
        await two(publishing);
      },
    ),
    await later(
      { name: 'a publication without this gateway', given: 'known' },
      (publishing) => publishing.publish({ other: 'pack: {}\n' }),
      { verdict: 'refuse', code: 'TRUST_NOT_LISTED' },
    ),
  ];
}

/** Older files, and files of another org that is signed with the same seeds. */
async function foreignVectors(publishing: Publishing, first: Uint8Array): Promise<readonly Vector[]> {
  const neighbour = new Publishing(OTHER_ORG, new MemoryFiles(), signerOf(SEEDS));
  await neighbour.publish({ [GATEWAY]: 'pack: {name: neighbour, version: 1.0.0, enabled: true}\n' });
  const theirs = filesOf(neighbour.files, OTHER_ORG);
  const foreign = (name: string, code: TrustCode, replaced: VectorFiles): Vector => ({
    threat: 'T-01',
    name,
    given: 'known',
    now: instantText(publishing.nowMs),
    replaced,
    expect: { verdict: 'refuse', code },
  });
  return [
    {
      ...foreign('the timestamp of the publication before', 'TRUST_ROLLBACK', { 'timestamp.json': asFile(first) }),
      threat: 'T-02',
    },
    foreign("another org's files", 'TRUST_AUDIENCE', theirs),
    foreign("another org's root as the next one", 'TRUST_ROOT_IDENTITY', {
      'timestamp.json': theirs['timestamp.json'] ?? null,
      '2.root.json': theirs['1.root.json'] ?? null,
    }),
  ];
}

/** What stolen keys can sign. */
async function forgedVectors(publishing: Publishing, base: VectorFiles): Promise<readonly Vector[]> {
  const made: Vector[] = [];
  for (const { threat, name, code, forge } of forgeries) {
    const forgery = new Forgery(publishing);
    await forge(forgery);
    const replaced = changesTo(base, filesOf(forgery.files));
    made.push({
      threat,
      name,
      given: 'known',
      now: instantText(publishing.nowMs),
      replaced,
      expect: { verdict: 'refuse', code },
    });
  }
  return made;
}

async function keysOf(publishing: Publishing): Promise<object> {
  const seed = (name: string): string => nodeHash.sha256(`${SEEDS}/${name}`);
  const roles: readonly TrustRole[] = ['root', 'targets', 'snapshot', 'timestamp'];
  const derived = roles.flatMap((role) =>
    [1, 2].map(async (epoch) => {
      const publicKey = await publishing.signer.publicKey(role, ORG, epoch);
      const info = `tenantry/v1/${role}/${ORG}/${epoch}`;
      return { role, epoch, info, publicKey: Buffer.from(publicKey).toString('hex'), keyId: tufKey(publicKey).keyID };
    }),
  );
  const example = { b: 'ü', a: [1, 2] };
  const signature = await publishing.signer.sign('timestamp', ORG, 1, bytesOf(canonicalJson.canonicalize(example)));
  return {
    seeds: { root: seed('root'), publish: seed('publish'), online: seed('online') },
    derivation: 'HKDF-SHA256 of the seed with an empty salt and `info`: 32 bytes, an Ed25519 private key',
    derived: await Promise.all(derived),
    signing: {
      document: example,
      canonical: canonicalJson.canonicalize(example),
      key: `tenantry/v1/timestamp/${ORG}/1`,
      signature: Buffer.from(signature).toString('hex'),
    },
    request: requestExample(),
  };
}

/** A signed download; the key is 32 bytes of 07. */
function requestExample(): object {
  const privateKey = Buffer.from(`302e020100300506032b657004220420${'07'.repeat(32)}`, 'hex').toString('base64url');
  const request = {
    method: 'GET',
    path: `/bundles/${ORG}/timestamp.json`,
    body: new Uint8Array(0),
    timeMs: 1_798_761_600_000,
    sequence: 0,
  };
  const headers = requestSigner(privateKey, { org: ORG, gateway: GATEWAY })(request);
  const signed = [
    'tenantry/request/v1',
    request.method,
    request.path,
    nodeHash.sha256(request.body),
    request.timeMs,
    0,
  ];
  return { privateKey, method: request.method, path: request.path, body: '', signed: signed.join('\n'), headers };
}
