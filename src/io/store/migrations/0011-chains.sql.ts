import type { Migration } from '../migrate.ts';

/**
 * Where each journal of each gateway ends, kept beside its lines: a journal whose rows are all gone, or whose end is, would
 * leave no trace otherwise.
 */
export const chains: Migration = {
  number: 11,
  name: 'chains',
  sql: `
CREATE TABLE chains (
  org TEXT NOT NULL,
  gateway TEXT NOT NULL,
  chain INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (org, gateway, chain)
) STRICT, WITHOUT ROWID;
INSERT INTO chains SELECT org, gateway, chain, max(sequence), hash FROM events GROUP BY org, gateway, chain;
CREATE TRIGGER chains_grow BEFORE UPDATE ON chains WHEN NEW.sequence <= OLD.sequence
  BEGIN SELECT RAISE(ABORT, 'chains do not change but by growing'); END;
CREATE TRIGGER chains_stay BEFORE DELETE ON chains BEGIN SELECT RAISE(ABORT, 'chains do not change but by growing'); END;
`,
};
