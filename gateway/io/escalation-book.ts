import type { EscalationEvent } from '../../src/core/model/index.ts';
import type { WrittenLine } from '../core/index.ts';

/** What the journal says of questions to people: those without an end, and requests that asked and have no decision. */
export interface EscalationBook {
  /** Sees every journal line once, in order. */
  observe(line: WrittenLine): void;
  /** Questions without an end. */
  open(): readonly EscalationEvent[];
  /** The first question of each request that has no decision yet. */
  undecided(): readonly EscalationEvent[];
  /** Whose question it was, if it is known at all. */
  tokenOf(id: string): string | null | undefined;
  /** The sequence of the oldest line that is needed to know this after a restart, or null. */
  oldestOpen(): number | null;
}

/** Ids that are remembered after their end, so that whoever asks hears that they are over. */
const MOST_KNOWN = 10_000;

interface Asked {
  readonly sequence: number;
  readonly event: EscalationEvent;
}

export function createEscalationBook(): EscalationBook {
  const open = new Map<string, Asked>();
  const undecided = new Map<string, Asked>();
  const known = new Map<string, string | null>();
  return {
    observe({ sequence, event }) {
      switch (event.type) {
        case 'escalation': {
          const asked = { sequence, event };
          open.set(event.id, asked);
          if (!undecided.has(event.requestId)) undecided.set(event.requestId, asked);
          known.set(event.id, event.token);
          const [oldest] = known.size > MOST_KNOWN ? known.keys() : [];
          if (oldest !== undefined) known.delete(oldest);
          return;
        }
        case 'escalation-end':
          open.delete(event.id);
          return;
        case 'decision':
          undecided.delete(event.requestId);
          return;
        case 'intent':
          return;
      }
    },
    open: () => [...open.values()].map(({ event }) => event),
    undecided: () => [...undecided.values()].map(({ event }) => event),
    tokenOf: (id) => known.get(id),
    oldestOpen() {
      if (open.size === 0 && undecided.size === 0) return null;
      return Math.min(...[...open.values(), ...undecided.values()].map(({ sequence }) => sequence));
    },
  };
}
