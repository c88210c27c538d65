import { fieldFacts } from '../../kinds/index.ts';
import { type FieldChange, KINDS, type Kind } from '../../model/index.ts';
import type { ReportedChange } from './change-report.ts';

const ACCESS: readonly (readonly [kind: Kind, pointer: string])[] = [
  ['Token', '/spec/gateways'],
  ['Token', '/spec/scopes'],
  ['Token', '/spec/models'],
  ['Token', '/spec/paths'],
  ['Token', '/spec/addresses'],
  ['Token', '/spec/role'],
  ['Token', '/spec/expires'],
  ['Token', '/spec/owner'],
  ['Token', '/spec/team'],
  ['Team', '/spec/leads'],
  ['Team', '/spec/members'],
  ['Team', '/spec/delegation'],
  ['Organization', '/spec/owners'],
  ['Organization', '/spec/retired'],
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

interface Subject {
  readonly kind: Kind | undefined;
  readonly environment: string | null;
  readonly name: string;
}

/** What a key says of its object; no kind for one that is not known here. */
function partsOf(key: string): Subject {
  const [kind = '', ...rest] = key.split('/');
  return {
    kind: KINDS.find((known) => known === kind),
    environment: rest.length > 1 ? (rest[0] ?? null) : null,
    name: rest.at(-1) ?? '',
  };
}

/** True when a field of a change is about the topic. */
export function isAbout(topic: Topic, change: ReportedChange, field: FieldChange): boolean {
  const { kind } = partsOf(change.key);
  if (kind === undefined) return false;
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
export function isMain(topic: Topic, change: ReportedChange, field: FieldChange): boolean {
  return isAbout(topic, change, field) && (topic === 'money' || MAIN.has(field.path));
}

/** True when the coming or going of the object is itself about the topic. */
export function isGrant(topic: Topic, change: ReportedChange): boolean {
  const { kind } = partsOf(change.key);
  return (
    kind !== undefined &&
    change.kind !== 'update' &&
    ((topic === 'access' && GRANTS.has(kind)) || (topic === 'policy' && kind === 'Policy'))
  );
}

/** True when a field says that an org is retired, or is not any more: what else changes of it follows from that. */
export function isRetirement(change: ReportedChange, field: FieldChange): boolean {
  return change.kind === 'update' && partsOf(change.key).kind === 'Organization' && field.path === '/spec/retired';
}

/** An object as a sentence names it, by the key of its group: "token ci-deploy of team support", "gateway desk (production)". */
export function subjectOf({ team }: ReportedChange, key: string): string {
  const { kind, environment, name } = partsOf(key);
  const of = team === undefined ? '' : ` of team ${team}`;
  const noun = kind === 'PriceBook' ? 'price book' : (kind ?? 'object').toLowerCase();
  return `${noun} ${name}${of}${environment === null ? '' : ` (${environment})`}`;
}
