import type { EscalatedTool, EscalationPhase, PolicyStep } from '../../src/core/model/index.ts';
import type { Escalated } from '../../src/core/policy/index.ts';
import {
  approvedWith,
  type Family,
  isApproved,
  patienceMs,
  preferenceOf,
  type Refusal,
  type RefusalCode,
  refuse,
  type Use,
} from '../core/index.ts';
import { type Client, clientGone, MAX_ANSWER_BYTES, unreviewed } from './begun.ts';
import { decide, type Exchange } from './exchange.ts';
import { addressOf } from './intake.ts';
import { within } from './limits.ts';
import { placeOfError } from './log.ts';
import { RpcFault } from './mcp-fault.ts';
import type { Outcome } from './outcomes.ts';
import { recorded } from './recorded.ts';
import { Refused } from './refused.ts';
import { createKeptReply, isKept, type Reply } from './reply.ts';
import type { Review, Reviews, Ticket } from './reviews.ts';
import type { Service } from './service.ts';
import { renewed, type Standing } from './standing.ts';

// A request or an answer that a person decides about: it waits, with its client as long as the client does, and goes on once. What
// a person lets go on goes on under what is in force by then: nothing that was judged before it waited is believed after.

/** Where tickets are asked for. */
export const TICKETS = '/v1/escalations/';

export interface Holding {
  readonly client: Client;
  readonly family: Family;
  readonly escalated: Escalated;
  /** Of the judgement that asks. */
  readonly steps: readonly PolicyStep[];
  /** What it wants, which its token has to be allowed when it goes on, too. */
  readonly use: Use;
  /** Size of what waits. */
  readonly bytes: number;
  /** Where it stands, when not where its policy looks. */
  readonly phase?: EscalationPhase;
  /** What it is refused with when it is not approved, in place of what says that. */
  readonly refusal?: Refusal;
  /** The call of a tool that it is about. */
  readonly call?: HeldCall;
  /** What happens when it is approved and was judged with what is in force. */
  readonly go: Go;
  /**
   * Judges it as if it came now, with another configuration than before, and lets nothing go out; gives what happens then. Throws
   * where it may not go on.
   */
  readonly anew: (client: Client) => Promise<Go>;
  /** Does what is done for a client, and may answer what that throws. */
  readonly answering?: (client: Client, work: () => Promise<void>) => Promise<void>;
}

/** Goes on, with the client to be answered: the same one, or who will come with a ticket. */
export type Go = (client: Client) => Promise<void>;

/** A call of a tool that waits, or whose result does. */
export interface HeldCall {
  readonly told: EscalatedTool;
  /** By which it is known when it is asked for again. */
  readonly key: string;
  /** How long its caller waits that does not say. */
  readonly usualMs: number;
  /** Tells its caller that it has a ticket. */
  readonly giveTicket: (ticket: Ticket) => Promise<void>;
}

/** Holds a request before anything is sent. Its decision is written when all of it has ended. */
export async function holdRequest(service: Service, exchange: Exchange, holding: Holding): Promise<void> {
  const asking = await asked(service, exchange, holding);
  await followed(service, exchange, { ...holding, ...asking });
}

/**
 * Holds an answer. Its decision, with what it cost, is written before it waits: what it came to is told by the escalation's end.
 * One that has waited goes on, unless more is asked of it by now.
 */
export async function holdAnswer(service: Service, exchange: Exchange, holding: Holding): Promise<void> {
  if (exchange.isDecided) {
    requireApproved(exchange, holding.escalated, holding.steps);
    return holding.go(holding.client);
  }
  const asking = await asked(service, exchange, holding);
  try {
    await decide(service, exchange, { status: HELD_STATUS, usage: exchange.known ?? 'unknown' });
  } catch (error) {
    await asking.review.end('lost').catch(() => {});
    throw error;
  }
  await followed(service, exchange, { ...holding, ...asking });
}

/** Of the decision about an answer that waits. */
const HELD_STATUS = 202;

/** A request may ask once for itself, once for money, and once for its answer. */
const SUFFIXES: { readonly [phase in EscalationPhase]: string } = {
  input: '',
  wallet: '.wallet',
  output: '.answer',
  tool: '.answer',
};

/** Refuses what is judged anew and asks for more than a person has let through. */
export function requireApproved(
  { approved }: Exchange,
  escalated: Escalated | null,
  steps: readonly PolicyStep[],
): void {
  if (!isApproved(approved, escalated, steps)) throw new Refused(refuse('configuration_changed'));
}

interface Asked {
  readonly reviews: Reviews;
  readonly review: Review;
  readonly standing: Standing;
}

async function asked(service: Service, exchange: Exchange, holding: Holding): Promise<Asked> {
  const { escalated, bytes } = holding;
  const phase = holding.phase ?? (escalated.isAboutCall ? 'tool' : escalated.phase);
  exchange.verdict = 'escalate';
  exchange.reasonCode = escalated.reasonCode;
  const { reviews } = service;
  if (reviews === null) throw unreviewed(escalated);
  const { requestId, token, model } = exchange;
  // A socket that is closed has no address any more.
  const standing = { use: holding.use, address: addressOf(service, holding.client.request) };
  const { policy, reasonCode, timeoutMs } = escalated;
  service.log.info('waits for a person', { policy, phase, reason: reasonCode });
  const review = await reviews.ask({
    id: `esc${requestId.slice(3)}${SUFFIXES[phase]}`,
    requestId,
    phase,
    ...{ policy, reasonCode, timeoutMs, model },
    token: token?.name ?? null,
    team: token?.team ?? null,
    ...(holding.call === undefined ? {} : { tool: holding.call.told }),
    bytes,
  });
  return { reviews, review, standing };
}

type Following = Holding & Asked;

async function followed(service: Service, exchange: Exchange, following: Following): Promise<void> {
  const { client, review, reviews } = following;
  // Who has a ticket already waits for as long as it takes.
  if (isKept(client.response)) {
    const resume = exchange.pass?.rest();
    const outcome = await review.outcome;
    resume?.();
    return proceed(service, exchange, following, { outcome, client });
  }
  const how = await firstOf(review, client.response, patienceOf(client, reviews, following.call?.usualMs));
  if (how === 'late') return giveTicket(service, exchange, following);
  if (how === 'gone') {
    await review.end('lost');
    exchange.reasonCode = 'gateway.client_gone';
    throw clientGone();
  }
  return proceed(service, exchange, following, { outcome: how, client });
}

/** How long the client waits; `usualMs` where it does not say. */
export const patienceOf = ({ request }: Pick<Client, 'request'>, reviews: Reviews, usualMs?: number): number =>
  patienceMs(preferenceOf(request.headers['prefer']), reviews.patienceMs, usualMs);

/** The outcome, or that the client has gone, or that it has waited long enough. */
function firstOf<Value>(
  { outcome }: { readonly outcome: Promise<Value> },
  response: Reply,
  waitMs: number,
): Promise<Value | 'gone' | 'late'> {
  if (response.destroyed) return Promise.resolve('gone');
  return new Promise((resolve) => {
    const end = (how: Value | 'gone' | 'late'): void => {
      clearTimeout(timer);
      response.off('close', onClose);
      resolve(how);
    };
    const onClose = (): void => end('gone');
    const timer = setTimeout(end, waitMs, 'late');
    response.once('close', onClose);
    void outcome.then(end);
  });
}

const REFUSED: { readonly [outcome in Exclude<Outcome, 'approved'>]: RefusalCode } = {
  denied: 'escalation_denied',
  expired: 'escalation_expired',
  lost: 'review_unavailable',
};

interface Ended {
  readonly outcome: Outcome;
  /** Who is answered. */
  readonly client: Client;
  readonly ticket?: Ticket;
}

/** Goes on, or refuses, once it is written how the question ended. */
function proceed(service: Service, exchange: Exchange, following: Following, ended: Ended): Promise<void> {
  const { client, ticket } = ended;
  const work = async (): Promise<void> => {
    const go = await concluded(service, exchange, following, ended);
    ticket?.become({ kind: 'approved' });
    if (client.response.destroyed) throw clientGone();
    await go(client);
  };
  return following.answering === undefined ? work() : following.answering(client, work);
}

/** Writes how it ended, and refuses what may not go on: also what was approved and may not be asked any more. */
async function concluded(
  service: Service,
  exchange: Exchange,
  following: Following,
  { outcome, client }: Ended,
): Promise<Go> {
  const { review, escalated, refusal } = following;
  if (outcome !== 'approved') {
    await review.end(outcome);
    throw new Refused((outcome === 'lost' ? null : refusal) ?? refuse(REFUSED[outcome], { policy: escalated.policy }));
  }
  let go: Go;
  try {
    go = await judgedNow(service, exchange, following, client);
  } catch (error) {
    if (client.response.destroyed) await review.end('lost');
    else await review.end('overtaken', overtakenBy(exchange, error));
    throw error;
  }
  await review.end('approved');
  return go;
}

/** What happens under what is in force now; what it was judged with before does not count where that is something else. */
async function judgedNow(
  service: Service,
  exchange: Exchange,
  { escalated, steps, standing, go, anew }: Following,
  client: Client,
): Promise<Go> {
  exchange.approved = approvedWith(escalated, steps);
  if (!renewed(service, exchange, standing)) return go;
  const { response } = client;
  if (!response.headersSent) response.setHeader('x-tenantry-bundle', exchange.snapshot.contentDigest.slice(0, 12));
  return anew(client);
}

/** Why it does not go on, which is the reason of its decision too. */
function overtakenBy(exchange: Exchange, error: unknown): string {
  // A policy that blocks has said so.
  if (exchange.verdict !== 'block') {
    const code = error instanceof Refused ? error.refusal.code : 'internal_error';
    exchange.reasonCode = error instanceof RpcFault ? error.reasonCode : `gateway.${code}`;
    exchange.verdict = 'block';
  }
  return exchange.reasonCode ?? 'gateway.internal_error';
}

/** Answers 202, and goes on for whoever comes with the ticket. */
async function giveTicket(service: Service, exchange: Exchange, following: Following): Promise<void> {
  const { client, review, reviews, family, use, call } = following;
  const ticket = reviews.ticketFor(review, { family, use, call: call?.key ?? null });
  void goOn(service, exchange, following, ticket);
  if (call !== undefined) return call.giveTicket(ticket);
  const applied = preferenceOf(client.request.headers['prefer']).respondAsync;
  sendWaiting(client.response, ticket, applied ? { 'preference-applied': 'respond-async' } : {});
}

/** Where to come with a ticket. */
export const placeOf = ({ id }: Ticket): string => `${TICKETS}${id}`;

/** 202 with the ticket and where to come with it. */
export function sendWaiting(response: Reply, ticket: Ticket, headers: { readonly [name: string]: string } = {}): void {
  const url = placeOf(ticket);
  response.writeHead(202, {
    'content-type': 'application/json; charset=utf-8',
    location: url,
    'retry-after': '5',
    ...headers,
  });
  response.end(JSON.stringify({ ticket: ticket.id, state: ticket.state.kind, url }));
}

async function goOn(service: Service, exchange: Exchange, following: Following, ticket: Ticket): Promise<void> {
  const { client, review } = following;
  const most = exchange.snapshot.policy.limits.size.maxResponseBytes ?? MAX_ANSWER_BYTES;
  const reply = createKeptReply(most, null);
  const outcome = await review.outcome;
  service.active += 1;
  try {
    const work = async (): Promise<void> => {
      await proceed(service, exchange, following, {
        ...{ outcome, ticket },
        client: { request: client.request, response: reply },
      });
      if (exchange.simulated) reply.setHeader('x-tenantry-simulated', '1');
      if (reply.isFull) throw new Refused(refuse('upstream_too_large'));
    };
    const pass = outcome === 'approved' && !exchange.isDecided ? (exchange.pass?.anew() ?? null) : null;
    if (pass !== null) exchange.pass = pass;
    const all = (): Promise<void> => recorded(service, exchange, work);
    await (pass === null ? all() : within(pass, all, () => exchange.usage));
    ticket.become({ kind: 'answered', reply });
  } catch (error) {
    const refused = error instanceof Refused ? error : new Refused(refuse('internal_error'));
    if (refused !== error) service.log.warn('a request failed', { why: placeOfError(error) });
    service.metrics.refused(refused.refusal.code);
    ticket.become({ kind: 'refused', refusal: refused.refusal });
  } finally {
    service.active -= 1;
  }
}
