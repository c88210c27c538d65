import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommitId } from '../../core/model/index.ts';
import {
  isScope,
  type PullReport,
  pullMarkdown,
  readCheck,
  readDiff,
  readDrift,
  readEffect,
  reportChanges,
  reportFindings,
  unseenWords,
} from '../../core/report/index.ts';
import { judgePull, type PullJudgement, publishPull, syncDriftIssues } from '../../flows/index.ts';
import { wireForge, wireThreads } from '../../wire.ts';
import { ARTEFACTS, readArtefact, writeArtefacts } from '../artefacts.ts';
import { forgePlace, judgedRun, WORKFLOW_BOT } from '../event.ts';
import { type Answer, answerWith, commitOf, type OpenedFleet, openFleet } from '../fleet.ts';
import type { CommandContext, CommandSpec, Flags } from '../spec.ts';
import { CommandError, EXIT } from '../terminal.ts';

/** A job summary may have 1 MiB for each step. */
const SUMMARY_BYTES = 1_000_000;

/** `tenantry pr check`: judges the head from git objects alone; the same on a laptop and in any CI. */
export const prCheck: CommandSpec['run'] = async (context, _args, flags) => {
  if (typeof flags['base'] !== 'string') throw new CommandError(EXIT.usage, 'USAGE', 'expected --base <ref>');
  const fleet = await openFleet(context);
  const startedMs = fleet.clock.nowMs();
  const base = await fetched(fleet, flags['base']);
  const head = await fetched(fleet, typeof flags['head'] === 'string' ? flags['head'] : 'HEAD');
  const judged = await judgePull({ ...fleet, threads: await wireThreads() }, { base, head });
  if (judged === undefined) throw await historyMissing(fleet, base, head);
  const report = reportOf(judged, fleet.clock.nowMs() - startedMs);
  const folder = typeof flags['out'] === 'string' ? flags['out'] : join(fleet.dir, '.tenantry/pr');
  const summary = pullMarkdown(report, { head, whole: `the files of ${folder}`, limitBytes: SUMMARY_BYTES });
  writeArtefacts(folder, {
    [ARTEFACTS.check]: reportFindings(report.findings, 'json'),
    [ARTEFACTS.diff]: reportChanges(report.changes, 'json'),
    [ARTEFACTS.effect]: effectJson(judged),
    [ARTEFACTS.junit]: reportFindings(report.findings, 'junit'),
    [ARTEFACTS.sarif]: reportFindings(report.findings, 'sarif'),
    [ARTEFACTS.markdown]: summary,
  });
  const { GITHUB_STEP_SUMMARY: stepSummary } = process.env;
  if (stepSummary !== undefined && stepSummary !== '') appendFileSync(stepSummary, summary);
  context.terminal.out(answerOf(context, judged, report));
  return judged.ok ? EXIT.ok : EXIT.refused;
};

type WholeReport = PullReport & {
  readonly changes: NonNullable<PullReport['changes']>;
  readonly findings: NonNullable<PullReport['findings']>;
};

function reportOf({ check, diff, notes }: PullJudgement, durationMs: number): WholeReport {
  const findings = { findings: check.findings, counters: { ...check.counters }, durationMs };
  return { changes: diff, findings, notes };
}

function effectJson({ effect, notes }: PullJudgement): string {
  const data = { schema: 'tenantry/pr/v1', ...effect, notes } satisfies Answer;
  return `${JSON.stringify(data, null, 2)}\n`;
}

function answerOf({ format, terminal }: CommandContext, judged: PullJudgement, report: WholeReport): string {
  switch (format) {
    case 'json':
      return effectJson(judged);
    case 'markdown':
      return pullMarkdown(report, { head: judged.diff.head, whole: 'the report', limitBytes: SUMMARY_BYTES });
    case 'github':
      return reportFindings(report.findings, 'github');
    default: {
      const parts = [
        reportChanges(report.changes, 'human', terminal.paint),
        reportFindings(report.findings, 'human', terminal.paint),
        ...report.notes,
      ];
      return parts.join('\n');
    }
  }
}

/** The commit that was named; in a clone without it, what to fetch. */
async function fetched(fleet: OpenedFleet, ref: string): Promise<CommitId> {
  const commit = await fleet.repository.resolve(ref);
  if (commit !== undefined) return commit;
  if (!(await fleet.repository.isShallow())) return commitOf(fleet, ref);
  throw new CommandError(
    EXIT.unavailable,
    'GIT_HISTORY_MISSING',
    `expected ${JSON.stringify(ref)} in this clone, found a shallow one without it; run \`git fetch --unshallow origin\`, or \`git fetch origin ${ref}\``,
  );
}

async function historyMissing(fleet: OpenedFleet, base: CommitId, head: CommitId): Promise<CommandError> {
  const shallow = await fleet.repository.isShallow();
  const found = shallow ? 'a shallow clone that does not reach it' : 'two histories without one';
  const fix = shallow ? 'run `git fetch --unshallow origin`' : 'name another base';
  const message = `expected a commit that ${base.slice(0, 12)} and ${head.slice(0, 12)} both come from, found ${found}; ${fix}`;
  return new CommandError(EXIT.unavailable, 'GIT_HISTORY_MISSING', message);
}

/** `tenantry pr comment`: tells the pull request of the event what its check found. */
export const prComment: CommandSpec['run'] = async (context, _args, flags) => {
  const run = judgedRun(process.env, flags);
  if (typeof run === 'string') {
    answerWith(context, { schema: 'tenantry/pr-comment/v1', pull: null, why: run }, () => `Nothing to tell: ${run}.`);
    return EXIT.ok;
  }
  const scope = typeof flags['scope'] === 'string' ? flags['scope'] : 'fleet';
  if (!isScope(scope)) throw new CommandError(EXIT.usage, 'USAGE', 'expected --scope to be a plain name');
  const fleet = await openFleet(context);
  const { report, orgs, platform, isWhole } = await readReports(inputFolder(fleet, flags));
  const parts = {
    forge: await wireForge(forgePlace(process.env), context.terminal.log),
    hash: fleet.hash,
    pause: (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs)),
    log: context.terminal.log,
    self: typeof flags['as'] === 'string' ? flags['as'] : WORKFLOW_BOT,
    tree: fleet.repository.workTree(),
  };
  const told = await publishPull(parts, { scope, run, report, orgs, platform, sarif: flags['sarif'] === true });
  if (told.pull !== null) for (const warning of told.warnings) context.terminal.log.warn(warning);
  answerWith(context, { schema: 'tenantry/pr-comment/v1', ...told }, () =>
    told.pull === null
      ? `Nothing to tell: ${told.why}.`
      : `Pull request ${told.pull}: comment ${told.comment.did}, check run ${told.check}.`,
  );
  return isWhole ? EXIT.ok : EXIT.refused;
};

function inputFolder(fleet: OpenedFleet, flags: Flags): string {
  return typeof flags['in'] === 'string' ? flags['in'] : join(fleet.dir, '.tenantry/pr');
}

/** The artefacts as far as they can be read; what cannot becomes a note, and the platform team is asked to look. */
async function readReports(folder: string) {
  const [check, diff, effect] = await Promise.all([
    readArtefact(folder, ARTEFACTS.check, readCheck),
    readArtefact(folder, ARTEFACTS.diff, readDiff),
    readArtefact(folder, ARTEFACTS.effect, readEffect),
  ]);
  const faults = [check, diff, effect].flatMap((item) => (item.ok ? [] : [item.reason]));
  const notes = effect.ok ? effect.value.notes : [];
  const broken = faults.map((fault) => `The report of the check is not whole: ${fault}.`);
  return {
    report: {
      changes: diff.ok ? diff.value : null,
      findings: check.ok ? check.value : null,
      notes: [...broken, ...notes],
    },
    orgs: effect.ok ? effect.value.orgs : [],
    platform: effect.ok ? effect.value.platform : ['unknown'],
    isWhole: faults.length === 0,
  };
}

/** `tenantry forge drift`: one issue for each org of a drift report. */
export const forgeDrift: CommandSpec['run'] = async (context, _args, flags) => {
  if (typeof flags['in'] !== 'string') throw new CommandError(EXIT.usage, 'USAGE', 'expected --in <file>');
  const read = await readArtefact('', flags['in'], readDrift);
  if (!read.ok) throw new CommandError(EXIT.usage, 'USAGE', `expected a drift report: ${read.reason}`);
  const forge = await wireForge(forgePlace(process.env), context.terminal.log);
  const self = typeof flags['as'] === 'string' ? flags['as'] : WORKFLOW_BOT;
  const outcomes = await syncDriftIssues({ forge, self }, read.value);
  answerWith(context, { schema: 'tenantry/forge-drift/v1', issues: outcomes }, () =>
    outcomes.length === 0
      ? 'No drift was seen, no issue.'
      : outcomes.map(({ org, issue, did }) => `#${issue}  ${org}  ${did}`).join('\n'),
  );
  const { unseen } = read.value;
  for (const item of unseen) context.terminal.log.warn(unseenWords(item));
  return unseen.length === 0 ? EXIT.ok : EXIT.unavailable;
};
