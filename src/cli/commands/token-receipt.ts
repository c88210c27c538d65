import { instantText } from '../../core/model/index.ts';
import { type RevocationReceipt, revocationReceipt } from '../../flows/index.ts';
import { answerWith, orgAndName, table } from '../fleet.ts';
import type { CommandContext, CommandSpec } from '../spec.ts';
import { openState } from '../state.ts';
import { CommandError, EXIT } from '../terminal.ts';

/** `tenantry token receipt <org>/<name>`: exit 2 while a gateway may still let a secret in that is gone, or once the order was ended. */
export const tokenReceipt: CommandSpec['run'] = async (context, [named = '']) => {
  const { org, name } = orgAndName(named);
  const opened = await openState(context);
  try {
    const { store, runtime, publisher } = opened.state;
    const parts = { repository: opened.repository, hash: opened.hash, clock: opened.clock, store, runtime, publisher };
    const receipt = await revocationReceipt(parts, { org, token: name });
    if (!receipt.ok) throw new CommandError(EXIT.refused, receipt.code, receipt.message);
    answerWith(context, { schema: 'tenantry/token-receipt/v1', ...receipt.value }, () =>
      wordsOf(context, receipt.value),
    );
    return receipt.value.complete ? EXIT.ok : EXIT.differences;
  } finally {
    opened.state.close();
  }
};

const at = (ms: number | null): string => (ms === null ? '-' : instantText(ms));

function wordsOf(context: CommandContext, receipt: RevocationReceipt): string {
  const { org, token, revoked, published, gateways } = receipt;
  const how = revoked.by === 'commit' ? `commit ${revoked.commit?.slice(0, 12)}` : 'an order to deny it';
  const rows = gateways.map((row) => [
    row.gateway,
    String(row.enrolment ?? '-'),
    row.state,
    String(row.publishedGeneration ?? '-'),
    ...[row.acknowledgedAt, row.stopsAt, row.lastAccepted?.acceptedAt ?? null, row.eventsThrough].map(at),
  ]);
  const header = [
    'GATEWAY',
    'ENROLMENT',
    'STATE',
    'GENERATION',
    'ACKNOWLEDGED',
    'STOPS BY',
    'LAST LET IN',
    'EVENTS THROUGH',
  ];
  return [
    `${org}/${token}: ${revoked.actor} took away ${revoked.secrets.join(', ') || 'no secret'}, with ${how}.`,
    `Revoked ${at(revoked.revokedAt)}, applied ${at(revoked.appliedAt)} as generation ${revoked.generation}; published: generation ${published?.generation ?? '-'}, signed ${at(published?.signedAt ?? null)}.`,
    ...(rows.length === 0 ? ['It worked at no gateway.'] : [table(context, header, rows)]),
    ...standingOf(receipt),
  ].join('\n');
}

/** What holds of it now. */
function standingOf({ revoked, gateways, worksAgain, complete, acceptedForMs }: RevocationReceipt): readonly string[] {
  const { endedAt, endedWhy, secrets } = revoked;
  if (endedAt !== null && secrets.length > 0)
    return [
      `NOT REVOKED ANY MORE: the order was ended ${at(endedAt)}: ${endedWhy ?? 'no reason is kept'}.`,
      worksAgain
        ? `What is published now has ${secrets.join(', ')} again: it works.`
        : `What is published now does not have ${secrets.join(', ')}, and what is applied does.`,
    ];
  return [
    ...(complete ? ['Every gateway at which it worked runs without these secrets, or is gone.'] : openWords(gateways)),
    acceptedForMs === 0
      ? 'No event shows a request of it that was let in after the revocation.'
      : `The last request was let in ${(acceptedForMs / 1000).toFixed(1)} s after the revocation, as far as events have come.`,
  ];
}

/** Why it is not complete: who can still say so, and who can be told nothing any more. */
function openWords(gateways: RevocationReceipt['gateways']): readonly string[] {
  const open = gateways.filter(({ state }) => state === 'waiting' || state === 'published');
  const names = [...new Set(open.map(({ gateway }) => gateway))].join(', ');
  const lost = gateways.filter(({ state }) => state === 'unreachable');
  return [
    ...(open.length === 0
      ? []
      : [
          `NOT COMPLETE: ${names} has not said that it runs without these secrets; one that stays away is bounded by the expiry of its bundle alone.`,
        ]),
    ...lost.map(
      ({ gateway, enrolment, stopsAt }) =>
        `NOT COMPLETE: enrolment ${enrolment} of ${gateway} was replaced or revoked before it said so; a process that goes on with it may let them in until ${at(stopsAt)}.`,
    ),
  ];
}
