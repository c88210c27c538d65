import { bundleDigestOf } from '../../core/bundle/index.ts';
import type { Bundle, Hash, OrgUid, Publication, RoleEpochs, TrustRole } from '../../core/model/index.ts';
import type { KeyHolder, Publisher, Signer } from '../../ports/index.ts';
import {
  ensureRoot,
  type FetchAnswer,
  forge,
  openVerifier,
  publishOrg,
  readRoot,
  rotateOrg,
  type SigningKeys,
  type Verifier,
} from '../../trust/index.ts';
import { raised } from '../keys/index.ts';
import type { DrillGround, DrillParts } from './ground.ts';

/** One thing that was tried. */
export interface DrillStep {
  readonly who: 'org' | 'thief' | 'operator';
  readonly what: string;
  readonly expected: string;
  readonly got: string;
  /** How the platform team sees it, or what bounds it. */
  readonly note: string;
}

/** A gateway of the rehearsal: the real verifier with state of its own. */
export interface Enrolled {
  readonly verifier: Verifier;
  /** Where it downloads from, by itself or because somebody sits between. */
  source: Publisher;
}

/** What a thief signs with, and what for. */
export interface Theft {
  readonly signer: SigningKeys;
  readonly epochs: RoleEpochs;
  readonly bundles?: readonly Bundle[];
  /** Whether he signs snapshot and timestamp, so that gateways are led to the rest. */
  readonly isLedTo: boolean;
  readonly timestampVersion?: number;
  /** What he knows to stand before; the newest publication by default. */
  readonly publication?: Publication;
}

/** The one generation counter and clock of a rehearsal, the org in it, and what was tried so far. */
export interface Stage {
  readonly ground: DrillGround;
  readonly org: OrgUid;
  readonly hash: Hash;
  readonly steps: DrillStep[];
  nowMs: number;
  epochs(): RoleEpochs;
  /** What the org published last. */
  standing(): Publication;
  /** Publishes the org's content as its next generation. */
  publish(): Promise<void>;
  enrol(name: string): Promise<Enrolled>;
  /** Polls once from where the gateway downloads; what it runs then, and why it refused. */
  pull(gateway: Enrolled): Promise<string>;
  rotate(holder: KeyHolder, how: { readonly withNewSeed: boolean }): Promise<void>;
  /** Signs into the thief's copy. */
  forge(theft: Theft): Promise<Publication>;
  /** The org's content with a word of the thief's in it. */
  forged(): Bundle;
}

/** Opens a stage over the ground for the org of a bundle. */
export function openStage({ fleet, hash, clock, ground }: DrillParts, bundle: Bundle): Stage {
  const { orgUid: org, gateway } = bundle.header;
  const labels = new Map<string, string>();
  let publication: Publication | undefined;
  let generation = 0;
  let last = 0;
  const trust = () => ({
    ...{ fleet, org, signer: ground.custody.signer, publisher: ground.published, nowMs: stage.nowMs },
    nextTimestamp: async (nowMs: number) => {
      last = Math.max(last + 1, Math.floor(nowMs / SECOND_MS));
      return last;
    },
  });
  const labelled = (text: string, label: string): Bundle => {
    const marked = withText(bundle, `# ${text}\n`, (files) => bundleDigestOf(files, hash));
    labels.set(marked.contentDigest, label);
    return marked;
  };
  const standing = (): Publication => {
    if (publication === undefined) throw new Error('expected the org to publish first');
    return publication;
  };
  const stage: Stage = {
    ...{ ground, org, hash, steps: [], nowMs: clock.nowMs() },
    epochs: () => standing().epochs,
    standing,
    async publish() {
      generation += 1;
      stage.nowMs += SECOND_MS;
      const bundles = [labelled(`generation ${generation}`, `generation ${generation}`)];
      await ensureRoot(trust());
      const request = { ...trust(), publication, generation, bundles, provenance: () => ({}) };
      ({ publication } = await publishOrg(request));
    },
    async enrol(name) {
      const root = (await readRoot(ground.published, org, 1))?.bytes ?? new Uint8Array(0);
      const enrolled: { verifier?: Verifier; source: Publisher } = { source: ground.published };
      const fetcher = { get: (path: string, how: Asked) => fetchFrom(enrolled.source, org, { path, how, hash }) };
      const identity = { fleet, orgUid: org, gateway };
      const options = { stateDir: ground.stateDir(name), identity, root, fetcher, nowMs: () => stage.nowMs, hash };
      return Object.assign(enrolled, { verifier: await openVerifier(options) });
    },
    pull: (enrolled) => pull(enrolled, labels),
    async rotate(holder, { withNewSeed }) {
      const { epochs } = standing();
      const epoch = Math.max(...Object.values(epochs)) + 1;
      if (withNewSeed) await ground.custody.renewSeeds({ holder, fromEpoch: epoch, shares: 1 });
      stage.nowMs += SECOND_MS;
      const next = { publication: standing(), epochs: raised(epochs, holder, epoch) };
      ({ publication } = await rotateOrg({ ...trust(), ...next }));
    },
    forge: (theft) => {
      const timestampVersion = Math.floor(stage.nowMs / SECOND_MS) + VERSIONS_AHEAD;
      return forge({ ...trust(), publisher: ground.taken, publication: standing(), timestampVersion, ...theft });
    },
    forged: () => labelled('what the thief wrote', 'what the thief wrote'),
  };
  return stage;
}

/** Takes a step down with what the gateway makes of it. */
export async function see(stage: Stage, gateway: Enrolled, step: Omit<DrillStep, 'got'>): Promise<void> {
  stage.steps.push({ ...step, got: await stage.pull(gateway) });
}

const SECOND_MS = 1000;
/** Versions of timestamps are near Unix seconds; a thief stays ahead of the org's. */
const VERSIONS_AHEAD = 1000;

/** A thief signs for every role, with the keys of his own where he does not have the role's. */
export function impostor(stolen: Signer, holder: KeyHolder): SigningKeys {
  const own: readonly TrustRole[] = holder === 'online' ? ['snapshot', 'timestamp'] : ['targets'];
  const as = (role: TrustRole): TrustRole => (own.includes(role) ? role : (own[0] ?? role));
  return {
    publicKey: (role, org, epoch) => stolen.publicKey(as(role), org, epoch),
    sign: (role, org, epoch, bytes) => stolen.sign(as(role), org, epoch, bytes),
  };
}

function withText(bundle: Bundle, line: string, digestOf: (files: Bundle['files']) => Bundle['contentDigest']): Bundle {
  const before = bundle.files.get('policy-config.yaml') ?? new Uint8Array(0);
  const files = new Map(bundle.files).set(
    'policy-config.yaml',
    new TextEncoder().encode(new TextDecoder().decode(before) + line),
  );
  return { ...bundle, files, contentDigest: digestOf(files) };
}

async function pull({ verifier }: Enrolled, labels: ReadonlyMap<string, string>): Promise<string> {
  const result = await verifier.poll();
  if (result.kind === 'candidate') await result.commit();
  const running = verifier.lastKnownGood()?.custom.contentDigest;
  const words = running === undefined ? 'runs nothing' : `runs ${labels.get(running) ?? 'something unknown'}`;
  return result.kind === 'refused' ? `refuses with ${result.code}, ${words}` : words;
}

/** The limits are the verifier's to keep: nothing here is endless. */
interface Asked {
  readonly etag?: string;
}

async function fetchFrom(
  source: Publisher,
  org: OrgUid,
  { path, how, hash }: { readonly path: string; readonly how: Asked; readonly hash: DrillParts['hash'] },
): Promise<FetchAnswer> {
  const bytes = await source.get(org, path);
  if (bytes === undefined) return { status: 404 };
  const etag = hash.sha256(bytes);
  return etag === how.etag ? { status: 304 } : { status: 200, bytes, etag };
}
