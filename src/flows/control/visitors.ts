import { FLEET_ORG, type OrgSlug } from '../../core/model/index.ts';
import { sameDigest } from '../../trust/index.ts';
import {
  type AuthenticatedGateway,
  authenticateReconciler,
  authenticateStaff,
  authenticateTenant,
  type ClaimedGateway,
  type ClaimedTenant,
  claimedStaff,
  type IncomingRequest,
  isLocalStaff,
  isSignedBy,
  type SignedRequest,
  type TenantSession,
} from './authenticate.ts';
import type { Answer, ControlPlane } from './context.ts';

/**
 * Keys and digests of tokens that opened something in this process, by who showed them. Who shows one again has its own place
 * before the store is asked; it opens nothing, since the store is asked each time, so that a revocation holds at once. Strangers
 * leave nothing here: it grows with what is enrolled and issued.
 */
export type Seen = Map<string, string>;

/** Whoever asks, before the store is asked who that is. */
export interface Visitor<Who> {
  /** The org that it says it is of. */
  readonly org: OrgSlug;
  /** It showed what opened something of this org before: nobody else can, so its places are its own to fill. */
  readonly isKnown: boolean;
  /** Asks the store. */
  authenticate(): Promise<Answer<Who>>;
}

interface Shown {
  readonly name: string;
  readonly isKnown: boolean;
}

/** Keeps in mind who was let in. Who is refused is forgotten only where it had shown what is known: others cannot have it forgotten. */
async function noted<Who>(
  seen: Seen,
  { name, isKnown }: Shown,
  { given, proofOf }: { readonly given: Promise<Answer<Who>>; readonly proofOf: (who: Who) => string },
): Promise<Answer<Who>> {
  const found = await given;
  if (found.ok) seen.set(name, proofOf(found.body));
  else if (isKnown) seen.delete(name);
  return found;
}

/** The sender of a signed request; `authenticate` asks the store who may send it. */
export function gatewayVisitor<Who extends AuthenticatedGateway>(
  { plane, seen }: { readonly plane: ControlPlane; readonly seen: Seen },
  claimed: ClaimedGateway & { readonly request: IncomingRequest },
  authenticate: (plane: ControlPlane, signed: SignedRequest) => Promise<Answer<Who>>,
): Visitor<Who> {
  const { org } = claimed.head;
  const name = `gateway ${org}/${claimed.claim.gateway}`;
  const key = seen.get(name);
  const isKnown = key !== undefined && isSignedBy(plane, key, claimed);
  const signed: SignedRequest = { ...claimed, signedBy: isKnown ? key : undefined };
  const proofOf = ({ row }: Who): string => row.publicKey;
  return {
    org,
    isKnown,
    authenticate: () => noted(seen, { name, isKnown }, { given: authenticate(plane, signed), proofOf }),
  };
}

/** Whoever shows a token for an org. */
export function tenantVisitor(plane: ControlPlane, seen: Seen, claimed: ClaimedTenant): Visitor<TenantSession> {
  const { org } = claimed.head;
  const name = `token ${org}/${claimed.parts.id}`;
  const isKnown = sameDigest(seen.get(name) ?? '', claimed.digest);
  const proofOf = (): string => claimed.digest;
  return {
    org,
    isKnown,
    authenticate: () => noted(seen, { name, isKnown }, { given: authenticateTenant(plane, claimed), proofOf }),
  };
}

/** Whoever shows a token of the platform team. */
export function staffVisitor(
  plane: ControlPlane,
  seen: Seen,
  authorization: string | undefined,
): Visitor<{ readonly id: string }> {
  return fleetVisitor({ plane, seen, authorization }, authenticateStaff);
}

/** Whoever tells of a merge: the platform team, or the workflow of CI, which shows another token each time. */
export function reconcilerVisitor(
  plane: ControlPlane,
  seen: Seen,
  authorization: string | undefined,
): Visitor<{ readonly id: string }> {
  return fleetVisitor({ plane, seen, authorization }, authenticateReconciler);
}

interface AtFleet {
  readonly plane: ControlPlane;
  readonly seen: Seen;
  readonly authorization: string | undefined;
}

function fleetVisitor<Who>(
  { plane, seen, authorization }: AtFleet,
  authenticate: (plane: ControlPlane, authorization: string | undefined) => Promise<Answer<Who>>,
): Visitor<Who> {
  const claimed = claimedStaff(authorization);
  const given = () => authenticate(plane, authorization);
  if (!claimed.ok) return { org: FLEET_ORG, isKnown: false, authenticate: given };
  const { id, digest } = claimed.body;
  const name = `staff ${id}`;
  const isKnown = isLocalStaff(plane, claimed.body) || sameDigest(seen.get(name) ?? '', digest);
  const proofOf = (): string => digest;
  return {
    org: FLEET_ORG,
    isKnown,
    authenticate: () => noted(seen, { name, isKnown }, { given: given(), proofOf }),
  };
}
