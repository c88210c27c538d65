import type { Finding, Json, JsonObject, RepoPath } from '../model/index.ts';
import {
  type CompiledPolicy,
  channelOf,
  checkDocument,
  compileDocument,
  createMemory,
  type Decision,
  type DocumentSite,
  type RequestFacts,
} from './index.ts';

/** Places are the pointers themselves, as the file, so that a test sees what a finding points at. */
export const where: DocumentSite = {
  placeOf: (pointer, at) => ({ file: `${pointer}${at === 'key' ? ' (key)' : ''}` as RepoPath, line: 1, column: 1 }),
  pointer: '',
  org: null,
  object: null,
};

export const target = (more: JsonObject = {}): JsonObject => ({
  id: 'main',
  provider: 'openai',
  model: 'gpt-4o-mini',
  secret_key_ref: { env: 'OPENAI_KEY' },
  ...more,
});

/** A document of one kind with its settings, and whatever else. */
export const documentOf = (kind: string, settings: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  pack: { name: 'test', version: '1.0.0', enabled: true },
  policies: { chain: [kind] },
  policy: { [kind]: settings },
  providers: { targets: [target()] },
  ...more,
});

export const codesOf = (document: Json): readonly string[] => checkDocument(document, where).map((item) => item.code);

export const findingsOf = (document: Json): readonly Finding[] => checkDocument(document, where);

/** `nowMs`: the clock of what the policy remembers. */
export function compiled(document: Json, nowMs: () => number = () => 0): CompiledPolicy {
  const result = compileDocument(document, { where, memory: createMemory(nowMs) });
  if (!result.ok) throw new Error(JSON.stringify(result.findings, null, 2));
  return result.value;
}

export const chat = (content: Json, role = 'user'): JsonObject => ({
  model: 'gpt-4o-mini',
  messages: [{ role, content }],
});

export const request = (body: Json, more: Partial<RequestFacts> = {}): RequestFacts => ({
  path: '/v1/chat/completions',
  headers: new Map(),
  model: 'gpt-4o-mini',
  team: null,
  role: null,
  gateway: 'acme-prod',
  token: 'bot',
  authenticated: true,
  body,
  ...more,
});

/** A chat completion with this content. */
export const completionOf = (content: Json): JsonObject => ({
  id: 'c',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
});

/** What a stream of an answer in pieces sends, and what was decided. */
export function streamThrough(
  policy: CompiledPolicy,
  pieces: readonly string[],
  channel = channelOf(0, 'content'),
): { readonly sent: string; readonly blocked: boolean; readonly outcome: Decision | null } {
  const scanner = policy.stream(request(chat('hi')));
  if (scanner === null) return { sent: pieces.join(''), blocked: false, outcome: null };
  let sent = '';
  for (const text of pieces) {
    const piece = scanner.push(channel, text);
    sent += piece.emit;
    if (piece.blocked !== null) return { sent, blocked: true, outcome: scanner.outcome() };
  }
  for (const held of [...scanner.channels()]) {
    const piece = scanner.end(held);
    sent += piece.emit;
    if (piece.blocked !== null) return { sent, blocked: true, outcome: scanner.outcome() };
  }
  return { sent, blocked: false, outcome: scanner.outcome() };
}
