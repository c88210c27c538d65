import { isJsonObject, type Json } from '../../model/index.ts';
import { endpointOf, fixedHeaders } from '../check/endpoints.ts';
import type { SaidText, ServiceReply, Target } from '../types.ts';
import type { CompileContext, StepResult } from './kind.ts';

// What policies that ask another service have in common: where it is, what is too much to send, what no answer means.

/** UTF-16 code units of all texts of one question together. */
const MOST_UNITS = 256 * 1024;
/** Texts of one question. */
const MOST_TEXTS = 512;

export const ASKING_NOTE = `The gateway asks over the same connections as providers: https (http on loopback only), private and metadata addresses refused, no redirects, no proxy, at most 256 KiB of answer, which must be JSON of the expected form whole within \`timeout_ms\`; an answer that holds the key is not believed. What the policies before it leave of the texts is sent, and nothing is sent when one of them blocks. Sent are texts only: no pictures, sound or files, no names, descriptions or schemas of tools, no settings, nothing about who asks. \`data-routing-policy\` and the regions of targets say nothing of the service. docs/moderation.md has the whole of it. More than ${MOST_UNITS / 1024} Ki UTF-16 code units or ${MOST_TEXTS} texts are not sent and never pass (\`too_long\`).`;

export const HELD_NOTE =
  'A stream that it applies to is held whole (up to `max_response_bytes`, 32 MiB without it), judged and then sent on; until then the client gets nothing, and a refusal has a status of its own. It is still read from the provider as a stream, so long answers do not run into a time limit.';

/** A reference to a key as the document writes it. */
interface WrittenSecret {
  readonly env?: string;
  readonly store?: string;
}

/** The reference in the form of targets; null without one. */
export function secretOf(written: WrittenSecret | undefined): Target['secret'] {
  if (written?.env !== undefined) return { kind: 'env', name: written.env };
  return written?.store === undefined ? null : { kind: 'store', name: written.store };
}

/** Where a service is asked: `origin` is scheme, host and port. */
export interface Place {
  readonly origin: string;
  /** Lower case, without the port. */
  readonly host: string;
  readonly path: string;
}

/** The parts of a plain URL; all of them empty for what is none. */
export function partsOf(url: string): Place {
  const [, origin = '', host = '', path = ''] = /^(https?:\/\/(\[[^\]]*\]|[^/:]*)[^/]*)(.*)$/.exec(url) ?? [];
  return { origin, host: host.toLowerCase(), path: path === '' ? '/' : path };
}

/** The address of the service, its path to the letter. Reports what is no URL; `key` is its place below the block. */
export function placeOf(text: string, key: string, { pointer, report }: CompileContext): Place {
  const url = endpointOf(text, { pointer: `${pointer}/${key}`, owner: 'The service', report });
  return partsOf(url === '' ? '' : text);
}

/** Fixed headers of a question. */
export const headersOf = (
  written: { readonly [name: string]: string } | undefined,
  key: string,
  { pointer, report }: CompileContext,
): { readonly [name: string]: string } =>
  fixedHeaders(written, { pointer: `${pointer}/${key}`, owner: 'A question', report });

/** Reports that the block does not say whom to ask. */
export function reportIncomplete(key: string, { pointer, report }: CompileContext): void {
  report('POLICY_ASK_INCOMPLETE', pointer, {
    message: 'The policy asks a service and does not say which one.',
    expected: key,
    found: 'nothing',
  });
}

/** The texts that hold anything; those of one speaker that follow each other are one. */
export function spoken(texts: readonly SaidText[]): readonly SaidText[] {
  const said: SaidText[] = [];
  for (const { role, text } of texts) {
    if (text.trim() === '') continue;
    const before = said.at(-1);
    if (before?.role === role) said[said.length - 1] = { role, text: `${before.text}\n${text}` };
    else said.push({ role, text });
  }
  return said;
}

export function isTooLong(texts: readonly SaidText[]): boolean {
  return texts.length > MOST_TEXTS || texts.reduce((sum, { text }) => sum + text.length, 0) > MOST_UNITS;
}

/** Why an answer cannot be used, as the end of a reason code. */
export type NoAnswer = 'timeout' | 'unavailable' | 'malformed_answer';

/** Why there is no answer that could be read. */
export function whyNone(reply: Extract<ServiceReply, { kind: 'failed' }>): NoAnswer {
  if (reply.why === 'timeout') return 'timeout';
  return reply.why === 'malformed' || reply.why === 'too_large' ? 'malformed_answer' : 'unavailable';
}

export const blocking = (reasonCode: string, message: string): StepResult => ({
  verdict: 'block',
  reasonCode,
  redactions: 0,
  message,
});

export const warning = (reasonCode: string, message: string): StepResult => ({
  verdict: 'warn',
  reasonCode,
  redactions: 0,
  message,
});

/** Scores by name, each from 0 to 1; null when it is anything else. */
export function scoresOf(value: Json | undefined): ReadonlyMap<string, number> | null {
  if (value === undefined || !isJsonObject(value)) return null;
  const scores = new Map<string, number>();
  for (const [name, score] of Object.entries(value)) {
    if (typeof score !== 'number' || !(score >= 0 && score <= 1)) return null;
    scores.set(name, score);
  }
  return scores;
}
