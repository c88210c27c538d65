import type { OrgSlug } from '../../core/model/index.ts';
import { type Drift, type DriftReport, drift } from '../../flows/index.ts';
import type { Fence } from '../../ports/index.ts';
import { answerWith, orgsOf } from '../fleet.ts';
import { withLease } from '../lease.ts';
import type { CommandContext, CommandSpec } from '../spec.ts';
import { appliedOrgs, applyParts, openState } from '../state.ts';
import { EXIT } from '../terminal.ts';

/** `tenantry drift`: rows, published files, gateways, committed manifests; exit 2 when any differs and is not healed. */
export const driftCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const opened = await openState(context);
  try {
    const orgs = orgsOf(flags) === null ? null : await appliedOrgs(opened, flags);
    const healing = flags['heal'] === true;
    const look = (): Promise<DriftReport> => drift(applyParts(context, opened), { orgs, heal: null });
    const mend = (fence: Fence): Promise<DriftReport> =>
      drift(applyParts(context, opened, { fence }), { orgs, heal: opened.write });
    const report = healing ? await withLease(opened, 'drift', mend) : await look();
    const left = healing ? await driftLeft(context, orgs) : report.drifts;
    const { applied, drifts, healed, written } = report;
    answerWith(context, { schema: 'tenantry/drift/v1', applied, drifts, healed, written, left }, () => {
      if (drifts.length === 0)
        return applied === 0
          ? 'No drift in the repository. Nothing is applied yet, so there was nothing else to look at.'
          : 'No drift: repository, store and gateways are as last applied.';
      const lines = drifts.map(
        (item) => `${context.terminal.paint('medium', item.where.padEnd(10))}  ${item.org}  ${item.words}`,
      );
      const after = healing
        ? [
            `Healed: ${drifts.length - left.length} of ${drifts.length}.`,
            ...(left.length === 0 ? [] : ['Left for a person:', ...left.map(({ org, words }) => `  ${org}  ${words}`)]),
          ]
        : ['Run `tenantry drift --heal` to bring it back.'];
      return [...lines, ...after].join('\n');
    });
    return left.length === 0 ? EXIT.ok : EXIT.differences;
  } finally {
    opened.state.close();
  }
};

/** Looks again with fresh eyes: the work tree was written meanwhile. */
async function driftLeft(context: CommandContext, orgs: readonly OrgSlug[] | null): Promise<readonly Drift[]> {
  const opened = await openState(context);
  try {
    return (await drift(applyParts(context, opened), { orgs, heal: null })).drifts;
  } finally {
    opened.state.close();
  }
}
