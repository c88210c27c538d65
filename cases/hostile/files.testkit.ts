import type { TrustCode } from '../../src/core/model/index.ts';
import { forgeries } from '../../src/trust/forgeries.testkit.ts';
import { entry, Forgery } from '../../src/trust/forgery.testkit.ts';
import { OTHER_ORG } from '../../src/trust/trust.testkit.ts';
import type { Script } from './server.testkit.ts';
import { type Attack, LAYERS } from './transport.testkit.ts';
import { fileIn, only, type World } from './world.testkit.ts';

// Attacks by what is served: other orgs' files, older files, damaged files, files that do not belong together, and what
// a thief of keys can sign.

const swapping =
  (layer: string, bytesOf: (world: World, honest: Uint8Array, path: string) => Uint8Array | undefined) =>
  (world: World): Script =>
  ({ path, honest }) =>
    path.endsWith(layer) && honest !== undefined ? bytesOf(world, honest, path) : 'honest';

const neighbours = (world: World, layer: string): Uint8Array | undefined =>
  [...world.neighbour.files.files].findLast(([path]) => path.endsWith(layer))?.[1];

/** Files of another org in the place of this one's. */
const otherOrg = (name: string, code: TrustCode, isSwapped: (path: string) => boolean): Attack => ({
  threat: 'T-01',
  name: `another org's ${name}`,
  code,
  fresh: true,
  script:
    (world) =>
    ({ path }) => {
      if (!isSwapped(path)) return 'honest';
      const exact = world.neighbour.files.files.get(`${OTHER_ORG}/${path}`);
      return exact ?? neighbours(world, path.replace(/^.*[./](?=(root\.json|bundle\.tar|provenance\.json)$)/, ''));
    },
});

const otherOrgs: readonly Attack[] = [
  otherOrg('repository', 'TRUST_ROOT_IDENTITY', () => true),
  otherOrg('root', 'TRUST_ROOT_IDENTITY', (path) => path.endsWith('root.json')),
  otherOrg('repository under this root', 'TRUST_AUDIENCE', (path) => !path.endsWith('root.json')),
  otherOrg('timestamp', 'TRUST_AUDIENCE', (path) => path === 'timestamp.json'),
];

const otherFiles = (layer: string, code: TrustCode): Attack => ({
  threat: 'T-01',
  name: `another org's ${layer} under the name of this one's`,
  code,
  fresh: true,
  script: swapping(layer, (world) => neighbours(world, layer)),
});

const otherGateway: Attack = {
  threat: 'T-01',
  name: "another gateway's bundle of the same org",
  code: 'TRUST_HASH',
  fresh: true,
  script: (world) =>
    swapping('bundle.tar', () => {
      const files = [...world.plane.publishing.files.files];
      return files.findLast(([path]) => path.includes('/other/') && path.endsWith('.tar'))?.[1];
    })(world),
};

/** A publication that was genuine once. */
const replays: readonly Attack[] = [
  {
    threat: 'T-02',
    name: 'the first publication',
    code: 'TRUST_ROLLBACK',
    fresh: false,
    script: ({ history }) => only(history[0] ?? new Map()),
  },
  {
    threat: 'T-02',
    name: 'the publication before',
    code: 'TRUST_ROLLBACK',
    fresh: false,
    script: ({ history }) => only(history.at(-2) ?? new Map()),
  },
  {
    threat: 'T-02',
    name: 'the timestamp before, over the newest files',
    code: 'TRUST_ROLLBACK',
    fresh: false,
    script:
      ({ history }) =>
      ({ path }) =>
        path === 'timestamp.json' ? fileIn(history.at(-2) ?? new Map(), path) : 'honest',
  },
];

/** Each layer of the newest publication replaced by that of the one before. */
const mixes = (layer: string): Attack => ({
  threat: 'T-05',
  name: `${layer} of the publication before among the newest files`,
  code: 'TRUST_HASH',
  fresh: true,
  script: swapping(layer, ({ plane }, _honest, path) => {
    const files = [...plane.publishing.files.files.keys()].filter((name) => name.endsWith(layer));
    const own = files.filter((name) => !name.includes('/targets/') || name.includes('/desk/'));
    const before = own[own.findIndex((name) => name.endsWith(path)) - 1];
    return plane.publishing.files.files.get(before ?? '');
  }),
});

const flip = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};

const damages = (layer: string): readonly Attack[] => {
  const damage = (name: string, code: TrustCode, change: (bytes: Uint8Array) => Uint8Array): Attack => ({
    threat: 'T-04',
    name: `${layer} ${name}`,
    code,
    fresh: true,
    script: swapping(layer, (_world, honest) => change(honest)),
  });
  return [
    damage('with a flipped bit', 'TRUST_HASH', (bytes) => flip(bytes, bytes.length >> 1)),
    damage('without its last byte', 'TRUST_LENGTH', (bytes) => bytes.subarray(0, -1)),
    damage('with a byte more', 'TRUST_LENGTH', (bytes) => new Uint8Array([...bytes, 32])),
  ];
};

const lastHexOfSignature = (bytes: Uint8Array): Uint8Array => {
  const text = new TextDecoder().decode(bytes);
  return new TextEncoder().encode(
    text.replace(/(.)"\}\],"signed"/, (_, digit) => `${digit === '0' ? 1 : 0}"}],"signed"`),
  );
};

const timestampDamages: readonly Attack[] = [
  {
    threat: 'T-04',
    name: 'timestamp.json with another signature',
    code: 'TRUST_SIGNATURE',
    fresh: true,
    script: swapping('timestamp.json', (_world, honest) => lastHexOfSignature(honest)),
  },
  {
    threat: 'T-04',
    name: 'timestamp.json cut',
    code: 'TRUST_METADATA',
    fresh: true,
    script: swapping('timestamp.json', (_world, honest) => honest.subarray(0, -1)),
  },
];

/** What keys that were stolen can sign, made from what is published when the attack begins. */
const forged: readonly Attack[] = forgeries.map(({ threat, name, code, forge }) => ({
  threat,
  name: `forged: ${name}`,
  code,
  fresh: false,
  async script({ plane }) {
    const forgery = new Forgery(plane.publishing);
    await forge(forgery);
    return only(forgery.files.files);
  },
}));

/** The publish seed alone: targets with genuine signatures that no snapshot names. */
const publishSeedAlone: Attack = {
  threat: 'T-09',
  name: 'targets signed with the publish seed alone',
  code: 'TRUST_LENGTH',
  fresh: true,
  async script({ plane }) {
    const next = `${(plane.publishing.publication?.targetsVersion ?? 0) + 1}.targets.json`;
    const forgery = new Forgery(plane.publishing);
    await forgery.targets((signed) => {
      Object.assign(entry(signed, 'bundle.tar'), { more: 'of the thief' });
    });
    const forged = fileIn(forgery.files.files, next);
    return ({ path }) => (path === next ? forged : 'honest');
  },
};

const BELOW = LAYERS.filter((layer) => layer !== 'timestamp.json' && layer !== 'root.json');

export const fileAttacks: readonly Attack[] = [
  ...otherOrgs,
  otherFiles('snapshot.json', 'TRUST_LENGTH'),
  otherFiles('targets.json', 'TRUST_LENGTH'),
  otherFiles('bundle.tar', 'TRUST_LENGTH'),
  otherFiles('provenance.json', 'TRUST_LENGTH'),
  otherGateway,
  ...replays,
  ...BELOW.map(mixes),
  ...BELOW.flatMap(damages),
  ...timestampDamages,
  publishSeedAlone,
  ...forged,
];
