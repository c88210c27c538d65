import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type BundleToken, TOOL_SERVERS_PATH } from '../../src/core/model/index.ts';
import {
  type CredentialOf,
  describeSnapshot,
  describeTools,
  type Family,
  MODELS_PATH,
  modelAt,
  modelEntry,
  modelList,
  offeredModels,
  permit,
  type Refusal,
  type RefusalCode,
  refusalBody,
  refusalHeaders,
  refuse,
  type Snapshot,
  shapeOf,
} from '../core/index.ts';
import { answerShaped } from './endpoint.ts';
import { createExchange } from './exchange.ts';
import { TICKETS } from './held.ts';
import { authenticate, checkEnvelope, checkLocal, permitAddress, Refused } from './intake.ts';
import { admit, within } from './limits.ts';
import { placeOfError } from './log.ts';
import { answerMcp } from './mcp.ts';
import { EXPOSITION, expositionFor, renderFamilies } from './metrics.ts';
import type { Service } from './service.ts';
import { inForce, whyNotUse } from './standing.ts';
import { keyOf } from './target.ts';
import { answerTicket } from './tickets.ts';

// The socket side: routes, the headers that every answer has, and the way out of every refusal.

const NO_BUNDLE = '000000000000';
/** Labels of metrics are these routes and `other`, whatever a client asks for. */
const routeOf = (path: string): string => {
  if (shapeOf(path) !== undefined) return path;
  if (modelAt(path) !== undefined) return MODELS_PATH;
  return path.startsWith(TOOL_SERVERS_PATH) ? '/mcp' : 'other';
};

/** Request ids: random per process, counted within it. */
export function createRequestIds(): () => string {
  const prefix = randomBytes(8).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    return `req_${prefix}${count.toString(36).padStart(5, '0')}`;
  };
}

/** How long a client may take over its headers, and over the whole request with its body. */
export interface Patience {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  /** How often that is looked at. */
  readonly connectionsCheckingInterval: number;
}

const PATIENCE: Patience = { headersTimeout: 30_000, requestTimeout: 120_000, connectionsCheckingInterval: 5000 };

/** An HTTP server that answers with the service's present snapshot. It does not listen yet. */
export function createListener(service: Service, patience: Patience = PATIENCE): Server {
  const nextId = createRequestIds();
  const server = createServer(
    { ...patience, maxHeaderSize: 16 * 1024, keepAliveTimeout: 65_000, noDelay: true },
    (request, response) => {
      void answer(service, nextId(), request, response);
    },
  );
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // Of an answer that waits behind another one, Node would put it behind the head: the body would not be the body.
    if (response.socket !== null) response.writeContinue();
    void answer(service, nextId(), request, response);
  });
  server.on('clientError', onBrokenRequest);
  return server;
}

const BROKEN: { readonly [code: string]: readonly [code: RefusalCode, status: string] } = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', '431 Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', '408 Request Timeout'],
};

/** What is no HTTP, too much of it or too slow, hears a refusal of the usual shape. */
function onBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET' || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const [code, status] = BROKEN[error.code ?? ''] ?? ['malformed_request', '400 Bad Request'];
  const body = refusalBody(refuse(code), 'openai');
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\nx-tenantry-bundle: ${NO_BUNDLE}\r\nx-request-id: unread\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** Whether an answer is under way on the connection: anything written now would be taken for a part of it, or for all of it. */
function isAnswering(socket: Socket): boolean {
  // Node has no public name for it; its own answer to such a request asks the same.
  return '_httpMessage' in socket && socket._httpMessage !== null && socket._httpMessage !== undefined;
}

async function answer(
  service: Service,
  requestId: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedMs = service.nowMs();
  const { snapshot } = service;
  response.setHeader('x-request-id', requestId);
  response.setHeader('x-tenantry-bundle', snapshot?.contentDigest.slice(0, 12) ?? NO_BUNDLE);
  if (service.draining) response.setHeader('connection', 'close');
  const url = request.url ?? '';
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  // Anthropic's SDKs read the id under this name.
  if (familyOf(path, request) === 'anthropic') response.setHeader('request-id', requestId);
  service.active += 1;
  try {
    checkLocal(service, request);
    if (path.startsWith(TOOL_SERVERS_PATH))
      await answerTools(service, snapshot, { requestId, startedMs, path, request, response });
    else if (path.startsWith('/v1/'))
      await answerApi(service, snapshot, { requestId, startedMs, path, request, response });
    else await answerPage(service, snapshot, { path, request, response });
  } catch (error) {
    sendFailure(service, response, error, familyOf(path, request));
  } finally {
    service.active -= 1;
    const { status } = response.headersSent ? { status: response.statusCode } : refuse('client_gone');
    service.metrics.answered(routeOf(path), status, service.nowMs() - startedMs);
  }
}

/** Whose SDK asks: by the path, and where that does not say it, by the header that Anthropic's SDKs always send. */
function familyOf(path: string, request: IncomingMessage): Family {
  const isTold = path.startsWith('/v1/') && request.headers['anthropic-version'] !== undefined;
  return shapeOf(path)?.family ?? (isTold ? 'anthropic' : 'openai');
}

interface Call {
  readonly requestId: string;
  readonly startedMs: number;
  readonly path: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function answerApi(service: Service, given: Snapshot | null, call: Call): Promise<void> {
  const snapshot = serving(service, given);
  const { path, request, response } = call;
  checkEnvelope(request, snapshot);
  const credential = authenticate(service, snapshot, request);
  const token = credential?.token ?? null;
  const shape = shapeOf(path);
  if (shape === undefined && path.startsWith(TICKETS)) {
    permitAddress(service, snapshot, request, token);
    requireMethod(call, ['GET']);
    await answerTicket(service.reviews, token, call, (use) => whyNotUse(snapshot, token, use));
    return;
  }
  if (shape === undefined) {
    answerModels(service, snapshot, call, token);
    return;
  }
  requireMethod(call, ['POST']);
  const { rules } = snapshot;
  const pass = rules === null ? null : admit(service, rules, { request, response, token, family: shape.family });
  const exchange = createExchange({
    requestId: call.requestId,
    route: path,
    startedMs: call.startedMs,
    snapshot,
    credential,
    pass,
    trace: service.trace(request.headers['traceparent']),
  });
  const work = (): Promise<void> => answerShaped(service, exchange, { request, response }, shape);
  await (pass === null ? work() : within(pass, work, () => exchange.usage));
}

/** The models that the token may use, or one of them. */
function answerModels(service: Service, snapshot: Snapshot, call: Call, token: BundleToken | null): void {
  const { path, request, response } = call;
  const asked = modelAt(path);
  if (asked === undefined) throw new Refused(refuse('not_found'));
  requireMethod(call, READ);
  permitAddress(service, snapshot, request, token);
  const refusal = token === null ? undefined : permit(token, { scope: 'models', path: MODELS_PATH, model: null });
  if (refusal !== undefined) throw new Refused(refusal);
  const models = offeredModels(snapshot, token);
  const family = familyOf(path, request);
  if (asked !== null && !models.includes(asked)) throw new Refused(refuse('model_not_found'));
  sendJson(response, 200, asked === null ? modelList(models, family) : modelEntry(asked, family));
}

/** An endpoint of a tool server; whoever may not use tools does not hear which there are. */
async function answerTools(service: Service, given: Snapshot | null, call: Call): Promise<void> {
  const snapshot = serving(service, given);
  const { path, request, response } = call;
  checkEnvelope(request, snapshot);
  const credential = whoMayUseTools(service, snapshot, call);
  const server = snapshot.policy.toolServers.find(({ id }) => path === `${TOOL_SERVERS_PATH}${id}`);
  if (server === undefined) throw new Refused(refuse('not_found'));
  const { rules } = snapshot;
  const pass =
    rules === null
      ? null
      : admit(service, rules, { request, response, token: credential?.token ?? null, family: 'openai' });
  const { requestId, startedMs } = call;
  const trace = service.trace(request.headers['traceparent']);
  const exchange = createExchange({ requestId, route: path, startedMs, snapshot, credential, pass, trace });
  const work = (): Promise<void> => answerMcp(service, exchange, { request, response }, server);
  // What a client listens on all along is no request under way, or it could never ask anything.
  const listens = request.method === 'GET';
  if (listens) pass?.leave(0, null);
  await (pass === null || listens ? work() : within(pass, work, () => exchange.usage));
}

function whoMayUseTools(service: Service, snapshot: Snapshot, { path, request }: Page): CredentialOf | null {
  const credential = authenticate(service, snapshot, request);
  const token = credential?.token ?? null;
  permitAddress(service, snapshot, request, token);
  const refusal = token === null ? undefined : permit(token, { scope: 'mcp', path, model: null });
  if (refusal !== undefined) throw new Refused(refusal);
  return credential;
}

/** The snapshot to decide with, or why there is none: not verified yet, expired, or on the way out. */
function serving(service: Service, snapshot: Snapshot | null): Snapshot {
  if (service.draining) throw new Refused(refuse('draining'));
  return inForce(service, snapshot);
}

/** Of what is only read: without its body too, as probes ask (RFC 9110, 9.3.2). */
const READ = ['GET', 'HEAD'];

/** Refuses any other method, and says which there are (RFC 9110, 15.5.6). */
function requireMethod({ request, response }: Pick<Call, 'request' | 'response'>, allowed: readonly string[]): void {
  if (allowed.includes(request.method ?? '')) return;
  response.setHeader('allow', allowed.join(', '));
  throw new Refused(
    refuse('method_not_allowed', { message: `Expected ${allowed.join(' or ')}, found ${request.method}.` }),
  );
}

type Page = Pick<Call, 'path' | 'request' | 'response'>;

type AnswerPage = (service: Service, snapshot: Snapshot | null, page: Page) => void | Promise<void>;

async function answerPage(service: Service, snapshot: Snapshot | null, page: Page): Promise<void> {
  const answerTo = PAGES.get(page.path);
  if (answerTo === undefined) throw new Refused(refuse('not_found'));
  requireMethod(page, READ);
  await answerTo(service, snapshot, page);
}

/** What is read of the gateway itself, by its path. */
const PAGES: ReadonlyMap<string, AnswerPage> = new Map<string, AnswerPage>([
  ['/healthz', sendHealth],
  ['/health', sendHealth],
  ['/readyz', sendReadiness],
  ['/tenantry/config', sendConfig],
  ['/keeptrusts/config', sendConfig],
  ['/tenantry/providers', sendProviders],
  ['/tenantry/tools', sendTools],
  ['/metrics', sendMetrics],
]);

function sendHealth(service: Service, snapshot: Snapshot | null, { response }: Page): void {
  sendJson(response, 200, healthOf(service, snapshot));
}

function sendReadiness(service: Service, snapshot: Snapshot | null, { response }: Page): void {
  serving(service, snapshot);
  if (service.isFailing()) throw new Refused(refuse('journal_unavailable'));
  if (service.trouble() === 'GATEWAY_JOURNAL_BROKEN') throw new Refused(refuse('journal_damaged'));
  sendJson(response, 200, { ready: true });
}

function sendConfig(service: Service, snapshot: Snapshot | null, { response }: Page): void {
  if (snapshot === null) throw new Refused(refuse('not_ready'));
  sendJson(response, 200, configOf(service, snapshot));
}

async function sendProviders(service: Service, snapshot: Snapshot | null, { response }: Page): Promise<void> {
  if (snapshot === null) throw new Refused(refuse('not_ready'));
  const { policy } = snapshot;
  const keys = await Promise.all(policy.targets.map((target) => keyOf(service, target)));
  const targets = service.measures.describe(policy).map((report, index) => ({ ...report, key: keys[index] ?? null }));
  sendJson(response, 200, { strategy: policy.routing.strategy, targets });
}

function sendTools(service: Service, snapshot: Snapshot | null, page: Page): void {
  if (snapshot === null) throw new Refused(refuse('not_ready'));
  whoMayUseTools(service, snapshot, page);
  const servers = snapshot.policy.toolServers.map((server) => describeTools(server, service.tools.pins));
  sendJson(page.response, 200, { servers });
}

function sendMetrics(service: Service, snapshot: Snapshot | null, { request, response }: Page): void {
  const form = expositionFor(request.headers.accept);
  const families = [
    ...service.metrics.families({ tenantry_gateway_active_requests: service.active, ...service.gauges() }),
    ...service.measures.families(snapshot?.policy ?? null),
    ...service.sinks.families(),
    ...service.tools.families(),
  ];
  response.writeHead(200, { 'content-type': EXPOSITION[form] });
  response.end(renderFamilies(families, form));
}

function healthOf(service: Service, snapshot: Snapshot | null): object {
  const trouble = service.trouble();
  const isServing = snapshot !== null && ['fresh', 'late'].includes(service.freshness()) && !service.draining;
  return {
    status: isServing && trouble === null ? 'healthy' : 'degraded',
    mode: service.mode,
    freshness: snapshot === null ? null : service.freshness(),
    policies_loaded: snapshot?.policy.chain.length ?? 0,
    requests_processed: service.metrics.total(),
    evidence: trouble ?? (service.mode === 'managed' ? 'kept' : null),
  };
}

function configOf(service: Service, snapshot: Snapshot): object {
  return {
    ...describeSnapshot(snapshot),
    activeSince: new Date(snapshot.activeSinceMs).toISOString(),
    freshness: service.freshness(),
    simulator: service.simulator !== null,
    mode: service.mode,
  };
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}

function sendFailure(service: Service, response: ServerResponse, error: unknown, family: Family): void {
  const isKnown = error instanceof Refused;
  // Who leaves in the middle of a request is no failure of this side.
  if (!isKnown && response.destroyed && !response.req.complete) return;
  if (!isKnown && !response.destroyed) {
    service.log.warn('a request failed', { why: placeOfError(error) });
  }
  const refusal: Refusal = isKnown ? error.refusal : refuse('internal_error');
  // Nobody hears it who has left before anything was answered.
  if (!response.destroyed || response.headersSent) service.metrics.refused(refusal.code);
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = refusalBody(refusal, family);
  // What is left of a body that was too long is not read: the connection ends with the answer.
  if (refusal.status === 413) response.setHeader('connection', 'close');
  response.writeHead(refusal.status, { ...refusalHeaders(refusal), 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
