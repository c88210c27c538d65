import type { Migration } from '../migrate.ts';

/**
 * Escalations that people decide: who asked, who has it, how it ended and why; every transition in an append-only log; and
 * the messages about them, written with the transition that they tell of.
 */
export const reviews: Migration = {
  number: 6,
  name: 'reviews',
  sql: `
ALTER TABLE escalations ADD COLUMN phase TEXT NOT NULL DEFAULT 'input';
ALTER TABLE escalations ADD COLUMN policy TEXT NOT NULL DEFAULT '';
ALTER TABLE escalations ADD COLUMN token TEXT;
ALTER TABLE escalations ADD COLUMN team TEXT;
ALTER TABLE escalations ADD COLUMN model TEXT;
ALTER TABLE escalations ADD COLUMN on_timeout TEXT NOT NULL DEFAULT 'deny';
ALTER TABLE escalations ADD COLUMN channels TEXT NOT NULL DEFAULT '[]';
ALTER TABLE escalations ADD COLUMN reason TEXT;
ALTER TABLE escalations ADD COLUMN claimed_by TEXT;
ALTER TABLE escalations ADD COLUMN claimed_at_ms INTEGER;
ALTER TABLE escalations ADD COLUMN resolved_at_ms INTEGER;
ALTER TABLE escalations ADD COLUMN note TEXT;
ALTER TABLE escalations ADD COLUMN ended TEXT;
UPDATE escalations SET outcome = 'denied', reason = 'timeout' WHERE outcome = 'expired';
CREATE INDEX escalations_by_state ON escalations (org, state, created_at_ms, id);
CREATE INDEX escalations_open ON escalations (org, due_at_ms) WHERE state <> 'resolved';
CREATE TRIGGER escalations_final BEFORE UPDATE OF state, outcome, reason, claimed_by, resolved_at_ms, note ON escalations
  WHEN OLD.state = 'resolved' BEGIN SELECT RAISE(ABORT, 'a resolved escalation is final'); END;

CREATE TABLE escalation_log (
  org TEXT NOT NULL,
  id TEXT NOT NULL,
  number INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  what TEXT NOT NULL CHECK (what IN ('queued', 'claimed', 'unclaimed', 'resolved', 'ended')),
  outcome TEXT,
  note TEXT,
  key TEXT,
  PRIMARY KEY (org, id, number)
) STRICT;
CREATE UNIQUE INDEX escalation_log_keys ON escalation_log (org, key) WHERE key IS NOT NULL;
CREATE TRIGGER escalation_log_keeps BEFORE UPDATE ON escalation_log
  BEGIN SELECT RAISE(ABORT, 'the log of escalations is append-only'); END;
CREATE TRIGGER escalation_log_stays BEFORE DELETE ON escalation_log
  BEGIN SELECT RAISE(ABORT, 'the log of escalations is append-only'); END;

CREATE TABLE notifications (
  org TEXT NOT NULL,
  position INTEGER NOT NULL,
  escalation TEXT NOT NULL,
  event TEXT NOT NULL,
  channel TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
  attempts INTEGER NOT NULL,
  next_at_ms INTEGER NOT NULL,
  error TEXT,
  PRIMARY KEY (org, position)
) STRICT;
CREATE INDEX notifications_due ON notifications (next_at_ms, org, position) WHERE state = 'waiting';
CREATE INDEX notifications_by_escalation ON notifications (org, escalation, position);
`,
};
