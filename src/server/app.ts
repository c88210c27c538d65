import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { etag, RETAINED_304_HEADERS } from 'hono/etag';
import { NOT_FOUND } from '../flows/index.ts';
import { jsonAnswer } from './answers.ts';
import { openBodies } from './bodies.ts';
import { openMethods, wrongMethod } from './methods.ts';
import { openApiDocument } from './openapi.ts';
import type { ServerParts } from './parts.ts';
import { tooLarge } from './route.ts';
import { ROUTES } from './routes.ts';
import { DOOR_PLAN, openSeats, type SeatPlan } from './seats.ts';

/** OpenAPI's `/a/{b}` as Hono's `/a/:b`; `{rest}` matches the remaining steps. */
function pattern(path: string): string {
  return path.replace('{rest}', ':rest{.+}').replaceAll(/\{(\w+)\}/g, ':$1');
}

const HEALTH = '/healthz';
const OPENAPI = '/api/v1/openapi.json';
const METHODS = openMethods([...ROUTES, ...[HEALTH, OPENAPI].map((path) => ({ method: 'get' as const, path }))]);

/** What the store refuses of a request is the caller's to mend, or passes by itself; anything else is our error. */
const STORE_REFUSALS: ReadonlyMap<
  string,
  { readonly status: number; readonly code: string; readonly message: string }
> = new Map([
  ['STORE_CURSOR_INVALID', { status: 422, code: 'PAGE_CURSOR', message: 'expected a cursor as `next` gave it' }],
  [
    'STORE_NUMBER_INVALID',
    { status: 422, code: 'MALFORMED_BODY', message: 'expected whole numbers within their range' },
  ],
  ['STORE_OTHER_GATEWAY', { status: 409, code: 'STORE_OTHER_GATEWAY', message: 'expected rows of this gateway' }],
  ['STORE_FENCED', { status: 503, code: 'STORE_FENCED', message: 'another controller took over; ask that one' }],
  ['STORE_BUSY', { status: 503, code: 'STORE_BUSY', message: 'the store is busy; ask again' }],
]);

/** What its operator has to mend: no fault of the request, nor of the program. It stands in the log too. */
const STORE_TROUBLES: ReadonlyMap<string, string> = new Map([
  ['STORE_FULL', 'the disk of the store is full; ask again when there is room'],
  ['STORE_READ_ONLY', 'the store cannot be written; ask again when it can'],
  ['STORE_UNREADABLE', 'the store cannot be read; ask again when it can'],
  ['STORE_CLOSED', 'the control plane ends; ask again when it is back'],
]);

/** Where published files lie is not ours, and its operator hears of it from whoever publishes, by the same codes. */
const PLACE_TROUBLES: ReadonlySet<string> = new Set([
  'PUBLISH_UNREACHABLE',
  'PUBLISH_REFUSED',
  'PUBLISH_ELSEWHERE',
  'PUBLISH_FOREIGN',
  'PUBLISH_FOLDER',
  'PUBLISH_DAMAGED',
  'PUBLISH_OVERLONG',
]);

const PLACE_WORDS =
  'published files cannot be read where they lie; ask again when they can, and go on with what you have';

/** The control plane as one fetch handler. */
export function createApp(parts: ServerParts, plan?: SeatPlan): Hono<{ Variables: { requestId: string } }> {
  const seated = {
    ...parts,
    seats: openSeats(plan),
    shelf: openSeats(plan),
    door: openSeats(DOOR_PLAN),
    seen: new Map(),
    bodies: openBodies(),
  };
  const app = new Hono<{ Variables: { requestId: string } }>();
  app.use(async (c, next) => {
    const id = parts.requestId();
    c.set('requestId', id);
    // Before the answer is made: a header that is added to a made one has it made again.
    c.header('x-request-id', id);
    await next();
  });
  app.use('/api/v1/orgs/*', etag({ retainedHeaders: [...RETAINED_304_HEADERS, 'x-request-id'] }));
  for (const route of ROUTES) {
    const { method, bodyBytes } = route;
    const run = method === 'get' || bodyBytes === null ? [] : [bodyLimit({ maxSize: bodyBytes, onError: tooLarge })];
    app.on([route.method.toUpperCase()], [pattern(route.path)], ...run, (c) => route.run(c, seated));
  }
  app.get(HEALTH, (c) => c.json({ status: 'healthy' }));
  app.get(OPENAPI, (c) => c.json(openApiDocument()));
  app.notFound((c) => {
    const allowed = METHODS(c.req.path);
    return allowed.length === 0 ? jsonAnswer(c, NOT_FOUND) : wrongMethod(c, allowed);
  });
  app.onError((cause, c) => {
    const { code = '' } = cause as Error & { readonly code?: string };
    const refused = STORE_REFUSALS.get(code);
    if (refused !== undefined) return jsonAnswer(c, { ok: false, ...refused });
    parts.plane.log.warn(`request ${c.get('requestId')} failed: ${cause.message}`);
    const trouble = PLACE_TROUBLES.has(code) ? PLACE_WORDS : STORE_TROUBLES.get(code);
    if (trouble !== undefined) return jsonAnswer(c, { ok: false, status: 503, code, message: trouble });
    return jsonAnswer(c, {
      ok: false,
      status: 500,
      code: 'INTERNAL',
      message: 'an error of ours; the log names the request id',
    });
  });
  return app;
}
