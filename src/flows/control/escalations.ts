import type { JsonObject } from '../../core/model/index.ts';
import type { AskedState, EscalationMove, EscalationMoved, EscalationRow } from '../../ports/index.ts';
import { isReason } from '../reason.ts';
import { NOT_FOUND, type TenantSession } from './authenticate.ts';
import { type Answer, answer, type ControlPlane, refusal } from './context.ts';
import { noticeOverdue, wakeFor } from './escalate.ts';
import { type PageAsk, type PageOf, paged, pageOf } from './page.ts';
import { reviewersOf } from './reviewers.ts';

// What reviewers see of an org's escalations, and do with them.

export const ESCALATION_VERBS = ['claim', 'unclaim', 'resolve'] as const;
export type EscalationVerb = (typeof ESCALATION_VERBS)[number];
const STATES: readonly AskedState[] = ['queued', 'claimed', 'resolved', 'open'];

/**
 * Refuses 403 for a console of the org whose team does not review: it is known to be of the org, so nothing shows by that. Before
 * a reviewer sees or does anything, claims of tokens that may not review any more are over.
 */
async function reviewing(plane: ControlPlane, { head, token, team }: TenantSession): Promise<Answer<null>> {
  const reviewers = await reviewersOf(plane, head.org);
  if (reviewers === undefined)
    return refusal(403, 'ESCALATION_NO_REVIEW', `expected a Review of ${head.org}, found none: nobody decides here`);
  if (reviewers.teams.includes(team)) {
    await plane.runtime.releaseClaims(head.org, { reviewers: reviewers.tokens, nowMs: plane.clock.nowMs() });
    return answer(null);
  }
  const found = `${token} of team ${team}`;
  return refusal(403, 'ESCALATION_NOT_REVIEWER', `expected a token of a reviewing team, found ${found}`);
}

/** GET …/escalations: newest first, of one state, of all that are open or of all. */
export async function listEscalations(
  plane: ControlPlane,
  session: TenantSession,
  ask: { readonly page: PageAsk; readonly state: string | undefined },
): Promise<Answer<PageOf>> {
  const allowed = await reviewing(plane, session);
  if (!allowed.ok) return allowed;
  const page = pageOf(ask.page);
  if (!page.ok) return page;
  const state = STATES.find((item) => item === ask.state);
  if (ask.state !== undefined && state === undefined)
    return refusal(422, 'ESCALATION_STATE', `expected state ${STATES.join(', ')}, found another`);
  await noticeOverdue(plane, session.head);
  const rows = await plane.runtime.escalations(session.head.org, page.body, state);
  return answer(paged(rows, page.body, { cursor: (row) => row.id, of: viewOf }));
}

/** GET …/escalations/<id>: with its log, oldest first, and what became of the messages about it. */
export async function showEscalation(
  plane: ControlPlane,
  session: TenantSession,
  id: string,
): Promise<Answer<JsonObject>> {
  const allowed = await reviewing(plane, session);
  if (!allowed.ok) return allowed;
  await noticeOverdue(plane, session.head);
  const found = await plane.runtime.escalation(session.head.org, id);
  if (found === undefined) return NOT_FOUND;
  const { row, log, notifications } = found;
  const told = notifications.map((item) => ({ ...item, to: item.kind === 'webhook' ? shownUrl(item.to) : item.to }));
  return answer({ ...viewOf(row), log: log.map((step) => ({ ...step })), notifications: told });
}

/** A URL up to its host: at chat services the path is the secret, and reviewers need not know it. */
function shownUrl(url: string): string {
  const [, scheme = '', host = '', rest = ''] =
    /^([a-z][a-z0-9+.-]*:\/\/)(?:[^/?#]*@)?([^/?#]*)(.*)$/is.exec(url) ?? [];
  return `${scheme}${host}${rest === '' || rest === '/' ? rest : '/…'}`;
}

export interface MoveAsk {
  readonly id: string;
  readonly verb: EscalationVerb;
  readonly body: unknown;
  /** From `Idempotency-Key`. */
  readonly key: string | undefined;
}

/** POST …/escalations/<id>/{claim,unclaim,resolve}, in the name of the token. */
export async function decideEscalation(
  plane: ControlPlane,
  session: TenantSession,
  ask: MoveAsk,
): Promise<Answer<JsonObject>> {
  const allowed = await reviewing(plane, session);
  if (!allowed.ok) return allowed;
  const { head, token } = session;
  const move = moveOf(ask, { by: token, nowMs: plane.clock.nowMs() });
  if (!move.ok) return move;
  const row = (await plane.runtime.escalation(head.org, ask.id))?.row;
  if (row === undefined) return NOT_FOUND;
  // Four eyes: who asked for it does not let it through, nor keeps others from it.
  if (row.token === token)
    return refusal(403, 'ESCALATION_OWN_REQUEST', `expected another token than ${token}, which made the request`);
  const moved = await plane.runtime.moveEscalation(head.org, move.body);
  if (moved.row?.state === 'resolved') wakeFor(plane, head.uid, [ask.id]);
  return moved.ok ? answer({ ...viewOf(moved.row), repeated: moved.repeated }) : movedNot(moved);
}

function moveOf(
  { id, verb, body, key }: MoveAsk,
  who: { readonly by: string; readonly nowMs: number },
): Answer<EscalationMove> {
  if (key !== undefined && !KEY.test(key))
    return refusal(422, 'IDEMPOTENCY_KEY', 'expected an Idempotency-Key of 1 to 100 letters, digits and ._:-');
  const { outcome, note, ...rest } =
    typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as Record<string, unknown>)
      : { malformed: body };
  const given = { ...who, id, key: key ?? null };
  if (Object.keys(rest).length === 0 && verb === 'resolve') {
    const known = outcome === 'approved' || outcome === 'denied' ? outcome : undefined;
    if (known !== undefined && isReason(note)) return answer({ ...given, note, verb, outcome: known });
  } else if (Object.keys(rest).length === 0 && outcome === undefined && verb !== 'resolve') {
    if (note === undefined || isReason(note)) return answer({ ...given, note: note ?? null, verb });
  }
  const shape = verb === 'resolve' ? '{outcome: approved or denied, note}' : '{note?}';
  return refusal(422, 'MALFORMED_BODY', `expected ${shape}, with a note of 3 to 1000 characters`);
}

const KEY = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;

function movedNot({ reason, row }: Extract<EscalationMoved, { readonly ok: false }>): Answer<never> {
  switch (reason) {
    case 'unknown':
      return NOT_FOUND;
    case 'resolved': {
      const how = `${row?.outcome ?? 'denied'} (${row?.reason ?? 'timeout'})`;
      return refusal(409, 'ESCALATION_RESOLVED', `expected an open escalation, found it ${how}`);
    }
    case 'claimed':
      return refusal(409, 'ESCALATION_CLAIMED', `expected it free or yours, found it claimed by ${row?.claimedBy}`);
    case 'unclaimed':
      return refusal(409, 'ESCALATION_NOT_CLAIMED', 'expected that you claimed it first, found it queued');
    case 'key-used':
      return refusal(409, 'IDEMPOTENCY_KEY_USED', 'expected a new Idempotency-Key, found it used for something else');
  }
}

/** As the API and the command show one. */
function viewOf(row: EscalationRow): JsonObject {
  const { org: _org, tool, ...rest } = row;
  return tool === undefined ? rest : { ...rest, tool: { ...tool } };
}
