import { FLEET_ORG, FLEET_UID, isBetween, type OrgSlug, ofKind } from '../../core/model/index.ts';
import { deniedNames } from '../../core/rollout/index.ts';
import type { EnrolledGateway, OrgHead } from '../../ports/index.ts';
import {
  isIdentityToken,
  parseToken,
  type RequestClaim,
  readRequestHeaders,
  sameDigest,
  type TokenParts,
  tokenDigest,
  verifyIdentity,
  verifyRequest,
} from '../../trust/index.ts';
import { type Answer, answer, type ControlPlane, refusal } from './context.ts';

/** One request as it came in: everything that a signature covers, and its headers. */
export interface IncomingRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: Uint8Array;
  readonly header: (name: string) => string | undefined;
}

export interface AuthenticatedGateway {
  readonly head: OrgHead;
  readonly row: EnrolledGateway;
  readonly claim: RequestClaim;
}

/** Who reads published files. One that is denied reads metadata alone, to learn that it is listed no more. */
export interface AuthenticatedReader extends AuthenticatedGateway {
  readonly isDenied: boolean;
}

const UNKNOWN_GATEWAY = refusal(
  401,
  'GATEWAY_UNAUTHENTICATED',
  'expected a request signed by an enrolled gateway; check its clock or enrol it again',
);

export const NOT_FOUND = refusal(404, 'NOT_FOUND', 'no such resource for this credential');

/** The gateway that signed this request, of the org its claim names; every failure reads the same from outside. */
export async function authenticateGateway(
  plane: ControlPlane,
  request: IncomingRequest,
): Promise<Answer<AuthenticatedGateway>> {
  const caller = await authenticateReader(plane, request);
  return caller.ok && caller.body.isDenied ? UNKNOWN_GATEWAY : caller;
}

/**
 * As `authenticateGateway`, and also a gateway that is denied, whose identity ended by that: it must be able to verify that
 * it is listed no more, or it would go on with what it has until that expires (rulings 15).
 */
export async function authenticateReader(
  plane: ControlPlane,
  request: IncomingRequest,
): Promise<Answer<AuthenticatedReader>> {
  const claim = readRequestHeaders(request.header);
  if (!claim.ok) return UNKNOWN_GATEWAY;
  const head = await plane.directory.byUid(claim.value.org);
  if (head === undefined) return UNKNOWN_GATEWAY;
  const row = await plane.runtime.gateway(head.org, claim.value.gateway);
  if (row === undefined) return UNKNOWN_GATEWAY;
  const isDenied = (await deniedNow(plane, head.org, 'gateway')).has(row.gateway);
  if (row.revokedAt !== null && !isDenied) return UNKNOWN_GATEWAY;
  const facts = { method: request.method, path: request.path, body: request.body, claim: claim.value };
  const verified = verifyRequest(row.publicKey, facts, plane.clock.nowMs());
  return verified.ok ? answer({ head, row, claim: claim.value, isDenied }) : UNKNOWN_GATEWAY;
}

/** Who of the org is denied at this moment, whatever its rows say and whatever is published. */
export async function deniedNow(
  { orgs, clock }: Pick<ControlPlane, 'orgs' | 'clock'>,
  org: OrgSlug,
  of: 'token' | 'gateway',
): Promise<ReadonlySet<string>> {
  const nowMs = clock.nowMs();
  return deniedNames(
    (await orgs.activeOverrides(org)).filter(({ expiresAt }) => expiresAt > nowMs),
    of,
  );
}

/** What a person or program at the tenant API may see: one org. */
export interface TenantSession {
  readonly head: OrgHead;
  readonly token: string;
  /** The team of the token. */
  readonly team: string;
}

/**
 * Opens org `slug` for a token of that org with scope `console`. A credential of any other org gets 404, so that not
 * even the existence of a neighbour shows (contract section 4).
 */
export async function authenticateTenant(
  plane: ControlPlane,
  slug: string,
  authorization: string | undefined,
): Promise<Answer<TenantSession>> {
  const parts = bearerOf(authorization);
  if (parts === undefined) return refusal(401, 'TOKEN_REQUIRED', 'expected a bearer token with scope console');
  const head = await plane.directory.bySlug(slug);
  if (head === undefined || head.org === FLEET_ORG) return NOT_FOUND;
  const token = await consoleToken(plane, head, parts);
  if (token === undefined) return NOT_FOUND;
  if (!token.valid) return refusal(401, 'TOKEN_EXPIRED', 'expected a token inside its validity; rotate it');
  return answer({ head, token: token.name, team: token.team });
}

/** The org's token that these parts open with scope console; undefined when they open nothing here. */
async function consoleToken(
  plane: ControlPlane,
  head: OrgHead,
  parts: TokenParts,
): Promise<{ readonly name: string; readonly team: string; readonly valid: boolean } | undefined> {
  const objects = (await plane.orgs.observe(head.org))?.objects ?? [];
  const credentials = ofKind(objects, 'Credentials').flatMap((item) => item.document.spec.tokens);
  const credential = credentials.find((item) => item.id === parts.id);
  const digest = tokenDigest(head.uid, parts.id, parts.secret);
  if (credential === undefined || !sameDigest(credential.digest, digest)) return undefined;
  const token = ofKind(objects, 'Token').find((item) => item.id.name === credential.token);
  if (token === undefined || !token.document.spec.scopes.includes('console')) return undefined;
  if ((await deniedNow(plane, head.org, 'token')).has(credential.token)) return undefined;
  const nowMs = plane.clock.nowMs();
  const { team, expires } = token.document.spec;
  const valid = isBetween(nowMs, credential.notBefore, credential.notAfter) && isBetween(nowMs, null, expires);
  return { name: credential.token, team, valid };
}

/** Opens the fleet scope for a staff token of the applied fleet.yaml. */
export async function authenticateStaff(
  plane: ControlPlane,
  authorization: string | undefined,
): Promise<Answer<{ readonly id: string }>> {
  const refused = refusal(401, 'TOKEN_REQUIRED', 'expected a bearer token of the platform team');
  const parts = bearerOf(authorization);
  if (parts === undefined) return refused;
  const digest = tokenDigest(FLEET_UID, parts.id, parts.secret);
  if (parts.id === plane.localStaff.id && sameDigest(plane.localStaff.digest, digest)) return answer({ id: parts.id });
  const objects = (await plane.orgs.observe(FLEET_ORG))?.objects ?? [];
  const rows = ofKind(objects, 'Fleet').flatMap((item) => item.document.spec.staffTokens ?? []);
  const row = rows.find((item) => item.id === parts.id);
  if (row === undefined || !sameDigest(row.digest, digest)) return refused;
  return isBetween(plane.clock.nowMs(), null, row.notAfter) ? answer({ id: parts.id }) : refused;
}

/**
 * Opens nothing but the telling of a merge: for staff, or for the one workflow of CI that the applied fleet.yaml pins
 * (rulings 28).
 */
export async function authenticateReconciler(
  plane: ControlPlane,
  authorization: string | undefined,
): Promise<Answer<{ readonly id: string; readonly isStaff: boolean }>> {
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '';
  if (!isIdentityToken(token)) {
    const staff = await authenticateStaff(plane, authorization);
    return staff.ok ? answer({ ...staff.body, isStaff: true }) : staff;
  }
  const objects = (await plane.orgs.observe(FLEET_ORG))?.objects ?? [];
  const pin = ofKind(objects, 'Fleet')[0]?.document.spec.ci;
  const keys = pin === undefined ? [] : await plane.identityKeys.keysOf(pin.issuer);
  const isOurs = pin !== undefined && verifyIdentity(token, keys, { pin, nowMs: plane.clock.nowMs() });
  return isOurs
    ? answer({ id: `ci:${pin.repository}`, isStaff: false })
    : refusal(401, 'TOKEN_REQUIRED', 'expected the identity of the workflow that fleet.yaml pins');
}

function bearerOf(authorization: string | undefined): TokenParts | undefined {
  const match = /^Bearer ([!-~]{1,300})$/i.exec(authorization ?? '');
  return match?.[1] === undefined ? undefined : parseToken(match[1]);
}
