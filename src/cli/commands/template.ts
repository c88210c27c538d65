import { listTemplates, type OrgUpgrade, type UpgradeReport, upgradeTemplate } from '../../flows/index.ts';
import { complain } from '../complain.ts';
import { type Answer, answerWith, countOf, openFleet, optionsText, table } from '../fleet.ts';
import type { CommandContext, CommandSpec, Flags } from '../spec.ts';
import { CommandError, EXIT } from '../terminal.ts';
import { upgradeOpen } from './upgrade-open.ts';

/** `tenantry template list`: exit 1 when an org cannot be read. */
export const list: CommandSpec['run'] = async (context) => {
  const { repository } = await openFleet(context);
  const { templates, refused } = await listTemplates({ repository });
  const answer = templates.map((item) => ({ ...item, count: item.orgs.length }));
  const unused = answer.filter(({ count }) => count === 0).map(({ template }) => template);
  answerWith(context, { schema: 'tenantry/templates/v1', templates: answer, unused, refused }, () => {
    const rows = answer.map((item) => {
      const who = item.count === 0 ? 'nobody' : `${item.orgs.slice(0, 8).join(', ')}${item.count > 8 ? ', …' : ''}`;
      return [item.template, String(item.count), item.exists ? who : `${who} (there is no such version)`];
    });
    for (const { org } of refused) rows.push(['refused', '1', `${org} (see the findings)`]);
    return rows.length === 0 ? 'No templates yet.' : table(context, ['TEMPLATE', 'ORGS', 'WHO'], rows);
  });
  complain(
    context,
    refused.flatMap(({ findings }) => findings),
  );
  return refused.length > 0 ? EXIT.refused : EXIT.ok;
};

/** `tenantry template upgrade <name> --to <version>`: exit 1 when an org is in conflict or refused. */
export const upgrade: CommandSpec['run'] = async (context, [template = ''], flags) => {
  const to = textOf(flags, 'to');
  if (to === null) throw new CommandError(EXIT.usage, 'USAGE', 'expected --to <version>');
  if (flags['open'] === true) return upgradeOpen(context, [template], flags);
  const alone = ['base', 'remote', 'maxOpen', 'reopen', 'as'].filter((name) => flags[name] !== undefined);
  if (alone.length > 0) throw new CommandError(EXIT.usage, 'USAGE', `expected --open with ${optionsText(alone)}`);
  const dryRun = flags['dryRun'] === true;
  const fleet = await openFleet(context);
  const parts = {
    repository: fleet.repository,
    hash: fleet.hash,
    write: dryRun ? null : fleet.write,
    commit: flags['commit'] === true && !dryRun ? fleet.commit : null,
  };
  const ask = {
    template,
    to,
    from: textOf(flags, 'from'),
    orgs: selectorOf(flags),
    ring: textOf(flags, 'ring'),
    limit: flags['limit'] === undefined ? null : countOf(flags, 'limit', 1),
    per: perOf(flags),
  };
  const report = await (dryRun ? upgradeTemplate(parts, ask) : fleet.alone(() => upgradeTemplate(parts, ask)));
  answerWith(context, dataOf(report, dryRun), () =>
    wordsOf(context, report, { dryRun, committed: parts.commit !== null, ofAll: meansAll(flags) }),
  );
  complain(context, [...report.findings, ...report.orgs.flatMap((item) => item.findings)]);
  const held = report.orgs.some(({ result }) => result === 'conflict' || result === 'refused');
  return held || report.findings.length > 0 ? EXIT.refused : EXIT.ok;
};

function textOf(flags: Flags, name: string): string | null {
  const given = flags[name];
  return typeof given === 'string' ? given : null;
}

/** All orgs are meant where nothing is said, never where a term is empty: a script's variable may be. */
function selectorOf(flags: Flags): string {
  const given = textOf(flags, 'orgs');
  if (given?.split(',').some((term) => term.trim() === ''))
    throw new CommandError(
      EXIT.usage,
      'USAGE',
      `expected --orgs with names or labels between its commas, found ${JSON.stringify(given)}; leave it out to mean every org`,
    );
  return given ?? '';
}

function perOf(flags: Flags): 'org' | 'ring' {
  const given = flags['per'] ?? 'org';
  if (given === 'org' || given === 'ring') return given;
  throw new CommandError(EXIT.usage, 'USAGE', `expected --per org or --per ring, found ${JSON.stringify(given)}`);
}

function dataOf(report: UpgradeReport, dryRun: boolean): Answer {
  const orgs = report.orgs.map((item) => ({ ...item, files: [...item.files.keys()] }));
  return { schema: 'tenantry/upgrade/v1', dryRun, ...report, orgs };
}

/** True where no option leaves an org of the template out. */
const meansAll = (flags: Flags): boolean => ['from', 'orgs', 'ring'].every((name) => flags[name] === undefined);

interface Run {
  readonly dryRun: boolean;
  readonly committed: boolean;
  /** Every org of the template was asked for. */
  readonly ofAll: boolean;
}

function wordsOf(context: CommandContext, report: UpgradeReport, run: Run): string {
  const { orgs, there, waiting, to } = report;
  const rows = orgs.map((item) => [item.org, item.ring ?? '', item.from, item.result, detailsOf(item)]);
  const lines = rows.length === 0 ? [] : [table(context, ['ORG', 'RING', 'FROM', 'RESULT', 'DETAILS'], rows)];
  for (const { org, conflicts } of orgs)
    for (const { file, path, words } of conflicts) lines.push(`  orgs/${org}/${file} ${path}: ${words}`);
  if (there.length > 0) lines.push(`${there.length} at ${to} already.`);
  if (waiting.length > 0) lines.push(`${waiting.length} wait for another run (--limit).`);
  lines.push(...nextSteps(report, run));
  if (report.findings.length > 0) return 'Nothing was upgraded.';
  const name = to.split('@')[0] ?? '';
  return lines.join('\n') || (run.ofAll ? `Nobody runs ${name}.` : `No org that the options choose runs ${name}.`);
}

function detailsOf({ overlays, conflicts, files, result }: OrgUpgrade): string {
  if (result === 'conflict') return `${conflicts.length} to decide`;
  if (result === 'refused') return 'see the findings';
  const count = (verdict: string): number => overlays.filter((item) => item.verdict === verdict).length;
  const hidden = overlays.filter(({ hides }) => hides).length;
  const parts = [
    `${files.size} files`,
    ...(count('unchanged') > 0 ? [`${count('unchanged')} kept as it was`] : []),
    ...(count('refreshed') > 0 ? [`${count('refreshed')} kept with a new guard`] : []),
    ...(hidden > 0 ? [`${hidden} hide a change of the template`] : []),
    ...(count('unnecessary') > 0 ? [`${count('unnecessary')} no longer needed`] : []),
  ];
  return parts.join(', ');
}

function nextSteps({ orgs, groups, to }: UpgradeReport, { dryRun, committed }: Run): readonly string[] {
  const lines: string[] = [];
  if (dryRun) return ['Nothing was written (--dry-run).'];
  if (committed)
    for (const group of groups) lines.push(`${group.commit?.slice(0, 12) ?? ''} ${group.message.split('\n')[0]}`);
  else if (groups.length > 0) lines.push('Next: look at `git diff orgs`, run `tenantry check`, and commit.');
  if (orgs.some(({ result }) => result === 'conflict')) {
    const name = to.split('@')[0];
    lines.push(`Next: write a resolution into orgs/<org>/conflicts/${name}.yaml, then run the upgrade again.`);
  }
  return lines;
}
