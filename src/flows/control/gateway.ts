import {
  type Acknowledgement,
  type JournalLine,
  type JsonObject,
  type OrgUid,
  ofKind,
  type Sha256Hex,
} from '../../core/model/index.ts';
import type { StoreError } from '../../ports/index.ts';
import { enrolmentSecretHash } from '../../trust/index.ts';
import { misfitOf } from '../evidence/index.ts';
import type { AuthenticatedGateway } from './authenticate.ts';
import { deniedNow, NOT_FOUND } from './authenticate.ts';
import { type Answer, answer, type ControlPlane, refusal } from './context.ts';
import { escalationKeeper, wakeFor } from './escalate.ts';
import { firstRoot } from './first-root.ts';
import { malformed, once } from './once.ts';
import * as shapes from './shapes.ts';
import { bookSettlements } from './wallets.ts';

/** POST /api/v1/gateway/enroll: uses a one-time code up and pins the new gateway's key. */
export async function enrolGateway(plane: ControlPlane, body: unknown): Promise<Answer<JsonObject>> {
  const ask = shapes.enrolment(body);
  if (ask === undefined) return malformed('{orgUid, gateway, code, publicKey}');
  const head = await plane.directory.byUid(ask.orgUid);
  const refused = refusal(401, 'ENROL_CODE_REFUSED', 'expected an unused, unexpired enrolment code; ask for a new one');
  if (head === undefined) return refused;
  if ((await deniedNow(plane, head.org, 'gateway')).has(ask.gateway)) return refused;
  // The code may be older than the change that took the gateway, or the whole org, away.
  const applied = (await plane.orgs.observe(head.org))?.objects ?? [];
  if (!ofKind(applied, 'Gateway').some(({ id }) => id.name === ask.gateway)) return refused;
  const codeHash = enrolmentSecretHash(ask.secret);
  const use = { codeHash, gateway: ask.gateway, publicKey: ask.publicKey };
  // Who has no code makes nobody wait for the place of published files; a code that has one is used up once the root is here.
  if (!(await plane.runtime.judgeEnrolmentCode(head.org, { ...use, nowMs: plane.clock.nowMs() })).ok) return refused;
  const root = await firstRoot(plane, head);
  if (!root.ok) return refusal(409, root.code, root.message);
  const used = await plane.runtime.redeemEnrolmentCode(head.org, { ...use, nowMs: plane.clock.nowMs() });
  if (!used.ok) return refused;
  return answer({ fleet: plane.fleet, orgUid: head.uid, gateway: used.gateway, root: toBase64(root.value.bytes) });
}

/** POST …/ack: what the gateway runs now, or why it refused. */
export async function acknowledge(
  plane: ControlPlane,
  caller: AuthenticatedGateway,
  body: Uint8Array,
): Promise<Answer<JsonObject>> {
  const ack: Acknowledgement | undefined = shapes.acknowledgement(body);
  if (ack === undefined || ack.gateway !== caller.row.gateway) return malformed('an acknowledgement of this gateway');
  return once(plane, caller, { body }, async (tx) => {
    await tx.putAck(ack, caller.claim.sequence, plane.clock.nowMs());
    return {};
  });
}

/**
 * POST …/events: journal lines in order, stored as the texts they came as; what their decisions settled is booked and what
 * they escalate is queued with them in one commit, so that the ledger and the queue are what the evidence says. The answer names
 * the last of these lines: through it all are stored. A line that does not name the hash of the one before is refused, within
 * the batch and against what is stored, and the refusal says where the stored journal ends: a store that was put back from a
 * backup gets the rest again.
 */
export async function storeEvents(
  plane: ControlPlane,
  caller: AuthenticatedGateway,
  body: Uint8Array,
): Promise<Answer<JsonObject>> {
  const lines = shapes.journalLines(body);
  if (lines === undefined) return malformed('lines of a journal, each ended by a line feed');
  const hashed = lines.map(({ line, text }) => ({ line, text, hash: plane.hash.sha256(text) }));
  const said = lines.map(({ line }) => ({ line, ...shapes.settlementsIn(line) }));
  const settlements = said.flatMap((one) => one.settlements);
  const misshapen = lines.flatMap(({ line }) => misfitIn(line) ?? []);
  const told = lines.flatMap(({ line }) => shapes.escalationIn(line) ?? []);
  const keepEscalations = await escalationKeeper(plane, caller, told);
  const through = throughOf(hashed);
  const stored = await once(plane, caller, { body, through }, async (tx) => {
    const end = await tx.appendEvents(caller.row.gateway, hashed);
    if (misshapen.length > 0) plane.log.warn(misshapenWords(caller, misshapen));
    for (const { line, isWhole } of said) if (!isWhole) plane.log.warn(unbookedWords(caller, line));
    if (settlements.length > 0) await bookSettlements(plane, caller, { tx, settlements, closed: [] });
    await keepEscalations(tx);
    return { through: through?.sequence ?? end };
  }).catch(chainRefusal);
  wakeFor(
    plane,
    caller.head.uid,
    told.map(({ id }) => id),
  );
  return stored;
}

function chainRefusal(cause: unknown): Answer<never> {
  const { code, end } = cause as Partial<StoreError>;
  if (code !== 'EVENT_CHAIN_BROKEN') throw cause;
  return refusal(409, code, 'expected lines that follow the stored ones', end === undefined ? undefined : { ...end });
}

/** The last line of a delivery. */
function throughOf(
  lines: readonly { readonly line: JournalLine; readonly hash: Sha256Hex }[],
): { readonly sequence: number; readonly hash: Sha256Hex } | null {
  const last = lines.at(-1);
  return last === undefined ? null : { sequence: last.line.sequence, hash: last.hash };
}

interface Misfit {
  readonly sequence: number;
  readonly why: string;
}

function misfitIn({ sequence, event }: JournalLine): Misfit | undefined {
  const why = misfitOf(event as unknown as JsonObject);
  return why === null ? undefined : { sequence, why };
}

const unbookedWords = ({ head, row }: AuthenticatedGateway, { sequence }: JournalLine): string =>
  `${head.org}: line ${sequence} of gateway ${row.gateway} is kept and not booked: its wallets are not of their shape`;

/** One warning for a batch: of thousands that are wrong in the same way the first tells enough. */
function misshapenWords({ head, row }: AuthenticatedGateway, misshapen: readonly Misfit[]): string {
  const [first] = misshapen;
  const rest = misshapen.length > 1 ? `, and ${misshapen.length - 1} more after it` : '';
  return `${head.org}: line ${first?.sequence} of gateway ${row.gateway} is kept and not of its shape${rest}: ${first?.why}`;
}

/** A file that is not the timestamp: immutable, so its digest is its ETag. */
export async function bundleFile(
  plane: ControlPlane,
  file: { readonly org: OrgUid; readonly path: string },
  signal?: AbortSignal,
): Promise<Answer<{ readonly bytes: Uint8Array; readonly etag: Sha256Hex }>> {
  const bytes = await plane.publisher.get(file.org, file.path, signal);
  return bytes === undefined ? NOT_FOUND : answer({ bytes, etag: plane.hash.sha256(bytes) });
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Standard base64 with padding; flows have no Buffer. */
function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const digits = [18, 12, 6, 0].map((shift) => BASE64[(group >> shift) & 63] ?? '');
    text += digits
      .slice(0, Math.min(4, bytes.length - at + 1))
      .join('')
      .padEnd(4, '=');
  }
  return text;
}
