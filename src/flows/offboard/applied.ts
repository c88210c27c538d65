import { LIVE_KINDS, type OrgSlug, type OrgUid, ofKind } from '../../core/model/index.ts';
import type { Outcome } from '../tokens.ts';
import type { AppliedState } from './parts.ts';

/** One gateway that the org had, by what the store knows of it. */
export interface FormerGateway {
  readonly gateway: string;
  /** stopped: it said that it is listed no more. silent: it has not, and may serve until what it has expires. */
  readonly state: 'stopped' | 'silent' | 'revoked';
  /** When it was heard last, in Unix milliseconds; null: never. */
  readonly heardAt: number | null;
}

/**
 * What became of a retired org's gateways; or that the store does not yet show it applied and published without any. An org of
 * which nothing was ever applied has none.
 */
export async function formerGateways(
  { store, runtime }: AppliedState,
  { org, uid }: { readonly org: OrgSlug; readonly uid: OrgUid },
): Promise<Outcome<readonly FormerGateway[]>> {
  const observed = await store.observe(org);
  if (observed === undefined) return { ok: true, value: [] };
  const live = observed.objects.filter(({ id }) => LIVE_KINDS.has(id.kind) || id.kind === 'Credentials');
  const isRetired = ofKind(observed.objects, 'Organization').some(
    ({ document }) => document.spec.retired !== undefined,
  );
  if (observed.uid !== uid || live.length > 0 || !isRetired) {
    const what = `${live.length} tokens, gateways and credentials at generation ${observed.generation}`;
    const message = `expected ${org} to be applied as retired, found ${what}; merge and apply that change first`;
    return { ok: false, code: 'OFFBOARD_NOT_APPLIED', message };
  }
  const listed = Object.keys((await store.publication(org))?.targets ?? {});
  if (listed.length > 0 || (await store.unpublished()).includes(org)) {
    const found = listed.length > 0 ? `${listed.join(', ')} in it` : 'one that is due';
    const message = `expected a publication of ${org} without gateways, found ${found}; run \`tenantry publish\``;
    return { ok: false, code: 'OFFBOARD_NOT_PUBLISHED', message };
  }
  const acks = new Map((await runtime.acks(org)).map((ack) => [ack.gateway, ack]));
  const value = (await runtime.gateways(org)).map(({ gateway, revokedAt }): FormerGateway => {
    const ack = acks.get(gateway);
    const isStopped = ack?.code === 'TRUST_NOT_LISTED';
    const state = revokedAt !== null ? 'revoked' : isStopped ? 'stopped' : 'silent';
    return { gateway, state, heardAt: ack?.heardAt ?? null };
  });
  return { ok: true, value };
}

/** As many open escalations as are counted. */
const COUNTED = 1000;

/** How many escalations of an org wait for a reviewer of it. */
export async function waitingIn({ runtime }: Pick<AppliedState, 'runtime'>, org: OrgSlug): Promise<number> {
  return (await runtime.escalations(org, { limit: COUNTED }, 'open')).length;
}
