import type { Publication, Rollout, RolloutMember, Traffic } from '../../core/model/index.ts';
import { type MemberSeen, NO_TRAFFIC, type Seen } from '../../core/rollout/index.ts';
import type { AckRow, EnrolledGateway, OrgStore, RuntimeStore } from '../../ports/index.ts';

/** What the gateways of one org said of themselves, as the control plane keeps it. */
export interface Voices {
  readonly acks: ReadonlyMap<string, AckRow>;
  readonly enrolled: ReadonlyMap<string, EnrolledGateway>;
  /** `<gateway> <digest>` to the decisions under it. */
  readonly traffic: ReadonlyMap<string, Traffic>;
}

/** Nobody said anything. */
export const SILENCE: Voices = { acks: new Map(), enrolled: new Map(), traffic: new Map() };

export async function voicesOf(runtime: RuntimeStore, org: Parameters<OrgStore['observe']>[0]): Promise<Voices> {
  const [acks, enrolled, traffic] = await Promise.all([runtime.acks(org), runtime.gateways(org), runtime.traffic(org)]);
  return {
    acks: new Map(acks.map((ack) => [ack.gateway, ack])),
    enrolled: new Map(enrolled.map((row) => [row.gateway, row])),
    traffic: new Map(traffic.map((item) => [`${item.gateway} ${item.contentDigest}`, item])),
  };
}

/** Members of a rollout as they were seen, against what is published for them. */
export function seenOf(rollout: Rollout, publication: Publication | undefined, voices: Voices): Seen {
  const members = rollout.rings.flatMap((ring) => ring.members);
  return new Map(members.map((member) => [member.gateway, memberSeen(member, publication, voices)]));
}

function memberSeen(member: RolloutMember, publication: Publication | undefined, voices: Voices): MemberSeen {
  const { gateway, since, before } = member;
  const row = voices.enrolled.get(gateway);
  const ack = voices.acks.get(gateway);
  // Before its ring opens, what is published for it is the older content.
  const digest = since === null ? undefined : publication?.targets[gateway]?.contentDigest;
  const under = (of: string | undefined): Traffic => voices.traffic.get(`${gateway} ${of}`) ?? NO_TRAFFIC;
  return {
    isEnrolled: row !== undefined && row.revokedAt === null,
    hasSpoken: ack !== undefined && ack.receivedAt >= (row?.enrolledAt ?? 0),
    askedAt: publication?.signedAt.targets ?? 0,
    isRunning: digest !== undefined && ack?.contentDigest === digest,
    refusal: ack?.state === 'rejected' ? { code: ack.code ?? ack.state, at: ack.receivedAt } : null,
    now: digest === before ? NO_TRAFFIC : under(digest),
    former: under(before),
  };
}
