import {
  issueToken,
  listTokens,
  revokeToken,
  rotateToken,
  type TokenParts,
  type WhichSecrets,
} from '../../flows/index.ts';
import { answerWith, type OpenedFleet, openFleet, orgAndName, slugOf, table } from '../fleet.ts';
import type { CommandContext, CommandSpec, Flags } from '../spec.ts';
import { CommandError, EXIT, type ExitCode } from '../terminal.ts';

function partsOf(fleet: OpenedFleet): TokenParts {
  return { ...fleet, tree: fleet.repository.workTree() };
}

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
  const parts = partsOf(await openFleet(context));
  if (verb === 'revoke') {
    const revoked = await revokeToken(parts, org, name, whichOf(flags));
    if (!revoked.ok) throw new CommandError(EXIT.refused, revoked.code, revoked.message);
    answerWith(
      context,
      { schema: 'tenantry/token/v1', org, token: name, revoked: revoked.value },
      () =>
        `${revoked.value} secrets of ${org}/${name} removed. Commit orgs/${org}/credentials.yaml; it takes effect with the next apply.`,
    );
    return EXIT.ok;
  }
  const issued = await (verb === 'issue' ? issueToken : rotateToken)(parts, org, name);
  if (!issued.ok) throw new CommandError(EXIT.refused, issued.code, issued.message);
  answerWith(context, { schema: 'tenantry/token/v1', org, ...issued.value }, () => issued.value.secret);
  context.terminal.log.info(
    `Shown once. Valid until ${issued.value.notAfter}, after orgs/${org}/credentials.yaml is committed and applied.`,
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
