import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { type CommitId, type Finding, fails, type OrgSlug, parseJson } from '../../core/model/index.ts';
import { type AcceptedHazard, counted, reportChanges } from '../../core/report/index.ts';
import {
  acceptedInPlan,
  apply,
  approvableFrom,
  commitsBehind,
  oldestApplied,
  outcomeOf,
  type PlanReport,
  type Prepared,
  plan,
  prepare,
  type ReconcileAnswer,
} from '../../flows/index.ts';
import { complain } from '../complain.ts';
import { type Answer, answerWith, type Meant, meantCommit, openFleet, orgsOf } from '../fleet.ts';
import { withLease } from '../lease.ts';
import { sentWords } from '../sent.ts';
import type { CommandContext, CommandSpec, Flags } from '../spec.ts';
import { applyParts, type OpenedStore, openState, openStore } from '../state.ts';
import { CommandError, EXIT, type ExitCode, messages } from '../terminal.ts';
import { liveController, throughController } from '../through.ts';

type Format = Parameters<typeof reportChanges>[1];

/** A plan to be shown. */
type Shown = PlanReport & {
  /** Where a diff of the same change begins. */
  readonly from: CommitId | null;
  /** The hazards that apply would find accepted. */
  readonly accepted: readonly AcceptedHazard[];
  /** In how many commits the change came. */
  readonly commits: number;
};

async function shown(parts: JudgingParts, report: PlanReport): Promise<Shown> {
  const { commit } = report.fleet;
  const accepted = await acceptedInPlan(parts, { commit, newest: commit, expect: null, heal: false }, report);
  const commits = (await commitsBehind(parts, report, commit)).length;
  return { ...report, from: await approvableFrom(parts, report), accepted, commits };
}

function textOf(context: CommandContext, told: Shown, format: Format): string {
  const { fleet, reach, untouched, held, from, accepted, commits } = told;
  const applied = oldestApplied(told);
  const { commit, changeDigest, planDigest, plans, hazards } = fleet;
  const about = {
    ...(from === null ? {} : { from }),
    ...(applied === null ? {} : { applied }),
    ...(reach === null ? {} : { reach }),
    ...(untouched === null ? {} : { untouched }),
    held: [...held.keys()],
    ...{ accepted, commits },
  };
  const report = { base: 'store', head: commit, changeDigest, planDigest, orgs: plans, hazards, ...about };
  return reportChanges(report, format, context.terminal.paint);
}

/** The commit that the flags name. */
async function meantBy(context: CommandContext, flags: Flags): Promise<Meant> {
  const fleet = await openFleet(context);
  return meantCommit(fleet, typeof flags['commit'] === 'string' ? flags['commit'] : undefined);
}

/** What stands in the way of orgs of the plan, on stderr; true when there is something. */
function warnHeld(context: CommandContext, report: PlanReport): boolean {
  const findings = [...report.findings, ...[...report.held.values()].flat()].filter(fails);
  complain(context, findings);
  return findings.length > 0;
}

/** `tenantry plan`: against the store; writes nothing but --out. */
export const planCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const { commit, isMeant } = await meantBy(context, flags);
  const opened = await openStore(context, commit);
  try {
    const parts = judgingParts(context, opened);
    const report = await plan(parts, { commit, orgs: orgsOf(flags) });
    await isMeant();
    const told = await shown(parts, report);
    // Where each field of a new org comes from takes a trace of the org: told only where it is read.
    if (typeof flags['out'] === 'string') writeFileSync(flags['out'], `${textOf(context, told, 'json')}\n`);
    context.terminal.out(textOf(context, told, context.format as Format));
    if (warnHeld(context, report)) return EXIT.refused;
    return flags['exitCode'] === true && report.fleet.plans.length > 0 ? EXIT.differences : EXIT.ok;
  } finally {
    opened.state.close();
  }
};

/** The digest of --expect, or of the file of --plan. */
function expectedDigest(flags: Flags): string | null {
  if (typeof flags['expect'] === 'string') return flags['expect'];
  if (typeof flags['plan'] !== 'string') return null;
  try {
    const digest = (parseJson(readFileSync(flags['plan'], 'utf8')) as { readonly planDigest?: unknown }).planDigest;
    if (typeof digest === 'string') return digest;
  } catch {
    // Told below, with the file's name.
  }
  throw new CommandError(
    EXIT.refused,
    'PLAN_FILE',
    `expected a plan written by \`tenantry plan --out\`, found ${flags['plan']}`,
  );
}

/** `tenantry apply`: shows the plan, asks, executes, publishes; where a control plane serves meanwhile, that one executes. */
export const applyCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const serving = await liveController(context.dir);
  if (serving?.commits === 'followed') {
    throw new CommandError(
      EXIT.unavailable,
      'CONTROLLER_RUNNING',
      `the controller at ${serving.url} (process ${serving.pid}) applies every commit by itself; commit and look at \`tenantry status\`, or stop it first`,
    );
  }
  const ask = { expect: expectedDigest(flags), orgs: orgsOf(flags), ...(await meantBy(context, flags)) };
  return serving === null ? applyAlone(context, flags, ask) : applyThrough(context, flags, ask);
};

type Asked = Meant & { readonly expect: string | null; readonly orgs: readonly OrgSlug[] | null };

async function applyAlone(context: CommandContext, flags: Flags, ask: Asked): Promise<ExitCode> {
  const { commit, orgs, expect } = ask;
  const opened = await openState(context, commit);
  try {
    const prepared = await agreedPlan(context, flags, { parts: applyParts(context, opened), ask });
    if (prepared === null) return EXIT.refused;
    const work = { commit, orgs, expect, heal: false, prepared };
    const report = await withLease(opened, 'apply', (fence) => apply(applyParts(context, opened, { fence }), work));
    return showOutcome(context, outcomeOf(report), expect);
  } finally {
    opened.state.close();
  }
}

/** By the control plane that serves, which alone writes meanwhile: here the store is read, and nothing published is looked at. */
async function applyThrough(context: CommandContext, flags: Flags, ask: Asked): Promise<ExitCode> {
  const { commit, orgs, expect } = ask;
  const opened = await openStore(context, commit);
  try {
    const prepared = await agreedPlan(context, flags, { parts: judgingParts(context, opened), ask });
    if (prepared === null) return EXIT.refused;
    const { planDigest } = prepared.report.fleet;
    const body = { commit, expect: expect ?? planDigest, ...(orgs === null ? {} : { orgs }) };
    const outcome = await throughController<ReconcileAnswer>(context.dir, '/api/v1/fleet/reconcile', body);
    if (outcome !== null) return showOutcome(context, outcome, expect);
    const words = 'expected the control plane that served a moment ago, found none; nothing was applied: run it again';
    throw new CommandError(EXIT.unavailable, 'CONTROLLER_GONE', words);
  } finally {
    opened.state.close();
  }
}

type JudgingParts = Parameters<typeof acceptedInPlan>[0];

function judgingParts({ terminal }: CommandContext, opened: OpenedStore): JudgingParts {
  const { repository, hash, clock, zoneOffset } = opened;
  return { repository, hash, clock, zoneOffset, store: opened.state.store, log: terminal.log };
}

/** The plan as it was shown and agreed to; null where it was not, which is told. */
async function agreedPlan(
  context: CommandContext,
  flags: Flags,
  { parts, ask }: { readonly parts: JudgingParts; readonly ask: Asked },
): Promise<Prepared | null> {
  const { commit, orgs, expect, isMeant } = ask;
  const isShown = expect === null && flags['quiet'] !== true;
  const prepared = await prepare(parts, { commit, orgs, withPlaces: isShown });
  await isMeant();
  const { plans, planDigest } = prepared.report.fleet;
  if (plans.length > 0 && isShown)
    context.terminal.log.info(textOf(context, await shown(parts, prepared.report), 'human'));
  if (plans.length === 0 || expect !== null || flags['yes'] === true || (await agreed(context))) return prepared;
  context.terminal.log.info(`Nothing was applied. Run again with --yes, or with --expect ${planDigest}.`);
  return null;
}

async function agreed(context: CommandContext): Promise<boolean> {
  if (!context.terminal.isInteractive) return false;
  const asking = createInterface({ input: process.stdin, output: messages() });
  // An interruption, or the end of the input, is no yes.
  const given = await asking.question('Apply this? Only "yes" goes on: ').catch(() => '');
  asking.close();
  return given.trim() === 'yes';
}

function showOutcome(context: CommandContext, outcome: ReconcileAnswer, expect: string | null): ExitCode {
  const data = {
    schema: 'tenantry/apply/v1',
    ok: outcome.ok,
    commit: outcome.commit,
    planDigest: outcome.planDigest,
    orgs: outcome.orgs,
    published: outcome.published,
  } satisfies Answer;
  answerWith(context, data, () => outcomeText(context, outcome, expect));
  return outcome.ok ? EXIT.ok : EXIT.refused;
}

function outcomeText(context: CommandContext, outcome: ReconcileAnswer, expect: string | null): string {
  const { paint } = context.terminal;
  const lines = outcome.orgs.map((item) => {
    if (item.outcome === 'applied')
      return `${paint('add', 'applied')}  ${item.org}  generation ${item.generation}, ${counted(item.changes, 'change')}`;
    const hazards = item.hazards.map((hazard) => `\n           ${hazard.id}  ${hazard.message}`).join('');
    return `${paint('critical', 'held')}     ${item.org}  ${item.code}: ${item.message}${hazards}`;
  });
  const published = outcome.published.filter((item) => sentWords(item).length > 0);
  const sent = published.map(
    (item) => `${paint('add', 'published')} ${item.org}  ${sentWords(item).join(', ')} (${item.signatures} signatures)`,
  );
  const stuck = unpublishedLines(
    context,
    outcome.published.flatMap(({ findings }) => findings),
  );
  const isEarlier = expect !== null && expect !== outcome.planDigest && outcome.ok;
  const all = isEarlier && lines.length === 0;
  const before = isEarlier ? [`${all ? 'All' : 'The rest'} of plan ${expect} was applied before.`] : [];
  return lines.length + sent.length + stuck.length === 0
    ? ['Nothing to apply: the store is at this commit.', ...before].join('\n')
    : [...lines, ...sent, ...stuck, ...before].join('\n');
}

/** What a publish says beside its files: why there are none, or what to know of them; what to do once for each code. */
function unpublishedLines({ terminal: { paint } }: CommandContext, findings: readonly Finding[]): readonly string[] {
  const told = findings.map((item) => {
    const word = fails(item) ? paint('critical', 'unpublished') : paint('info', 'note');
    return `${word} ${item.org}  ${item.code}: ${item.message}\n            ${item.found}`;
  });
  const fixes = new Map(findings.map(({ code, fix }) => [code, fix]));
  return [...told, ...[...fixes].map(([code, fix]) => `${paint('strong', 'fix')} ${code}: ${fix}`)];
}
