import type { AnswerDecision } from '../../src/core/policy/index.ts';
import type { Usage } from '../../src/core/wallet/index.ts';
import { type Outgoing, type RefusalCode, refuse, type ShapeStream, translated } from '../core/index.ts';
import { isOfProvider } from './answer.ts';
import { type BegunStream, blockedRefusal, type Client, clientGone, evaluated, MAX_ANSWER_BYTES } from './begun.ts';
import { decide, type Exchange } from './exchange.ts';
import { holdAnswer } from './held.ts';
import { answeredAnew, heardStream, remembering, sizeOf, useOf } from './held-answer.ts';
import { settled } from './inquiry.ts';
import { Refused } from './intake.ts';
import type { AttemptNote } from './measures.ts';
import { createKeptReply, type KeptReply, type Reply } from './reply.ts';
import type { Service } from './service.ts';

// A streamed answer: every event through the policies, at the pace of the slowest, and the last one only when the decision
// is durable. A stream that is cut off ends with an error event and without its last one, so that a client can tell. A stream
// that something is said of as a whole is kept until its end, and is an answer or a refusal then.

const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };

type Ending =
  | { readonly kind: 'done' }
  | { readonly kind: 'cut'; readonly refusal: Refused }
  | { readonly kind: 'gone' };

export async function relayStream(
  service: Service,
  exchange: Exchange,
  client: Client,
  begun: BegunStream,
): Promise<void> {
  const { response } = client;
  const scanner = evaluated(() => exchange.snapshot.policy.stream(begun.facts, exchange.target));
  const own = begun.shape.stream?.(scanner, begun.wanted) ?? null;
  if (own === null) throw new Refused(refuse('upstream_error', { message: 'This endpoint has no streams.' }));
  const { translation } = begun.passage;
  const stream = translation === null ? own : translated(own, translation.stream(service.nowMs()));
  const most = exchange.snapshot.policy.limits.size.maxResponseBytes ?? MAX_ANSWER_BYTES;
  // One that has waited is handed on whole or not at all.
  const isWhole = scanner?.holdsAnswer === true || exchange.isDecided;
  const kept = isWhole ? createKeptReply(most, response) : null;
  const heard = isWhole ? remembering(begun.events, most) : null;
  const events = heard ?? begun.events;
  (kept ?? response).writeHead(200, HEADERS);
  const ending = await pump(service, kept ?? response, { ...begun, events }, { stream, note: exchange.attempt });
  response.off('close', begun.answer.abort);
  const usage = spent(begun, stream, ending);
  if (kept !== null && usage !== 'unknown') exchange.known = usage;
  let outcome = scanner?.outcome();
  if (outcome !== undefined && outcome.inquiry !== null) {
    // About an answer that nobody will get nobody is asked.
    outcome =
      ending.kind === 'done' && kept?.isFull !== true
        ? await settled(service, exchange, response, outcome)
        : { ...outcome, verdict: 'allow', reasonCode: null, blockedBy: null };
  }
  if (outcome !== undefined) {
    exchange.steps = [...exchange.steps, ...outcome.steps];
    // What a person has let through stays on record as that, unless it is blocked after all.
    const isNews = exchange.verdict === 'escalate' ? outcome.verdict === 'block' : outcome.verdict !== 'allow';
    if (isNews) exchange.verdict = outcome.verdict;
    if (isNews) exchange.reasonCode = outcome.reasonCode ?? exchange.reasonCode;
  }
  if (ending.kind === 'cut') {
    if (ending.refusal.refusal.code === 'output_blocked') exchange.verdict = 'block';
    exchange.reasonCode ??= `gateway.${ending.refusal.refusal.code}`;
  }
  if (ending.kind === 'gone') exchange.reasonCode ??= 'gateway.client_gone';
  const end = { ending, stream, usage };
  if (kept !== null) {
    const all = heard?.heard ?? [];
    await finishKept(service, exchange, client, { ...end, kept, begun, heard: all, decision: outcome ?? null });
  } else await finish(service, exchange, client, end);
}

interface End {
  readonly ending: Ending;
  readonly stream: ShapeStream;
  readonly usage: Usage | 'unknown';
}

interface KeptEnd extends End {
  readonly begun: BegunStream;
  readonly kept: KeptReply;
  /** As the provider gave it. */
  readonly heard: readonly string[];
  readonly decision: AnswerDecision | null;
}

/** A stream that was kept until its end is answered like a whole answer: it goes out, or a refusal does. */
async function finishKept(service: Service, exchange: Exchange, client: Client, end: KeptEnd): Promise<void> {
  const { ending, stream, usage, kept, decision } = end;
  if (client.response.destroyed) throw clientGone();
  if (kept.isFull) throw new Refused(refuse('upstream_too_large'));
  if (ending.kind === 'cut') throw ending.refusal;
  if (decision !== null && decision.blockedBy !== null) throw blockedRefusal(decision.blockedBy, service);
  for (const [name, value] of Object.entries(decision?.headers ?? {})) kept.setHeader(name, value);
  kept.end(stream.last());
  const escalated = decision?.escalatedBy ?? null;
  if (escalated !== null) {
    const { begun, heard } = end;
    const { shape, wanted } = begun;
    const bytes = kept.bytes + sizeOf(heard);
    return holdAnswer(service, exchange, {
      ...{ client, family: shape.family, use: useOf(shape, wanted), escalated, steps: decision?.steps ?? [], bytes },
      go: async ({ response }) => kept.deliver(response),
      anew: (to) => answeredAnew(service, exchange, { client: to, begun: heardStream(begun, heard) }, relayStream),
    });
  }
  await decide(service, exchange, { status: 200, usage });
  kept.deliver(client.response);
}

/** Known usage, or for a stream that was cut or left what was sent, or told of it, and what came of the answer (rule 8). */
function spent(begun: BegunStream, stream: ShapeStream, ending: Ending): Usage | 'unknown' {
  const told = stream.usage();
  // Nothing is no count of something.
  const known = told?.outputTokens === 0 && stream.received() > 0 ? null : told;
  if (known !== null || ending.kind === 'done') return known ?? 'unknown';
  const { bound } = begun;
  return {
    inputTokens: Math.max(bound.inputTokens, stream.inputTokens()),
    outputTokens: Math.min(bound.outputTokens, stream.received()),
  };
}

async function finish(service: Service, exchange: Exchange, client: Client, end: End): Promise<void> {
  const { response } = client;
  let { ending } = end;
  try {
    await decide(service, exchange, { status: 200, usage: end.usage });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    ending = ending.kind === 'gone' ? ending : { kind: 'cut', refusal: error };
  }
  if (ending.kind === 'done') response.end(end.stream.last());
  else if (ending.kind === 'cut') {
    service.metrics.refused(ending.refusal.refusal.code);
    response.end(end.stream.error(ending.refusal.refusal));
  } else response.destroy();
}

interface Pumped {
  readonly stream: ShapeStream;
  readonly note: AttemptNote | null;
}

/** Moves events from the provider to the client until one of them, or a policy, ends it; notes how the provider did. */
async function pump(service: Service, response: Reply, begun: BegunStream, { stream, note }: Pumped): Promise<Ending> {
  const { answer, events } = begun;
  const ended = (ending: Ending, isOfProvider: boolean): Ending => {
    if (isOfProvider) note?.spoiled();
    if (ending.kind === 'done') note?.completed();
    else answer.abort();
    return ending;
  };
  const pass = async (work: () => Outgoing): Promise<Ending | undefined> => {
    const out = pushed(work);
    const text = out.frames.join('');
    if (text !== '' && !(await written(response, text, begun))) return ended({ kind: 'gone' }, false);
    const ending = endingOf(service, out);
    return ending === undefined ? undefined : ended(ending, out.state === 'failed');
  };
  for (;;) {
    const came = await events.next();
    if (response.destroyed) return ended({ kind: 'gone' }, false);
    if (came.kind === 'end') return (await pass(() => stream.end())) ?? ended({ kind: 'done' }, false);
    if (came.kind !== 'events') return ended(cut(BROKEN[came.kind] ?? 'upstream_error'), isOfProvider(came));
    const ending = await pass(() => pushedAll(stream, came.events));
    if (ending !== undefined) return ending;
  }
}

/** What goes out for events that came together, up to the one that ends the stream. */
function pushedAll(stream: ShapeStream, events: readonly string[]): Outgoing {
  const frames: string[] = [];
  for (const data of events) {
    const out = pushed(() => stream.push(data));
    frames.push(...out.frames);
    if (out.state !== 'open') return { ...out, frames };
  }
  return { frames, state: 'open', blocked: null };
}

const BROKEN: { readonly [kind: string]: RefusalCode } = {
  timeout: 'upstream_timeout',
  'too-long': 'answer_too_long',
  'too-large': 'upstream_too_large',
};

/** A policy that throws ends the stream like one that blocks. */
function pushed(work: () => Outgoing): Outgoing {
  try {
    return work();
  } catch {
    const blocked = {
      policy: 'stream',
      phase: 'output',
      reasonCode: 'stream.policy_failed',
      message: 'A policy could not be evaluated.',
    } as const;
    return { frames: [], state: 'blocked', blocked };
  }
}

function endingOf(service: Service, out: Outgoing): Ending | undefined {
  if (out.state === 'failed') return cut('upstream_error');
  if (out.blocked !== null) return { kind: 'cut', refusal: blockedRefusal(out.blocked, service) };
  return out.state === 'done' ? { kind: 'done' } : undefined;
}

function cut(code: RefusalCode): Ending {
  return { kind: 'cut', refusal: new Refused(refuse(code)) };
}

/**
 * Writes and waits for a slow reader, but not beyond the cut of an answer, nor for longer than its provider may be silent: meanwhile
 * that one waits too. False when the client has gone, or takes nothing.
 */
function written(response: Reply, text: string, { answer, patienceMs }: BegunStream): Promise<boolean> | boolean {
  if (response.destroyed) return false;
  if (response.write(text)) return true;
  return new Promise((resolve) => {
    const settle = (ok: boolean) => (): void => {
      clearTimeout(timer);
      response.off('drain', onDrain);
      response.off('close', onClose);
      resolve(ok);
    };
    const onDrain = settle(true);
    const onClose = settle(false);
    const timer = setTimeout(onClose, patienceMs);
    response.on('drain', onDrain);
    response.on('close', onClose);
    answer.onCutOff(onDrain);
  });
}
