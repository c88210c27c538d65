/** The one seed of `npm test`; any number would do. */
export const FIXED_SEED = 20_260_101;

/** The seed that a run asks for by TENANTRY_PROPERTY_SEED, or the fixed one. Throws on what is no whole number. */
export const seedOf = (asked: string | undefined): number => {
  if (asked === undefined) return FIXED_SEED;
  const seed = Number(asked);
  if (asked.trim() === '' || !Number.isSafeInteger(seed)) {
    throw new Error(`Expected a whole number in TENANTRY_PROPERTY_SEED, found "${asked}".`);
  }
  return seed;
};
