import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BundleToken } from '../../src/core/model/index.ts';
import { preferenceOf, refusalBody, refusalHeaders, refuse } from '../core/index.ts';
import { collect, sendWaiting, TICKETS, waitFor } from './held.ts';
import { Refused } from './refused.ts';
import type { Reviews } from './reviews.ts';

/** GET /v1/escalations/<ticket>: what became of a request that a person decides about, for the token that made it. */
export async function answerTicket(
  reviews: Reviews | null,
  token: BundleToken | null,
  {
    path,
    request,
    response,
  }: { readonly path: string; readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const ticket = token === null ? undefined : reviews?.find(path.slice(TICKETS.length), token.name);
  if (ticket === undefined) throw new Refused(refuse('not_found'));
  if (ticket === 'gone') throw new Refused(refuse('escalation_gone'));
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
