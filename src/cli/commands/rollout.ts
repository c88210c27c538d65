import { type Finding, fails, instantText, type OrgSlug, type Override } from '../../core/model/index.ts';
import { counted, oneLine } from '../../core/report/index.ts';
import {
  type OverrideView,
  openOverride,
  operatorAsk,
  type RolloutView,
  rolloutStatus,
  type Verb,
  type Withheld,
  writeBack,
} from '../../flows/index.ts';
import { answerWith, type OpenedFleet, openFleet, optionsText, requiredOrg, slugOf, table } from '../fleet.ts';
import { type OperatorBody, operateAs } from '../operate.ts';
import { pullParts, textOr } from '../pulls.ts';
import type { CommandContext, CommandSpec, Flags } from '../spec.ts';
import { appliedOrgs, openStore } from '../state.ts';
import { CommandError, EXIT } from '../terminal.ts';

function required(flags: Flags, name: string): string {
  const value = flags[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new CommandError(EXIT.usage, 'USAGE', `expected --${name}`);
}

function optional(flags: Flags, name: string): { readonly [key: string]: string } {
  const value = flags[name];
  return typeof value === 'string' ? { [name]: value } : {};
}

/** Asks as the control plane would be asked; a body that it would not take is wrong usage. */
async function say<T>(context: CommandContext, body: OperatorBody): Promise<T> {
  const ask = operatorAsk(body);
  if (!ask.ok) throw new CommandError(EXIT.usage, 'USAGE', ask.message);
  return operateAs<T>(context, body, ask.value);
}

/** What stands in the way of what was recorded, on stderr, and the exit code that says so. */
function warnOf(
  context: CommandContext,
  { findings }: { readonly findings: readonly Finding[] },
): typeof EXIT.ok | typeof EXIT.refused {
  for (const { code, message, found, fix } of findings)
    context.terminal.log.warn(`${code}: ${message}: ${found}. ${fix}`);
  return findings.some(fails) ? EXIT.refused : EXIT.ok;
}

const UNPUBLISHED =
  'Recorded, and not published yet: gateways go on as before. A running controller tries again by itself, `tenantry publish` without one.';

/** `tenantry rollout status`: rings and overrides of each org. */
export const rolloutStatusCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const opened = await openStore(context);
  try {
    const orgs = await appliedOrgs(opened, flags);
    const { rollouts, overrides } = await rolloutStatus(
      { orgs: opened.state.store, runtime: opened.state.runtime },
      orgs,
    );
    answerWith(context, { schema: 'tenantry/rollouts/v1', rollouts, overrides }, () =>
      [rolloutTable(context, rollouts), overrideTable(context, overrides)].join('\n\n'),
    );
    return EXIT.ok;
  } finally {
    opened.state.close();
  }
};

function rolloutTable(context: CommandContext, rollouts: readonly RolloutView[]): string {
  if (rollouts.length === 0) return 'No rollout was needed yet.';
  const rows = rollouts.flatMap((item) =>
    item.rings.map((ring, index) => [
      index === 0 ? item.org : '',
      index === 0 ? `gen ${item.generation} ${item.state}` : '',
      ring.ring,
      ring.state,
      ring.acknowledged === null
        ? String(ring.gateways.length)
        : `${ring.acknowledged.length} of ${ring.gateways.length}`,
      ring.steadySince === null ? '-' : instantText(ring.steadySince + ring.soakMinutes * 60_000),
    ]),
  );
  const header = ['ORG', 'ROLLOUT', 'RING', 'STATE', 'GATEWAYS', 'SOAKED AT'];
  const reasons = rollouts.flatMap((item) =>
    item.words === null ? [] : [oneLine(`${item.org}: ${item.code}: ${item.words} (${item.by})`)],
  );
  return [table(context, header, rows), ...reasons].join('\n');
}

/** Overrides as a table, the ones that end first in front. */
export function overrideTable(context: CommandContext, overrides: readonly OverrideView[]): string {
  if (overrides.length === 0) return 'No overrides.';
  const rows = overrides
    .toSorted((a, b) => a.expiresAt - b.expiresAt)
    .map((item) => [
      item.org,
      item.id,
      item.to === null ? `deny ${item.what}` : `${item.what} on generation ${item.to}`,
      item.endedAt === null ? instantText(item.expiresAt) : `ended: ${item.endedWhy ?? ''}`,
      item.isInGit ? 'yes' : 'no',
      item.actor,
      item.reason,
    ]);
  return table(context, ['ORG', 'OVERRIDE', 'WHAT', 'UNTIL', 'IN GIT', 'BY', 'REASON'], rows);
}

/** `tenantry rollout pause|resume|skip|abort <org>`. */
export async function rolloutVerbCommand(
  verb: Verb,
  ...[context, [org = ''], flags]: Parameters<CommandSpec['run']>
): ReturnType<CommandSpec['run']> {
  const body = { org: slugOf(org), do: verb, reason: required(flags, 'reason') };
  const { rollout, findings } = await say<ToldAnswer>(context, body);
  answerWith(context, { schema: 'tenantry/rollout/v1', rollout, findings }, () =>
    [rolloutTable(context, [rollout]), ...(findings.some(fails) ? [UNPUBLISHED] : [])].join('\n'),
  );
  return warnOf(context, { findings });
}

interface ToldAnswer {
  readonly rollout: RolloutView;
  readonly findings: readonly Finding[];
}

interface TakenAnswer {
  readonly override: OverrideView;
  readonly taken: 'now' | 'before';
  readonly published: {
    readonly generation: number;
    readonly changed: readonly string[];
    readonly removed: readonly string[];
    readonly findings: readonly Finding[];
  };
  readonly withheld?: readonly Withheld[];
}

function answerTaken(context: CommandContext, taken: TakenAnswer): typeof EXIT.ok | typeof EXIT.refused {
  const { override, published } = taken;
  answerWith(context, { schema: 'tenantry/override/v1', ...taken }, () =>
    [
      overrideTable(context, [override]),
      ...(taken.taken === 'now' ? [] : [standsWords(override)]),
      publishedWords(published),
      ...withheldWords(taken),
    ].join('\n'),
  );
  return warnOf(context, published);
}

function publishedWords({ generation, changed, removed }: TakenAnswer['published']): string {
  if (generation === 0) return UNPUBLISHED;
  return `Generation ${generation}: ${counted(changed.length, 'gateway')} with other content, ${removed.length} dropped.`;
}

/** Of an override that was there already. */
function standsWords({ id, createdAt }: OverrideView): string {
  return `Nothing new: ${id} stands since ${instantText(createdAt)}. To have it hold longer, give a later --expires.`;
}

/** What a rollback leaves as it is applied: it leads back to an older policy, and to nothing that was taken away since. */
function withheldWords({ withheld }: TakenAnswer): readonly string[] {
  if (withheld === undefined) return [];
  const rows = withheld.map(({ gateway, token, what }) =>
    what === 'gone'
      ? `  ${token} at ${gateway}: is gone since, and stays so`
      : `  ${token} at ${gateway}: ${what.join(', ')} no wider than now`,
  );
  return [
    'Secrets of tokens are the applied ones: none that was taken away, or ended sooner, since then comes back.',
    ...rows,
  ];
}

/** A new override, with the command that makes it last. */
function answerHolding(context: CommandContext, taken: TakenAnswer): typeof EXIT.ok | typeof EXIT.refused {
  const { org, id } = taken.override;
  const exit = answerTaken(context, taken);
  context.terminal.log.info(`It ends by itself. Bring it into Git with: tenantry override write ${org} ${id}`);
  return exit;
}

/** `tenantry deny <org> <token|gateway>`. */
export const denyCommand: CommandSpec['run'] = async (context, [org = '', name = ''], flags) => {
  const body = { org: slugOf(org), do: 'deny', name, reason: required(flags, 'reason'), ...optional(flags, 'expires') };
  return answerHolding(context, await say<TakenAnswer>(context, body));
};

/** `tenantry rollback --org <org> --to <generation>`. */
export const rollbackCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const body = {
    org: requiredOrg(flags),
    do: 'rollback',
    to: generationOf(required(flags, 'to')),
    reason: required(flags, 'reason'),
    expires: required(flags, 'expires'),
    ...optional(flags, 'gateway'),
  };
  return answerHolding(context, await say<TakenAnswer>(context, body));
};

/** The number, or the text as it was given, which is none. */
function generationOf(text: string): number | string {
  return /^[0-9]+$/.test(text) ? Number(text) : text;
}

/** `tenantry override end <org> <id>`. */
export const overrideEnd: CommandSpec['run'] = async (context, [org = '', id = ''], flags) => {
  const body = { org: slugOf(org), do: 'end', id, reason: required(flags, 'reason') };
  return answerTaken(context, await say<TakenAnswer>(context, body));
};

/** `tenantry override list`: what holds beside the repository. */
export const overrideList: CommandSpec['run'] = async (context, _args, flags) => {
  const opened = await openStore(context);
  try {
    const orgs = await appliedOrgs(opened, flags);
    const { overrides } = await rolloutStatus({ orgs: opened.state.store, runtime: opened.state.runtime }, orgs);
    answerWith(context, { schema: 'tenantry/overrides/v1', overrides }, () => overrideTable(context, overrides));
    return EXIT.ok;
  } finally {
    opened.state.close();
  }
};

interface Opening {
  readonly org: OrgSlug;
  readonly override: Override;
  readonly flags: Flags;
}

/** With `--open`: the pull request itself; exit 1 when a person has something to do. */
async function openPull(
  context: CommandContext,
  fleet: OpenedFleet,
  { org, override, flags }: Opening,
): Promise<typeof EXIT.ok | typeof EXIT.refused> {
  const base = textOr(flags, 'base', 'main');
  const ask = { org, override, base, reopen: flags['reopen'] === true };
  const opened = await openOverride({ ...fleet, ...(await pullParts(context, fleet, flags)) }, ask);
  if (opened === null)
    throw new CommandError(EXIT.refused, 'REF_UNKNOWN', `expected a branch ${base} on the remote, found none`);
  if (!opened.ok) throw new CommandError(EXIT.refused, opened.code, opened.message);
  const { id, paths, words, branch, did, why, pull } = opened.value;
  const dryRun = flags['dryRun'] === true;
  const answer = {
    schema: 'tenantry/written-override/v1',
    dryRun,
    org,
    id,
    paths,
    words,
    branch,
    did,
    why,
    pull,
  } as const;
  answerWith(context, answer, () => {
    const number = pull === null ? '' : ` #${pull}`;
    const told = why === null ? `${did}${number} from ${branch}: ${words}` : `${did}${number}: ${why}`;
    return dryRun ? `${told}\nNothing was pushed or opened (--dry-run).` : told;
  });
  return did === 'held' ? EXIT.refused : EXIT.ok;
}

/** `tenantry override write <org> <id>`: what brings it into Git, in the work tree or with `--open` as a pull request. */
export const overrideWrite: CommandSpec['run'] = async (context, [slug = '', id = ''], flags) => {
  const org = slugOf(slug);
  const others = ['base', 'remote', 'dryRun', 'reopen', 'as'].filter((name) => flags[name] !== undefined);
  if (flags['open'] !== true && others.length > 0)
    throw new CommandError(EXIT.usage, 'USAGE', `expected --open with ${optionsText(others)}`);
  const opened = await openStore(context);
  try {
    const known = await opened.state.store.activeOverrides(org);
    const override = known.find((item) => item.id === id);
    if (override === undefined)
      throw new CommandError(
        EXIT.refused,
        'OVERRIDE_UNKNOWN',
        `expected one of ${known.map((item) => item.id).join(', ') || 'none'} of ${org}, found ${id}`,
      );
    const fleet = await openFleet(context);
    if (flags['open'] === true) return await openPull(context, fleet, { org, override, flags });
    const parts = () => ({ ...fleet, tree: fleet.repository.workTree() });
    const written = await fleet.alone(() => writeBack(parts(), org, override));
    if (!written.ok) throw new CommandError(EXIT.refused, written.code, written.message);
    const { paths, words } = written.value;
    answerWith(context, { schema: 'tenantry/written-override/v1', org, id, paths, words }, () =>
      paths.length === 0 ? words : `Wrote ${paths.join(', ')}: ${words}. Commit it in a pull request of its own.`,
    );
    return EXIT.ok;
  } finally {
    opened.state.close();
  }
};
