import type { Migration } from '../migrate.ts';

/** When the control plane heard of an escalation. Of what is there nothing else is known than when it was made. */
export const received: Migration = {
  number: 9,
  name: 'received',
  sql: `
ALTER TABLE escalations ADD COLUMN received_at_ms INTEGER NOT NULL DEFAULT 0;
UPDATE escalations SET received_at_ms = created_at_ms;
`,
};
