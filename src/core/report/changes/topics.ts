import { fieldFacts, TOPICS, type Topic } from '../../kinds/index.ts';
import { type FieldChange, KINDS, type Kind } from '../../model/index.ts';
import type { ReportedChange } from './change-report.ts';

export { TOPICS, type Topic };

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

/** True when a field of a change is about the topic, as the schema of its kind says: each field is about exactly one. */
export function isAbout(topic: Topic, change: ReportedChange, { path }: FieldChange): boolean {
  const { kind } = partsOf(change.key);
  // Another name is a change of all that the object is.
  const of = change.kind === 'rename' ? '/spec' : path;
  return (kind === undefined ? 'other' : fieldFacts(kind, of).topic) === topic;
}

/** True when the coming or going of the object is itself about the topic, whatever its fields are. */
export function isMainly(topic: Topic, change: ReportedChange): boolean {
  const { kind } = partsOf(change.key);
  return change.kind !== 'update' && (kind === undefined ? 'other' : fieldFacts(kind, '/spec').topic) === topic;
}

/** What a field is, of what people look at first in a topic: amounts, bounds that may only be tightened, lists of what is granted. */
export function weightOf({ key }: ReportedChange, { path }: FieldChange): 'amount' | 'bound' | 'list' | 'rest' {
  const { kind } = partsOf(key);
  if (kind === undefined) return 'rest';
  const { money, floor, list } = fieldFacts(kind, path);
  if (money) return 'amount';
  if (floor !== null) return 'bound';
  return list === null ? 'rest' : 'list';
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
