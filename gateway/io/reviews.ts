import type { EscalationEnd, EscalationEndEvent, EscalationEvent } from '../../src/core/model/index.ts';
import { type Family, isWithinShare, type Refusal, refuse, type Use } from '../core/index.ts';
import type { EscalationBook } from './escalation-book.ts';
import type { Outcome, Outcomes, Watched } from './outcomes.ts';
import { Refused } from './refused.ts';
import type { KeptReply } from './reply.ts';

// Requests and answers that wait for a person, and what is kept for callers that come back. All of it is in memory alone:
// content never touches the disk, and a restart loses it.

/** A question that is durable and on its way to the org's reviewers. */
export interface Review {
  readonly id: string;
  readonly reasonCode: string;
  readonly outcome: Promise<Outcome>;
  /** Writes durably how it ended; nothing may go on before. Throws Refused journal_unavailable. */
  end(outcome: Outcome): Promise<void>;
  /** It was approved, and what is in force by then does not let it go on. */
  end(outcome: 'overtaken', reasonCode: string): Promise<void>;
}

/** What is asked: facts, never content. `bytes` is the size of what waits. */
export interface Question extends Omit<EscalationEvent, 'type' | 'at'> {
  readonly bytes: number;
}

export type TicketState =
  | { readonly kind: 'waiting' }
  /** Approved, and being answered by a provider. */
  | { readonly kind: 'approved' }
  | { readonly kind: 'answered'; readonly reply: KeptReply }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What a caller that did not wait comes back with. */
export interface Ticket {
  readonly id: string;
  /** Why a person is asked. */
  readonly reasonCode: string;
  /** Whose SDKs read a refusal of it. */
  readonly family: Family;
  /** What was wanted: who may not ask for that any more does not get it here either. */
  readonly use: Use;
  readonly state: TicketState;
  /** Tells of every change of its state, until the answer is called: nothing is kept of who listened. */
  onChange(listener: () => void): () => void;
  become(state: TicketState): void;
  /** It was handed on: from then on the same call of a tool is another one. */
  collected(): void;
}

export interface TicketAbout extends Pick<Ticket, 'family' | 'use'> {
  /** By which the same call of a tool is known; null: it is none. */
  readonly call: string | null;
}

export interface Reviews {
  /** The longest that a caller is kept waiting before it gets a ticket. */
  readonly patienceMs: number;
  /** How often who asked for progress hears that it still waits. */
  readonly progressMs: number;
  /** Writes the question durably and has it shipped at once. Throws Refused review_unavailable or journal_unavailable. */
  ask(question: Question): Promise<Review>;
  /** Keeps what becomes of a review for its caller. */
  ticketFor(review: Review, about: TicketAbout): Ticket;
  /** The ticket of the same call, until it is collected. `callOf` is asked only where there are such tickets. */
  again(callOf: () => string | null): Ticket | undefined;
  /** The ticket of this caller; `gone`: it was one of its own and nothing is kept of it any more. */
  find(id: string, token: string | null): Ticket | 'gone' | undefined;
  /** Lets go of everything that waits: each of it ends as lost. */
  stop(): Promise<void>;
  /** Questions that wait, and bytes of what is kept. */
  gauges(): { readonly waiting: number; readonly bytes: number };
}

export interface ReviewsOptions {
  readonly note: (event: EscalationEvent | EscalationEndEvent) => Promise<void>;
  /** Delivers what is durable now; resolves when that was tried. */
  readonly ship: () => Promise<unknown>;
  readonly outcomes: Outcomes;
  readonly book: Pick<EscalationBook, 'tokenOf'>;
  readonly nowMs: () => number;
  readonly patienceMs?: number;
  readonly progressMs?: number;
  readonly most?: { readonly count: number; readonly bytes: number };
}

const PATIENCE_MS = 60_000;
const PROGRESS_MS = 5000;
/** How many questions and answers one gateway keeps, and bytes of them together. */
const MOST = { count: 256, bytes: 64 << 20 };
/** How long an answer is kept for a caller that comes back. */
const KEPT_MS = 15 * 60_000;
/** Where no policy says how long a question may stand. */
const LONGEST_MS = 7 * 86_400_000;
/** The control plane says when the time is up; only where it does not is that said here, this much later. */
const GRACE_MS = 60_000;

interface Entry {
  readonly token: string | null;
  bytes: number;
  watched: Watched | null;
  ticket: Ticket | null;
  call: string | null;
  /** Kept until then; null while it is under way. */
  untilMs: number | null;
}

interface Desk extends ReviewsOptions {
  readonly entries: Map<string, Entry>;
  readonly most: { readonly count: number; readonly bytes: number };
}

export function createReviews(options: ReviewsOptions): Reviews {
  const desk: Desk = { ...options, entries: new Map(), most: options.most ?? MOST };
  const { entries, nowMs, book } = desk;
  return {
    patienceMs: options.patienceMs ?? PATIENCE_MS,
    progressMs: options.progressMs ?? PROGRESS_MS,
    ask: (question) => ask(desk, question),
    ticketFor(review, { family, use, call }) {
      const entry = entries.get(review.id);
      const collected = (): void => {
        if (entry !== undefined) entry.call = null;
      };
      const become = (state: TicketState): TicketState => onTicket(desk, review.id, state);
      const ticket = createTicket(review, { family, use }, { become, collected });
      if (entry !== undefined) Object.assign(entry, { ticket, call });
      return ticket;
    },
    again(callOf) {
      forgetOld(entries, nowMs());
      const calls = [...entries.values()].filter(({ call }) => call !== null);
      if (calls.length === 0) return undefined;
      const call = callOf();
      return calls.find((entry) => entry.call === call)?.ticket ?? undefined;
    },
    find(id, token) {
      forgetOld(entries, nowMs());
      const entry = entries.get(id);
      if (entry !== undefined) return entry.token === token && entry.ticket !== null ? entry.ticket : undefined;
      return book.tokenOf(id) === token ? 'gone' : undefined;
    },
    async stop() {
      for (const { watched } of entries.values()) watched?.drop();
      // What hears of it is counted as being answered from then on.
      await new Promise((resolve) => setImmediate(resolve));
    },
    gauges: () => ({
      waiting: [...entries.values()].filter(({ untilMs }) => untilMs === null).length,
      bytes: bytesOf(entries),
    }),
  };
}

async function ask(desk: Desk, { bytes, ...question }: Question): Promise<Review> {
  const { entries, nowMs } = desk;
  const { id, requestId, token, timeoutMs } = question;
  if (!isFair(desk, token, bytes) || !makeRoom(desk, { count: 1, bytes }))
    throw new Refused(refuse('review_unavailable'));
  const entry: Entry = { token, bytes, watched: null, ticket: null, call: null, untilMs: null };
  entries.set(id, entry);
  const at = nowMs();
  try {
    await desk.note({ type: 'escalation', at, ...question });
  } catch {
    entries.delete(id);
    throw new Refused(refuse('journal_unavailable'));
  }
  const untilMs = at + (timeoutMs ?? LONGEST_MS) + GRACE_MS;
  const watched = desk.outcomes.watch(id, untilMs, desk.ship());
  entry.watched = watched;
  return {
    id,
    reasonCode: question.reasonCode,
    outcome: watched.outcome,
    async end(outcome: EscalationEnd, reasonCode?: string) {
      watched.drop();
      if (entry.ticket === null) entries.delete(id);
      try {
        const why = reasonCode === undefined ? {} : { reasonCode };
        await desk.note({ type: 'escalation-end', id, at: nowMs(), requestId, outcome, ...why });
      } catch {
        throw new Refused(refuse('journal_unavailable'));
      }
    },
  };
}

/** One token alone does not fill what is kept for all; what is finished makes room and counts for nobody. */
function isFair({ entries, most }: Desk, token: string | null, bytes: number): boolean {
  const waiting = [...entries.values()].filter(({ untilMs }) => untilMs === null);
  const places = waiting.map((entry) => ({ token: entry.token, size: 1 }));
  const sizes = waiting.map((entry) => ({ token: entry.token, size: entry.bytes }));
  return (
    isWithinShare(places, { token, size: 1 }, most.count) && isWithinShare(sizes, { token, size: bytes }, most.bytes)
  );
}

/** What is finished and was not asked for since makes room for what begins, the oldest first. */
function makeRoom({ entries, most, nowMs }: Desk, more: { readonly count: number; readonly bytes: number }): boolean {
  forgetOld(entries, nowMs());
  const fits = (): boolean => entries.size + more.count <= most.count && bytesOf(entries) + more.bytes <= most.bytes;
  for (const [id, { untilMs }] of entries) {
    if (fits()) break;
    if (untilMs !== null) entries.delete(id);
  }
  return fits();
}

function forgetOld(entries: Map<string, Entry>, nowMs: number): void {
  for (const [id, { untilMs }] of entries) if (untilMs !== null && untilMs <= nowMs) entries.delete(id);
}

function bytesOf(entries: ReadonlyMap<string, Entry>): number {
  let bytes = 0;
  for (const entry of entries.values()) bytes += entry.bytes;
  return bytes;
}

function onTicket(desk: Desk, id: string, state: TicketState): TicketState {
  const { entries, nowMs } = desk;
  const entry = entries.get(id);
  if (entry === undefined || state.kind === 'waiting' || state.kind === 'approved') return state;
  entry.bytes = 0;
  const bytes = state.kind === 'answered' ? state.reply.bytes : 0;
  const fits = bytes === 0 || makeRoom(desk, { count: 0, bytes });
  entry.bytes = fits ? bytes : 0;
  entry.untilMs = nowMs() + KEPT_MS;
  return fits ? state : { kind: 'refused', refusal: refuse('review_unavailable') };
}

interface TicketKept {
  /** The state that is kept of one that it comes to. */
  readonly become: (state: TicketState) => TicketState;
  readonly collected: () => void;
}

function createTicket({ id, reasonCode }: Review, about: Pick<Ticket, 'family' | 'use'>, kept: TicketKept): Ticket {
  let state: TicketState = { kind: 'waiting' };
  const listeners = new Set<() => void>();
  return {
    id,
    reasonCode,
    ...about,
    get state() {
      return state;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    become(next) {
      state = kept.become(next);
      for (const listener of [...listeners]) listener();
    },
    collected: kept.collected,
  };
}
