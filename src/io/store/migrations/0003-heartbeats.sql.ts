import type { Migration } from '../migrate.ts';

/** When each gateway was heard last, beside when it said something new. */
export const heartbeats: Migration = {
  number: 3,
  name: 'heartbeats',
  sql: `
ALTER TABLE acks ADD COLUMN heard_at_ms INTEGER NOT NULL DEFAULT 0;
UPDATE acks SET heard_at_ms = received_at_ms;
`,
};
