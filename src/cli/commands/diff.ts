import { reportChanges } from '../../core/report/index.ts';
import { diff } from '../../flows/index.ts';
import { complain } from '../complain.ts';
import { commitOf, openFleet } from '../fleet.ts';
import type { CommandSpec } from '../spec.ts';
import { CommandError, EXIT } from '../terminal.ts';

type Format = Parameters<typeof reportChanges>[1];

/** `tenantry diff`: two commits, from git alone. */
export const diffCommand: CommandSpec['run'] = async (context, _args, flags) => {
  if (typeof flags['base'] !== 'string') throw new CommandError(EXIT.usage, 'USAGE', 'expected --base <ref>');
  const fleet = await openFleet(context);
  const base = await commitOf(fleet, flags['base']);
  const head = await commitOf(fleet, typeof flags['head'] === 'string' ? flags['head'] : 'HEAD');
  const report = await diff(fleet, { base, head });
  const whole = `tenantry diff --base ${base} --head ${head} --all`;
  const told = flags['all'] === true ? report : { ...report, whole };
  context.terminal.out(reportChanges(told, context.format as Format, context.terminal.paint));
  if (report.findings.length > 0) {
    context.terminal.log.warn('what changes here could not be rendered:');
    complain(context, report.findings);
    return EXIT.refused;
  }
  return flags['exitCode'] === true && report.orgs.length > 0 ? EXIT.differences : EXIT.ok;
};
