/** The longest that an answer may take which wallets pay for, from the first hold of its request on. */
export const LONGEST_ANSWER_MS = 30 * 60_000;

/**
 * How long a slice is leased: by a good margin longer than what it pays for takes (ai-gateways section 7, rule 9). In the margin
 * it can be held of; after that it only waits for what it pays for.
 */
export const LEASE_MS = LONGEST_ANSWER_MS + 45 * 60_000;
