import type { Migration } from '../migrate.ts';

/**
 * Desired state, history and publications of each org; run-time rows; the fleet's leases. Org leads every key.
 * Environments of kinds that have none are stored as ''. Times are Unix milliseconds, money is micro-units.
 */
export const initial: Migration = {
  number: 1,
  name: 'initial',
  sql: `
CREATE TABLE heads (
  org TEXT NOT NULL PRIMARY KEY,
  uid TEXT NOT NULL,
  generation INTEGER NOT NULL CHECK (generation >= 0),
  content_digest TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  applied_at_ms INTEGER NOT NULL,
  template TEXT NOT NULL,
  input_digest TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Outlives the head: a uid never goes back to a generation it has had.
CREATE TABLE generations (
  org TEXT NOT NULL,
  uid TEXT NOT NULL,
  highest INTEGER NOT NULL,
  PRIMARY KEY (org, uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE objects (
  org TEXT NOT NULL REFERENCES heads (org) DEFERRABLE INITIALLY DEFERRED,
  kind TEXT NOT NULL,
  environment TEXT NOT NULL,
  name TEXT NOT NULL,
  path TEXT NOT NULL,
  document TEXT NOT NULL,
  digest TEXT NOT NULL,
  generation INTEGER NOT NULL,
  PRIMARY KEY (org, kind, environment, name)
) STRICT;

CREATE TABLE history (
  org TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  generation INTEGER NOT NULL,
  commit_id TEXT,
  approval TEXT,
  change_digest TEXT,
  plan_digest TEXT,
  detail TEXT NOT NULL,
  PRIMARY KEY (org, sequence)
) STRICT;
CREATE TRIGGER history_keeps BEFORE UPDATE ON history BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER history_stays BEFORE DELETE ON history BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;

CREATE TABLE policy_versions (
  org TEXT NOT NULL,
  environment TEXT NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  position INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  commit_id TEXT NOT NULL,
  author TEXT NOT NULL,
  change_detail TEXT NOT NULL,
  digest TEXT NOT NULL,
  pack_version TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (org, environment, name, version),
  UNIQUE (org, position)
) STRICT;

CREATE TABLE publications (
  org TEXT NOT NULL,
  uid TEXT NOT NULL,
  generation INTEGER NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (org, uid)
) STRICT;

-- Apart from the publication because the control plane renews it between two publishes.
CREATE TABLE timestamps (
  org TEXT NOT NULL,
  uid TEXT NOT NULL,
  version INTEGER NOT NULL,
  signed_at_ms INTEGER NOT NULL,
  PRIMARY KEY (org, uid)
) STRICT, WITHOUT ROWID;

-- Of the fleet, not of an org: who may run as controller.
CREATE TABLE leases (
  name TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  fence INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolment_codes (
  org TEXT NOT NULL,
  code_hash TEXT NOT NULL,
  gateway TEXT NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  used_by TEXT,
  PRIMARY KEY (org, code_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE gateways (
  org TEXT NOT NULL,
  gateway TEXT NOT NULL,
  enrolment INTEGER NOT NULL,
  public_key TEXT NOT NULL,
  enrolled_at_ms INTEGER NOT NULL,
  revoked_at_ms INTEGER,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (org, gateway, enrolment)
) STRICT, WITHOUT ROWID;

CREATE TABLE answers (
  org TEXT NOT NULL,
  gateway TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  body_digest TEXT NOT NULL,
  answer TEXT NOT NULL,
  PRIMARY KEY (org, gateway, sequence)
) STRICT;

CREATE TABLE acks (
  org TEXT NOT NULL,
  gateway TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  content_digest TEXT,
  state TEXT NOT NULL,
  code TEXT,
  at_ms INTEGER NOT NULL,
  received_at_ms INTEGER NOT NULL,
  PRIMARY KEY (org, gateway)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  org TEXT NOT NULL,
  gateway TEXT NOT NULL,
  chain INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  position INTEGER NOT NULL,
  hash TEXT NOT NULL,
  line TEXT NOT NULL,
  PRIMARY KEY (org, gateway, chain, sequence),
  UNIQUE (org, position)
) STRICT;
CREATE TRIGGER events_keep BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events do not change'); END;

CREATE TABLE escalations (
  org TEXT NOT NULL,
  id TEXT NOT NULL,
  gateway TEXT NOT NULL,
  queue TEXT NOT NULL,
  request_id TEXT NOT NULL,
  reason_code TEXT NOT NULL,
  state TEXT NOT NULL,
  outcome TEXT,
  created_at_ms INTEGER NOT NULL,
  due_at_ms INTEGER NOT NULL,
  PRIMARY KEY (org, id)
) STRICT;
CREATE INDEX escalations_by_time ON escalations (org, created_at_ms, id);

CREATE TABLE ledger (
  org TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  wallet TEXT NOT NULL,
  period TEXT NOT NULL,
  currency TEXT NOT NULL,
  from_account TEXT NOT NULL CHECK (from_account IN ('available', 'leased', 'spent')),
  to_account TEXT NOT NULL CHECK (to_account IN ('available', 'leased', 'spent') AND to_account <> from_account),
  amount_micros INTEGER NOT NULL CHECK (amount_micros > 0),
  reason TEXT NOT NULL,
  gateway TEXT NOT NULL,
  slice_id TEXT NOT NULL,
  reference TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (org, sequence)
) STRICT;
CREATE TRIGGER ledger_keeps BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_stays BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- Derived: the sums of the ledger, kept beside it in the same transaction.
CREATE TABLE balances (
  org TEXT NOT NULL,
  wallet TEXT NOT NULL,
  period TEXT NOT NULL,
  currency TEXT NOT NULL,
  leased_micros INTEGER NOT NULL CHECK (leased_micros >= 0),
  spent_micros INTEGER NOT NULL CHECK (spent_micros >= 0),
  PRIMARY KEY (org, wallet, period, currency)
) STRICT, WITHOUT ROWID;

CREATE TABLE slices (
  org TEXT NOT NULL,
  id TEXT NOT NULL,
  gateway TEXT NOT NULL,
  wallet TEXT NOT NULL,
  period TEXT NOT NULL,
  currency TEXT NOT NULL,
  remaining_micros INTEGER NOT NULL CHECK (remaining_micros >= 0),
  presumed_micros INTEGER NOT NULL CHECK (presumed_micros >= 0),
  expires_at_ms INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'expired', 'closed')),
  PRIMARY KEY (org, id)
) STRICT;
CREATE INDEX slices_open ON slices (org, expires_at_ms) WHERE state = 'open';

CREATE TABLE settlements (
  org TEXT NOT NULL,
  id TEXT NOT NULL,
  slice_id TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (org, id)
) STRICT;
`,
};
