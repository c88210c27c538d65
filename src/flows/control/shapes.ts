import {
  type Acknowledgement,
  type EscalationEndEvent,
  type EscalationEvent,
  isName,
  type JournalLine,
  type JsonObject,
  type LeaseRequest,
  type OrgUid,
  orgUid,
  parseJson,
  type Settlement,
  type SettleRequest,
  type Sha256Hex,
  sha256Hex,
} from '../../core/model/index.ts';
import { settlementsOf } from '../../core/wallet/index.ts';
import { decodeSecret } from '../../trust/index.ts';
import { linkOf, misfitOf } from '../evidence/index.ts';

// Closed decoders of what gateways send: anything else is undefined, and nothing half-read goes on.

type Fields = Readonly<Record<string, unknown>>;

const MAX_LINES = 4000;
const MAX_SETTLEMENTS = 4000;

/** {orgUid, gateway, code, publicKey} of POST …/enroll. */
export function enrolment(
  body: unknown,
):
  | { readonly orgUid: OrgUid; readonly gateway: string; readonly secret: Uint8Array; readonly publicKey: string }
  | undefined {
  if (!isClosed(body, ['orgUid', 'gateway', 'code', 'publicKey'])) return undefined;
  const uid = typeof body['orgUid'] === 'string' ? orgUid(body['orgUid']) : undefined;
  const secret = typeof body['code'] === 'string' ? decodeSecret(body['code']) : undefined;
  const { gateway, publicKey } = body;
  if (uid === undefined || secret === undefined || typeof gateway !== 'string' || !isName(gateway)) return undefined;
  if (typeof publicKey !== 'string' || sha256Hex(publicKey) === undefined) return undefined;
  return { orgUid: uid, gateway, secret, publicKey };
}

/** The Acknowledgement of POST …/ack. */
export function acknowledgement(bytes: Uint8Array): Acknowledgement | undefined {
  const body = parsed(bytes);
  if (!isClosed(body, ['gateway', 'generation', 'contentDigest', 'state', 'code', 'at'])) return undefined;
  const { gateway, generation, contentDigest, state, code, at } = body;
  if (typeof gateway !== 'string' || !isName(gateway) || !isCount(generation) || !isCount(at)) return undefined;
  if (state !== 'active' && state !== 'rejected' && state !== 'stale') return undefined;
  if (!(code === null || isCode(code)) || !(contentDigest === null || isDigest(contentDigest))) return undefined;
  return { gateway, generation, contentDigest, state, code, at };
}

/** The lines of POST …/events, as the gateway's journal has them: JSON texts, each ended by a line feed. */
export function journalLines(
  bytes: Uint8Array,
): readonly { readonly line: JournalLine; readonly text: string }[] | undefined {
  const texts = decoded(bytes)?.split('\n');
  if (texts?.pop() !== '' || texts.length > MAX_LINES) return undefined;
  const lines: { readonly line: JournalLine; readonly text: string }[] = [];
  for (const text of texts) {
    const line = linkOf(text);
    if (line === undefined) return undefined;
    // Nothing is believed of an event that is not asked of it: what does not fit is kept all the same.
    lines.push({ line: line as unknown as JournalLine, text });
  }
  return lines;
}

/** {wallet, needMicros, period?} of POST …/wallets/lease. */
export function lease(bytes: Uint8Array): LeaseRequest | undefined {
  const body = parsed(bytes);
  if (!isFields(body) || !isClosed(body, ['wallet', 'needMicros', ...('period' in body ? ['period'] : [])]))
    return undefined;
  const { wallet, needMicros, period } = body;
  if (typeof wallet !== 'string' || !isName(wallet) || !isCount(needMicros)) return undefined;
  if (period === undefined) return { wallet, needMicros };
  return isText(period) ? { wallet, needMicros, period } : undefined;
}

/** {settlements, closed, keeps?} of POST …/wallets/settle. */
export function settlement(bytes: Uint8Array): SettleRequest | undefined {
  const body = parsed(bytes);
  if (!isFields(body) || !isClosed(body, ['settlements', 'closed', ...('keeps' in body ? ['keeps'] : [])]))
    return undefined;
  const { settlements, closed, keeps } = body;
  if (!isFew(settlements) || !settlements.every(isSettlement) || !isFew(closed) || !closed.every(isText))
    return undefined;
  if (keeps === undefined) return { settlements, closed };
  return isFew(keeps) && keeps.every(isText) ? { settlements, closed, keeps } : undefined;
}

/**
 * What a line settled. Nothing of a decision whose wallets are not of their shape: it is kept as evidence, and the slices
 * that it used count as spent when they run out. `isWhole` is false where something of it is not of its shape.
 */
export function settlementsIn({ event }: JournalLine): {
  readonly settlements: readonly Settlement[];
  readonly isWhole: boolean;
} {
  if (event.type !== 'decision') return { settlements: [], isWhole: true };
  if (!Array.isArray(event.wallets) || !event.wallets.every(isFields)) return { settlements: [], isWhole: false };
  const said = settlementsOf(event);
  const settlements = said.filter(isSettlement);
  return { settlements, isWhole: settlements.length === said.length };
}

/**
 * The escalation that a line tells of. Nothing where it is not of its shape: the line is kept as evidence, and a gateway that
 * asks for it is told that there is none.
 */
export function escalationIn({ event }: JournalLine): EscalationEvent | EscalationEndEvent | undefined {
  const isOne = event.type === 'escalation' || event.type === 'escalation-end';
  return isOne && misfitOf(event as unknown as JsonObject) === null ? event : undefined;
}

const SETTLEMENT = [
  'id',
  'sliceId',
  'requestId',
  'settledMicros',
  'excessMicros',
  'model',
  'inputTokens',
  'outputTokens',
  'at',
];

function isSettlement(item: unknown): item is Settlement {
  if (!isClosed(item, SETTLEMENT)) return false;
  const texts = [item['id'], item['sliceId'], item['requestId'], item['model']].every(isText);
  const amounts = [item['settledMicros'], item['excessMicros']].every(isAmount);
  const counts = ['inputTokens', 'outputTokens', 'at'].every((name) => isCount(item[name]));
  return texts && amounts && counts;
}

/** A whole number from 0 of any size: what is absurd is booked as less. */
function isAmount(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isFew(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= MAX_SETTLEMENTS;
}

function parsed(bytes: Uint8Array): unknown {
  const text = decoded(bytes);
  return text === undefined ? undefined : parsedText(text);
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parsedText(text: string): unknown {
  try {
    return parseJson(text) as unknown;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object with exactly these keys. */
function isClosed(value: unknown, keys: readonly string[]): value is Fields {
  return isFields(value) && Object.keys(value).length === keys.length && keys.every((key) => Object.hasOwn(value, key));
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isDigest(value: unknown): value is Sha256Hex {
  return typeof value === 'string' && sha256Hex(value) !== undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 300;
}

function isCode(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Z][A-Z0-9_]{2,80}$/.test(value);
}
