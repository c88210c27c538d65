import type { Context } from 'hono';
import { isName, type JsonObject } from '../core/model/index.ts';
import {
  type Answer,
  claimedTenant,
  decideEscalation,
  ESCALATION_VERBS,
  type EscalationVerb,
  listEscalations,
  NOT_FOUND,
  PLACES,
  showEscalation,
  type TenantSession,
  tenantPlace,
  tenantVisitor,
} from '../flows/index.ts';
import { jsonAnswer } from './answers.ts';
import type { ServerParts } from './parts.ts';
import { IF_NONE_MATCH, jsonOf, NO_BODY, type Route, SMALL_BODY, seated } from './route.ts';

// What a console of an org may ask: of that org alone; of any other it is told that there is none.

const PAGING = ['limit', 'cursor'];
const CONDITIONAL = [IF_NONE_MATCH];

type Work = (c: Context, plane: ServerParts['plane'], session: TenantSession) => Promise<Answer<object>>;

/** Opens the org of the path to who has a console token of it. */
const inOrg =
  (work: Work): Route['run'] =>
  async (c, parts) => {
    const { plane, seen } = parts;
    const org = c.req.param('org') ?? '';
    const claimed = isName(org) ? await claimedTenant(plane, org, c.req.header('authorization')) : NOT_FOUND;
    if (!claimed.ok) return jsonAnswer(c, claimed);
    const visitor = tenantVisitor(plane, seen, claimed.body);
    return seated(c, parts, visitor, async (session) => jsonAnswer(c, await work(c, plane, session)));
  };

const pageAsked = (c: Context) => ({ limit: c.req.query('limit'), cursor: c.req.query('cursor') });
const id = (c: Context): string => c.req.param('id') ?? '';

const PLACE_OF_LINE = {
  gateway: { type: 'string' },
  sequence: { type: 'integer' },
  hash: { type: 'string', description: 'SHA-256 of the line of the journal' },
};

/** Of an event with its own fields; of one that is not of its shape, apart; of a row whose text is no line any more. */
const EVENT: JsonObject = {
  type: 'object',
  required: Object.keys(PLACE_OF_LINE),
  properties: PLACE_OF_LINE,
  oneOf: [
    { required: ['type', 'id', 'at', 'requestId'] },
    { required: ['misshapen', 'event'], properties: { misshapen: { type: 'string' }, event: { type: 'object' } } },
    { required: ['damaged'], properties: { damaged: { const: true } } },
  ],
};

function placeRoute(place: string): Route {
  return {
    ...(place === 'events' ? { item: EVENT } : {}),
    method: 'get',
    path: `/api/v1/orgs/{org}/${place}`,
    scope: 'tenant',
    summary: `The org's ${place.replace('settings/', '')}, paged by cursor`,
    query: PAGING,
    headers: CONDITIONAL,
    bodyBytes: NO_BODY,
    run: inOrg((c, plane, session) => tenantPlace(plane, session, { place, page: pageAsked(c) })),
  };
}

const escalations: Route = {
  method: 'get',
  path: '/api/v1/orgs/{org}/escalations',
  scope: 'tenant',
  summary: "The org's escalations for its reviewers, paged by cursor, of one state, of all that are open or of all",
  query: [...PAGING, 'state'],
  headers: CONDITIONAL,
  bodyBytes: NO_BODY,
  run: inOrg((c, plane, session) =>
    listEscalations(plane, session, { page: pageAsked(c), state: c.req.query('state') }),
  ),
};

const escalation: Route = {
  method: 'get',
  path: '/api/v1/orgs/{org}/escalations/{id}',
  scope: 'tenant',
  summary: 'One escalation with its log and what became of the messages about it',
  headers: CONDITIONAL,
  bodyBytes: NO_BODY,
  run: inOrg((c, plane, session) => showEscalation(plane, session, id(c))),
};

const SUMMARIES: { readonly [verb in EscalationVerb]: string } = {
  claim: 'Takes an escalation out of the queue in the name of the token',
  unclaim: 'Gives a claimed escalation back to the queue',
  resolve: 'Approves or denies a claimed escalation, for good',
};

function decision(verb: EscalationVerb): Route {
  return {
    method: 'post',
    path: `/api/v1/orgs/{org}/escalations/{id}/${verb}`,
    scope: 'tenant',
    summary: SUMMARIES[verb],
    headers: ['Idempotency-Key'],
    bodyBytes: SMALL_BODY,
    run: inOrg(async (c, plane, session) => {
      const ask = { id: id(c), verb, body: await jsonOf(c, {}), key: c.req.header('idempotency-key') };
      return decideEscalation(plane, session, ask);
    }),
  };
}

export const tenantRoutes: readonly Route[] = [
  ...Object.keys(PLACES).map(placeRoute),
  escalations,
  escalation,
  ...ESCALATION_VERBS.map(decision),
];
