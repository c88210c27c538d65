import { fieldFacts } from '../../kinds/index.ts';
import { type Change, type FieldChange, type Kind, type ObjectId, valueAt } from '../../model/index.ts';

const ACCESS: readonly (readonly [kind: Kind, pointer: string])[] = [
  ['Token', '/spec/gateways'],
  ['Token', '/spec/scopes'],
  ['Token', '/spec/models'],
  ['Token', '/spec/role'],
  ['Token', '/spec/expires'],
  ['Token', '/spec/owner'],
  ['Token', '/spec/team'],
  ['Team', '/spec/leads'],
  ['Team', '/spec/members'],
  ['Team', '/spec/delegation'],
  ['Organization', '/spec/owners'],
  ['Gateway', '/spec/egress'],
  ['Gateway', '/spec/teams'],
  ['Fleet', '/spec/owners'],
  ['Fleet', '/spec/staff'],
];

/** What requests are let through, and how many of them. */
const POLICY: readonly (readonly [kind: Kind, pointer: string])[] = [
  ['Policy', '/spec/document'],
  ['Gateway', '/spec/limits'],
  ['Gateway', '/spec/policy'],
];
const NO_POLICY = '/spec/document/pack';

/** Kinds that are a right by being there. */
const GRANTS: ReadonlySet<Kind> = new Set(['Token', 'Team', 'Gateway']);

/** What people look for first: money, who may do what, and what is let through. */
export type Topic = 'money' | 'access' | 'policy';

/** The object that a change is of: as it will be, or as it was when it goes. */
export function objectOf(change: Change): ObjectId {
  return change.kind === 'delete' ? change.before.id : change.after.id;
}

/** True when a field of a change is about the topic. */
export function isAbout(topic: Topic, change: Change, field: FieldChange): boolean {
  const { kind } = objectOf(change);
  switch (topic) {
    case 'money':
      return fieldFacts(kind, field.path).money;
    case 'access':
      return isListed(ACCESS, kind, field.path);
    case 'policy':
      return isListed(POLICY, kind, field.path) && !isBelow(field.path, NO_POLICY);
  }
}

function isListed(list: typeof ACCESS, kind: Kind, path: string): boolean {
  return list.some(([of, pointer]) => of === kind && isBelow(path, pointer));
}

function isBelow(path: string, pointer: string): boolean {
  return path === pointer || path.startsWith(`${pointer}/`);
}

const MAIN: ReadonlySet<string> = new Set([
  '/spec/gateways',
  '/spec/scopes',
  '/spec/leads',
  '/spec/egress',
  '/spec/owners',
]);

/** As `isAbout`, of an object that comes or goes: only what says most. */
export function isMain(topic: Topic, change: Change, field: FieldChange): boolean {
  return isAbout(topic, change, field) && (topic === 'money' || MAIN.has(field.path));
}

/** True when the coming or going of the object is itself about the topic. */
export function isGrant(topic: Topic, change: Change): boolean {
  const { kind } = objectOf(change);
  return (
    change.kind !== 'update' && ((topic === 'access' && GRANTS.has(kind)) || (topic === 'policy' && kind === 'Policy'))
  );
}

/** An object as a sentence names it: "token ci-deploy of team support", "gateway desk-production (production)". */
export function subjectOf(change: Change, key: string): string {
  const { kind, environment } = objectOf(change);
  const { document } = change.kind === 'delete' ? change.before : change.after;
  const team = kind === 'Token' ? valueAt(document, '/spec/team') : undefined;
  const name = key.slice(key.lastIndexOf('/') + 1);
  const noun = kind === 'PriceBook' ? 'price book' : kind.toLowerCase();
  return `${noun} ${name}${typeof team === 'string' ? ` of team ${team}` : ''}${environment === null ? '' : ` (${environment})`}`;
}
