import type { Migration } from '../migrate.ts';

/**
 * What time decided stands in the log as it was decided: a queue that approves what nobody answered said `expired` there too,
 * and who reads the log when the escalation has left the queue could not tell that from a refusal.
 */
export const answers: Migration = {
  number: 10,
  name: 'answers',
  sql: `
DROP TRIGGER escalation_log_keeps;
UPDATE escalation_log SET outcome = 'approved' WHERE what = 'resolved' AND outcome = 'expired' AND EXISTS (
  SELECT 1 FROM escalations AS e WHERE e.org = escalation_log.org AND e.id = escalation_log.id AND e.outcome = 'approved');
CREATE TRIGGER escalation_log_keeps BEFORE UPDATE ON escalation_log
  BEGIN SELECT RAISE(ABORT, 'the log of escalations is append-only'); END;
`,
};
