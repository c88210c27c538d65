import { counted } from '../../core/report/index.ts';
import { approveChange, type WrittenApproval } from '../../flows/index.ts';
import { answerWith, commitOf, countOf, openFleet } from '../fleet.ts';
import type { CommandSpec, Flags } from '../spec.ts';
import { CommandError, EXIT } from '../terminal.ts';

function textOf(flags: Flags, name: string): string {
  const value = flags[name];
  if (typeof value !== 'string') throw new CommandError(EXIT.usage, 'USAGE', `expected --${name}`);
  return value;
}

/** `tenantry approve <changeDigest>`: writes approvals/<digest>.yaml; a platform owner commits it. */
export const approveCommand: CommandSpec['run'] = async (context, [digest = ''], flags) => {
  const fleet = await openFleet(context);
  const base = await commitOf(fleet, textOf(flags, 'base'));
  const head = await commitOf(fleet, typeof flags['head'] === 'string' ? flags['head'] : 'HEAD');
  const expiresMs = fleet.clock.nowMs() + countOf(flags, 'days', 7) * 86_400_000;
  const [approver, reason] = [textOf(flags, 'as'), textOf(flags, 'reason')];
  const written = await fleet.alone(() => approveChange(fleet, { digest, base, head, approver, reason, expiresMs }));
  if (!written.ok) throw new CommandError(EXIT.refused, written.code, written.message);
  answerWith(context, { schema: 'tenantry/approval/v1', ...written.value }, () => describe(written.value));
  return EXIT.ok;
};

function describe({ path, hazards, replaced }: WrittenApproval): string {
  const instead = replaced === null ? '' : `, in place of that of ${replaced.approver} until ${replaced.expires}`;
  return `Wrote ${path}: ${counted(hazards, 'hazard')} accepted${instead}. Commit it as somebody else than the author of the change.`;
}
