import {
  type Decoder,
  fitted,
  flag,
  integer,
  list,
  nullable,
  oneOf,
  optional,
  record,
  text,
} from '../../core/bundle/index.ts';
import {
  type AttemptSpan,
  type CommitId,
  type DecisionEvent,
  ESCALATION_ENDS,
  ESCALATION_PHASES,
  type EscalatedTool,
  type EscalationEndEvent,
  type EscalationEvent,
  EVENT_TYPES,
  type GatewayEvent,
  type IntentEvent,
  isJsonObject,
  type Json,
  type JsonObject,
  type PolicyStep,
  parseJson,
  type Sha256Hex,
  sha256Hex,
  type ToolNote,
  type TraceNote,
  type WalletEntry,
} from '../../core/model/index.ts';

// The closed shapes of what a journal says. No line is refused for them: it is evidence, and a gateway that could not deliver
// it would be stuck with it for good. It is stored as it came, and whoever reads it is told that it is not of its shape.

/** Of a line; the body that brings it is bounded. */
const MANY = 100_000;
/** The last moment of the year 9999, which every clock and every column can show. */
export const LAST_MS = 253_402_300_799_999;

const words = text(/^/, 'a text');
const short = text(/^[\s\S]{1,300}$/, 'a text of 1 to 300 characters');
const count = integer(0, Number.MAX_SAFE_INTEGER);
const time = integer(0, LAST_MS);
const digest = text<Sha256Hex>(/^[0-9a-f]{64}$/, '64 lower-case hex digits');
const commit = text<CommitId>(/^[0-9a-f]{40}$|^[0-9a-f]{64}$/, 'a full commit id');

const entry = record<WalletEntry>({
  wallet: words,
  period: words,
  currency: words,
  heldMicros: count,
  settledMicros: count,
  sliceId: optional(words),
  excessMicros: optional(count),
});

const step = record<PolicyStep>({
  policy: words,
  phase: oneOf('input', 'output'),
  verdict: oneOf('allow', 'block', 'redact', 'escalate', 'warn'),
  reasonCode: optional(words),
  redactions: optional(count),
  durationMicros: count,
});

const span = record<AttemptSpan>({
  spanId: words,
  target: words,
  provider: words,
  model: words,
  startMs: time,
  endMs: time,
  error: nullable(words),
});

/** Journals of before say neither provider nor commit nor attempts. */
type StoredDecision = Omit<DecisionEvent, 'provider' | 'commit' | 'attempts'> &
  Partial<Pick<DecisionEvent, 'provider' | 'commit' | 'attempts'>>;

const decision = record<StoredDecision>({
  type: oneOf('decision'),
  id: words,
  at: time,
  requestId: words,
  token: nullable(words),
  credential: optional(words),
  team: nullable(words),
  route: words,
  model: nullable(words),
  target: nullable(words),
  provider: optional(nullable(words)),
  attempts: optional(count),
  status: integer(0, 999),
  verdict: oneOf('allow', 'block', 'redact', 'escalate'),
  reasonCode: nullable(words),
  stream: flag,
  simulated: flag,
  configVersion: words,
  contentDigest: digest,
  generation: count,
  commit: optional(nullable(commit)),
  steps: list(step, MANY),
  wallets: list(entry, MANY),
  inputTokens: count,
  outputTokens: count,
  usageFlag: optional(oneOf('unknown', 'absurd')),
  trace: optional(
    record<TraceNote>({
      traceId: words,
      spanId: words,
      parentSpanId: nullable(words),
      sampled: flag,
      attempts: list(span, MANY),
    }),
  ),
  tool: optional(
    record<ToolNote>({
      server: words,
      method: nullable(words),
      tool: nullable(words),
      withheld: optional(list(words, MANY)),
    }),
  ),
  durationMs: count,
});

const intent = record<IntentEvent>({
  type: oneOf('intent'),
  id: words,
  at: time,
  requestId: words,
  target: words,
  policy: optional(words),
  wallets: list(entry, MANY),
  ended: optional(list(entry, MANY)),
});

/** `esc_` and what a gateway makes of a request id; it stands in paths. */
const escalationId = text(/^esc_[A-Za-z0-9_.-]{1,120}$/, 'an id of an escalation');

const escalation = record<EscalationEvent>({
  type: oneOf('escalation'),
  id: escalationId,
  at: time,
  requestId: short,
  phase: oneOf(...ESCALATION_PHASES),
  policy: short,
  reasonCode: short,
  token: nullable(short),
  team: nullable(short),
  model: nullable(short),
  timeoutMs: nullable(count),
  tool: optional(record<EscalatedTool>({ server: short, tool: short, argumentsDigest: digest })),
});

const END = { type: oneOf('escalation-end'), id: escalationId, at: time, requestId: short };
type Overtaken = EscalationEndEvent & { readonly outcome: 'overtaken'; readonly reasonCode: string };
const overtaken = record<Overtaken>({ ...END, outcome: oneOf('overtaken'), reasonCode: short });
const ended = record<Omit<EscalationEndEvent, 'reasonCode'>>({ ...END, outcome: oneOf(...ESCALATION_ENDS) });

/** That of `overtaken` says why, and no other. */
const escalationEnd: Decoder<EscalationEndEvent> = (value, at) =>
  (isJsonObject(value) && value['outcome'] === 'overtaken' ? overtaken : ended)(value, at);

const SHAPES: { readonly [type in GatewayEvent['type']]: Decoder<object> } = {
  decision,
  intent,
  escalation,
  'escalation-end': escalationEnd,
};

/** Of what is told of a misfit, which may quote what it found. */
const MOST_WORDS = 300;

/** Far deeper than any event is. What nests deeper cannot be written as JSON again: that ends with the stack. */
const MOST_DEPTH = 64;

/** Whether a value nests deeper than what can be shown. */
export function isTooDeep(value: Json, left = MOST_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some((inner) => isTooDeep(inner, left - 1));
}

/** Why an event is not of the shape of its type, or null. */
export function misfitOf(event: JsonObject): string | null {
  if (isTooDeep(event)) return `expected an event that nests at most ${MOST_DEPTH} deep, found a deeper one`;
  const type = EVENT_TYPES.find((name) => name === event['type']);
  if (type === undefined)
    return `expected one of ${EVENT_TYPES.join(', ')} at /type, found ${JSON.stringify(event['type'])?.slice(0, 80)}`;
  const read = fitted(SHAPES[type], event);
  return read.ok ? null : shortened(read.detail);
}

/** What was expected begins it, and what was found ends it. */
function shortened(detail: string): string {
  const half = MOST_WORDS / 2;
  return detail.length <= MOST_WORDS ? detail : `${detail.slice(0, half)} … ${detail.slice(-half)}`;
}

/** A line of a journal as its text has it, whatever its event says. */
export interface LinkText {
  readonly sequence: number;
  readonly previous: Sha256Hex;
  readonly event: JsonObject;
}

/** The line of a text: numbered, linked, with some event; undefined for any other text. */
export function linkOf(text: string): LinkText | undefined {
  const line = parsed(text);
  if (!isJsonObject(line) || Object.keys(line).length !== 3) return undefined;
  const { sequence, previous, event } = line as { readonly [name in 'sequence' | 'previous' | 'event']?: Json };
  const isNumbered = typeof sequence === 'number' && Number.isSafeInteger(sequence) && sequence >= 0;
  const link = typeof previous === 'string' ? sha256Hex(previous) : undefined;
  return isNumbered && link !== undefined && isJsonObject(event) ? { sequence, previous: link, event } : undefined;
}

function parsed(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
