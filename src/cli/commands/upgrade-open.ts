import { type CampaignAsk, type CampaignReport, openCampaign, type RingReport } from '../../flows/index.ts';
import { complain } from '../complain.ts';
import { type Answer, answerWith, countOf, openFleet, optionsText, table } from '../fleet.ts';
import { pullParts, textOr } from '../pulls.ts';
import type { CommandContext, CommandSpec, Flags } from '../spec.ts';
import { CommandError, EXIT } from '../terminal.ts';

/** So many pull requests of upgrades at once are read with care; more are waved through. */
const MOST_OPEN = 2;

/** Options that choose what one run writes into a work tree: what a pull request holds must not depend on who ran. */
const OTHERS = ['from', 'orgs', 'limit', 'commit', 'per'] as const;

/** `tenantry template upgrade <name> --to <version> --open`: exit 1 when a person has something to do. */
export const upgradeOpen: CommandSpec['run'] = async (context, [template = ''], flags) => {
  const others = OTHERS.filter((name) => flags[name] !== undefined);
  if (others.length > 0) throw new CommandError(EXIT.usage, 'USAGE', `expected --open without ${optionsText(others)}`);
  const dryRun = flags['dryRun'] === true;
  const fleet = await openFleet(context);
  const ask = askOf(template, flags);
  const report = await openCampaign({ ...(await pullParts(context, fleet, flags)), hash: fleet.hash }, ask);
  if (report.base === null)
    throw new CommandError(EXIT.refused, 'REF_UNKNOWN', `expected a branch ${ask.base} on the remote, found none`);
  answerWith(context, dataOf(report, dryRun), () => wordsOf(context, report, { ask, dryRun }));
  const findings = [...report.findings, ...report.rings.flatMap(({ orgs }) => orgs.flatMap((item) => item.findings))];
  complain(context, findings);
  return findings.length > 0 || report.rings.some(needsSomebody) ? EXIT.refused : EXIT.ok;
};

function askOf(template: string, flags: Flags): CampaignAsk {
  return {
    template,
    to: textOr(flags, 'to', ''),
    ring: typeof flags['ring'] === 'string' ? flags['ring'] : null,
    base: textOr(flags, 'base', 'main'),
    mostOpen: countOf(flags, 'maxOpen', MOST_OPEN),
    reopen: flags['reopen'] === true,
  };
}

function needsSomebody({ did, orgs }: RingReport): boolean {
  return did === 'held' || orgs.some(({ result }) => result === 'conflict' || result === 'refused');
}

function dataOf(report: CampaignReport, dryRun: boolean): Answer {
  const rings = report.rings.map((ring) => ({
    ...ring,
    orgs: ring.orgs.map((item) => ({ ...item, files: [...item.files.keys()] })),
  }));
  return { schema: 'tenantry/upgrade-open/v1', dryRun, ...report, rings };
}

interface Run {
  readonly ask: CampaignAsk;
  readonly dryRun: boolean;
}

function wordsOf(context: CommandContext, { rings, to, findings }: CampaignReport, { ask, dryRun }: Run): string {
  if (findings.length > 0) return 'Nothing was opened.';
  if (rings.length === 0) return `Nobody${ask.ring === null ? '' : ` of ring ${ask.ring}`} runs ${ask.template}.`;
  const rows = rings.map((ring) => [
    ring.ring ?? '(no gateways)',
    ring.pull === null ? '' : `#${ring.pull}`,
    ring.did,
    detailsOf(ring, to),
  ]);
  const lines = [table(context, ['RING', 'PULL', 'RESULT', 'DETAILS'], rows)];
  for (const { orgs } of rings)
    for (const { org, result, conflicts, findings: found } of orgs) {
      if (result === 'conflict') lines.push(`  ${org}: ${conflicts.length} to decide, left out`);
      if (result === 'refused') lines.push(`  ${org}: refused (${found.map(({ code }) => code).join(', ')}), left out`);
    }
  if (dryRun) lines.push('Nothing was pushed or opened (--dry-run).');
  return lines.join('\n');
}

function detailsOf({ why, orgs, left, branch, did }: RingReport, to: string): string {
  if (why !== null) return why;
  const moving = orgs.filter(({ result }) => result === 'clean' || result === 'overlays kept').length;
  if (did !== 'done') return `${moving} of ${orgs.length} orgs, ${branch}`;
  if (left.length === 0) return '';
  return `not at ${to}: ${left.slice(0, 8).join(', ')}${left.length > 8 ? ` and ${left.length - 8} more` : ''}`;
}
