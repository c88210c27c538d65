import type { IncomingMessage } from 'node:http';
import type { BundleToken } from '../../src/core/model/index.ts';
import { preferenceOf, type Refusal, refusalBody, refusalHeaders, refuse, type Use } from '../core/index.ts';
import { sendWaiting, TICKETS } from './held.ts';
import { Refused } from './refused.ts';
import type { Reply } from './reply.ts';
import type { Reviews, Ticket } from './reviews.ts';

/** Who gets an answer; a socket says whether all of it has left. */
type Reader = Reply & { readonly writableFinished?: boolean };

/**
 * GET /v1/escalations/<ticket>: what became of a request that a person decides about, for the token that made it, as long as that
 * may make such a request.
 */
export async function answerTicket(
  reviews: Reviews | null,
  token: BundleToken | null,
  {
    path,
    request,
    response,
  }: { readonly path: string; readonly request: Pick<IncomingMessage, 'headers'>; readonly response: Reader },
  whyNot: (use: Use) => Refusal | undefined,
): Promise<void> {
  const ticket = token === null ? undefined : reviews?.find(path.slice(TICKETS.length), token.name);
  if (ticket === undefined) throw new Refused(refuse('not_found'));
  if (ticket === 'gone') throw new Refused(refuse('escalation_gone'));
  const refusal = whyNot(ticket.use);
  if (refusal !== undefined) throw new Refused(refusal);
  const { waitSeconds } = preferenceOf(request.headers['prefer']);
  await waitFor(ticket, response, Math.min((waitSeconds ?? 0) * 1000, reviews?.patienceMs ?? 0));
  if (response.destroyed) return;
  const { state } = ticket;
  switch (state.kind) {
    case 'waiting':
    case 'approved':
      sendWaiting(response, ticket);
      return;
    case 'answered':
      collect(ticket, response);
      state.reply.deliver(response);
      return;
    case 'refused':
      collect(ticket, response);
      response.writeHead(state.refusal.status, refusalHeaders(state.refusal));
      response.end(refusalBody(state.refusal, ticket.family));
      return;
  }
}

/** Waits until it is known what became of a ticket, but no longer than its reader does. */
export async function waitFor(ticket: Ticket, response: Reply, waitMs: number): Promise<void> {
  const untilMs = performance.now() + waitMs;
  while (ticket.state.kind === 'waiting' || ticket.state.kind === 'approved') {
    const leftMs = untilMs - performance.now();
    if (leftMs <= 0 || response.destroyed) return;
    await changeOf(ticket, response, leftMs);
  }
}

/** Notes that what became of it is handed on, once the whole of it has left. */
export function collect(ticket: Ticket, response: Reader): void {
  response.once('close', () => {
    if (response.writableFinished === true) ticket.collected();
  });
}

/** The next change of the ticket, or that its caller has gone or has waited long enough. */
function changeOf(ticket: Ticket, response: Reply, waitMs: number): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      response.off('close', end);
      stop();
      resolve();
    };
    const timer = setTimeout(end, waitMs);
    const stop = ticket.onChange(end);
    response.once('close', end);
  });
}
