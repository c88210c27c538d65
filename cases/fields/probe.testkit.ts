import { isJsonObject, type Json, type JsonObject } from '../../src/core/model/index.ts';
import type { Field } from '../../src/core/policy/fields.ts';
import {
  compileDocument,
  createMemory,
  type Inquiry,
  type OutputOutcome,
  type Question,
  type RequestFacts,
  type ServiceReply,
} from '../../src/core/policy/index.ts';
import { chat, completionOf, documentOf, request, where } from '../../src/core/policy/policy.testkit.ts';

// A probe of one field: two settings that differ in it alone, and what is played to see that it matters.

export interface Act {
  /** A request; a text is one message of a user. */
  readonly ask?: Json;
  /** An answer; a text is one choice. */
  readonly answer?: Json;
  readonly facts?: Partial<RequestFacts>;
  readonly atMs?: number;
  /** Of the service that is asked. */
  readonly reply?: ServiceReply;
  /** The target that answered. */
  readonly target?: string;
}

export interface Probe {
  readonly field: string;
  readonly from: JsonObject;
  readonly to: JsonObject;
  readonly acts: readonly Act[];
  /** Top-level keys of the document. */
  readonly more?: JsonObject;
}

export type KindProbes = Readonly<Record<string, readonly Probe[]>>;

/** A short way to write a probe whose settings have nothing beside the field. */
export const probe = (field: string, from: JsonObject, to: JsonObject, ...acts: readonly Act[]): Probe => ({
  ...{ field, from, to, acts },
});

export type Seen = { readonly refused: readonly string[] } | { readonly outcomes: readonly object[] };

/** What is observed of settings: verdict, reason, message, body, targets, warnings of each act, or the codes they are refused by. */
export function observe(kind: string, settings: JsonObject, { acts, more = {} }: Probe): Seen {
  let nowMs = 0;
  const compiled = compileDocument(documentOf(kind, settings, more), { where, memory: createMemory(() => nowMs) });
  if (!compiled.ok) return { refused: compiled.findings.map(({ code }) => code) };
  const { value } = compiled;
  const outcomes = acts.map(({ ask, answer, facts, atMs = 0, reply, target }) => {
    nowMs = atMs;
    const asked = request(typeof ask === 'string' ? chat(ask) : (ask ?? chat('hi')), facts);
    if (answer === undefined) return played(value.input(asked), reply);
    const body = typeof answer === 'string' ? completionOf(answer) : answer;
    return played(value.output(asked, body, target), reply);
  });
  return { outcomes };
}

/** What an outcome comes to with the reply, and what was asked for it. */
function played<O extends Outcome & { readonly inquiry: Inquiry<O> | null }>(
  outcome: O,
  reply: ServiceReply = { kind: 'failed', why: 'unreachable' },
): object {
  const asked: Question[] = [];
  let current = outcome;
  while (current.inquiry !== null) {
    const { questions, answered } = current.inquiry;
    asked.push(...questions);
    current = answered(questions.map(() => reply));
  }
  return { ...shown(current), asked };
}

type Outcome = Omit<OutputOutcome, 'headers' | 'inquiry'> & {
  readonly headers?: OutputOutcome['headers'];
  readonly targets?: readonly string[];
};

function shown({
  verdict,
  reasonCode,
  blockedBy,
  escalatedBy,
  warnings,
  body,
  headers,
  targets = [],
}: Outcome): object {
  return { verdict, reasonCode, message: blockedBy?.message ?? null, escalatedBy, warnings, body, headers, targets };
}

/** The fields in which two settings differ, by their names in the schema: names of maps are `*`, items of lists `[]`. */
export function changedFields(
  from: Json | undefined,
  to: Json | undefined,
  fields: readonly Field[],
): readonly string[] {
  const known = new Set(fields.map(({ path }) => path));
  const changed = new Set<string>();
  const walk = (a: Json | undefined, b: Json | undefined, path: string): void => {
    if (JSON.stringify(a) === JSON.stringify(b)) return;
    if (known.has(path)) {
      changed.add(path);
      return;
    }
    const names = new Set([...Object.keys(isJsonObject(a) ? a : {}), ...Object.keys(isJsonObject(b) ? b : {})]);
    for (const name of names) {
      const named = path === '' ? name : `${path}.${name}`;
      const next = isKnownBelow(known, named) ? named : `${path}.*`;
      walk((a as JsonObject | undefined)?.[name], (b as JsonObject | undefined)?.[name], next);
    }
    const items = Math.max(Array.isArray(a) ? a.length : 0, Array.isArray(b) ? b.length : 0);
    for (let at = 0; at < items; at += 1)
      walk((a as Json[] | undefined)?.[at], (b as Json[] | undefined)?.[at], `${path}[]`);
    if (names.size === 0 && items === 0) changed.add(path);
  };
  walk(from, to, '');
  return [...changed];
}

const isKnownBelow = (known: ReadonlySet<string>, path: string): boolean =>
  [...known].some((field) => field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[]`));
