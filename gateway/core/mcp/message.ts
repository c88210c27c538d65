import { isJsonObject, type Json, type JsonObject } from '../../../src/core/model/index.ts';

// JSON-RPC as MCP has it (revisions 2025-03-26 to 2026-07-28, streamable HTTP): which messages pass, and in what form. What is
// not named here does not: a method, a field or a capability that this gateway does not govern would be a way around it.

export type RpcId = string | number;

/** A message of a client that may go on. */
export type ClientMessage =
  | { readonly kind: 'request'; readonly id: RpcId; readonly method: Method; readonly params: JsonObject }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject };

export interface RpcError {
  readonly id: RpcId | null;
  readonly code: number;
  readonly message: string;
  /** Facts for programs; no content. */
  readonly data?: JsonObject;
}

/** Codes of JSON-RPC and of MCP. `policy` is ours, of the range that is left to implementations. */
export const RPC = {
  invalid: -32600,
  method: -32601,
  params: -32602,
  internal: -32603,
  policy: -32003,
  header: -32020,
};

const METHODS = ['initialize', 'server/discover', 'ping', 'tools/list', 'tools/call'] as const;
export type Method = (typeof METHODS)[number];
const NOTIFICATIONS: ReadonlySet<string> = new Set(['notifications/initialized', 'notifications/cancelled']);
const MOST_ID = 200;

/** Makes of a text that nobody reads for its words one that has none, always the same of the same; numbers have none. */
export type Opaque = (id: RpcId) => RpcId;

/** Reads a message of a client; an error where it is none, or one that does not pass. */
export function readClientMessage(body: Json): ClientMessage | RpcError {
  if (!isJsonObject(body) || body['jsonrpc'] !== '2.0' || typeof body['method'] !== 'string') {
    return { id: null, code: RPC.invalid, message: 'Expected one JSON-RPC 2.0 request or notification.' };
  }
  const { method } = body;
  const params = isJsonObject(body['params']) ? body['params'] : {};
  if (!Object.hasOwn(body, 'id')) {
    if (NOTIFICATIONS.has(method)) return { kind: 'notification', method, params };
    return { id: null, code: RPC.method, message: 'The notification is not one that this gateway passes on.' };
  }
  const id = idOf(body['id']);
  if (id === null) {
    return {
      id: null,
      code: RPC.invalid,
      message: `Expected an id that is an integer of at most 2^53 - 1 or up to ${MOST_ID} characters.`,
    };
  }
  const known = METHODS.find((name) => name === method);
  if (known === undefined) {
    return { id, code: RPC.method, message: `The method is not one of ${METHODS.join(', ')}.` };
  }
  return { kind: 'request', id, method: known, params };
}

/** An id as MCP has them, that is told apart from every other: a longer integer would be rounded to that of another call. */
function idOf(value: Json | undefined): RpcId | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : null;
  return typeof value === 'string' && value.length <= MOST_ID ? value : null;
}

/** A name, or null: what the call asks for. */
export function calledTool({ params }: { readonly params: JsonObject }): string | null {
  const { name } = params;
  return typeof name === 'string' ? name : null;
}

/** What a caller wants progress to be told with, or null: it wants none. */
export function progressTokenOf({ params }: { readonly params: JsonObject }): RpcId | null {
  const { _meta: meta } = params;
  return isJsonObject(meta) ? idOf(meta['progressToken']) : null;
}

/** What stands in a message to a server in place of what its caller said, or beside it. */
export interface Changed {
  readonly opaque: Opaque;
  readonly arguments?: JsonObject;
  /** Where a list goes on, as its server said it. */
  readonly cursor?: string | undefined;
  /** Where the request is traced. */
  readonly traceparent?: string | undefined;
}

/** The message as it goes on to a server. */
export function forwarded(message: ClientMessage, changed: Changed): JsonObject {
  const { method, params } = message;
  const { opaque, cursor } = changed;
  const sent = {
    ...FORWARD[method]?.(params, opaque),
    ...(changed.arguments === undefined ? {} : { arguments: changed.arguments }),
    ...(cursor === undefined ? {} : { cursor }),
    ...metaOf(params['_meta'], changed),
  };
  const rest = Object.keys(sent).length === 0 ? {} : { params: sent };
  return { jsonrpc: '2.0', ...(message.kind === 'request' ? { id: opaque(message.id) } : {}), method, ...rest };
}

const CLIENT = { name: 'tenantry-gateway', version: '1' };
/** A revision of MCP. */
export const VERSION = /^20[0-9]{2}-[01][0-9]-[0-3][0-9]$/;
const isVersion = (value: Json | undefined): value is string => typeof value === 'string' && VERSION.test(value);

/**
 * The fields of each method that go on, where they are of their form: no policy reads them. A server hears of no capability by
 * which it could ask the client for something.
 */
const FORWARD: { readonly [method: string]: (params: JsonObject, opaque: Opaque) => JsonObject } = {
  initialize: ({ protocolVersion }) => ({
    ...(isVersion(protocolVersion) ? { protocolVersion } : {}),
    capabilities: {},
    clientInfo: CLIENT,
  }),
  'tools/call': ({ name }) => (typeof name === 'string' ? { name } : {}),
  'notifications/cancelled': ({ requestId }, opaque) => {
    const id = idOf(requestId);
    return id === null ? {} : { requestId: opaque(id) };
  },
};

const NAMED = 'io.modelcontextprotocol/';

/** Of `_meta` what the protocol needs: the version and the token of progress. */
function metaOf(given: Json | undefined, { opaque, traceparent }: Changed): JsonObject {
  const meta = isJsonObject(given) ? given : {};
  const version = meta[`${NAMED}protocolVersion`];
  const token = idOf(meta['progressToken']);
  const kept: JsonObject = {
    ...(token === null ? {} : { progressToken: opaque(token) }),
    ...(isVersion(version)
      ? { [`${NAMED}protocolVersion`]: version, [`${NAMED}clientInfo`]: CLIENT, [`${NAMED}clientCapabilities`]: {} }
      : {}),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
  return Object.keys(kept).length === 0 ? {} : { _meta: kept };
}

/** What a server said. `other`: a message that does not pass. */
export type ServerMessage =
  | { readonly kind: 'result'; readonly result: JsonObject }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  | { readonly kind: 'notification'; readonly message: JsonObject }
  | { readonly kind: 'other' };

/** What a server was asked. */
export interface AskedOf {
  readonly message: Extract<ClientMessage, { kind: 'request' }>;
  /** That of `forwarded`. */
  readonly opaque: Opaque;
}

/** Reads a message of a server: an answer, or progress, of what it was asked (null: of nothing), or a notification. */
export function readServerMessage(body: Json | undefined, asked: AskedOf | null): ServerMessage {
  if (!isJsonObject(body) || body['jsonrpc'] !== '2.0') return { kind: 'other' };
  if (typeof body['method'] === 'string') return notificationOf(body, body['method'], asked);
  if (asked === null || body['id'] !== asked.opaque(asked.message.id)) return { kind: 'other' };
  const { result, error } = body;
  if (isJsonObject(result)) return { kind: 'result', result };
  if (!isJsonObject(error)) return { kind: 'other' };
  const { code, message } = error;
  const isCode = typeof code === 'number' && Number.isInteger(code);
  return { kind: 'error', code: isCode ? code : RPC.internal, message: typeof message === 'string' ? message : '' };
}

/**
 * Progress of what was asked, by the token of who asked and without words, and that the list of tools has changed; a request of a
 * server does not pass.
 */
function notificationOf(body: JsonObject, method: string, asked: AskedOf | null): ServerMessage {
  if (Object.hasOwn(body, 'id')) return { kind: 'other' };
  const params = isJsonObject(body['params']) ? body['params'] : {};
  if (method === 'notifications/tools/list_changed')
    return { kind: 'notification', message: { jsonrpc: '2.0', method } };
  if (method !== 'notifications/progress') return { kind: 'other' };
  const { progress, total } = params;
  const progressToken = asked === null ? null : progressTokenOf(asked.message);
  const isAsked = progressToken !== null && params['progressToken'] === asked?.opaque(progressToken);
  if (!isAsked || typeof progress !== 'number') return { kind: 'other' };
  const said = { progressToken, progress, ...(typeof total === 'number' ? { total } : {}) };
  return { kind: 'notification', message: { jsonrpc: '2.0', method, params: said } };
}

/**
 * The result of `initialize` or `server/discover` of the server that the document calls `id`: revisions and tools, and under that
 * name. No words of its own: no instructions, descriptions or anything else that nobody has reviewed.
 */
export function introduced(result: JsonObject, id: string): JsonObject {
  const { protocolVersion, supportedVersions, capabilities, serverInfo } = result;
  const tools = isJsonObject(capabilities) ? capabilities['tools'] : undefined;
  return {
    ...(isVersion(protocolVersion) ? { protocolVersion } : {}),
    ...(Array.isArray(supportedVersions) ? { supportedVersions: supportedVersions.filter(isVersion) } : {}),
    ...(isJsonObject(serverInfo) ? { serverInfo: { name: id, version: numberOf(serverInfo) } } : {}),
    ...kindOf(result),
    capabilities: isJsonObject(tools) ? { tools: tools['listChanged'] === true ? { listChanged: true } : {} } : {},
  };
}

/** A version without words; clients expect one. */
function numberOf({ version }: JsonObject): string {
  return typeof version === 'string' && /^[0-9]{1,9}(\.[0-9]{1,9}){0,3}$/.test(version) ? version : '0';
}

/** What the revision of 2026-07-28 says of every result. */
export function kindOf({ resultType, ttlMs, cacheScope }: JsonObject): JsonObject {
  return {
    ...(resultType === 'complete' ? { resultType } : {}),
    ...(typeof ttlMs === 'number' ? { ttlMs } : {}),
    ...(cacheScope === 'public' || cacheScope === 'private' ? { cacheScope } : {}),
  };
}

export function rpcResult(id: RpcId, result: JsonObject): JsonObject {
  return { jsonrpc: '2.0', id, result };
}

export function rpcError({ id, code, message, data }: RpcError): JsonObject {
  return { jsonrpc: '2.0', id, error: { code, message, ...(data === undefined ? {} : { data }) } };
}
