/**
 * Owns: the tables of the sandbox's database.
 * Does not own: what is in the entities' JSON.
 * Invariants: rows are numbered `mailbox * SPAN + ordinal`; times are milliseconds since 1970; `seq` grows by one per change of a
 * mailbox; what a listing sorts or filters by often is a column, everything else stays JSON. Large columns come last, so that
 * SQLite reads their overflow pages only when they are asked for.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS mailbox (
  mailbox INTEGER PRIMARY KEY, guid TEXT NOT NULL UNIQUE, upn TEXT NOT NULL UNIQUE COLLATE NOCASE, kind TEXT NOT NULL,
  time_zone TEXT NOT NULL, settings TEXT NOT NULL, entity TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS member (grp INTEGER NOT NULL, mailbox INTEGER NOT NULL, PRIMARY KEY (grp, mailbox)) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS message (
  n INTEGER PRIMARY KEY, mailbox INTEGER NOT NULL, folder INTEGER NOT NULL, received INTEGER NOT NULL, sent INTEGER NOT NULL,
  created INTEGER NOT NULL, modified INTEGER NOT NULL, is_read INTEGER NOT NULL, is_draft INTEGER NOT NULL,
  has_attachments INTEGER NOT NULL, importance TEXT NOT NULL, flag TEXT NOT NULL, inference TEXT NOT NULL, conversation INTEGER NOT NULL,
  message_id TEXT, from_folded TEXT, subject_folded TEXT, moves INTEGER NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL,
  odata_type TEXT, size INTEGER NOT NULL, entity TEXT NOT NULL, extended TEXT, headers TEXT, body TEXT, mime BLOB);
CREATE INDEX IF NOT EXISTS message_folder ON message (folder, received, n);
CREATE INDEX IF NOT EXISTS message_mailbox ON message (mailbox, received, n);
CREATE INDEX IF NOT EXISTS message_change ON message (folder, seq);
CREATE INDEX IF NOT EXISTS message_conversation ON message (conversation);
CREATE INDEX IF NOT EXISTS message_unread ON message (folder, is_read, received, n);

CREATE TABLE IF NOT EXISTS item (
  n INTEGER PRIMARY KEY, kind TEXT NOT NULL, mailbox INTEGER NOT NULL, parent INTEGER NOT NULL, created INTEGER NOT NULL,
  modified INTEGER NOT NULL, moves INTEGER NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL, name TEXT, well_known TEXT,
  starts INTEGER, ends INTEGER, entity TEXT NOT NULL, extended TEXT, extra TEXT, content BLOB);
CREATE INDEX IF NOT EXISTS item_parent ON item (mailbox, kind, parent);
CREATE INDEX IF NOT EXISTS item_change ON item (mailbox, kind, seq);
CREATE INDEX IF NOT EXISTS item_uid ON item (json_extract(entity, '$.iCalUId')) WHERE kind = 'event';
CREATE INDEX IF NOT EXISTS item_transaction ON item (json_extract(entity, '$.transactionId')) WHERE kind = 'event';

CREATE TABLE IF NOT EXISTS attachment (
  n INTEGER PRIMARY KEY, owner INTEGER NOT NULL, kind TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL, entity TEXT NOT NULL, content BLOB);
CREATE INDEX IF NOT EXISTS attachment_owner ON attachment (owner);

CREATE TABLE IF NOT EXISTS tombstone (
  mailbox INTEGER NOT NULL, kind TEXT NOT NULL, parent INTEGER NOT NULL, n INTEGER NOT NULL, moves INTEGER NOT NULL, seq INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS tombstone_parent ON tombstone (mailbox, kind, parent, seq);

CREATE TABLE IF NOT EXISTS reference (mailbox INTEGER NOT NULL, reference TEXT NOT NULL, conversation INTEGER NOT NULL, PRIMARY KEY (mailbox, reference)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reference_conversation ON reference (conversation);
`;
