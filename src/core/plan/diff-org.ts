import {
  type Change,
  contentDigestOf,
  type Hash,
  type ObjectKey,
  type ObjectSide,
  type OrgDiff,
  type OrgSlug,
  objectKey,
  type Sha256Hex,
  valueAt,
} from '../model/index.ts';
import { changeDigest } from './digest.ts';
import { fieldChanges, type ProvenanceOf } from './fields.ts';
import { type Balances, type HazardLimits, hazardsOf } from './hazards/index.ts';
import { inExecutionOrder, type WholeChange } from './order.ts';
import { renamePairs } from './renames.ts';
import { withRetirement } from './retirement.ts';
import { createdFields, deletedFields } from './summary.ts';

export interface OrgDiffInput {
  readonly org: OrgSlug;
  /** The objects before; null where the org did not exist. */
  readonly base: readonly ObjectSide[] | null;
  /** The objects after; null where the org will not exist. */
  readonly head: readonly ObjectSide[] | null;
  /** Of the last applied commit (rulings 7); null when there is none, and then nothing is a mass change. */
  readonly limits: HazardLimits | null;
  /** Places of the head side; without it every source is null. */
  readonly sourceOf?: ProvenanceOf;
  /** What each wallet holds in leases and spent money; without it every removed wallet is a hazard. */
  readonly balances?: Balances;
  /** When the commit of `head` was made; without it nothing is judged by time. */
  readonly commitMs?: number;
  /** Called once for each pair of documents that had to be compared. */
  readonly onCompare?: (key: ObjectKey) => void;
}

/** What changes for one org, in order of execution, with its dangers. Objects of equal digest are not looked at. */
export function diffOrg(input: OrgDiffInput, hash: Hash): OrgDiff {
  const { org, base, head } = input;
  const content = {
    org,
    base: base === null ? null : contentDigestOf(base, hash),
    head: head === null ? null : contentDigestOf(head, hash),
  };
  const digest: Sha256Hex = changeDigest(content, hash);
  if (content.base === content.head) return { org, changes: [], hazards: [], changeDigest: digest };
  const changes = withRetirement(inExecutionOrder(changesOf(input))).map(withoutDocuments);
  return { org, changes, hazards: hazardsOf({ ...input, changes }), changeDigest: digest };
}

/** What a report or a plan keeps of a change: a fleet's documents are not held for as long as its plan. */
function withoutDocuments(change: WholeChange): Change {
  const team = teamOf(change.kind === 'delete' ? change.before : change.after);
  switch (change.kind) {
    case 'create':
      return { ...change, ...team, after: { id: change.after.id } };
    case 'delete':
      return { ...change, ...team, before: { id: change.before.id } };
    case 'update':
    case 'rename':
      return { ...change, ...team, before: { id: change.before.id }, after: { id: change.after.id } };
  }
}

function teamOf({ id, document }: ObjectSide): { readonly team?: string } {
  const team = id.kind === 'Token' ? valueAt(document, '/spec/team') : undefined;
  return typeof team === 'string' ? { team } : {};
}

function changesOf(input: OrgDiffInput): readonly WholeChange[] {
  const base = byKey(input.base ?? []);
  const head = byKey(input.head ?? []);
  const gone = [...base.values()].filter((side) => !head.has(objectKey(side.id)));
  const come = [...head.values()].filter((side) => !base.has(objectKey(side.id)));
  const renamed = renamePairs(gone, come);
  const paired = new Set(renamed.flatMap(({ before, after }) => [before, after]));
  return [
    ...updatesOf(base, head, input),
    ...renamed.map(({ before, after }) => renameOf(before, after)),
    ...come.filter((side) => !paired.has(side)).map((side) => createOf(side, input.sourceOf)),
    ...gone.filter((side) => !paired.has(side)).map(deleteOf),
  ];
}

function updatesOf(
  base: ReadonlyMap<ObjectKey, ObjectSide>,
  head: ReadonlyMap<ObjectKey, ObjectSide>,
  input: OrgDiffInput,
): readonly WholeChange[] {
  return [...head].flatMap(([key, after]): WholeChange[] => {
    const before = base.get(key);
    if (before === undefined || before.digest === after.digest) return [];
    input.onCompare?.(key);
    return [{ kind: 'update', key, before, after, fields: fieldChanges(before, after, input.sourceOf) }];
  });
}

function createOf(after: ObjectSide, sourceOf: ProvenanceOf | undefined): WholeChange {
  return { kind: 'create', key: objectKey(after.id), after, fields: createdFields(after, sourceOf) };
}

function deleteOf(before: ObjectSide): WholeChange {
  return { kind: 'delete', key: objectKey(before.id), before, fields: deletedFields(before) };
}

function renameOf(before: ObjectSide, after: ObjectSide): WholeChange {
  const words = `renamed from ${before.id.name}`;
  const name = { path: '/metadata/name', before: before.id.name, after: after.id.name };
  return {
    kind: 'rename',
    key: objectKey(after.id),
    from: before.id,
    before,
    after,
    fields: [{ ...name, words, source: null }],
  };
}

function byKey(sides: readonly ObjectSide[]): ReadonlyMap<ObjectKey, ObjectSide> {
  return new Map(sides.map((side) => [objectKey(side.id), side]));
}
