import { instantText } from '../../core/model/index.ts';
import { createEnrolmentCode } from '../../flows/index.ts';
import { answerWith, orgAndName, table } from '../fleet.ts';
import type { CommandContext, CommandSpec } from '../spec.ts';
import { appliedOrgs, openState, openStore } from '../state.ts';
import { CommandError, EXIT } from '../terminal.ts';
import { throughController } from '../through.ts';

/** `tenantry gateway enroll <org>/<gateway>`: through the running controller where there is one (rulings 11). */
export const enrollCommand: CommandSpec['run'] = async (context, [which = '']) => {
  const { org, name } = orgAndName(which);
  const made =
    (await throughController<MadeCode>(context.dir, '/api/v1/fleet/enrolments', { org, gateway: name })) ??
    (await here(context, which));
  answerWith(context, { schema: 'tenantry/enrolment/v1', org, gateway: name, ...made }, () => made.code);
  context.terminal.log.info(
    `Single use, until ${instantText(made.expiresAt)}. On the gateway's host: tenantry-gateway enroll --code <code> --source <url> --state <dir>`,
  );
  return EXIT.ok;
};

interface MadeCode {
  readonly code: string;
  readonly expiresAt: number;
}

async function here(context: CommandContext, which: string): Promise<MadeCode> {
  const { org, name } = orgAndName(which);
  const opened = await openState(context);
  try {
    const { store, runtime, publisher } = opened.state;
    const plane = { ...opened, fleet: opened.settings.metadata.name, orgs: store, runtime, publisher };
    const made = await createEnrolmentCode(plane, org, name);
    if (!made.ok) throw new CommandError(EXIT.refused, made.code, made.message);
    return made.value;
  } finally {
    opened.state.close();
  }
}

/** `tenantry gateway list`. */
export const listCommand: CommandSpec['run'] = async (context, _args, flags) => {
  const opened = await openStore(context);
  try {
    const orgs = await appliedOrgs(opened, flags);
    const gateways = (await Promise.all(orgs.map((org) => opened.state.runtime.gateways(org)))).flat();
    answerWith(context, { schema: 'tenantry/gateways/v1', gateways }, () => {
      const rows = gateways.map((item) => [
        item.org,
        item.gateway,
        instantText(item.enrolledAt),
        item.revokedAt === null ? 'enrolled' : 'revoked',
        item.publicKey.slice(0, 16),
      ]);
      return rows.length === 0
        ? 'No gateway is enrolled.'
        : table(context, ['ORG', 'GATEWAY', 'SINCE', 'STATE', 'KEY'], rows);
    });
    return EXIT.ok;
  } finally {
    opened.state.close();
  }
};

/** `tenantry gateway revoke <org>/<gateway>`: its requests are refused from now on; what it holds expires. */
export const revokeCommand: CommandSpec['run'] = async (context, [which = '']) => {
  const { org, name } = orgAndName(which);
  const opened = await openStore(context);
  try {
    const acks = await opened.state.runtime.acks(org);
    const hasStopped = acks.some((ack) => ack.gateway === name && ack.code === 'TRUST_NOT_LISTED');
    const revoked = await opened.state.runtime.revokeGateway(org, name, opened.clock.nowMs());
    if (!revoked) {
      const rows = await opened.state.runtime.gateways(org);
      const before = rows.find(({ gateway, revokedAt }) => gateway === name && revokedAt !== null)?.revokedAt;
      const found = typeof before === 'number' ? `${name}, which was revoked ${instantText(before)}` : name;
      throw new CommandError(EXIT.refused, 'GATEWAY_UNKNOWN', `expected an enrolled gateway of ${org}, found ${found}`);
    }
    answerWith(
      context,
      { schema: 'tenantry/gateway/v1', org, gateway: name, revoked: true },
      () =>
        `${which} is revoked. ${hasStopped ? 'It had stopped before' : 'It keeps the bundle it has until that expires'}.`,
    );
    return EXIT.ok;
  } finally {
    opened.state.close();
  }
};
