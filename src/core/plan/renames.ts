import { isJsonObject, type JsonObject, type ObjectSide, objectKey } from '../model/index.ts';
import { canonicalText } from './digest.ts';

/** An object that left under one name and came under another, with nothing else changed. */
export interface RenamePair {
  readonly before: ObjectSide;
  readonly after: ObjectSide;
}

/**
 * Pairs what goes with what comes: same kind, same environment, identical document but for metadata.name. Only an
 * unambiguous pair is a rename; two objects alike on one side stay deletes and creates.
 */
export function renamePairs(gone: readonly ObjectSide[], come: readonly ObjectSide[]): readonly RenamePair[] {
  if (gone.length === 0 || come.length === 0) return [];
  const leaving = bySignature(gone);
  const pairs: RenamePair[] = [];
  for (const [signature, arrivals] of bySignature(come)) {
    const [after, another] = arrivals;
    const [before, ambiguous] = leaving.get(signature) ?? [];
    if (after === undefined || before === undefined) continue;
    if (another !== undefined || ambiguous !== undefined) continue;
    pairs.push({ before, after });
  }
  return pairs;
}

function bySignature(sides: readonly ObjectSide[]): ReadonlyMap<string, readonly ObjectSide[]> {
  const groups = new Map<string, ObjectSide[]>();
  for (const side of sides) {
    const signature = signatureOf(side);
    const group = groups.get(signature);
    if (group === undefined) groups.set(signature, [side]);
    else group.push(side);
  }
  return groups;
}

function signatureOf(side: ObjectSide): string {
  const metadata = side.document['metadata'];
  if (!isJsonObject(metadata)) return objectKey(side.id);
  const nameless: JsonObject = { ...side.document, metadata: { ...metadata, name: '' } };
  return `${side.id.kind} ${side.id.environment ?? ''} ${canonicalText(nameless)}`;
}
