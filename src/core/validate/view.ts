import {
  type DesiredObject,
  type Finding,
  type FindingCode,
  type FindingFacts,
  finding,
  type Kind,
  type ObjectId,
  type ObjectKey,
  type OrgSlug,
  type OrgUid,
  objectKey,
  type Place,
  type RepoPath,
  startOf,
  type Typed,
  type ZoneOffset,
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
  /** What fleet.yaml and its price book say to every org; absent: nothing. */
  readonly fleet?: FleetSettings;
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** Knows every time zone that there is. */
  readonly zoneOffset: ZoneOffset;
  /** The line of the input that causes a value; pointer into the document. Null or absent: the object's own file. */
  readonly sourceOf?: (key: ObjectKey, pointer: string) => Place | null;
}

/**
 * What the price book says of a model: in which currency it has a price, and from when on (Unix milliseconds). `unknown`: there is
 * a book that cannot be read.
 */
export type PriceFact = { readonly currency: string; readonly fromMs: number } | 'none' | 'unknown';

/** What of fleet.yaml and of the price book that it names the rules of one org look at. */
export interface FleetSettings {
  /** Addresses of the service provider's staff, folded. */
  readonly staff: Names;
  /** Handles of the platform owners, in lower case. */
  readonly platform: Names;
  /** Names of rollout rings. */
  readonly rings: Names;
  /** The region of each listed machine. */
  readonly hosts: ReadonlyMap<string, string>;
  /** Runtime versions; null where the fleet lists none. */
  readonly runtimes: { readonly tested: Names | null; readonly refused: Names };
  readonly priceOf: (model: string) => PriceFact;
}

/** Where in the org a finding is. */
export interface Spot {
  readonly object: Pick<RuleObject, 'id'>;
  readonly pointer: string;
}

/** What a fleet rule takes down of one org. Values that must not be shown are compared only, never said. */
export interface RuleFact {
  /** Facts of equal value are in one bucket. */
  readonly value: string;
  readonly object: ObjectKey;
  readonly path: RepoPath;
  /** Pointer into the object's document. */
  readonly pointer: string;
  readonly detail?: string;
}

/** The org as rules look at it: typed objects, look-ups, places. */
export interface OrgView extends OrgContext {
  readonly all: <K extends Kind>(kind: K) => readonly Typed<K>[];
  /** Objects of a kind and name, in any environment. */
  readonly named: (kind: Kind, name: string) => readonly RuleObject[];
  readonly names: (kind: Kind) => readonly string[];
  readonly placeOf: (spot: Spot) => Place;
  /** What a fleet rule takes down at a spot. */
  readonly factAt: (spot: Spot, value: string, detail?: string) => RuleFact;
  readonly report: (code: FindingCode, spot: Spot, facts: Omit<FindingFacts, 'place' | 'org' | 'object'>) => Finding;
  /** For `oncePerOrg`. */
  readonly notes: Map<object, unknown>;
}

// One org is judged after the other. A WeakMap by context would hold every org until a full collection: to the collector
// of young objects what an old table names is alive, and copying all that costs as much as the rules.
let latest: { readonly context: OrgContext; readonly view: OrgView } | undefined;

/** Looks at one org: every look-up is built once for a context, and only when a rule asks. */
export function viewOf(context: OrgContext): OrgView {
  if (latest?.context === context) return latest.view;
  const view = createView(context);
  latest = { context, view };
  return view;
}

/** What several rules make of the same org, made when the first of them asks. */
export function oncePerOrg<T>(make: (org: OrgView) => T): (org: OrgView) => T {
  return (org) => {
    if (!org.notes.has(make)) org.notes.set(make, make(org));
    // What stands under a function is what that function gave.
    return org.notes.get(make) as T;
  };
}

/** An object's key and path, made once: most of what is said of an org names one of its objects. */
interface Known {
  readonly object: ObjectKey;
  readonly path: RepoPath;
}

// No getter in what it answers: an accessor belongs to the hidden class of an object, so that each org would have a class
// of its own, which keeps the org alive and every rule slow.
function createView(context: OrgContext): OrgView {
  const byKind = groupsOf(context.objects, ({ id }) => id.kind);
  const byName = new Map<Kind, ReadonlyMap<string, readonly RuleObject[]>>();
  const namesOf = (kind: Kind): ReadonlyMap<string, readonly RuleObject[]> => {
    const known = byName.get(kind);
    if (known !== undefined) return known;
    const groups = groupsOf(byKind.get(kind) ?? [], ({ id }) => id.name);
    byName.set(kind, groups);
    return groups;
  };
  let places: ReadonlyMap<ObjectId, Known> | undefined;
  const knownOf = ({ id }: Pick<RuleObject, 'id'>): Known => {
    places ??= new Map(
      context.objects.map((object) => [object.id, { object: objectKey(object.id), path: object.path }]),
    );
    const known = places.get(id);
    if (known === undefined) throw new RangeError(`${objectKey(id)} is not an object of ${context.org}`);
    return known;
  };
  const placeOf: OrgView['placeOf'] = ({ object, pointer }) => {
    const known = knownOf(object);
    return context.sourceOf?.(known.object, pointer) ?? startOf(known.path);
  };
  return {
    ...context,
    // Its groups are of one kind each; whether they were checked, `ofKind` leaves to its caller as well.
    all: <K extends Kind>(kind: K) => (byKind.get(kind) ?? []) as unknown as readonly Typed<K>[],
    named: (kind, name) => namesOf(kind).get(name) ?? [],
    names: (kind) => (byKind.get(kind) ?? []).map(({ id }) => id.name),
    factAt: (spot, value, detail) => {
      const { object, path } = knownOf(spot.object);
      const { pointer } = spot;
      return detail === undefined ? { value, object, path, pointer } : { value, object, path, pointer, detail };
    },
    placeOf,
    report: (code, spot, facts) =>
      finding(code, { ...facts, place: placeOf(spot), org: context.org, object: objectKey(spot.object.id) }),
    notes: new Map(),
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
