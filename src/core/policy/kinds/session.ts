import { fingerprint } from '../run/memory.ts';
import type { RequestFacts } from '../types.ts';

/** The header by which a caller names a conversation. */
export const SESSION_HEADER = 'x-conversation-id';
const LONGEST_NAME = 128;
const DAY_SECONDS = 86_400;

/** What counts of one conversation are kept under. */
export interface Session {
  readonly key: string;
  /** How long a count lasts: a day without a conversation's name, else as long as it is remembered. */
  readonly windowSeconds: number | null;
}

/**
 * The session of a request: the conversation that the header names, of this token and no other; without the header the token's
 * day (UTC). The header is what the caller says: another name is a new session.
 */
export function sessionOf({ token, headers }: RequestFacts): Session {
  const name = (headers.get(SESSION_HEADER) ?? '').trim();
  const short = name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME)} ${fingerprint(name)}`;
  return { key: `${callerOf(token)} ${JSON.stringify(short)}`, windowSeconds: name === '' ? DAY_SECONDS : null };
}

/** Whom counts are kept of that no other name of a conversation resets: the token, or everybody where there are none. */
export const callerOf = (token: string | null): string => JSON.stringify(token);

export const SESSION_NOTE =
  'A session is the conversation that `X-Conversation-ID` names, of one token (names of more than 128 characters count by their beginning and a fingerprint); without the header it is the token and its day (UTC), in a stand-alone gateway everybody. **The header is what the caller says: whoever changes it begins a new session.** Counts are in the memory of one gateway: a restart forgets them, two gateways count apart, and of more than 50,000 counts of one kind those that were not asked for longest are forgotten.';
