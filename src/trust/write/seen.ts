import { Metadata, MetadataKind } from '@tufjs/models';
import {
  type FileFacts,
  instantMs,
  type Publication,
  type PublishedTarget,
  parseJson,
  type Sha256Hex,
  type SignedFacts,
  type TargetCustom,
} from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import {
  bundleTarget,
  factsOf,
  metadataFile,
  OWN_FIELD,
  opaTarget,
  provenanceTarget,
  sha256Of,
  TIMESTAMP_FILE,
} from '../layout.ts';
import { DEFAULT_LIFETIMES, type OrgTrust } from './context.ts';
import { namedBy } from './overtaken.ts';
import { epochsOf, type RootFile, readRoot } from './root.ts';
import { assertSigned, openRoots, type RootChain, rootFacts } from './roots.ts';

type Place = Pick<OrgTrust, 'fleet' | 'org' | 'publisher'>;

/**
 * What readers of an org see, as the store of its publisher would keep it: the roots that follow the one that is known here, and
 * what their keys signed. Nothing of it is believed for lying there: whoever holds no key can show older files at most, and
 * the store takes no lower number. PUBLISH_DAMAGED where a part is missing or not signed.
 */
export async function seenPublication(place: Place, own: Publication | undefined): Promise<Publication> {
  const { root, roots } = await followRoots(place, own);
  const timestamp = await signedPart<TimestampPart>(place, root, { role: 'timestamp', path: TIMESTAMP_FILE });
  const snapshot = await namedPart<SignedPart>(place, root, { role: 'snapshot', by: timestamp });
  const targets = await namedPart<TargetsPart>(place, root, { role: 'targets', by: snapshot });
  const listed = targetsOf(place, targets.signed);
  const signedAt = instantMs(timestamp.signed[OWN_FIELD].signedAt) ?? 0;
  return {
    generation: Math.max(own?.generation ?? 0, ...Object.values(listed).map(({ generation }) => generation)),
    epochs: epochsOf(root),
    rootVersion: root.version,
    roots,
    targetsVersion: targets.signed.version,
    snapshotVersion: snapshot.signed.version,
    timestampVersion: timestamp.signed.version,
    signedAt: {
      targets: targets.facts.expiresAt - DEFAULT_LIFETIMES.targets,
      snapshot: snapshot.facts.expiresAt - DEFAULT_LIFETIMES.snapshot,
      timestamp: signedAt,
    },
    meta: { targets: targets.facts, snapshot: snapshot.facts },
    targets: listed,
  };
}

/** From the root that the store knows to the newest that is published, each signed as the one before it asks. */
async function followRoots(place: Place, own: Publication | undefined): Promise<RootChain> {
  let { root, roots } = await openRoots(place, own ?? { rootVersion: 1, roots: {} });
  for (;;) {
    const next = await readRoot(place.publisher, place.org, root.version + 1);
    if (next === undefined) return { root, roots };
    assertSigned(place, next, root);
    roots = { ...roots, [next.version]: rootFacts(next) };
    root = next;
  }
}

interface SignedPart {
  readonly version: number;
  readonly expires: string;
}

interface TimestampPart extends SignedPart {
  readonly [OWN_FIELD]: { readonly signedAt: string };
}

interface TargetsPart extends SignedPart {
  readonly targets: {
    readonly [name: string]: {
      readonly length: number;
      readonly hashes: { readonly sha256: Sha256Hex };
      readonly custom?: TargetCustom;
    };
  };
}

interface Part<T> {
  readonly bytes: Uint8Array;
  readonly signed: T;
  readonly facts: SignedFacts;
}

type MetadataJson = Parameters<typeof Metadata.fromJSON>[1];

const READERS = {
  timestamp: (json: MetadataJson) => Metadata.fromJSON(MetadataKind.Timestamp, json),
  snapshot: (json: MetadataJson) => Metadata.fromJSON(MetadataKind.Snapshot, json),
  targets: (json: MetadataJson) => Metadata.fromJSON(MetadataKind.Targets, json),
};

type Role = keyof typeof READERS;

async function namedPart<T extends SignedPart>(
  place: Place,
  root: RootFile,
  { role, by }: { readonly role: 'snapshot' | 'targets'; readonly by: Part<SignedPart> },
): Promise<Part<T>> {
  const named = namedBy(by.bytes, role);
  const path = metadataFile(role, named?.version ?? 0);
  const part = await signedPart<T>(place, root, { role, path });
  if (sha256Of(part.bytes) !== named?.sha256) throw damaged(place, path, 'another file');
  return part;
}

/** A published metadata file that the keys of this root signed. */
async function signedPart<T extends SignedPart>(
  place: Place,
  root: RootFile,
  { role, path }: { readonly role: Role; readonly path: string },
): Promise<Part<T>> {
  const bytes = (await place.publisher.get(place.org, path)) ?? new Uint8Array(0);
  if (!isSignedUnder(root, role, bytes)) throw damaged(place, path, `one that root ${root.version} does not stand for`);
  const { signed } = parseJson(new TextDecoder().decode(bytes)) as unknown as { readonly signed: T };
  return { bytes, signed, facts: { ...factsOf(bytes), expiresAt: instantMs(signed.expires) ?? 0 } };
}

function isSignedUnder(root: RootFile, role: Role, bytes: Uint8Array): boolean {
  const json = (of: Uint8Array) => parseJson(new TextDecoder('utf-8', { fatal: true }).decode(of)) as MetadataJson;
  try {
    Metadata.fromJSON(MetadataKind.Root, json(root.bytes)).verifyDelegate(role, READERS[role](json(bytes)));
    return true;
  } catch {
    return false;
  }
}

/** Each gateway's target, as it was listed for this org. */
function targetsOf(place: Place, { targets }: TargetsPart): Publication['targets'] {
  const listed: { [gateway: string]: PublishedTarget } = {};
  const facts = (name: string): FileFacts | undefined => {
    const entry = targets[name];
    return entry === undefined ? undefined : { length: entry.length, sha256: entry.hashes.sha256 };
  };
  for (const { custom } of Object.values(targets)) {
    if (custom === undefined) continue;
    const { fleet, org, gateway, environment, generation, contentDigest, previous } = custom;
    if (fleet !== place.fleet || org !== place.org)
      throw damaged(place, bundleTarget(gateway), `a target of ${fleet}/${org}`);
    const [bundle, provenance, opa] = [bundleTarget, provenanceTarget, opaTarget].map((name) => facts(name(gateway)));
    // Of no form that we publish: as if it were not listed, so that it is put again.
    if (bundle === undefined || provenance === undefined) continue;
    const form = opa === undefined ? {} : { opa };
    listed[gateway] = { environment, generation, contentDigest, previous, bundle, provenance, ...form };
  }
  return listed;
}

function damaged({ org }: Place, path: string, found: string): TrustError {
  return new TrustError('PUBLISH_DAMAGED', `expected ${path} of ${org} as a publisher of it put it, found ${found}`);
}
