/*
 * The tables.  A database knows how many of the steps below it has seen (a
 * state file in user_version); a step, once released, is never changed: a mend
 * is a new step.
 */
#include "store/sql_priv.h"

/*
 * Step 1.  items.id is made by item_id_make(), so a folder's rows are a range
 * of ids, and the indexes name the folder as id >> 24.
 *
 * items_by_source   finds a listed id again
 * items_listed      what to do next, newest first; holds only what waits
 * items_later       the few that wait for their next try
 * items_by_destination  whose is an id that was seen at the destination?
 *
 * folders.n_items and n_listed spare counting: the number of the last item,
 * and how many are LISTED.  Tokens are large and change often: they have a
 * table of their own, so that a folder's row stays small.
 */
static const char step_1[] =
    "CREATE TABLE schema_steps ("
    "  number INTEGER PRIMARY KEY,"
    "  applied_us INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE migration ("
    "  one INTEGER PRIMARY KEY CHECK (one = 1),"
    "  source_url TEXT NOT NULL,"
    "  destination_url TEXT NOT NULL,"
    "  created_us INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE mailboxes ("
    "  id INTEGER PRIMARY KEY,"
    "  line INTEGER NOT NULL DEFAULT 0,"
    "  source TEXT NOT NULL COLLATE NOCASE,"
    "  destination TEXT NOT NULL COLLATE NOCASE,"
    "  state INTEGER NOT NULL DEFAULT 0,"
    "  lease INTEGER NOT NULL DEFAULT 0,"
    "  reason TEXT, remedy TEXT,"
    "  source_rights TEXT, source_version TEXT,"
    "  destination_rights TEXT, destination_version TEXT,"
    "  UNIQUE (source, destination)"
    ") STRICT;"
    "CREATE TABLE folders ("
    "  id INTEGER PRIMARY KEY,"
    "  mailbox INTEGER NOT NULL REFERENCES mailboxes (id),"
    "  gone INTEGER NOT NULL DEFAULT 0,"
    "  dirty INTEGER NOT NULL DEFAULT 0,"
    "  baseline_done INTEGER NOT NULL DEFAULT 0,"
    "  n_items INTEGER NOT NULL DEFAULT 0,"
    "  n_listed INTEGER NOT NULL DEFAULT 0,"
    "  source TEXT NOT NULL, parent TEXT, path TEXT NOT NULL,"
    "  well_known TEXT, class TEXT, destination TEXT,"
    "  UNIQUE (mailbox, source)"
    ") STRICT;"
    "CREATE TABLE tokens ("
    "  folder INTEGER NOT NULL REFERENCES folders (id),"
    "  side INTEGER NOT NULL,"
    "  token TEXT NOT NULL,"
    "  PRIMARY KEY (folder, side)"
    ") STRICT;"
    "CREATE TABLE words ("
    "  id INTEGER PRIMARY KEY,"
    "  scope INTEGER NOT NULL,"
    "  text TEXT NOT NULL,"
    "  UNIQUE (scope, text)"
    ") STRICT;"
    "CREATE TABLE items ("
    "  id INTEGER PRIMARY KEY,"
    "  state INTEGER NOT NULL,"
    "  pending INTEGER NOT NULL DEFAULT 0,"
    "  tries INTEGER NOT NULL DEFAULT 0,"
    "  verify INTEGER NOT NULL DEFAULT 0,"
    "  class INTEGER NOT NULL DEFAULT 0,"
    "  pass INTEGER NOT NULL DEFAULT 0,"
    "  size INTEGER NOT NULL DEFAULT 0,"
    "  not_before INTEGER NOT NULL DEFAULT 0,"
    "  deadline INTEGER NOT NULL DEFAULT 0,"
    "  received INTEGER," /* NULL: not told */
    "  source BLOB NOT NULL,"
    "  change_key BLOB,"
    "  search_key TEXT,"
    "  destination BLOB,"
    "  digest BLOB"
    ") STRICT;"
    "CREATE UNIQUE INDEX items_by_source ON items (source, id >> 24);"
    "CREATE INDEX items_listed ON items (id >> 24, received DESC)"
    "  WHERE state = 0;"
    "CREATE INDEX items_later ON items (id >> 24, not_before)"
    "  WHERE state = 0 AND not_before > 0;"
    "CREATE INDEX items_by_destination ON items (destination)"
    "  WHERE destination IS NOT NULL;"
    "CREATE TABLE item_texts ("
    "  id INTEGER PRIMARY KEY REFERENCES items (id),"
    "  reason TEXT, remedy TEXT, error_name TEXT, subject TEXT, note TEXT"
    ") STRICT;"
    "CREATE TABLE dest ("
    "  folder INTEGER NOT NULL REFERENCES folders (id),"
    "  key BLOB NOT NULL,"
    "  kind INTEGER NOT NULL,"
    "  PRIMARY KEY (folder, key)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE passes ("
    "  id INTEGER PRIMARY KEY,"
    "  mailbox INTEGER NOT NULL REFERENCES mailboxes (id),"
    "  kind TEXT NOT NULL, outcome TEXT,"
    "  begun_us INTEGER NOT NULL, ended_us INTEGER NOT NULL DEFAULT 0,"
    "  items_copied INTEGER NOT NULL DEFAULT 0,"
    "  bytes_copied INTEGER NOT NULL DEFAULT 0,"
    "  items_failed INTEGER NOT NULL DEFAULT 0,"
    "  doubles INTEGER NOT NULL DEFAULT 0,"
    "  settled INTEGER NOT NULL DEFAULT 0,"
    "  source_requests INTEGER NOT NULL DEFAULT 0,"
    "  destination_requests INTEGER NOT NULL DEFAULT 0,"
    "  source_busy INTEGER NOT NULL DEFAULT 0,"
    "  destination_busy INTEGER NOT NULL DEFAULT 0,"
    "  source_working_us INTEGER NOT NULL DEFAULT 0,"
    "  source_throttled_us INTEGER NOT NULL DEFAULT 0,"
    "  source_waiting_us INTEGER NOT NULL DEFAULT 0,"
    "  destination_working_us INTEGER NOT NULL DEFAULT 0,"
    "  destination_throttled_us INTEGER NOT NULL DEFAULT 0,"
    "  destination_waiting_us INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE INDEX passes_by_mailbox ON passes (mailbox);";

/*
 * Step 2: what follows the source after an item was copied.
 *
 * items_pending   what has happened to copied items at the source
 * items_replaced  copies whose former one is still at the destination
 */
static const char step_2[] =
    "ALTER TABLE folders ADD COLUMN made INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE folders ADD COLUMN moved INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE items ADD COLUMN is_read INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE items ADD COLUMN format INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE items ADD COLUMN moved_from INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE items ADD COLUMN old_destination BLOB;"
    "ALTER TABLE item_texts ADD COLUMN why_format TEXT;"
    "ALTER TABLE item_texts ADD COLUMN lost TEXT;"
    "ALTER TABLE passes ADD COLUMN updated INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE passes ADD COLUMN marked INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE passes ADD COLUMN moved INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE passes ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE passes ADD COLUMN conflicts INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX items_pending ON items (id) WHERE pending <> 0;"
    "CREATE INDEX items_replaced ON items (old_destination)"
    "  WHERE old_destination IS NOT NULL;";

/*
 * Step 3: the passes beside the copying, and what was there before us.
 *
 * settings        a line for each setting that the settings pass looked at
 * exchange_names  whom items name by the old organisation's own names
 * dest_hints      by what an id of dest may be found again
 * trials          how items of a class came back, between two servers
 * edits           how edits follow between them
 */
static const char step_3[] =
    "CREATE TABLE settings ("
    "  mailbox INTEGER NOT NULL REFERENCES mailboxes (id),"
    "  part TEXT NOT NULL, key TEXT NOT NULL,"
    "  outcome INTEGER NOT NULL,"
    "  pass INTEGER NOT NULL,"
    "  place TEXT, subject TEXT, counterpart TEXT, value TEXT,"
    "  cause TEXT, remedy TEXT, memo TEXT,"
    "  PRIMARY KEY (mailbox, part, key)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE exchange_names ("
    "  id INTEGER PRIMARY KEY,"
    "  dn TEXT NOT NULL COLLATE NOCASE UNIQUE,"
    "  address TEXT"
    ") STRICT;"
    "CREATE TABLE dest_hints ("
    "  folder INTEGER NOT NULL REFERENCES folders (id),"
    "  hint TEXT NOT NULL,"
    "  key BLOB NOT NULL,"
    "  PRIMARY KEY (folder, hint, key)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE trials ("
    "  source TEXT NOT NULL, destination TEXT NOT NULL,"
    "  class TEXT NOT NULL,"
    "  format INTEGER NOT NULL, outcome INTEGER NOT NULL,"
    "  pass INTEGER NOT NULL,"
    "  what TEXT, unknown TEXT,"
    "  PRIMARY KEY (source, destination, class)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE edits ("
    "  source TEXT NOT NULL, destination TEXT NOT NULL,"
    "  way INTEGER NOT NULL, why TEXT,"
    "  PRIMARY KEY (source, destination)"
    ") STRICT, WITHOUT ROWID;"
    "ALTER TABLE passes ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE passes ADD COLUMN already_there INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE passes ADD COLUMN unlike INTEGER NOT NULL DEFAULT 0;";

/*
 * Step 4: several migrations in one database.  What was there is of migration
 * 1; a state file has no other.  Addresses and names are compared without case
 * by lower(), which both databases take for ASCII alone.
 *
 * migration       the URLs are NULL until they are set
 * exchange_names  number: of the name in its migration, without gaps
 */
/*
 * Of step 4, in both databases: who does what (jobs.h).
 *
 * jobs       state: enum job_state; the indexes hold what waits and what runs
 * turns      held by who claims; n counts the claims
 */
#define JOBS_TABLES                                                            \
    "CREATE TABLE jobs ("                                                      \
    "  id INTEGER PRIMARY KEY,"                                                \
    "  migration INTEGER NOT NULL REFERENCES migration (id),"                  \
    "  mailbox INTEGER NOT NULL REFERENCES mailboxes (id),"                    \
    "  state INTEGER NOT NULL DEFAULT 0,"                                      \
    "  pausing INTEGER NOT NULL DEFAULT 0,"                                    \
    "  priority INTEGER NOT NULL DEFAULT 0,"                                   \
    "  not_before INTEGER NOT NULL DEFAULT 0,"                                 \
    "  lease INTEGER NOT NULL DEFAULT 0,"                                      \
    "  expires INTEGER NOT NULL DEFAULT 0,"                                    \
    "  claims INTEGER NOT NULL DEFAULT 0,"                                     \
    "  losses INTEGER NOT NULL DEFAULT 0,"                                     \
    "  version INTEGER NOT NULL DEFAULT 0,"                                    \
    "  host TEXT NOT NULL, kind TEXT NOT NULL, options TEXT,"                  \
    "  worker TEXT, reason TEXT, remedy TEXT"                                  \
    ") STRICT;"                                                                \
    "CREATE INDEX jobs_queued ON jobs (migration, host, priority, id)"         \
    "  WHERE state = 0;"                                                       \
    "CREATE INDEX jobs_running ON jobs (mailbox) WHERE state = 1;"             \
    "CREATE INDEX jobs_by_mailbox ON jobs (mailbox);"                          \
    "CREATE TABLE job_limits ("                                                \
    "  migration INTEGER NOT NULL REFERENCES migration (id),"                  \
    "  most INTEGER NOT NULL DEFAULT 0,"                                       \
    "  hours TEXT,"                                                            \
    "  last_turn INTEGER NOT NULL DEFAULT 0,"                                  \
    "  PRIMARY KEY (migration)"                                                \
    ") STRICT;"                                                                \
    "CREATE TABLE job_hosts ("                                                 \
    "  host TEXT NOT NULL PRIMARY KEY,"                                        \
    "  most INTEGER NOT NULL DEFAULT 0,"                                       \
    "  quiet TEXT"                                                             \
    ") STRICT;"                                                                \
    "CREATE TABLE workers ("                                                   \
    "  name TEXT NOT NULL PRIMARY KEY,"                                        \
    "  begun_us INTEGER NOT NULL, seen_us INTEGER NOT NULL,"                   \
    "  draining INTEGER NOT NULL DEFAULT 0"                                    \
    ") STRICT;"                                                                \
    "CREATE TABLE turns ("                                                     \
    "  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),"                      \
    "  n INTEGER NOT NULL DEFAULT 0"                                           \
    ") STRICT;"                                                                \
    "INSERT INTO turns (one) VALUES (1);"

static const char step_4[] =
    "ALTER TABLE migration RENAME TO old_migration;"
    "CREATE TABLE migration ("
    "  id INTEGER PRIMARY KEY,"
    "  account INTEGER,"
    "  source_url TEXT, destination_url TEXT,"
    "  created_us INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "INSERT INTO migration (id, source_url, destination_url, created_us)"
    "  SELECT 1, source_url, destination_url, created_us FROM old_migration;"
    "INSERT INTO migration (id) VALUES (1) ON CONFLICT (id) DO NOTHING;"
    "DROP TABLE old_migration;"
    "CREATE TABLE new_mailboxes ("
    "  id INTEGER PRIMARY KEY,"
    "  migration INTEGER NOT NULL REFERENCES migration (id),"
    "  line INTEGER NOT NULL DEFAULT 0,"
    "  source TEXT NOT NULL,"
    "  destination TEXT NOT NULL,"
    "  state INTEGER NOT NULL DEFAULT 0,"
    "  lease INTEGER NOT NULL DEFAULT 0,"
    "  reason TEXT, remedy TEXT,"
    "  source_rights TEXT, source_version TEXT,"
    "  destination_rights TEXT, destination_version TEXT"
    ") STRICT;"
    "INSERT INTO new_mailboxes"
    "  SELECT id, 1, line, source, destination, state, lease, reason, remedy,"
    "  source_rights, source_version, destination_rights, destination_version"
    "  FROM mailboxes;"
    "DROP TABLE mailboxes;"
    "ALTER TABLE new_mailboxes RENAME TO mailboxes;"
    "CREATE UNIQUE INDEX mailboxes_by_address"
    "  ON mailboxes (migration, lower(source), lower(destination));"
    "ALTER TABLE exchange_names RENAME TO old_names;"
    "CREATE TABLE exchange_names ("
    "  migration INTEGER NOT NULL REFERENCES migration (id),"
    "  number INTEGER NOT NULL,"
    "  dn TEXT NOT NULL,"
    "  address TEXT,"
    "  PRIMARY KEY (migration, number)"
    ") STRICT, WITHOUT ROWID;"
    "INSERT INTO exchange_names SELECT 1, id, dn, address FROM old_names;"
    "DROP TABLE old_names;"
    "CREATE UNIQUE INDEX exchange_names_by_dn"
    "  ON exchange_names (migration, lower(dn));" JOBS_TABLES;

/* The same in PostgreSQL, where no step before it was ever alone. */
static const char step_4_postgres[] =
    "DROP TABLE migration;"
    "CREATE TABLE migration ("
    "  id INTEGER PRIMARY KEY,"
    "  account INTEGER,"
    "  source_url TEXT, destination_url TEXT,"
    "  created_us INTEGER NOT NULL DEFAULT 0"
    ");"
    "ALTER TABLE mailboxes"
    "  DROP CONSTRAINT mailboxes_source_destination_key,"
    "  ADD COLUMN migration INTEGER NOT NULL REFERENCES migration (id);"
    "CREATE UNIQUE INDEX mailboxes_by_address"
    "  ON mailboxes (migration, lower(source), lower(destination));"
    "DROP TABLE exchange_names;"
    "CREATE TABLE exchange_names ("
    "  migration INTEGER NOT NULL REFERENCES migration (id),"
    "  number INTEGER NOT NULL,"
    "  dn TEXT NOT NULL,"
    "  address TEXT,"
    "  PRIMARY KEY (migration, number)"
    ");"
    "CREATE UNIQUE INDEX exchange_names_by_dn"
    "  ON exchange_names (migration, lower(dn));" JOBS_TABLES;

/*
 * Of step 5: what the service is to move, and with whose credentials.
 *
 * plans          what a person says of a migration; options: JSON
 * mailbox_plans  the same of a row of its import file
 * secrets        sealed for their owner and name; gone with their purpose
 * plan_access    how a side is reached beside its administrative account; the
 *                name is its secret's
 * worker_hosts   what each worker finds at each host
 * jobs           scope, side: those of base/err.h, of what it failed by
 * owners         who gives a side's password: owners.h
 */
#define PLANS_TABLES                                                           \
    "ALTER TABLE jobs ADD COLUMN cause TEXT;"                                  \
    "ALTER TABLE jobs ADD COLUMN scope INTEGER NOT NULL DEFAULT 0;"            \
    "ALTER TABLE jobs ADD COLUMN side INTEGER NOT NULL DEFAULT 0;"             \
    "CREATE TABLE plans ("                                                     \
    "  migration INTEGER NOT NULL PRIMARY KEY REFERENCES migration (id),"      \
    "  name TEXT NOT NULL, host TEXT NOT NULL,"                                \
    "  source TEXT NOT NULL, destination TEXT NOT NULL,"                       \
    "  source_admin TEXT, destination_admin TEXT,"                             \
    "  options TEXT NOT NULL,"                                                 \
    "  version INTEGER NOT NULL DEFAULT 0,"                                    \
    "  created_us INTEGER NOT NULL"                                            \
    ") STRICT;"                                                                \
    "CREATE TABLE mailbox_plans ("                                             \
    "  mailbox INTEGER NOT NULL PRIMARY KEY REFERENCES mailboxes (id),"        \
    "  flags INTEGER NOT NULL,"                                                \
    "  source_user TEXT, destination_user TEXT"                                \
    ") STRICT;"                                                                \
    "CREATE TABLE owners ("                                                    \
    "  id INTEGER PRIMARY KEY,"                                                \
    "  mailbox INTEGER NOT NULL REFERENCES mailboxes (id),"                    \
    "  side INTEGER NOT NULL,"                                                 \
    "  hash BLOB UNIQUE,"                                                      \
    "  asked_us INTEGER NOT NULL DEFAULT 0,"                                   \
    "  reminded_us INTEGER NOT NULL DEFAULT 0,"                                \
    "  expires_us INTEGER NOT NULL DEFAULT 0,"                                 \
    "  tries INTEGER NOT NULL DEFAULT 0,"                                      \
    "  given_us INTEGER NOT NULL DEFAULT 0,"                                   \
    "  UNIQUE (mailbox, side)"                                                 \
    ") STRICT;"                                                                \
    "CREATE TABLE secrets ("                                                   \
    "  migration INTEGER NOT NULL REFERENCES migration (id),"                  \
    "  owner TEXT NOT NULL, name TEXT NOT NULL,"                               \
    "  value BLOB NOT NULL,"                                                   \
    "  PRIMARY KEY (migration, owner, name)"                                   \
    ") STRICT;"                                                                \
    "CREATE TABLE plan_access ("                                               \
    "  migration INTEGER NOT NULL REFERENCES migration (id),"                  \
    "  name TEXT NOT NULL,"                                                    \
    "  user_name TEXT, url TEXT, scope TEXT,"                                  \
    "  PRIMARY KEY (migration, name)"                                          \
    ") STRICT;"                                                                \
    "CREATE TABLE worker_hosts ("                                              \
    "  worker TEXT NOT NULL, host TEXT NOT NULL,"                              \
    "  in_flight INTEGER NOT NULL, waiting INTEGER NOT NULL,"                  \
    "  places INTEGER NOT NULL,"                                               \
    "  requests INTEGER NOT NULL, busy INTEGER NOT NULL,"                      \
    "  throttled_us INTEGER NOT NULL, parked_until_us INTEGER NOT NULL,"       \
    "  quiet_until_us INTEGER NOT NULL,"                                       \
    "  PRIMARY KEY (worker, host)"                                             \
    ") STRICT;"                                                                \
    "ALTER TABLE workers ADD COLUMN at_once INTEGER NOT NULL DEFAULT 0;"       \
    "ALTER TABLE workers ADD COLUMN running INTEGER NOT NULL DEFAULT 0;"       \
    "ALTER TABLE workers ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;"         \
    "ALTER TABLE workers ADD COLUMN leases_lost INTEGER NOT NULL DEFAULT 0;"   \
    "ALTER TABLE workers ADD COLUMN late_writes INTEGER NOT NULL DEFAULT 0;"   \
    "ALTER TABLE workers ADD COLUMN items INTEGER NOT NULL DEFAULT 0;"         \
    "ALTER TABLE workers ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;"

/*
 * Of step 5: what is known of names, and what trials have found out, of one
 * migration each: servers that name the same version are not the same servers.
 *
 * mailboxes.legacy_dn  what the source's directory calls the mailbox itself
 * asked_us             when that directory knew nobody of the name; 0: not yet
 */
#define NAMES_TABLES                                                           \
    "ALTER TABLE mailboxes ADD COLUMN legacy_dn TEXT;"                         \
    "ALTER TABLE exchange_names"                                               \
    "  ADD COLUMN asked_us INTEGER NOT NULL DEFAULT 0;"                        \
    "CREATE TABLE new_trials ("                                                \
    "  migration INTEGER NOT NULL REFERENCES migration (id),"                  \
    "  source TEXT NOT NULL, destination TEXT NOT NULL,"                       \
    "  class TEXT NOT NULL,"                                                   \
    "  format INTEGER NOT NULL, outcome INTEGER NOT NULL,"                     \
    "  pass INTEGER NOT NULL,"                                                 \
    "  what TEXT, unknown TEXT,"                                               \
    "  PRIMARY KEY (migration, source, destination, class)"                    \
    ") STRICT, WITHOUT ROWID;"                                                 \
    "INSERT INTO new_trials"                                                   \
    "  SELECT 1, source, destination, class, format, outcome, pass, what,"     \
    "  unknown FROM trials;"                                                   \
    "DROP TABLE trials;"                                                       \
    "ALTER TABLE new_trials RENAME TO trials;"                                 \
    "CREATE TABLE new_edits ("                                                 \
    "  migration INTEGER NOT NULL REFERENCES migration (id),"                  \
    "  source TEXT NOT NULL, destination TEXT NOT NULL,"                       \
    "  way INTEGER NOT NULL, why TEXT,"                                        \
    "  PRIMARY KEY (migration, source, destination)"                           \
    ") STRICT, WITHOUT ROWID;"                                                 \
    "INSERT INTO new_edits"                                                    \
    "  SELECT 1, source, destination, way, why FROM edits;"                    \
    "DROP TABLE edits;"                                                        \
    "ALTER TABLE new_edits RENAME TO edits;"

/*
 * Of step 5: those whose migrations they are (roster_accounts.h).  A domain is
 * verified for one account alone; an address may speak for several.
 *
 * outbox  mails that go out (outbox.h): tries to send it since since_us, not
 *         before due_us; owner has claimed it until until_us
 */
#define ACCOUNTS_TABLES                                                        \
    "CREATE TABLE accounts ("                                                  \
    "  id INTEGER PRIMARY KEY,"                                                \
    "  version INTEGER NOT NULL DEFAULT 1,"                                    \
    "  partner TEXT NOT NULL, name TEXT NOT NULL, notes TEXT,"                 \
    "  created_us INTEGER NOT NULL"                                            \
    ") STRICT;"                                                                \
    "CREATE UNIQUE INDEX accounts_by_partner ON accounts (lower(partner));"    \
    "CREATE TABLE account_domains ("                                           \
    "  account INTEGER NOT NULL REFERENCES accounts (id),"                     \
    "  name TEXT NOT NULL,"                                                    \
    "  verified_us INTEGER NOT NULL DEFAULT 0,"                                \
    "  PRIMARY KEY (account, name)"                                            \
    ") STRICT, WITHOUT ROWID;"                                                 \
    "CREATE UNIQUE INDEX account_domains_verified ON account_domains (name)"   \
    "  WHERE verified_us > 0;"                                                 \
    "CREATE TABLE contacts ("                                                  \
    "  id INTEGER PRIMARY KEY,"                                                \
    "  version INTEGER NOT NULL DEFAULT 1,"                                    \
    "  account INTEGER NOT NULL REFERENCES accounts (id),"                     \
    "  address TEXT NOT NULL, name TEXT,"                                      \
    "  roles INTEGER NOT NULL,"                                                \
    "  created_us INTEGER NOT NULL,"                                           \
    "  disabled_us INTEGER NOT NULL DEFAULT 0"                                 \
    ") STRICT;"                                                                \
    "CREATE UNIQUE INDEX contacts_by_address"                                  \
    "  ON contacts (account, lower(address));"                                 \
    "CREATE INDEX contacts_of_address ON contacts (lower(address));"           \
    "CREATE TABLE links ("                                                     \
    "  hash BLOB NOT NULL PRIMARY KEY,"                                        \
    "  contact INTEGER NOT NULL REFERENCES contacts (id),"                     \
    "  created_us INTEGER NOT NULL,"                                           \
    "  expires_us INTEGER NOT NULL,"                                           \
    "  used_us INTEGER NOT NULL DEFAULT 0"                                     \
    ") STRICT, WITHOUT ROWID;"                                                 \
    "CREATE INDEX links_by_contact ON links (contact);"                        \
    "CREATE TABLE outbox ("                                                    \
    "  id INTEGER PRIMARY KEY,"                                                \
    "  ref TEXT NOT NULL UNIQUE,"                                              \
    "  recipient TEXT NOT NULL, subject TEXT NOT NULL,"                        \
    "  body BLOB NOT NULL,"                                                    \
    "  state INTEGER NOT NULL DEFAULT 0,"                                      \
    "  created_us INTEGER NOT NULL,"                                           \
    "  tries INTEGER NOT NULL DEFAULT 0,"                                      \
    "  since_us INTEGER NOT NULL,"                                             \
    "  due_us INTEGER NOT NULL DEFAULT 0,"                                     \
    "  owner TEXT,"                                                            \
    "  until_us INTEGER NOT NULL DEFAULT 0,"                                   \
    "  why TEXT"                                                               \
    ") STRICT;"                                                                \
    "CREATE INDEX outbox_open ON outbox (state, due_us) WHERE state <> 1;"

/* Of step 5: what requests with a key of their own have done (roster.h). */
#define REQUESTS_TABLES                                                        \
    "CREATE TABLE request_keys ("                                              \
    "  hash BLOB NOT NULL PRIMARY KEY,"                                        \
    "  body BLOB NOT NULL,"                                                    \
    "  made INTEGER NOT NULL,"                                                 \
    "  expires_us INTEGER NOT NULL"                                            \
    ") STRICT, WITHOUT ROWID;"                                                 \
    "CREATE INDEX request_keys_by_expiry ON request_keys (expires_us);"

/*
 * Of step 5: requests for managed migrations (requests.h).
 *
 * request_numbers  the last number that was given out
 * request_mails    what came in by mail; of request NULL: for an operator
 * request_files    and what was with it; its bytes are sealed in file_pieces
 * request_links    what opens a page once, to approve or to supply
 * contact, migration  no references: these go, what was done stays
 */
#define DESK_TABLES                                                            \
    "CREATE TABLE request_numbers ("                                           \
    "  one INTEGER PRIMARY KEY CHECK (one = 1),"                               \
    "  last_id INTEGER NOT NULL"                                               \
    ") STRICT;"                                                                \
    "INSERT INTO request_numbers (one, last_id) VALUES (1, 1000);"             \
    "CREATE TABLE requests ("                                                  \
    "  id INTEGER PRIMARY KEY,"                                                \
    "  version INTEGER NOT NULL DEFAULT 1,"                                    \
    "  state INTEGER NOT NULL,"                                                \
    "  account INTEGER NOT NULL REFERENCES accounts (id),"                     \
    "  opened_by TEXT NOT NULL,"                                               \
    "  partner TEXT, domain TEXT, owa_url TEXT,"                               \
    "  start_day TEXT, cutover_day TEXT,"                                      \
    "  admin TEXT, missing TEXT,"                                              \
    "  file INTEGER,"                                                          \
    "  migration INTEGER,"                                                     \
    "  quote TEXT,"                                                            \
    "  quote_until_us INTEGER NOT NULL DEFAULT 0,"                             \
    "  state_us INTEGER NOT NULL DEFAULT 0,"                                   \
    "  pieces_us INTEGER NOT NULL DEFAULT 0,"                                  \
    "  told_us INTEGER NOT NULL DEFAULT 0,"                                    \
    "  created_us INTEGER NOT NULL,"                                           \
    "  changed_us INTEGER NOT NULL"                                            \
    ") STRICT;"                                                                \
    "CREATE INDEX requests_by_account ON requests (account);"                  \
    "CREATE INDEX requests_by_migration ON requests (migration);"              \
    "CREATE TABLE request_mails ("                                             \
    "  id INTEGER PRIMARY KEY,"                                                \
    "  request INTEGER REFERENCES requests (id),"                              \
    "  message_id TEXT NOT NULL, sender TEXT NOT NULL,"                        \
    "  subject TEXT NOT NULL, digest TEXT NOT NULL, verdict TEXT NOT NULL,"    \
    "  place INTEGER NOT NULL, redacted INTEGER NOT NULL,"                     \
    "  received_us INTEGER NOT NULL,"                                          \
    "  raw BLOB NOT NULL"                                                      \
    ") STRICT;"                                                                \
    "CREATE UNIQUE INDEX request_mails_by_message_id"                          \
    "  ON request_mails (message_id, lower(sender));"                          \
    "CREATE INDEX request_mails_by_request ON request_mails (request);"        \
    "CREATE INDEX request_mails_by_time ON request_mails (received_us);"       \
    "CREATE TABLE request_files ("                                             \
    "  id INTEGER PRIMARY KEY,"                                                \
    "  request INTEGER REFERENCES requests (id),"                              \
    "  mail INTEGER REFERENCES request_mails (id),"                            \
    "  ref TEXT NOT NULL UNIQUE,"                                              \
    "  name TEXT NOT NULL, digest TEXT NOT NULL,"                              \
    "  bytes INTEGER NOT NULL, created_us INTEGER NOT NULL"                    \
    ") STRICT;"                                                                \
    "CREATE INDEX request_files_by_request ON request_files (request);"        \
    "CREATE TABLE file_pieces ("                                               \
    "  file INTEGER NOT NULL REFERENCES request_files (id),"                   \
    "  n INTEGER NOT NULL,"                                                    \
    "  value BLOB NOT NULL,"                                                   \
    "  PRIMARY KEY (file, n)"                                                  \
    ") STRICT;"                                                                \
    "CREATE TABLE request_secrets ("                                           \
    "  request INTEGER NOT NULL REFERENCES requests (id),"                     \
    "  owner TEXT NOT NULL, name TEXT NOT NULL,"                               \
    "  value BLOB NOT NULL,"                                                   \
    "  PRIMARY KEY (request, name)"                                            \
    ") STRICT;"                                                                \
    "CREATE TABLE request_links ("                                             \
    "  hash BLOB NOT NULL PRIMARY KEY,"                                        \
    "  request INTEGER NOT NULL REFERENCES requests (id),"                     \
    "  contact INTEGER NOT NULL,"                                              \
    "  purpose INTEGER NOT NULL,"                                              \
    "  created_us INTEGER NOT NULL,"                                           \
    "  expires_us INTEGER NOT NULL,"                                           \
    "  used_us INTEGER NOT NULL DEFAULT 0"                                     \
    ") STRICT, WITHOUT ROWID;"                                                 \
    "ALTER TABLE outbox ADD COLUMN request INTEGER REFERENCES requests (id);"

/*
 * Of step 5: what forecasts are made of, and those that were given (paces.h).
 *
 * paces      between two hosts, by whatever migration: no references
 * forecasts  mailbox 0: the migration as a whole; ended_us 0: not yet
 */
#define FORECAST_TABLES                                                        \
    "CREATE TABLE paces ("                                                     \
    "  id INTEGER PRIMARY KEY,"                                                \
    "  source TEXT NOT NULL, destination TEXT NOT NULL,"                       \
    "  mailbox INTEGER NOT NULL,"                                              \
    "  begun_us INTEGER NOT NULL, took_us INTEGER NOT NULL,"                   \
    "  throttled_us INTEGER NOT NULL,"                                         \
    "  items INTEGER NOT NULL, bytes INTEGER NOT NULL,"                        \
    "  requests INTEGER NOT NULL,"                                             \
    "  beside INTEGER NOT NULL,"                                               \
    "  rest INTEGER NOT NULL"                                                  \
    ") STRICT;"                                                                \
    "CREATE INDEX paces_by_hosts ON paces (source, destination, id);"          \
    "CREATE TABLE mailbox_amounts ("                                           \
    "  mailbox INTEGER NOT NULL PRIMARY KEY REFERENCES mailboxes (id),"        \
    "  items INTEGER NOT NULL, bytes INTEGER NOT NULL"                         \
    ") STRICT;"                                                                \
    "CREATE TABLE forecasts ("                                                 \
    "  id INTEGER PRIMARY KEY,"                                                \
    "  migration INTEGER NOT NULL,"                                            \
    "  mailbox INTEGER NOT NULL,"                                              \
    "  tenth INTEGER NOT NULL,"                                                \
    "  at_us INTEGER NOT NULL,"                                                \
    "  p50_us INTEGER NOT NULL, p90_us INTEGER NOT NULL,"                      \
    "  ended_us INTEGER NOT NULL DEFAULT 0,"                                   \
    "  basis TEXT NOT NULL,"                                                   \
    "  UNIQUE (migration, mailbox, tenth, ended_us)"                           \
    ") STRICT;"

/*
 * Step 5: people.  audit_head is what the next line of the trail follows; who
 * holds its row writes the next one.  And the source's quiet hours.
 */
static const char step_5[] = ACCOUNTS_TABLES
    "ALTER TABLE migration ADD COLUMN quiet TEXT;"
    "CREATE TABLE operators ("
    "  id INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL,"
    "  role INTEGER NOT NULL,"
    "  version INTEGER NOT NULL DEFAULT 1,"
    "  password TEXT NOT NULL,"
    "  totp BLOB,"
    "  totp_step INTEGER NOT NULL DEFAULT 0,"
    "  created_us INTEGER NOT NULL,"
    "  disabled_us INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE UNIQUE INDEX operators_by_name ON operators (lower(name));"
    "CREATE TABLE sessions ("
    "  hash BLOB NOT NULL PRIMARY KEY,"
    "  operator INTEGER REFERENCES operators (id),"
    "  contact INTEGER REFERENCES contacts (id),"
    "  created_us INTEGER NOT NULL,"
    "  expires_us INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX sessions_by_operator ON sessions (operator);"
    "CREATE INDEX sessions_by_contact ON sessions (contact);"
    "CREATE TABLE api_tokens ("
    "  id INTEGER PRIMARY KEY,"
    "  hash BLOB NOT NULL UNIQUE,"
    "  operator INTEGER NOT NULL REFERENCES operators (id),"
    "  label TEXT NOT NULL,"
    "  scopes INTEGER NOT NULL,"
    "  created_us INTEGER NOT NULL,"
    "  expires_us INTEGER NOT NULL,"
    "  revoked_us INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE INDEX api_tokens_by_operator ON api_tokens (operator);"
    "CREATE TABLE audit ("
    "  id INTEGER PRIMARY KEY,"
    "  at_us INTEGER NOT NULL,"
    "  actor TEXT NOT NULL,"
    "  request TEXT,"
    "  action TEXT NOT NULL,"
    "  subject TEXT NOT NULL,"
    "  detail TEXT,"
    "  hash BLOB NOT NULL"
    ") STRICT;"
    "CREATE INDEX audit_by_subject ON audit (subject, id);"
    "CREATE TABLE audit_head ("
    "  one INTEGER PRIMARY KEY CHECK (one = 1),"
    "  last_id INTEGER NOT NULL,"
    "  hash BLOB"
    ") STRICT;"
    "INSERT INTO audit_head (one, last_id) VALUES (1, 0);" PLANS_TABLES
        NAMES_TABLES REQUESTS_TABLES DESK_TABLES FORECAST_TABLES;

/*
 * Step 6: what went on when, for plots (samples.h).
 *
 * samples  migration 0: of the host; host "": of the migration.  No references:
 *          what went on with a host is of many
 */
static const char step_6[] =
    "CREATE TABLE samples ("
    "  migration INTEGER NOT NULL, host TEXT NOT NULL,"
    "  span_us INTEGER NOT NULL, at_us INTEGER NOT NULL,"
    "  items INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    "  failed INTEGER NOT NULL,"
    "  requests INTEGER NOT NULL, busy INTEGER NOT NULL,"
    "  in_flight_us INTEGER NOT NULL, throttled_us INTEGER NOT NULL,"
    "  mailboxes_us INTEGER NOT NULL, places_us INTEGER NOT NULL,"
    "  PRIMARY KEY (migration, host, span_us, at_us)"
    ") STRICT, WITHOUT ROWID;";

/* Step 7: of what a mailbox was told to be, one change after the other. */
static const char step_7[] = "ALTER TABLE mailbox_plans"
                             " ADD COLUMN version INTEGER NOT NULL DEFAULT 1;";

/* Step 8: what a job found, for programs (jobs.h). */
static const char step_8[] = "ALTER TABLE jobs ADD COLUMN result TEXT;";

/* Step 9: what is to be done otherwise than the migration says. */
static const char step_9[] = "ALTER TABLE mailbox_plans ADD COLUMN options"
                             " TEXT;";

/*
 * Step 10: what owners were told, once each (notices.h), and migrations that
 * operators were told of because they do not get on (stalls.h).
 *
 * jobs.moved_us  when a pass was last seen to get on; 0: of old, unknown
 */
static const char step_10[] =
    "CREATE TABLE notices ("
    "  mailbox INTEGER NOT NULL REFERENCES mailboxes (id),"
    "  side INTEGER NOT NULL, kind INTEGER NOT NULL,"
    "  told_us INTEGER NOT NULL,"
    "  PRIMARY KEY (mailbox, side, kind)"
    ") STRICT, WITHOUT ROWID;"
    "ALTER TABLE jobs ADD COLUMN moved_us INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE stalls ("
    "  migration INTEGER NOT NULL PRIMARY KEY REFERENCES migration (id),"
    "  kind INTEGER NOT NULL,"
    "  since_us INTEGER NOT NULL, told_us INTEGER NOT NULL,"
    "  mailboxes INTEGER NOT NULL,"
    "  reason TEXT NOT NULL, remedy TEXT"
    ") STRICT;";

/* Step 11: also of the service as a whole, which is migration 0. */
static const char step_11[] =
    "ALTER TABLE stalls RENAME TO stalls_10;"
    "CREATE TABLE stalls ("
    "  migration INTEGER NOT NULL PRIMARY KEY,"
    "  kind INTEGER NOT NULL,"
    "  since_us INTEGER NOT NULL, told_us INTEGER NOT NULL,"
    "  mailboxes INTEGER NOT NULL,"
    "  reason TEXT NOT NULL, remedy TEXT"
    ") STRICT;"
    "INSERT INTO stalls SELECT migration, kind, since_us, told_us, mailboxes,"
    " reason, remedy FROM stalls_10;"
    "DROP TABLE stalls_10;";

/* Step 12: a row to be written, so that it is known whether any can be. */
static const char step_12[] = "CREATE TABLE pulse ("
                              "  one INTEGER NOT NULL PRIMARY KEY"
                              "    CHECK (one = 1),"
                              "  at_us INTEGER NOT NULL"
                              ") STRICT;";

/*
 * Step 13: credentials that were tried at the source (requests.h), once each.
 *
 * request_tries  digest: of address, user name and password under a key made of
 *                the sealing one; pieces_us: of the request that they are now
 *                the credentials of, 0: of none
 */
static const char step_13[] =
    "CREATE TABLE request_tries ("
    "  id INTEGER PRIMARY KEY,"
    "  request INTEGER NOT NULL REFERENCES requests (id),"
    "  digest BLOB NOT NULL,"
    "  pieces_us INTEGER NOT NULL DEFAULT 0,"
    "  outcome INTEGER NOT NULL,"
    "  at_us INTEGER NOT NULL,"
    "  cause TEXT, why TEXT,"
    "  UNIQUE (request, digest)"
    ") STRICT;";

/* Step 14: what was said of what was there already, before it failed. */
static const char step_14[] = "ALTER TABLE item_texts ADD COLUMN there TEXT;";

struct schema_step {
    const char *text;
    const char *postgres; /* NULL: the text */
};

static const struct schema_step steps[] = {
    { step_1, NULL },  { step_2, NULL },
    { step_3, NULL },  { step_4, step_4_postgres },
    { step_5, NULL },  { step_6, NULL },
    { step_7, NULL },  { step_8, NULL },
    { step_9, NULL },  { step_10, NULL },
    { step_11, NULL }, { step_12, NULL },
    { step_13, NULL }, { step_14, NULL },
};

/*
 * What PostgreSQL says otherwise, in this order; the texts above hold these
 * words in no other sense.  Its text is compared as SQLite's is: by bytes.
 */
static const struct {
    const char *sqlite, *postgres;
} words[] = {
    { ") STRICT, WITHOUT ROWID;", ");" },
    { ") STRICT;", ");" },
    { " COLLATE NOCASE", "" },
    { "INTEGER PRIMARY KEY",
      "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY" },
    { "INTEGER", "BIGINT" },
    { "TEXT", "TEXT COLLATE \"C\"" },
    { "BLOB", "BYTEA" },
    { "id >> 24", "(id >> 24)" },
    /* as SQLite's: NULLs last, and whatever is equal by id */
    { "received DESC", "received DESC NULLS LAST, id" },
};

/* The literals above. */
G_STATIC_ASSERT(ITEM_NUMBER_BITS == 24);
G_STATIC_ASSERT(ITEM_LISTED == 0);

size_t sq_schema_n_steps(void)
{
    return G_N_ELEMENTS(steps);
}

const char *sq_schema_step(size_t number)
{
    g_assert(number >= 1 && number <= G_N_ELEMENTS(steps));
    return steps[number - 1].text;
}

char *sq_schema_step_postgres(size_t number)
{
    const struct schema_step *step;
    GString *text;

    g_assert(number >= 1 && number <= G_N_ELEMENTS(steps));
    step = &steps[number - 1];
    text = g_string_new(step->postgres != NULL ? step->postgres : step->text);
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        g_string_replace(text, words[i].sqlite, words[i].postgres, 0);
    return g_string_free(text, FALSE);
}
