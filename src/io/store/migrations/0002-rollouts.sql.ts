import type { Migration } from '../migrate.ts';

/**
 * Who gets which content: rollouts, overrides, what Git wanted of each gateway and the content of that; and what gateways
 * decided under it. Documents are JSON, contents are deflated.
 */
export const rollouts: Migration = {
  number: 2,
  name: 'rollouts',
  sql: `
CREATE TABLE rollouts (
  org TEXT NOT NULL,
  uid TEXT NOT NULL,
  generation INTEGER NOT NULL,
  is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
  document TEXT NOT NULL,
  PRIMARY KEY (org, uid, generation)
) STRICT;
CREATE INDEX rollouts_open ON rollouts (org, uid) WHERE is_open = 1;

CREATE TABLE overrides (
  org TEXT NOT NULL,
  uid TEXT NOT NULL,
  id TEXT NOT NULL,
  generation INTEGER NOT NULL,
  is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
  document TEXT NOT NULL,
  PRIMARY KEY (org, uid, id)
) STRICT;
CREATE INDEX overrides_active ON overrides (org, uid) WHERE is_active = 1;

CREATE TABLE releases (
  org TEXT NOT NULL,
  uid TEXT NOT NULL,
  gateway TEXT NOT NULL,
  generation INTEGER NOT NULL,
  content_digest TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (org, uid, gateway, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE contents (
  org TEXT NOT NULL,
  uid TEXT NOT NULL,
  gateway TEXT NOT NULL,
  content_digest TEXT NOT NULL,
  files BLOB NOT NULL,
  PRIMARY KEY (org, uid, gateway, content_digest)
) STRICT;

-- Derived: counts of the events, kept beside them in the same transaction.
CREATE TABLE traffic (
  org TEXT NOT NULL,
  gateway TEXT NOT NULL,
  content_digest TEXT NOT NULL,
  requests INTEGER NOT NULL,
  blocked INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  PRIMARY KEY (org, gateway, content_digest)
) STRICT, WITHOUT ROWID;
`,
};
