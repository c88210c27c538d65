import { FLEET_ORG, fails, instantText, isJsonObject, type Json } from '../../core/model/index.ts';
import { oneLine } from '../../core/report/index.ts';
import {
  expiringOrgs,
  freshUntilMs,
  type GatewayStatus,
  gatewayStatuses,
  newestHistory,
  rolloutStatus,
} from '../../flows/index.ts';
import { answerWith, countOf, requiredOrg, table } from '../fleet.ts';
import type { CommandSpec } from '../spec.ts';
import { appliedOrgs, openStore, unknownOrg } from '../state.ts';
import { EXIT } from '../terminal.ts';

function freshUntil(status: GatewayStatus): string | null {
  const untilMs = freshUntilMs(status);
  return untilMs === null ? null : instantText(untilMs);
}

/** `canary`, `general waiting`: the ring, and why the gateway has what it has where that is not what Git wants. */
function standingWords({ ring, standing }: GatewayStatus): string {
  return standing === 'current' ? ring : `${ring} ${standing}`;
}

/** `gen 6`, and `gen 6 (as 3)` where the content is that of generation 3 still. */
function wantedWords({ wantedGeneration, publishedGeneration, isWanted }: GatewayStatus): string {
  const isOlder = isWanted && publishedGeneration !== null && publishedGeneration < wantedGeneration;
  return isOlder ? `gen ${wantedGeneration} (as ${publishedGeneration})` : `gen ${wantedGeneration}`;
}

/** Of a gateway that nobody serves any more: it may run on. */
function revokedWords({ org, gateway, state, revokedAt }: GatewayStatus): readonly string[] {
  return state !== 'revoked' || revokedAt === null
    ? []
    : [`${org}/${gateway}: revoked ${instantText(revokedAt)}; it keeps the bundle it had then until that expires`];
}

/** What of a gateway was refused last, and whether evidence is missing for it. */
function refusedWords({ org, gateway, lastRefused }: GatewayStatus): readonly string[] {
  if (lastRefused === null) return [];
  const { code, at, missingThrough } = lastRefused;
  const missing =
    missingThrough === null ? '' : `; its evidence through line ${missingThrough} is not here: tenantry events verify`;
  return [`${org}/${gateway}: refused ${code} at ${instantText(at)}${missing}`];
}

/** `tenantry status`: wanted, published, acknowledged, fresh until; exit 1 where what is published has expired. */
export const statusCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const opened = await openStore(context);
  try {
    const orgs = await appliedOrgs(opened, flags);
    const plane = { orgs: opened.state.store, runtime: opened.state.runtime, hash: opened.hash, clock: opened.clock };
    const gateways = await gatewayStatuses(plane, orgs);
    const rows = gateways.map((item) => ({ ...item, freshUntil: freshUntil(item) }));
    const { rollouts, overrides } = await rolloutStatus(plane, orgs);
    const open = rollouts.filter(({ endedAt }) => endedAt === null);
    const findings = await expiringOrgs(plane, orgs);
    answerWith(context, { schema: 'tenantry/status/v1', gateways: rows, rollouts: open, overrides, findings }, () => {
      if (orgs.length === 0) return 'Nothing is applied yet. Run `tenantry apply`.';
      if (rows.length === 0) return 'No gateway is applied.';
      const header = ['ORG', 'GATEWAY', 'WANTED', 'PUBLISHED', 'ACKNOWLEDGED', 'STATE', 'HEARD', 'RING', 'FRESH UNTIL'];
      const cells = rows.map((row) => [
        row.org,
        row.gateway,
        wantedWords(row),
        row.published === null ? '-' : `gen ${row.publishedGeneration} ${row.published.slice(0, 12)}`,
        row.acknowledged?.slice(0, 12) ?? '-',
        row.code === null ? row.state : `${row.state} ${row.code}`,
        row.heardAt === null ? '-' : instantText(row.heardAt),
        standingWords(row),
        row.freshUntil ?? '-',
      ]);
      const notes = [
        ...rows.flatMap(revokedWords),
        ...rows.flatMap(refusedWords),
        ...open.map(
          (item) => `${item.org}: rollout of generation ${item.generation} is ${item.state}; tenantry rollout status`,
        ),
        ...overrides.map(
          (item) => `${item.org}: ${item.id} holds until ${instantText(item.expiresAt)}: ${oneLine(item.reason)}`,
        ),
      ];
      return [table(context, header, cells), ...notes].join('\n');
    });
    for (const { org, code, message, found } of findings)
      context.terminal.log.warn(`${org}: ${code}: ${message}: ${found}`);
    return findings.some(fails) ? EXIT.refused : EXIT.ok;
  } finally {
    opened.state.close();
  }
};

/** Why an operator did it, where the entry says so. */
function reasonOf(detail: Json): string {
  const because = isJsonObject(detail) ? detail['because'] : undefined;
  return typeof because === 'string' ? because : '-';
}

/** `tenantry history`: the org's hash-chained history, newest first. */
export const historyCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const org = flags['org'] === FLEET_ORG ? FLEET_ORG : requiredOrg(flags);
  const limit = countOf(flags, 'limit', 50);
  const opened = await openStore(context);
  try {
    const isKnown = (await opened.state.store.heads()).some((head) => head.org === org);
    if (!isKnown) throw unknownOrg(org);
    const entries = await newestHistory(opened.state.store, org, limit);
    const broken = await opened.state.store.verifyHistory(org);
    answerWith(
      context,
      { schema: 'tenantry/history/v1', org, chain: broken === null ? 'intact' : `broken at ${broken}`, entries },
      () => {
        const cells = entries.map((item) => [
          String(item.generation),
          item.action,
          instantText(item.at),
          item.commit?.slice(0, 12) ?? '-',
          item.actor,
          reasonOf(item.detail),
          item.hash.slice(0, 12),
        ]);
        const header = ['GENERATION', 'ACTION', 'AT', 'COMMIT', 'BY', 'REASON', 'HASH'];
        const chain = broken === null ? 'The chain is intact.' : `The chain is broken at entry ${broken}.`;
        return entries.length === 0 ? `Nothing was applied to ${org}.` : `${table(context, header, cells)}\n${chain}`;
      },
    );
    return broken === null ? EXIT.ok : EXIT.refused;
  } finally {
    opened.state.close();
  }
};
