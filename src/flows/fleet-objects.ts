import { emit, pathOf } from '../core/kinds/index.ts';
import {
  byCodeUnit,
  contentDigestOf,
  type DesiredObject,
  type DesiredOrg,
  FLEET_ORG,
  FLEET_UID,
  type Hash,
  objectKey,
} from '../core/model/index.ts';
import type { Frame } from './frame.ts';

/** fleet.yaml and the price books as objects of the reserved org `_fleet` (rulings 5). */
export function sharedObjects(frame: Frame, hash: Hash): readonly DesiredObject[] {
  const objects = frame.shared.map((manifest): DesiredObject => {
    const text = emit(manifest.document);
    const { id, document } = manifest;
    return { id, path: pathOf(null, id), origin: 'written', document, text, digest: hash.sha256(text) };
  });
  return objects.sort((a, b) => byCodeUnit(objectKey(a.id), objectKey(b.id)));
}

/** The reserved org as something to plan and apply like any other. */
export function sharedOrg(frame: Frame, hash: Hash): DesiredOrg {
  const objects = sharedObjects(frame, hash);
  return { org: FLEET_ORG, uid: FLEET_UID, objects, contentDigest: contentDigestOf(objects, hash) };
}
