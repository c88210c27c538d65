import type { JsonObject } from '../core/model/index.ts';
import { IF_NONE_MATCH, type Route } from './route.ts';
import { ROUTES } from './routes.ts';

const ERROR = { $ref: '#/components/schemas/Error' };

const SCOPES: { readonly [scope in Route['scope']]: readonly JsonObject[] } = {
  public: [],
  tenant: [{ tenantToken: [] }],
  fleet: [{ staffToken: [] }],
  gateway: [{ gatewaySignature: [] }],
};

const REFUSALS: { readonly [scope in Route['scope']]: readonly string[] } = {
  public: [],
  tenant: ['401', '403', '404', '422', '429'],
  fleet: ['401', '403', '422', '429'],
  gateway: ['401', '404', '422', '429'],
};
/** Of what somebody sends: at odds with what is there, or too large. */
const REFUSALS_OF_BODIES = ['409', '413'];
/** What is not of the request (500, 503), and what the controller says of a merge that it is told of. */
const ANY_OTHER = 'default';

function parameters(route: Route): readonly JsonObject[] {
  const named = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => ({
    name: match[1] ?? '',
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const given = (place: 'query' | 'header', names: readonly string[] = []): readonly JsonObject[] =>
    names.map((name) => ({ name, in: place, required: false, schema: { type: 'string' } }));
  return [...named, ...given('query', route.query), ...given('header', route.headers)];
}

function done({ item }: Route): JsonObject {
  if (item === undefined) return { description: 'done' };
  const properties = { items: { type: 'array', items: item }, next: { type: ['string', 'null'] } };
  const schema = { type: 'object', required: ['items', 'next'], properties };
  return { description: 'done', content: { 'application/json': { schema } } };
}

/** What each status says, as long as the request is one that a client may mend; the rest is told as a whole. */
function responses(route: Route): JsonObject {
  const error = (status: string): readonly [string, JsonObject] => [
    status,
    { description: 'refused', content: { 'application/json': { schema: ERROR } } },
  ];
  const { method, scope, headers = [] } = route;
  const refused = [...REFUSALS[scope], ...(method === 'post' ? REFUSALS_OF_BODIES : []), ANY_OTHER];
  return {
    '200': done(route),
    ...(headers.includes(IF_NONE_MATCH) ? { '304': { description: 'as the client has it' } } : {}),
    ...Object.fromEntries(refused.map(error)),
  };
}

function operation(route: Route): JsonObject {
  return {
    summary: route.summary,
    security: SCOPES[route.scope],
    parameters: parameters(route),
    ...(route.method === 'post'
      ? { requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } } }
      : {}),
    responses: responses(route),
  };
}

/** The OpenAPI 3.1 description, made from the routes themselves, so that neither can miss the other. */
export function openApiDocument(): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const route of ROUTES) paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  return {
    openapi: '3.1.0',
    info: { title: 'Tenantry control plane', version: '1' },
    paths,
    components: {
      securitySchemes: {
        tenantToken: { type: 'http', scheme: 'bearer', description: 'A Token of the org with scope console' },
        staffToken: { type: 'http', scheme: 'bearer', description: 'A staff token of fleet.yaml' },
        gatewaySignature: {
          type: 'apiKey',
          in: 'header',
          name: 'tenantry-signature',
          description: 'Ed25519, docs/bundles.md',
        },
      },
      schemas: {
        Error: {
          type: 'object',
          required: ['error'],
          properties: {
            error: {
              type: 'object',
              required: ['code', 'message', 'requestId'],
              properties: {
                code: { type: 'string' },
                message: { type: 'string' },
                requestId: { type: 'string' },
                details: { type: 'object', description: 'facts of this case for programs' },
              },
            },
          },
        },
      },
    },
  };
}
