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

static const char *const steps[] = { step_1, step_2, step_3 };

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
    return steps[number - 1];
}
