import type { Migration } from '../migrate.ts';

/** Of an escalation about a call of a tool: which tool of which server, and the digest of its arguments, as JSON. */
export const tools: Migration = {
  number: 7,
  name: 'tools',
  sql: 'ALTER TABLE escalations ADD COLUMN tool TEXT;',
};
