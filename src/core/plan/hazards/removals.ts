import { type Change, type Hazard, type ObjectId, type ObjectSide, objectKey, ofKind } from '../../model/index.ts';
import { exceeds, type HazardContext, type HazardRule, objectHazard, orgHazard } from './context.ts';

const objects = (count: number): string => (count === 1 ? '1 object' : `${count} objects`);

export const massDeletion: HazardRule = {
  code: 'MASS_CHANGE',
  decide({ org, base, changes, limits }) {
    const count = changes.filter((change) => change.kind === 'delete').length;
    const all = base?.length ?? 0;
    if (limits === null || count === 0) return [];
    const limit = { count: limits.deletedObjectsCount, percent: limits.deletedObjectsPercent };
    if (!exceeds({ count, all }, limit)) return [];
    const message = `deletes ${count} of ${objects(all)}; the limit is ${limit.count}, or ${limit.percent} %`;
    return [orgHazard('MASS_CHANGE', org, message)];
  },
};

export const walletRemoved: HazardRule = {
  code: 'WALLET_REMOVED',
  decide({ changes, balances }) {
    return removedIds(changes, 'Wallet').flatMap((id): Hazard[] => {
      const balance = balances === undefined ? null : (balances.get(id.name) ?? 0);
      if (balance === 0) return [];
      const held = balance === null ? 'what it still holds is not known' : 'it has leases or spending in this period';
      return [objectHazard('WALLET_REMOVED', objectKey(id), `wallet ${id.name} is removed; ${held}`)];
    });
  },
};

export const gatewayRemoved: HazardRule = {
  code: 'GATEWAY_REMOVED',
  decide({ changes }) {
    return removedIds(changes, 'Gateway').map((id) =>
      objectHazard(
        'GATEWAY_REMOVED',
        objectKey(id),
        `gateway ${id.name} of ${id.environment} is removed; it stops when it hears so, at the latest when what it has expires`,
      ),
    );
  },
};

export const lastTokenRemoved: HazardRule = {
  code: 'LAST_TOKEN_REMOVED',
  decide({ org, base, head }) {
    if (base === null || head === null) return [];
    const before = ofKind(base, 'Token').length;
    const gateways = ofKind(head, 'Gateway').length;
    if (before === 0 || gateways === 0 || ofKind(head, 'Token').length > 0) return [];
    const message = `the last token is removed; nothing can call ${gateways === 1 ? 'the gateway' : `the ${gateways} gateways`} of ${org}`;
    return [orgHazard('LAST_TOKEN_REMOVED', org, message)];
  },
};

export const lastReviewerRemoved: HazardRule = {
  code: 'LAST_REVIEWER_REMOVED',
  decide({ base, head }) {
    if (base === null || head === null) return [];
    const after = reviewersByQueue(head);
    return [...reviewersByQueue(base)].flatMap(([queue, before]): Hazard[] => {
      if (before.people === 0 || (after.get(queue)?.people ?? 0) > 0) return [];
      return [objectHazard('LAST_REVIEWER_REMOVED', before.review, `nobody is left to decide in queue ${queue}`)];
    });
  },
};

export const orgOffboarded: HazardRule = {
  code: 'ORG_OFFBOARDED',
  decide(context) {
    const { org, base } = context;
    if (base === null || ofKind(base, 'Organization').length === 0 || keepsOrganization(context)) return [];
    const live = ofKind(base, 'Token').length + ofKind(base, 'Gateway').length;
    const state =
      live === 0
        ? 'it was retired before: no token and no gateway is left'
        : `it was not retired before: ${live} tokens and gateways go with it`;
    return [orgHazard('ORG_OFFBOARDED', org, `org ${org} is removed with ${objects(base.length)}; ${state}`)];
  },
};

function keepsOrganization({ head }: HazardContext): boolean {
  return head !== null && ofKind(head, 'Organization').length > 0;
}

/** Ids that end: of deleted objects, and the old names of renamed ones, because ledgers and identities hang on names. */
function removedIds(changes: readonly Change[], kind: ObjectId['kind']): readonly ObjectId[] {
  return changes.flatMap((change): ObjectId[] => {
    if (change.kind === 'delete' && change.before.id.kind === kind) return [change.before.id];
    return change.kind === 'rename' && change.from.kind === kind ? [change.from] : [];
  });
}

interface Queue {
  readonly review: ReturnType<typeof objectKey>;
  readonly people: number;
}

function reviewersByQueue(sides: readonly ObjectSide[]): ReadonlyMap<string, Queue> {
  const teams = new Map(ofKind(sides, 'Team').map(({ id, document }) => [id.name, document.spec]));
  const queues = new Map<string, Queue>();
  for (const { id, document } of ofKind(sides, 'Review')) {
    const people = document.spec.reviewers.teams.reduce((sum, name) => {
      const team = teams.get(name);
      return sum + (team === undefined ? 0 : team.leads.length + team.members.length);
    }, 0);
    const { queue } = document.spec;
    const known = queues.get(queue);
    queues.set(queue, { review: known?.review ?? objectKey(id), people: people + (known?.people ?? 0) });
  }
  return queues;
}
