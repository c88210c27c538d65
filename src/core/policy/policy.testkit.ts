import type { Finding, Json, JsonObject, RepoPath } from '../model/index.ts';
import {
  type CompiledPolicy,
  checkDocument,
  compileDocument,
  createMemory,
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

export function compiled(document: Json): CompiledPolicy {
  const result = compileDocument(document, { where, memory: createMemory(() => 0) });
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
