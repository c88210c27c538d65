import { isName } from '../../core/model/index.ts';
import { addWaiver, listWaivers } from '../../flows/index.ts';
import { answerWith, countOf, openFleet, orgAndName, orgsOf, table } from '../fleet.ts';
import type { CommandSpec, Flags } from '../spec.ts';
import { CommandError, EXIT } from '../terminal.ts';

const DAY_MS = 86_400_000;
/** Half of what may be at most: an exception that nobody looks at again should end by itself. */
const DAYS = 90;

function textOf(flags: Flags, name: string): string {
  const value = flags[name];
  if (typeof value !== 'string') throw new CommandError(EXIT.usage, 'USAGE', `expected --${name}`);
  return value;
}

/** `tenantry waiver add <org>/<name>`: writes orgs/<org>/waivers/<name>.yaml; it counts from the next change on. */
export const waiverAdd: CommandSpec['run'] = async (context, [target = ''], flags) => {
  const { org, name } = orgAndName(target);
  if (!isName(name))
    throw new CommandError(
      EXIT.usage,
      'USAGE',
      `expected a name of a-z, 0-9 and hyphens, found ${JSON.stringify(name)}`,
    );
  const fleet = await openFleet(context);
  const { approver, found } = flags as { readonly approver?: unknown; readonly found?: unknown };
  const ask = {
    org,
    name,
    code: textOf(flags, 'code'),
    object: textOf(flags, 'object'),
    found: Array.isArray(found) ? found.map(String) : null,
    owner: textOf(flags, 'owner'),
    approvers: Array.isArray(approver) ? approver.map(String) : [],
    reason: textOf(flags, 'reason'),
    expiresMs: fleet.clock.nowMs() + countOf(flags, 'days', DAYS) * DAY_MS,
  };
  const added = await fleet.alone(() => addWaiver({ ...fleet, tree: fleet.repository.workTree() }, ask));
  if (!added.ok) throw new CommandError(EXIT.refused, added.code, added.message);
  answerWith(
    context,
    { schema: 'tenantry/waiver/v1', org, name, file: added.value },
    () => `Wrote ${added.value}. Commit it alone: a change cannot bring the exception that it needs.`,
  );
  return EXIT.ok;
};

/** `tenantry waiver list`: the ones that end first in front. */
export const waiverList: CommandSpec['run'] = async (context, _args, flags) => {
  const fleet = await openFleet(context);
  const listed = await listWaivers(fleet.repository.workTree(), orgsOf(flags));
  if (!listed.ok) throw new CommandError(EXIT.refused, listed.code, listed.message);
  const waivers = listed.value;
  const nowMs = fleet.clock.nowMs();
  const daysLeft = (expires: string): number => Math.floor((Date.parse(expires) - nowMs) / DAY_MS);
  answerWith(context, { schema: 'tenantry/waivers/v1', waivers }, () => {
    if (waivers.length === 0) return 'No waivers.';
    const rows = waivers.map(({ org, code, object, owner, expires, reason }) => {
      const left = daysLeft(expires);
      return [org, code, object, owner, expires.slice(0, 10), left < 0 ? 'over' : `${left} days`, reason];
    });
    return table(context, ['ORG', 'CODE', 'OBJECT', 'OWNER', 'UNTIL', 'LEFT', 'REASON'], rows);
  });
  return EXIT.ok;
};
