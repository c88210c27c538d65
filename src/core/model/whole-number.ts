/** A whole number as people write one, in digits alone (`50`; no `0x32`, `5e1`, `+50`), up to 2^53 - 1; undefined for other text. */
export function wholeNumber(text: string): number | undefined {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : undefined;
  return Number.isSafeInteger(number) ? number : undefined;
}
