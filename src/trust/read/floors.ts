import { type Decoder, flag, integer, list, nullable, oneOf, record, text } from '../../core/bundle/index.ts';
import type { GatewayIdentity, JsonObject, OrgUid, Sha256Hex, TrustRole } from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { MAX_VERSION } from '../layout.ts';
import { keyIdsOf } from './metadata.ts';

/** The highest version of a role that was verified, its bytes, and the keys under which it was. */
export interface RoleFloor {
  readonly version: number;
  readonly sha256: Sha256Hex;
  readonly keyIds: readonly string[];
}

/** What must never fall. Kept outside the slots: a slot that is lost does not take its floors along (tuf-notes). */
export interface Floors {
  readonly format: 'tenantry/floors/v1';
  readonly identity: GatewayIdentity;
  /** SHA-256 of the root pinned at enrolment. */
  readonly pinnedRoot: Sha256Hex;
  /** Rises with every write of floors or slots; the highest wins. */
  readonly sequence: number;
  readonly root: RoleFloor;
  readonly timestamp: RoleFloor | null;
  readonly snapshot: RoleFloor | null;
  readonly targets: RoleFloor | null;
  /** The highest generation of this gateway's target. */
  readonly generation: number;
  /** The newest signed time that was verified: a clock behind it was set back. */
  readonly newestMs: number;
  /** True after a verified publication that does not list this gateway. */
  readonly withdrawn: boolean;
}

const digest = text<Sha256Hex>(/^[0-9a-f]{64}$/, '64 lower-case hex digits');
const name = text(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'a name');

const roleFloorShape: Decoder<RoleFloor> = record<RoleFloor>({
  version: integer(1, MAX_VERSION),
  sha256: digest,
  keyIds: list(digest, 64),
});

export const floorsShape: Decoder<Floors> = record<Floors>({
  format: oneOf('tenantry/floors/v1'),
  identity: record<GatewayIdentity>({
    fleet: name,
    orgUid: text<OrgUid>(/^[a-z0-9]{20}$/, 'an org uid'),
    gateway: name,
  }),
  pinnedRoot: digest,
  sequence: integer(0, Number.MAX_SAFE_INTEGER),
  root: roleFloorShape,
  timestamp: nullable(roleFloorShape),
  snapshot: nullable(roleFloorShape),
  targets: nullable(roleFloorShape),
  generation: integer(0, Number.MAX_SAFE_INTEGER),
  newestMs: integer(0, Number.MAX_SAFE_INTEGER),
  withdrawn: flag,
});

/**
 * The floor of a role under the given root, or null. It holds as long as the role's keys stay: a stolen key that pushed
 * versions to the end of the range must not lock a gateway out after rotation (tuf-notes, fast-forward).
 */
export function floorUnder(floors: Floors, role: Exclude<TrustRole, 'root'>, root: JsonObject): RoleFloor | null {
  const floor = floors[role];
  return floor !== null && floor.keyIds.join() === keyIdsOf(root, role).join() ? floor : null;
}

/** The newest time that the present timestamp key signed; what a stolen key signed counts no more after rotation. */
export function newestSignedMs(floors: Floors, root: JsonObject): number {
  return floorUnder(floors, 'timestamp', root) === null ? 0 : floors.newestMs;
}

/** The present: the clock, or the newest signed time where that is later. A clock that was set back revives nothing. */
export function presentMs(floors: Floors, root: JsonObject, clockMs: number): number {
  return Math.max(clockMs, newestSignedMs(floors, root));
}

/** TRUST_ROLLBACK below the floor, TRUST_SAME_VERSION at it with other bytes. */
export function checkFloor(
  role: TrustRole,
  floor: { readonly version: number; readonly sha256: Sha256Hex } | null,
  found: { readonly version: number; readonly sha256: Sha256Hex },
): void {
  if (floor === null || found.version > floor.version) return;
  if (found.version < floor.version) {
    throw new TrustError(
      'TRUST_ROLLBACK',
      `expected ${role} version ${floor.version} or higher, found ${found.version}`,
    );
  }
  if (found.sha256 !== floor.sha256) {
    throw new TrustError(
      'TRUST_SAME_VERSION',
      `expected the known bytes of ${role} version ${found.version}, found others`,
    );
  }
}
