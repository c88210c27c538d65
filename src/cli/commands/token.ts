import type { OrgSlug } from '../../core/model/index.ts';
import {
  issueToken,
  listTokens,
  revokeToken,
  rotateToken,
  type ShowToken,
  type WhichSecrets,
} from '../../flows/index.ts';
import { answerWith, type OpenedFleet, openFleet, orgAndName, shownOnce, slugOf, table } from '../fleet.ts';
import type { CommandContext, CommandSpec, Flags } from '../spec.ts';
import { CommandError, EXIT, type ExitCode } from '../terminal.ts';

function whichOf(flags: Flags): WhichSecrets {
  const { secret, expired } = flags;
  if (expired !== true) return typeof secret === 'string' ? { id: secret } : 'all';
  if (secret === undefined) return 'expired';
  throw new CommandError(EXIT.usage, 'USAGE', 'expected one of --secret and --expired, found both');
}

/** `tenantry token issue|rotate|revoke <org>/<name>`: credentials.yaml changes; commit and apply it. */
export async function tokenCommand(
  verb: 'issue' | 'rotate' | 'revoke',
  context: CommandContext,
  args: readonly string[],
  flags: Flags,
): Promise<ExitCode> {
  const { org, name } = orgAndName(args[0] ?? '');
  const fleet = await openFleet(context);
  if (verb === 'revoke') return revoke(context, fleet, { org, name, which: whichOf(flags) });
  const change = verb === 'issue' ? issueToken : rotateToken;
  const show: ShowToken = (made) => {
    const print = () => answerWith(context, { schema: 'tenantry/token/v1', org, ...made }, () => made.secret);
    shownOnce(context, print, 'nothing was issued, run it again');
  };
  const issued = await fleet.alone(() => change({ ...fleet, tree: fleet.repository.workTree() }, org, name, show));
  if (!issued.ok) throw new CommandError(EXIT.refused, issued.code, issued.message);
  context.terminal.log.info(
    `Shown once. Valid until ${issued.value.notAfter}, after orgs/${org}/credentials.yaml is committed and applied.`,
  );
  return EXIT.ok;
}

interface Revocation {
  readonly org: OrgSlug;
  readonly name: string;
  readonly which: WhichSecrets;
}

async function revoke(
  context: CommandContext,
  fleet: OpenedFleet,
  { org, name, which }: Revocation,
): Promise<ExitCode> {
  const revoked = await fleet.alone(() =>
    revokeToken({ ...fleet, tree: fleet.repository.workTree() }, org, name, which),
  );
  if (!revoked.ok) throw new CommandError(EXIT.refused, revoked.code, revoked.message);
  const count = revoked.value;
  answerWith(context, { schema: 'tenantry/token/v1', org, token: name, revoked: count }, () =>
    count === 0
      ? `Nothing to remove: no such secret of ${org}/${name} stands, and nothing was written.`
      : `${count} ${count === 1 ? 'secret' : 'secrets'} of ${org}/${name} removed. Commit orgs/${org}/credentials.yaml; it takes effect with the next apply.`,
  );
  return EXIT.ok;
}

/** `tenantry token list <org>`. */
export const tokenList: CommandSpec['run'] = async (context, [org = '']) => {
  const fleet = await openFleet(context);
  const tokens = await listTokens({ tree: fleet.repository.workTree() }, slugOf(org));
  if (!tokens.ok) throw new CommandError(EXIT.refused, tokens.code, tokens.message);
  answerWith(context, { schema: 'tenantry/tokens/v1', org, tokens: tokens.value }, () => {
    const rows = tokens.value.flatMap((item) => {
      const ids = item.credentials.map((entry) => [item.token, entry.id, entry.notBefore, entry.notAfter]);
      return ids.length === 0 ? [[item.token, '(no secret issued)', '-', item.expires]] : ids;
    });
    return table(context, ['TOKEN', 'SECRET ID', 'FROM', 'UNTIL'], rows);
  });
  return EXIT.ok;
};
