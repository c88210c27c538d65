import type { Migration } from '../migrate.ts';

/**
 * Adjustments by people: the ledger gets a fourth account, `outside`, and who booked why; it is written anew, since a check
 * of a column cannot change. Balances remember the terms of the newest lease, and thresholds that were reached stay.
 */
export const money: Migration = {
  number: 4,
  name: 'money',
  sql: `
CREATE TABLE ledger_new (
  org TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  wallet TEXT NOT NULL,
  period TEXT NOT NULL,
  currency TEXT NOT NULL,
  from_account TEXT NOT NULL CHECK (from_account IN ('outside', 'available', 'leased', 'spent')),
  to_account TEXT NOT NULL CHECK (to_account IN ('outside', 'available', 'leased', 'spent') AND to_account <> from_account),
  amount_micros INTEGER NOT NULL CHECK (amount_micros > 0),
  reason TEXT NOT NULL,
  gateway TEXT,
  slice_id TEXT,
  reference TEXT NOT NULL,
  author TEXT,
  note TEXT,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (org, sequence)
) STRICT;
INSERT INTO ledger_new SELECT org, sequence, wallet, period, currency, from_account, to_account, amount_micros, reason,
  gateway, slice_id, reference, NULL, NULL, at_ms FROM ledger;
DROP TABLE ledger;
ALTER TABLE ledger_new RENAME TO ledger;
CREATE TRIGGER ledger_keeps BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_stays BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE UNIQUE INDEX ledger_adjustments ON ledger (org, reference) WHERE author IS NOT NULL;

ALTER TABLE balances ADD COLUMN added_micros INTEGER NOT NULL DEFAULT 0 CHECK (added_micros >= 0);
ALTER TABLE balances ADD COLUMN limit_micros INTEGER;
ALTER TABLE balances ADD COLUMN thresholds TEXT;

CREATE TABLE crossings (
  org TEXT NOT NULL,
  position INTEGER NOT NULL,
  wallet TEXT NOT NULL,
  period TEXT NOT NULL,
  currency TEXT NOT NULL,
  percent INTEGER NOT NULL,
  limit_micros INTEGER NOT NULL,
  spent_micros INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (org, position),
  UNIQUE (org, wallet, period, currency, percent)
) STRICT;
CREATE TRIGGER crossings_keep BEFORE UPDATE ON crossings BEGIN SELECT RAISE(ABORT, 'crossings do not change'); END;
`,
};
