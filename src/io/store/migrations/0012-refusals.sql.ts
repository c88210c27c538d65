import type { Migration } from '../migrate.ts';

/**
 * What was refused of each gateway last, and how far its journal went that was never taken: evidence that somebody with the
 * gateway's key has, and the store has not. One row for a gateway, however often it is refused.
 */
export const refusals: Migration = {
  number: 12,
  name: 'refusals',
  sql: `
CREATE TABLE refusals (
  org TEXT NOT NULL,
  gateway TEXT NOT NULL,
  enrolment INTEGER NOT NULL,
  code TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  line_sequence INTEGER,
  line_hash TEXT,
  PRIMARY KEY (org, gateway)
) STRICT, WITHOUT ROWID;
`,
};
