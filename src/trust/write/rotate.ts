import { Key } from '@tufjs/models';
import type { RoleEpochs } from '../../core/model/index.ts';
import { metadataFile } from '../layout.ts';
import { openChain, type PublishOutcome, putSnapshot, putTargets, putTimestamp } from './chain.ts';
import { type Signing, signingFor } from './context.ts';
import { publicationOf, type ResignRequest } from './publish.ts';
import {
  assertRootNames,
  DAILY_ROLES,
  epochsOf,
  keyAtHand,
  makeRoot,
  type RootCeremony,
  type RootFile,
  readRoot,
  rootHands,
  rootJson,
  signersOf,
  tooFew,
} from './root.ts';
import { assertSigned, openRoots, rootFacts } from './roots.ts';

/** What to rotate, and by whose hands. */
export type RotateRequest = ResignRequest & RootCeremony & { readonly epochs: RoleEpochs };

/**
 * Moves an org to other key epochs (or, with the same ones, renews its root). First targets, snapshot and timestamp, each
 * signed by the keys before and after; then the root, signed by the root keys before and after (TUF 5.3.4); last a
 * timestamp of the new keys alone, so that every gateway asks for the root. At each moment between, and after a crash at
 * any of them, readers of either root verify what is published. A root that an interrupted rotation put is taken as it
 * is, with the epochs that it names; the caller stores the publication and looks whether more is to be done.
 * A root that the one before it did not sign is nobody's rotation, and refused (PUBLISH_ROOT_CHANGED).
 * Throws PUBLISH_ROOT_THRESHOLD with too few root keys at hand, PUBLISH_SIGNER when the new root names others than the
 * signer's. A former key whose seed is gone signs nothing: gateways then wait for the last two writes.
 */
export async function rotateOrg(request: RotateRequest): Promise<PublishOutcome> {
  const { publication, publisher, org } = request;
  const version = publication.rootVersion + 1;
  const pending = await readRoot(publisher, org, version);
  const { root: before, roots } = await openRoots(request, publication);
  if (pending !== undefined) assertSigned(request, pending, before);
  const signing = signingFor(request, pending === undefined ? request.epochs : epochsOf(pending));
  const root = pending ?? (await successor(signing, request, before));
  await assertRootNames(signing, root, DAILY_ROLES);
  const former = await formerAtHand(signing, publication.epochs);
  const both: Signing = { ...signing, former };
  const targets = new Map(Object.entries(publication.targets));
  const { generation } = publication;
  const opened = await openChain(signing, { publication, generation });
  let chain = await putSnapshot(both, await putTargets(both, opened, targets));
  if (Object.keys(former).length > 0) chain = await putTimestamp(both, chain, request.nextTimestamp);
  await publisher.putImmutable(org, new Map([[metadataFile('root', version), root.bytes]]));
  chain = await putTimestamp(signing, chain, request.nextTimestamp);
  return {
    publication: publicationOf(signing, chain, {
      generation,
      rootVersion: version,
      roots: { ...roots, [version]: rootFacts(root) },
      targets,
    }),
    signatures: signing.count.signatures,
    changed: [],
    removed: [],
  };
}

/** The next root: the same root keys, or those of the new epoch; enough of the keys before must be at hand to sign it. */
async function successor(signing: Signing, request: RotateRequest, last: RootFile): Promise<RootFile> {
  const { publication } = request;
  const signed = rootJson(last);
  const { keyids, threshold } = signed.roles.root;
  const signers = signersOf(signing, request);
  const before = (await rootHands(signing, signers, publication.epochs.root)).filter(({ key }) =>
    keyids.includes(key.keyID),
  );
  if (before.length < threshold) throw tooFew(signing.org, threshold, before.length);
  const isMoved = signing.epochs.root !== publication.epochs.root;
  const after = isMoved ? await rootHands(signing, signers, signing.epochs.root) : [];
  const wanted = request.rootKeys ?? keyids.length;
  if (isMoved && after.length !== wanted) throw tooFew(signing.org, wanted, after.length);
  const keys = isMoved ? after.map(({ key }) => key) : keyids.map((id) => Key.fromJSON(id, signed.keys[id] ?? {}));
  const next = request.threshold ?? threshold;
  if (next > keys.length) throw tooFew(signing.org, next, keys.length);
  return makeRoot(signing, { version: last.version + 1, keys, threshold: next }, [...before, ...after]);
}

/** The epochs before of roles that change their key and whose former key can still sign. */
async function formerAtHand({ signer, org, epochs }: Signing, before: RoleEpochs): Promise<Signing['former']> {
  const former: { -readonly [role in keyof RoleEpochs]?: number } = {};
  for (const role of DAILY_ROLES) {
    const epoch = before[role];
    if (epoch !== epochs[role] && (await keyAtHand(signer, { role, org, epoch })) !== undefined) former[role] = epoch;
  }
  return former;
}
