import {
  FLEET_ORG,
  FLEET_UID,
  instantMs,
  isBetween,
  type OrgSlug,
  ofKind,
  type Sha256Hex,
} from '../../core/model/index.ts';
import { deniedNames, isBack } from '../../core/rollout/index.ts';
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

/** The gateway that a request says it is of, and its org, before anything of that is proved. */
export interface ClaimedGateway {
  readonly head: OrgHead;
  readonly claim: RequestClaim;
}

/** Reads what a request says it is of; asks nothing of the store but which orgs there are. */
export async function claimedGateway(
  plane: ControlPlane,
  header: IncomingRequest['header'],
): Promise<Answer<ClaimedGateway>> {
  const claim = readRequestHeaders(header);
  if (!claim.ok) return UNKNOWN_GATEWAY;
  const head = await plane.directory.byUid(claim.value.org);
  return head === undefined ? UNKNOWN_GATEWAY : answer({ head, claim: claim.value });
}

/** A request with what it says it is of, and the key that it is known to be signed with, where that was looked at already. */
export interface SignedRequest extends ClaimedGateway {
  readonly request: IncomingRequest;
  readonly signedBy?: string | undefined;
}

/** True when this key signed the request, in time. */
export function isSignedBy(plane: ControlPlane, publicKey: string, { request, claim }: SignedRequest): boolean {
  const { method, path, body } = request;
  return verifyRequest(publicKey, { method, path, body, claim }, plane.clock.nowMs()).ok;
}

/** The gateway that signed this request, of the org its claim names; every failure reads the same from outside. */
export async function authenticateGateway(
  plane: ControlPlane,
  signed: SignedRequest,
): Promise<Answer<AuthenticatedGateway>> {
  const caller = await authenticateReader(plane, signed);
  return caller.ok && caller.body.isDenied ? UNKNOWN_GATEWAY : caller;
}

/**
 * As `authenticateGateway`, and also a gateway that is denied, whose identity ended by that: it must be able to verify that
 * it is listed no more, or it would go on with what it has until that expires (rulings 15).
 */
export async function authenticateReader(
  plane: ControlPlane,
  signed: SignedRequest,
): Promise<Answer<AuthenticatedReader>> {
  const { head, claim } = signed;
  const row = await plane.runtime.gateway(head.org, claim.gateway);
  if (row === undefined) return UNKNOWN_GATEWAY;
  const isDenied = (await deniedNow(plane, head.org, 'gateway')).has(row.gateway);
  if (row.revokedAt !== null && !isDenied) return UNKNOWN_GATEWAY;
  const isSigned = signed.signedBy === row.publicKey || isSignedBy(plane, row.publicKey, signed);
  return isSigned ? answer({ head, row, claim, isDenied }) : UNKNOWN_GATEWAY;
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

/** How many overrides are looked through for denials that hold again. */
const OVERRIDES_READ = 1000;

/** A denial that ended when this secret left holds again with the next publication; nothing opens before it. */
async function isDeniedAgain(
  { orgs, clock }: Pick<ControlPlane, 'orgs' | 'clock'>,
  org: OrgSlug,
  { token, notBefore }: { readonly token: string; readonly notBefore: string },
): Promise<boolean> {
  const secrets = new Map([[token, [instantMs(notBefore) ?? 0]]]);
  return (await orgs.overrides(org, { limit: OVERRIDES_READ })).some((item) => isBack(item, secrets, clock.nowMs()));
}

/** What a person or program at the tenant API may see: one org. */
export interface TenantSession {
  readonly head: OrgHead;
  readonly token: string;
  /** The team of the token. */
  readonly team: string;
}

/** The org that somebody asks for, with the token that is shown for it, before anything of that is proved. */
export interface ClaimedTenant {
  readonly head: OrgHead;
  readonly parts: TokenParts;
  /** Of the secret, as credentials of this org keep it. */
  readonly digest: Sha256Hex;
}

/** Reads who asks for org `slug`; asks nothing of the store but which orgs there are. */
export async function claimedTenant(
  plane: ControlPlane,
  slug: string,
  authorization: string | undefined,
): Promise<Answer<ClaimedTenant>> {
  const parts = bearerOf(authorization);
  if (parts === undefined) return refusal(401, 'TOKEN_REQUIRED', 'expected a bearer token with scope console');
  const head = await plane.directory.bySlug(slug);
  if (head === undefined || head.org === FLEET_ORG) return NOT_FOUND;
  return answer({ head, parts, digest: tokenDigest(head.uid, parts.id, parts.secret) });
}

/**
 * Opens the org for a token of it with scope `console`. A credential of any other org gets 404, so that not even the existence
 * of a neighbour shows (contract section 4).
 */
export async function authenticateTenant(plane: ControlPlane, claimed: ClaimedTenant): Promise<Answer<TenantSession>> {
  const token = await consoleToken(plane, claimed);
  if (token === undefined) return NOT_FOUND;
  if (!token.valid) return refusal(401, 'TOKEN_EXPIRED', 'expected a token inside its validity; rotate it');
  return answer({ head: claimed.head, token: token.name, team: token.team });
}

/** The org's token that these parts open with scope console; undefined when they open nothing here. */
async function consoleToken(
  plane: ControlPlane,
  { head, parts, digest }: ClaimedTenant,
): Promise<{ readonly name: string; readonly team: string; readonly valid: boolean } | undefined> {
  const objects = (await plane.orgs.observe(head.org))?.objects ?? [];
  const credentials = ofKind(objects, 'Credentials').flatMap((item) => item.document.spec.tokens);
  const credential = credentials.find((item) => item.id === parts.id);
  if (credential === undefined || !sameDigest(credential.digest, digest)) return undefined;
  const token = ofKind(objects, 'Token').find((item) => item.id.name === credential.token);
  if (token === undefined || !token.document.spec.scopes.includes('console')) return undefined;
  if ((await deniedNow(plane, head.org, 'token')).has(credential.token)) return undefined;
  if (await isDeniedAgain(plane, head.org, credential)) return undefined;
  const nowMs = plane.clock.nowMs();
  const { team, expires } = token.document.spec;
  const valid = isBetween(nowMs, credential.notBefore, credential.notAfter) && isBetween(nowMs, null, expires);
  return { name: credential.token, team, valid };
}

const STAFF_REQUIRED = refusal(401, 'TOKEN_REQUIRED', 'expected a bearer token of the platform team');

/** A token that is shown for the fleet scope, before anything of it is proved. */
export interface ClaimedStaff {
  readonly id: string;
  /** Of the secret, as fleet.yaml keeps it. */
  readonly digest: Sha256Hex;
}

export function claimedStaff(authorization: string | undefined): Answer<ClaimedStaff> {
  const parts = bearerOf(authorization);
  return parts === undefined
    ? STAFF_REQUIRED
    : answer({ id: parts.id, digest: tokenDigest(FLEET_UID, parts.id, parts.secret) });
}

/** True for the credential of other commands on this machine, which no store knows; its id is in its digest. */
export function isLocalStaff({ localStaff }: ControlPlane, { digest }: ClaimedStaff): boolean {
  return sameDigest(localStaff.digest, digest);
}

/** Opens the fleet scope for a staff token of the applied fleet.yaml. */
export async function authenticateStaff(
  plane: ControlPlane,
  authorization: string | undefined,
): Promise<Answer<{ readonly id: string }>> {
  const claimed = claimedStaff(authorization);
  if (!claimed.ok) return claimed;
  const { id, digest } = claimed.body;
  if (isLocalStaff(plane, claimed.body)) return answer({ id });
  const objects = (await plane.orgs.observe(FLEET_ORG))?.objects ?? [];
  const rows = ofKind(objects, 'Fleet').flatMap((item) => item.document.spec.staffTokens ?? []);
  const row = rows.find((item) => item.id === id);
  if (row === undefined || !sameDigest(row.digest, digest)) return STAFF_REQUIRED;
  return isBetween(plane.clock.nowMs(), null, row.notAfter) ? answer({ id }) : STAFF_REQUIRED;
}

/**
 * Opens nothing but the telling of a merge: for staff, or for the one workflow of CI that the applied fleet.yaml pins
 * (rulings 28).
 */
export async function authenticateReconciler(
  plane: ControlPlane,
  authorization: string | undefined,
): Promise<Answer<{ readonly id: string }>> {
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '';
  if (!isIdentityToken(token)) return authenticateStaff(plane, authorization);
  const objects = (await plane.orgs.observe(FLEET_ORG))?.objects ?? [];
  const pin = ofKind(objects, 'Fleet')[0]?.document.spec.ci;
  const keys = pin === undefined ? [] : await plane.identityKeys.keysOf(pin.issuer);
  const isOurs = pin !== undefined && verifyIdentity(token, keys, { pin, nowMs: plane.clock.nowMs() });
  return isOurs
    ? answer({ id: `ci:${pin.repository}` })
    : refusal(401, 'TOKEN_REQUIRED', 'expected the identity of the workflow that fleet.yaml pins');
}

function bearerOf(authorization: string | undefined): TokenParts | undefined {
  const match = /^Bearer ([!-~]{1,300})$/i.exec(authorization ?? '');
  return match?.[1] === undefined ? undefined : parseToken(match[1]);
}
