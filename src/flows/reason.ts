const LEAST_CHARACTERS = 3;
const MOST_CHARACTERS = 1000;

/** True for a reason that an operator may give: a text of 3 to 1000 characters, which stands in a history for good. */
export function isReason(given: unknown): given is string {
  return typeof given === 'string' && given.length >= LEAST_CHARACTERS && given.length <= MOST_CHARACTERS;
}
