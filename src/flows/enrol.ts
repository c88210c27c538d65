import { type OrgSlug, ofKind } from '../core/model/index.ts';
import { encodeEnrolmentCode, enrolmentSecretHash } from '../trust/index.ts';
import { type ControlPlane, deniedNow, firstRoot } from './control/index.ts';
import type { Outcome } from './tokens.ts';

/** How long a one-time code can be used. */
export const CODE_LIFE_MS = 60 * 60_000;

/** Makes a one-time code for a gateway that is applied and published; the store keeps only its hash. */
export async function createEnrolmentCode(
  plane: Pick<ControlPlane, 'fleet' | 'orgs' | 'runtime' | 'publisher' | 'random' | 'clock'>,
  org: OrgSlug,
  gateway: string,
): Promise<Outcome<{ readonly code: string; readonly expiresAt: number }>> {
  const observed = await plane.orgs.observe(org);
  if (observed === undefined)
    return { ok: false, code: 'ORG_UNKNOWN', message: `expected an applied org, found ${org}; run \`tenantry apply\`` };
  const names = ofKind(observed.objects, 'Gateway').map((item) => item.id.name);
  if (!names.includes(gateway)) {
    return {
      ok: false,
      code: 'GATEWAY_UNKNOWN',
      message: `expected a Gateway of ${org} (${names.join(', ')}), found ${gateway}`,
    };
  }
  if ((await deniedNow(plane, org, 'gateway')).has(gateway)) {
    return {
      ok: false,
      code: 'GATEWAY_DENIED',
      message: `expected a gateway that is not denied, found a denial of ${org}/${gateway}; see \`tenantry override list\``,
    };
  }
  const root = await firstRoot(plane, observed);
  if (!root.ok) return root;
  const secret = plane.random.bytes(32);
  const expiresAt = plane.clock.nowMs() + CODE_LIFE_MS;
  await plane.runtime.putEnrolmentCode(org, { gateway, codeHash: enrolmentSecretHash(secret), expiresAt });
  const code = encodeEnrolmentCode({
    fleet: plane.fleet,
    orgUid: observed.uid,
    org,
    gateway,
    secret,
    rootSha256: root.value.sha256,
  });
  return { ok: true, value: { code, expiresAt } };
}
