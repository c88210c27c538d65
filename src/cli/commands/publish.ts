import type { Finding } from '../../core/model/index.ts';
import {
  isHeld,
  type Pruned,
  type PublishedOrg,
  pruneAll,
  publishDue,
  type Refreshed,
  refreshAll,
} from '../../flows/index.ts';
import { type Answer, answerWith } from '../fleet.ts';
import { withLease } from '../lease.ts';
import type { CommandSpec } from '../spec.ts';
import { applyParts, openState } from '../state.ts';
import { EXIT } from '../terminal.ts';

/**
 * `tenantry publish [--refresh] [--prune]`: what is applied and not published; with --refresh also what is to be signed
 * anew, with --prune what nothing leads to any more is removed. What stands in one org's way is told, the others go on.
 */
export const publishCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const opened = await openState(context);
  try {
    const { published, refreshed, pruned } = await withLease(opened, 'publish', async (fence) => {
      const parts = applyParts(context, opened, { fence });
      return {
        published: await publishDue(parts),
        refreshed: flags['refresh'] === true ? await refreshAll(parts) : null,
        pruned: flags['prune'] === true ? await pruneAll(parts) : null,
      };
    });
    const findings = [...published, refreshed, pruned].flatMap((item): readonly Finding[] => item?.findings ?? []);
    const signatures = published.reduce((sum, item) => sum + item.signatures, 0);
    const report = {
      schema: 'tenantry/publish/v1',
      published,
      refreshed,
      pruned,
      signatures,
      findings,
    } satisfies Answer;
    answerWith(context, report, () =>
      [
        publishedWords(published),
        ...(refreshed === null ? [] : [refreshedWords(refreshed)]),
        ...(pruned === null ? [] : [prunedWords(pruned)]),
      ].join('\n'),
    );
    for (const { org, code, message, found } of findings)
      context.terminal.log.warn(`${org}: ${code}: ${message}: ${found}`);
    return findings.length > 0 ? EXIT.refused : EXIT.ok;
  } finally {
    opened.state.close();
  }
};

function publishedWords(published: readonly PublishedOrg[]): string {
  if (published.length === 0) return 'Nothing to publish.';
  const [held, done] = [published.filter(isHeld), published.filter((item) => !isHeld(item))];
  const signatures = done.reduce((sum, item) => sum + item.signatures, 0);
  const stuck = held.length === 0 ? '' : ` ${held.length} could not be published.`;
  return `Published ${done.length} orgs with ${signatures} signatures.${stuck}`;
}

function refreshedWords({ orgs, signatures }: Refreshed): string {
  const { root: _none, ...online } = signatures;
  const words = Object.entries(online).map(([role, count]) => `${count} ${role}`);
  return `Signed anew for ${orgs} orgs: ${words.join(', ')}.`;
}

function prunedWords({ orgs, files, bytes }: Pruned): string {
  return files === 0 ? 'Nothing to remove.' : `Removed ${files} files of ${orgs} orgs, ${bytes} bytes.`;
}
