import type { Migration } from '../migrate.ts';

/**
 * What each identity of a gateway said last, also of one that was replaced: its process may go on. Of what is there the newest
 * identity that had been enrolled by then said it.
 */
export const enrolments: Migration = {
  number: 8,
  name: 'enrolments',
  sql: `
CREATE TABLE acks_new (
  org TEXT NOT NULL,
  gateway TEXT NOT NULL,
  enrolment INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  content_digest TEXT,
  state TEXT NOT NULL,
  code TEXT,
  at_ms INTEGER NOT NULL,
  received_at_ms INTEGER NOT NULL,
  heard_at_ms INTEGER NOT NULL,
  PRIMARY KEY (org, gateway, enrolment)
) STRICT, WITHOUT ROWID;
INSERT INTO acks_new (org, gateway, enrolment, sequence, generation, content_digest, state, code, at_ms, received_at_ms,
  heard_at_ms)
  SELECT org, gateway, coalesce((SELECT max(enrolment) FROM gateways AS g WHERE g.org = acks.org AND g.gateway = acks.gateway
    AND g.enrolled_at_ms <= acks.heard_at_ms), 1), sequence, generation, content_digest, state, code, at_ms,
    received_at_ms, heard_at_ms FROM acks;
DROP TABLE acks;
ALTER TABLE acks_new RENAME TO acks;
`,
};
