import { references } from '../kinds/index.ts';
import {
  type DesiredObject,
  type Finding,
  type FindingCode,
  type FindingFacts,
  finding,
  type Kind,
  type ObjectKey,
  type OrgSlug,
  type OrgUid,
  objectKey,
  ofKind,
  type Place,
  type RepoPath,
  startOf,
  type Typed,
} from '../model/index.ts';

/** What a rule needs to know of an object: its document and where it lies. */
export type RuleObject = Pick<DesiredObject, 'id' | 'path' | 'document'>;

/** Names that can be asked for; a set is one. */
export interface Names {
  has(name: string): boolean;
}

/** Everything the rules of one org are decided from. */
export interface OrgContext {
  readonly org: OrgSlug;
  readonly uid: OrgUid;
  readonly objects: readonly RuleObject[];
  /** Slugs and uids of all other orgs, to recognise what reaches into them. */
  readonly otherOrgs: { readonly slugs: Names; readonly uids: Names };
  /** What fleet.yaml says to every org; absent: nothing. */
  readonly fleet?: FleetSettings;
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** The line of the input that causes a value; pointer into the document. Null or absent: the object's own file. */
  readonly sourceOf?: (key: ObjectKey, pointer: string) => Place | null;
}

/** What of fleet.yaml the rules of one org look at. */
export interface FleetSettings {
  /** Addresses of the service provider's staff, folded. */
  readonly staff: Names;
  /** Names of rollout rings. */
  readonly rings: Names;
  /** The region of each listed machine. */
  readonly hosts: ReadonlyMap<string, string>;
  /** Runtime versions; null where the fleet lists none. */
  readonly runtimes: { readonly tested: Names | null; readonly refused: Names };
}

/** Where in the org a finding is. */
export interface Spot {
  readonly object: Pick<RuleObject, 'id'>;
  readonly pointer: string;
}

/** The org as rules look at it: typed objects, look-ups, places. */
export interface OrgView extends OrgContext {
  readonly all: <K extends Kind>(kind: K) => readonly Typed<K>[];
  /** Objects of a kind and name, in any environment. */
  readonly named: (kind: Kind, name: string) => readonly RuleObject[];
  readonly names: (kind: Kind) => readonly string[];
  readonly placeOf: (spot: Spot) => Place;
  /** A spot as a fleet rule takes it down. */
  readonly spotOf: (spot: Spot) => { readonly object: ObjectKey; readonly path: RepoPath; readonly pointer: string };
  readonly report: (code: FindingCode, spot: Spot, facts: Omit<FindingFacts, 'place' | 'org' | 'object'>) => Finding;
  readonly references: readonly OrgReference[];
}

/** One reference of the org, with the object that makes it. */
export interface OrgReference {
  readonly from: RuleObject;
  readonly kind: Kind;
  readonly name: string;
  readonly environment: string | null;
  readonly pointer: string;
}

const views = new WeakMap<OrgContext, OrgView>();

/** Looks at one org: every look-up is built once for a context, and only when a rule asks. */
export function viewOf(context: OrgContext): OrgView {
  const known = views.get(context);
  if (known !== undefined) return known;
  const view = createView(context);
  views.set(context, view);
  return view;
}

function createView(context: OrgContext): OrgView {
  const byKind = groupsOf(context.objects, ({ id }) => id.kind);
  const byName = new Map<Kind, ReadonlyMap<string, readonly RuleObject[]>>();
  const namesOf = (kind: Kind): ReadonlyMap<string, readonly RuleObject[]> => {
    const known = byName.get(kind) ?? groupsOf(byKind.get(kind) ?? [], ({ id }) => id.name);
    byName.set(kind, known);
    return known;
  };
  let paths: ReadonlyMap<ObjectKey, RepoPath> | undefined;
  const pathOf = (key: ObjectKey): RepoPath => {
    paths ??= new Map(context.objects.map((object) => [objectKey(object.id), object.path]));
    const path = paths.get(key);
    if (path === undefined) throw new RangeError(`${key} is not an object of ${context.org}`);
    return path;
  };
  const spotOf: OrgView['spotOf'] = ({ object, pointer }) => {
    const key = objectKey(object.id);
    return { object: key, path: pathOf(key), pointer };
  };
  const placeOf: OrgView['placeOf'] = ({ object, pointer }) =>
    context.sourceOf?.(objectKey(object.id), pointer) ?? startOf(pathOf(objectKey(object.id)));
  let found: readonly OrgReference[] | undefined;
  return {
    ...context,
    all: (kind) => ofKind(byKind.get(kind) ?? [], kind),
    named: (kind, name) => namesOf(kind).get(name) ?? [],
    names: (kind) => (byKind.get(kind) ?? []).map(({ id }) => id.name),
    spotOf,
    placeOf,
    report: (code, spot, facts) =>
      finding(code, { ...facts, place: placeOf(spot), org: context.org, object: objectKey(spot.object.id) }),
    get references() {
      found ??= context.objects.flatMap((from) =>
        references(from.id.kind, from.document).map((reference) => ({ from, ...reference })),
      );
      return found;
    },
  };
}

function groupsOf<Key>(
  objects: readonly RuleObject[],
  keyOf: (object: RuleObject) => Key,
): ReadonlyMap<Key, readonly RuleObject[]> {
  const groups = new Map<Key, RuleObject[]>();
  for (const object of objects) {
    const key = keyOf(object);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [object]);
    else group.push(object);
  }
  return groups;
}
