import { codeEntry, type OrgSlug } from '../../core/model/index.ts';
import { unseenWords } from '../../core/report/index.ts';
import { type AdoptReport, adopt, type Drift, type DriftReport, drift, isReason } from '../../flows/index.ts';
import type { Fence } from '../../ports/index.ts';
import { answerWith, orgsOf } from '../fleet.ts';
import { withLease } from '../lease.ts';
import type { CommandContext, CommandSpec, Flags } from '../spec.ts';
import { appliedOrgs, applyParts, type OpenedState, openState } from '../state.ts';
import { CommandError, EXIT } from '../terminal.ts';

/**
 * `tenantry drift`: rows, published files, gateways, committed manifests; exit 2 when any differs that is neither healed nor
 * written to where the repository says it, and 69 where the place of published files did not let itself be looked at.
 */
export const driftCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const work = workOf(flags);
  const opened = await openState(context);
  try {
    const orgs = orgsOf(flags) === null ? null : await appliedOrgs(opened, flags);
    const report = await done(context, opened, { orgs, work });
    answerWith(context, { schema: 'tenantry/drift/v1', ...report }, () => wordsOf(context, work, report));
    for (const item of report.unseen)
      context.terminal.log.warn(`${unseenWords(item)}. ${codeEntry(item.code)?.fix ?? 'Look again later.'}`);
    if (report.unseen.length > 0) return EXIT.unavailable;
    return report.left.length === 0 ? EXIT.ok : EXIT.differences;
  } finally {
    opened.state.close();
  }
};

/** What is to become of the drift. */
type Work =
  | { readonly verb: 'look' }
  | { readonly verb: 'heal' }
  | { readonly verb: 'adopt'; readonly reason: string | null };

function workOf({ heal, adopt: adopts, reason }: Flags): Work {
  const usage = (words: string): CommandError => new CommandError(EXIT.usage, 'USAGE', words);
  if (heal === true && adopts === true) throw usage('expected either --heal or --adopt');
  if (adopts !== true && reason !== undefined) throw usage('expected --reason with --adopt');
  if (reason !== undefined && !isReason(reason)) throw usage('expected --reason of 3 to 1000 characters');
  if (adopts === true) return { verb: 'adopt', reason: reason ?? null };
  return { verb: heal === true ? 'heal' : 'look' };
}

type Report = DriftReport & AdoptReport;

async function done(
  context: CommandContext,
  opened: OpenedState,
  { orgs, work }: { readonly orgs: readonly OrgSlug[] | null; readonly work: Work },
): Promise<Report> {
  const nothing = { adopted: [], notAdopted: [] };
  if (work.verb === 'heal') {
    const mend = (fence: Fence): Promise<DriftReport> =>
      drift(applyParts(context, opened, { fence }), { orgs, heal: opened.write });
    const report = await withLease(opened, 'drift', mend);
    const { drifts: found, unseen } = await lookAgain(context, orgs);
    const unknown = new Set(unseen.flatMap((item) => item.orgs));
    const left = [...found, ...report.drifts.filter((item) => item.where === 'published' && unknown.has(item.org))];
    return { ...nothing, ...report, unseen, left };
  }
  const parts = applyParts(context, opened);
  const report = await drift(parts, { orgs, heal: null });
  if (work.verb === 'look') return { ...nothing, ...report, left: report.drifts };
  return {
    ...report,
    ...(await adopt(parts, { drifts: report.drifts, reason: work.reason, write: opened.write })),
  };
}

function wordsOf({ terminal }: CommandContext, { verb }: Work, report: Report): string {
  const { applied, drifts, left, unseen } = report;
  if (drifts.length === 0 && unseen.length > 0)
    return 'No drift in what could be looked at: repository, store and the other published files.';
  if (drifts.length === 0)
    return applied === 0
      ? 'No drift in the repository. Nothing is applied yet, so there was nothing else to look at.'
      : 'No drift: repository, store and gateways are as last applied.';
  const lines = drifts.map((item) => `${terminal.paint('medium', item.where.padEnd(10))}  ${item.org}  ${item.words}`);
  const open = left.length === 0 ? [] : ['Left for a person:', ...left.map(({ org, words }) => `  ${org}  ${words}`)];
  const after = {
    look: () => hints(drifts),
    heal: () => [`Healed: ${drifts.length - left.length} of ${drifts.length}.`, ...open],
    adopt: () => [...adoptedWords(report), ...open],
  };
  return [...lines, ...after[verb]()].join('\n');
}

/**
 * What can be done about it here: not every drift can be written into the repository, a gateway brings itself back, and an org
 * whose files are gone or do not render is a person's to mend, as its own words say.
 */
function hints(drifts: readonly Drift[]): readonly string[] {
  const mendable = drifts.filter((item) => item.where !== 'repository' || item.paths.length > 0);
  const isOf = (...where: readonly Drift['where'][]) => mendable.some((item) => where.includes(item.where));
  const adopt = isOf('store', 'repository') ? ', or `--adopt` to write it into the repository for review' : '';
  return [
    ...(isOf('store', 'repository', 'published') ? [`Run \`tenantry drift --heal\` to bring it back${adopt}.`] : []),
    ...(isOf('gateway') ? ['A gateway follows at its next poll; where one does not, its own log says why.'] : []),
  ];
}

function adoptedWords({ adopted, notAdopted, drifts, left }: Report): readonly string[] {
  const said = adopted.map(
    ({ org, object, path, file }) => `  ${org}  ${object}${path === '' ? '' : ` ${path}`} -> ${file}`,
  );
  const not = notAdopted.map(
    ({ org, object, path, words }) => `  ${org}  ${object}${path === '' ? '' : ` ${path}`}: ${words}`,
  );
  const isInStore = drifts.some((item) => item.where === 'store' && !left.includes(item));
  return [
    ...(said.length === 0 && not.length === 0 && left.length < drifts.length
      ? ['Nothing to adopt: the work tree says it already.']
      : [`Adopted: ${said.length}.`, ...said]),
    ...(not.length === 0 ? [] : [`Not adopted: ${not.length}.`, ...not]),
    ...(isInStore
      ? [
          'Commit and review the files as any change. Rows stay as they are: run `tenantry drift --heal` before it is applied.',
        ]
      : []),
  ];
}

/** Looks again with fresh eyes: the work tree was written meanwhile. */
async function lookAgain(context: CommandContext, orgs: readonly OrgSlug[] | null): Promise<DriftReport> {
  const opened = await openState(context);
  try {
    return await drift(applyParts(context, opened), { orgs, heal: null });
  } finally {
    opened.state.close();
  }
}
