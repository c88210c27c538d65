import { type Finding, fails } from '../../core/model/index.ts';
import { counted } from '../../core/report/index.ts';
import {
  isHeld,
  isReason,
  type Pruned,
  type PublishedOrg,
  pruneAll,
  publishDue,
  type Refreshed,
  refreshAll,
  type TakenOver,
  type TakeOverAsk,
  takeOver,
} from '../../flows/index.ts';
import { type Answer, answerWith, slugOf } from '../fleet.ts';
import { withLease } from '../lease.ts';
import { actorHere } from '../operate.ts';
import type { CommandSpec, Flags } from '../spec.ts';
import { appliedOrgs, applyParts, openState } from '../state.ts';
import { CommandError, EXIT } from '../terminal.ts';

/**
 * `tenantry publish [--refresh] [--prune] [--take-over <org…>]`: what is applied and not published; with --refresh also what
 * is to be signed anew, with --prune what nothing leads to any more is removed; with --take-over a store that is behind what
 * it published learns of it first. What stands in one org's way is told, the others go on.
 */
export const publishCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const overAsk = takeOverAsk(flags);
  const opened = await openState(context);
  try {
    // Refuses ORG_UNKNOWN.
    if (overAsk !== null) await appliedOrgs(opened, { org: overAsk.orgs });
    const { takenOver, published, refreshed, pruned } = await withLease(opened, 'publish', async (fence) => {
      const parts = applyParts(context, opened, { fence });
      const takenOver = overAsk === null ? null : await takeOver(parts, overAsk);
      return {
        takenOver,
        published: await publishDue(parts),
        refreshed: flags['refresh'] === true ? await refreshAll(parts) : null,
        pruned: flags['prune'] === true ? await pruneAll(parts) : null,
      };
    });
    const findings = [...published, refreshed, pruned].flatMap((item): readonly Finding[] => item?.findings ?? []);
    const signatures = published.reduce((sum, item) => sum + item.signatures, 0);
    const report = {
      schema: 'tenantry/publish/v1',
      takenOver,
      published,
      refreshed,
      pruned,
      signatures,
      findings,
    } satisfies Answer;
    answerWith(context, report, () =>
      [
        ...(takenOver ?? []).map(takenOverWords),
        publishedWords(published),
        ...(refreshed === null ? [] : [refreshedWords(refreshed)]),
        ...(pruned === null ? [] : [prunedWords(pruned)]),
      ].join('\n'),
    );
    for (const { org, code, message, found } of findings)
      context.terminal.log.warn(`${org ?? 'fleet.yaml'}: ${code}: ${message}: ${found}`);
    // Once for each code: all orgs may say the same.
    const fixes = new Map(findings.map(({ code, fix }) => [code, fix]));
    for (const [code, fix] of fixes) context.terminal.complain(`fix ${code}: ${fix}`);
    const isHeldBack = takenOver?.some(({ outcome }) => outcome === 'held') ?? false;
    return findings.some(fails) || isHeldBack ? EXIT.refused : EXIT.ok;
  } finally {
    opened.state.close();
  }
};

/** What `--take-over` and `--reason` say together; null without. */
function takeOverAsk(flags: Flags): TakeOverAsk | null {
  const { takeOver: orgs, reason } = flags;
  if (orgs === undefined && reason === undefined) return null;
  if (!Array.isArray(orgs) || !isReason(reason))
    throw new CommandError(
      EXIT.usage,
      'USAGE',
      'expected --take-over <org...> together with --reason, a text of 3 to 1000 characters',
    );
  return { orgs: orgs.map((org) => slugOf(String(org))), actor: actorHere(), reason };
}

function takenOverWords(taken: TakenOver): string {
  if (taken.outcome === 'held') return `${taken.org} could not be taken over: ${taken.code}: ${taken.message}`;
  if (taken.outcome === 'not-behind') return `${taken.org} is not behind what is published.`;
  return `${taken.org} was at generation ${taken.before}, and goes on above what is published, at ${taken.generation}.`;
}

function publishedWords(published: readonly PublishedOrg[]): string {
  if (published.length === 0) return 'Nothing to publish.';
  const [held, done] = [published.filter(isHeld), published.filter((item) => !isHeld(item))];
  const signatures = done.reduce((sum, item) => sum + item.signatures, 0);
  const stuck = held.length === 0 ? '' : ` ${held.length} could not be published.`;
  return `Published ${counted(done.length, 'org')} with ${counted(signatures, 'signature')}.${stuck}`;
}

function refreshedWords({ orgs, signatures }: Refreshed): string {
  const { root: _none, ...online } = signatures;
  const words = Object.entries(online).map(([role, count]) => `${count} ${role}`);
  return `Signed anew for ${counted(orgs, 'org')}: ${words.join(', ')}.`;
}

function prunedWords({ orgs, files, bytes }: Pruned): string {
  return files === 0
    ? 'Nothing to remove.'
    : `Removed ${counted(files, 'file')} of ${counted(orgs, 'org')}, ${bytes} bytes.`;
}
