import type { Context } from 'hono';
import { FLEET_ORG, type JsonObject, orgSlug } from '../core/model/index.ts';
import {
  type Answer,
  type AuthenticatedGateway,
  type AuthenticatedReader,
  type Away,
  acknowledge,
  adjustAsk,
  adjustWallet,
  answer,
  authenticateGateway,
  authenticateReader,
  bundleFile,
  bundlePath,
  type ControlPlane,
  claimedGateway,
  createEnrolmentCode,
  enrolGateway,
  escalationAnswer,
  fleetOrgs,
  gatewayStatuses,
  gatewayVisitor,
  type IncomingRequest,
  leaseWallet,
  NOT_FOUND,
  operatorAsk,
  parcelAsked,
  parcelOf,
  type ReconcileAsk,
  reconcilerVisitor,
  refusal,
  rolloutStatus,
  rotationRequest,
  settleWallets,
  staffVisitor,
  storeEvents,
  timestampFile,
} from '../flows/index.ts';
import { jsonAnswer } from './answers.ts';
import type { ServerParts } from './parts.ts';
import {
  admitted,
  busy,
  EVENTS_BODY,
  IF_NONE_MATCH,
  jsonOf,
  NO_BODY,
  type Route,
  type SeatedParts,
  SMALL_BODY,
  seated,
  tooLarge,
} from './route.ts';
import type { Seat } from './seats.ts';
import { tenantRoutes } from './tenant.ts';

type Signed = (
  plane: ControlPlane,
  caller: Parameters<typeof acknowledge>[1],
  body: Uint8Array,
) => Promise<Answer<JsonObject>>;

interface SignedWork<Who extends AuthenticatedGateway> {
  readonly mostBytes: number;
  readonly authenticate: Parameters<typeof gatewayVisitor<Who>>[2];
  readonly work: (who: Who, seat: Seat, body: Uint8Array) => Promise<Response>;
}

/**
 * Does the work for the gateway that signed the request, in a seat of its org. Where more of that org would be turned away
 * anyway, neither the body is read nor the signature looked at.
 */
async function signed<Who extends AuthenticatedGateway>(
  c: Context,
  parts: SeatedParts,
  { mostBytes, authenticate, work }: SignedWork<Who>,
): Promise<Response> {
  const { plane, seats, bodies } = parts;
  const claimed = await claimedGateway(plane, (name) => c.req.header(name));
  if (!claimed.ok) return jsonAnswer(c, claimed);
  const { org } = claimed.body.head;
  if (seats.isFull(org)) return busy(c);
  const isRead = c.req.method === 'POST';
  if (isRead && Number(c.req.header('content-length') ?? 0) > mostBytes) return tooLarge(c);
  const body = await bodies.read(org, isRead ? c.req.raw.body : null, mostBytes);
  if (!body.ok) return body.reason === 'large' ? tooLarge(c) : busy(c);
  try {
    const visitor = gatewayVisitor(parts, { ...claimed.body, request: incoming(c, body.bytes) }, authenticate);
    return await seated(c, parts, visitor, (who, seat) => work(who, seat, body.bytes));
  } finally {
    body.release();
  }
}

function incoming(c: Context, body: Uint8Array): IncomingRequest {
  const url = new URL(c.req.url);
  return { method: c.req.method, path: url.pathname + url.search, body, header: (name) => c.req.header(name) };
}

/** A POST that only a gateway's own signature opens. */
function gatewayPost(path: string, summary: string, work: Signed, mostBytes = SMALL_BODY): Route {
  return {
    method: 'post',
    path: `/api/v1/gateway/${path}`,
    scope: 'gateway',
    summary,
    bodyBytes: null,
    run: (c, parts) =>
      signed(c, parts, {
        mostBytes,
        authenticate: authenticateGateway,
        work: async (caller, _seat, body) => jsonAnswer(c, await work(parts.plane, caller, body)),
      }),
  };
}

type StaffWork = (c: Context, parts: SeatedParts, id: string) => Promise<Answer<object>>;

/** Opens the fleet scope to who has a token of the platform team. */
const asStaff =
  (work: StaffWork): Route['run'] =>
  (c, parts) => {
    const visitor = staffVisitor(parts.plane, parts.seen, c.req.header('authorization'));
    return admitted(c, parts, visitor, async ({ id }) => jsonAnswer(c, await work(c, parts, id)));
  };

function fleetRoute(path: string, summary: string, work: (parts: ServerParts) => Promise<Answer<object>>): Route {
  return {
    method: 'get',
    path: `/api/v1/fleet/${path}`,
    scope: 'fleet',
    summary,
    bodyBytes: NO_BODY,
    run: asStaff((_c, parts) => work(parts)),
  };
}

/** A removed org keeps its row, as it keeps history, evidence and what is published of it. */
const ORG_ROW: JsonObject = {
  type: 'object',
  required: ['org', 'uid', 'generation', 'publishedGeneration', 'commit', 'template', 'appliedAt'],
  properties: {
    org: { type: 'string' },
    uid: { type: 'string' },
    generation: { type: 'integer' },
    publishedGeneration: { type: ['integer', 'null'], description: 'null before the first publication' },
    commit: { type: 'string', description: 'the commit that was applied last' },
    template: { type: ['string', 'null'], pattern: '^[^@]+@.+$', description: 'name@version; null for a removed org' },
    appliedAt: { type: 'integer', description: 'Unix milliseconds' },
  },
};

async function allRollouts(plane: ControlPlane): Promise<Answer<object>> {
  const orgs = (await plane.orgs.heads()).map((head) => head.org);
  const { rollouts, overrides } = await rolloutStatus(plane, orgs);
  return answer({ items: rollouts, overrides, next: null });
}

/** Whose credential it is, as the history names them. */
function actorOf({ localStaff }: ControlPlane, id: string): string {
  return id === localStaff.id ? localStaff.actor : `staff ${id}`;
}

const operator: Route = {
  method: 'post',
  path: '/api/v1/fleet/operate',
  scope: 'fleet',
  summary: 'Pauses, resumes, skips or aborts a rollout; denies, rolls back, or ends an override',
  bodyBytes: SMALL_BODY,
  run: asStaff(async (c, parts, id) => {
    const ask = operatorAsk(await jsonOf(c));
    if (!ask.ok) return refusal(422, 'MALFORMED_BODY', ask.message);
    return parts.operate(ask.value, actorOf(parts.plane, id));
  }),
};

/** Which run it is, for commands on its machine; see `LocalStaff`. */
const controller: Route = {
  method: 'get',
  path: '/api/v1/fleet/controller',
  scope: 'fleet',
  summary: 'Which run of the controller answers, for commands on its machine',
  bodyBytes: NO_BODY,
  run: asStaff(async (_c, { plane }, id) => {
    const { localStaff } = plane;
    if (id !== localStaff.id)
      return refusal(403, 'STAFF_ONLY', 'expected the credential of the machine of the controller');
    return answer({ run: localStaff.run });
  }),
};

async function allGateways(plane: ControlPlane): Promise<Answer<object>> {
  const heads = await plane.orgs.heads();
  return answer({
    items: await gatewayStatuses(
      plane,
      heads.map((head) => head.org),
    ),
    next: null,
  });
}

const reconcile: Route = {
  method: 'post',
  path: '/api/v1/fleet/reconcile',
  scope: 'fleet',
  summary: 'Tells the controller about a merge, and waits for the outcome',
  bodyBytes: SMALL_BODY,
  run: (c, parts) => {
    const visitor = reconcilerVisitor(parts.plane, parts.seen, c.req.header('authorization'));
    return admitted(c, parts, visitor, async () => {
      const ask = reconcileAsk(await jsonOf(c, {}));
      if (ask === undefined) return jsonAnswer(c, refusal(422, 'MALFORMED_BODY', 'expected {commit?, expect?, orgs?}'));
      return jsonAnswer(c, await parts.reconcile(ask));
    });
  },
};

/** Undefined for anything that is not exactly such an ask. */
function reconcileAsk(given: unknown): ReconcileAsk | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  const { commit, expect, orgs, ...rest } = given as Record<string, unknown>;
  if (Object.keys(rest).length > 0) return undefined;
  const slugs = Array.isArray(orgs) ? orgs.flatMap((org) => orgSlug(String(org)) ?? []) : undefined;
  if (orgs !== undefined && slugs?.length !== (orgs as readonly unknown[]).length) return undefined;
  if (![commit, expect].every((item) => item === undefined || typeof item === 'string')) return undefined;
  return {
    ...(typeof commit === 'string' ? { commit } : {}),
    ...(typeof expect === 'string' ? { expect } : {}),
    ...(slugs === undefined ? {} : { orgs: slugs }),
  };
}

const enrolments: Route = {
  method: 'post',
  path: '/api/v1/fleet/enrolments',
  scope: 'fleet',
  summary: 'A one-time code for a gateway',
  bodyBytes: SMALL_BODY,
  run: asStaff(async (c, { plane }) => {
    const body: unknown = await jsonOf(c);
    const { org, gateway } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
    const slug = typeof org === 'string' ? orgSlug(org) : undefined;
    if (slug === undefined || typeof gateway !== 'string')
      return refusal(422, 'MALFORMED_BODY', 'expected {org, gateway}');
    const made = await createEnrolmentCode(plane, slug, gateway);
    return made.ok ? answer(made.value) : refusal(422, made.code, made.message);
  }),
};

const adjustments: Route = {
  method: 'post',
  path: '/api/v1/fleet/wallets/adjust',
  scope: 'fleet',
  summary: 'Books a top-up, take-back, credit or charge on a wallet, once per id',
  bodyBytes: SMALL_BODY,
  run: asStaff(async (c, { plane }, id) => {
    const ask = adjustAsk(await jsonOf(c));
    if (ask === undefined)
      return refusal(422, 'MALFORMED_BODY', 'expected {org, wallet, kind, amount, reason, id, period?, currency?}');
    return adjustWallet(plane, ask, actorOf(plane, id));
  }),
};

const rotateKeys: Route = {
  method: 'post',
  path: '/api/v1/fleet/keys/rotate',
  scope: 'fleet',
  summary: 'Raises the keys of one holder to a next epoch, and waits for the outcome',
  bodyBytes: SMALL_BODY,
  run: asStaff(async (c, { plane, rotateKeys: rotate }, id) => {
    const ask = rotationRequest(await jsonOf(c));
    if (ask === undefined) return refusal(422, 'MALFORMED_BODY', 'expected {holder, orgs?, withNewSeed?, …}');
    // Folders of this machine are for who is on it.
    if (ask.rootDirs.length > 0 && id !== plane.localStaff.id)
      return refusal(403, 'STAFF_ONLY', 'expected root seeds to be named on the machine of the controller');
    return rotate(ask, actorOf(plane, id));
  }),
};

const enrol: Route = {
  method: 'post',
  path: '/api/v1/gateway/enroll',
  scope: 'gateway',
  summary: 'Exchanges a one-time code for a pinned identity',
  bodyBytes: SMALL_BODY,
  run: async (c, { plane, door }) => {
    const body: unknown = await jsonOf(c);
    const { orgUid } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
    const head = typeof orgUid === 'string' ? await plane.directory.byUid(orgUid) : undefined;
    const enrolled = await door.work(head?.org ?? FLEET_ORG, () => enrolGateway(plane, body));
    return enrolled === undefined ? busy(c) : jsonAnswer(c, enrolled);
  },
};

const bundles: Route = {
  method: 'get',
  path: '/bundles/{uid}/{rest}',
  scope: 'gateway',
  summary:
    "A file of the org's update repository, or all that an activation needs; timestamp.json and publication honour If-None-Match and Prefer: wait",
  headers: [IF_NONE_MATCH, 'Prefer'],
  bodyBytes: NO_BODY,
  run: (c, parts) =>
    signed(
      c,
      { ...parts, seats: parts.shelf },
      {
        mostBytes: NO_BODY,
        authenticate: authenticateReader,
        work: (reader, seat) => published(c, parts.plane, { reader, away: seat.away }),
      },
    ),
};

/** A published file, or a parcel of them. */
async function published(
  c: Context,
  plane: ControlPlane,
  { reader, away }: { readonly reader: AuthenticatedReader; readonly away: Away },
): Promise<Response> {
  const uid = c.req.param('uid') ?? '';
  const { pathname, searchParams } = new URL(c.req.url);
  const path = pathname.slice(`/bundles/${uid}/`.length);
  const etag = c.req.header('if-none-match')?.replaceAll('"', '');
  const ask = { head: reader.head, etag, waitMs: waitMsOf(c), signal: c.req.raw.signal, away };
  const known = parcelAsked(reader, uid, { path, query: searchParams });
  if (known !== undefined) return bytesAnswer(c, await parcelOf(plane, reader, { ...ask, known }), etag);
  const file = bundlePath(reader, uid, path);
  if (file === undefined) return jsonAnswer(c, NOT_FOUND);
  const isMutable = path === 'timestamp.json';
  return bytesAnswer(c, await (isMutable ? timestampFile(plane, ask) : bundleFile(plane, file, ask.signal)), etag);
}

const decisionOfEscalation: Route = {
  method: 'get',
  path: '/api/v1/gateway/escalations/{id}',
  scope: 'gateway',
  summary: 'How an escalation of this gateway stands; Prefer: wait holds the answer back until it is resolved',
  headers: ['Prefer'],
  bodyBytes: NO_BODY,
  run: (c, parts) =>
    signed(c, parts, {
      mostBytes: NO_BODY,
      authenticate: authenticateGateway,
      work: async (caller, { away }) => {
        const poll = { id: c.req.param('id') ?? '', waitMs: waitMsOf(c), signal: c.req.raw.signal, away };
        return jsonAnswer(c, await escalationAnswer(parts.plane, caller, poll));
      },
    }),
};

/** Of `Prefer: wait=<s>` (RFC 7240); 0 without it. */
function waitMsOf(c: Context): number {
  return Number(/^wait=(\d{1,3})$/.exec(c.req.header('prefer') ?? '')?.[1] ?? 0) * 1000;
}

function bytesAnswer(
  c: Context,
  result: Answer<{ readonly bytes: Uint8Array; readonly etag: string } | null>,
  etag: string | undefined,
): Response {
  if (!result.ok) return jsonAnswer(c, result);
  if (result.body === null || result.body.etag === etag) return c.body(null, 304);
  const headers = {
    'content-type': 'application/octet-stream',
    etag: `"${result.body.etag}"`,
    'cache-control': 'no-cache',
  };
  return c.body(new Uint8Array(result.body.bytes), 200, headers);
}

/** Every route of the control plane, in the order of the contract. */
export const ROUTES: readonly Route[] = [
  ...tenantRoutes,
  {
    ...fleetRoute(
      'orgs',
      'Every org that was ever applied: generation, published generation, commit',
      async ({ plane }) => answer({ items: await fleetOrgs(plane), next: null }),
    ),
    item: ORG_ROW,
  },
  fleetRoute('gateways', 'Every gateway: wanted, published, acknowledged', ({ plane }) => allGateways(plane)),
  fleetRoute('rollouts', 'The newest rollout of each org, and every override that holds', ({ plane }) =>
    allRollouts(plane),
  ),
  fleetRoute('drift', 'Where the store or a gateway is not what was last applied', ({ drift }) => drift()),
  controller,
  reconcile,
  operator,
  rotateKeys,
  adjustments,
  enrolments,
  enrol,
  gatewayPost('ack', 'What the gateway runs, or why it refused', acknowledge),
  gatewayPost('events', 'Journal lines in order', storeEvents, EVENTS_BODY),
  decisionOfEscalation,
  gatewayPost('wallets/lease', 'Money of a wallet, to be spent locally', leaseWallet),
  gatewayPost('wallets/settle', 'What was spent of leased money', settleWallets, EVENTS_BODY),
  bundles,
];
