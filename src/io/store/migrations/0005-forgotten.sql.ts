import type { Migration } from '../migrate.ts';

/** Slices that ran out and were not given back, found without looking at all that ever were. */
export const forgotten: Migration = {
  number: 5,
  name: 'forgotten',
  sql: `
CREATE INDEX slices_expired ON slices (org, gateway) WHERE state = 'expired';
`,
};
