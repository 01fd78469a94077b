/*
 * settings_priv - what the parts of the settings pass share.
 *
 * A part is a function in a file of its own (settings_<part>.c) and a row in
 * the table of settings.c.  It reads both sides, writes what is missing, and
 * says of each thing what became of it by settings_line().  A thing that
 * fails is such a line and no failure of the part; a part that cannot go on
 * returns -1, and the pass goes on with the next one.
 */
#ifndef ENGINE_SETTINGS_PRIV_H
#define ENGINE_SETTINGS_PRIV_H

#include "endpoint/settings.h"
#include "engine/pass.h"
#include "engine/settings.h"

struct settings {
    struct pass pass; /* first: a settings pass is a pass */
    const struct engine_settings_options *options;
    const struct store_mailbox *mailbox; /* as the pass found it */
    const char *part;                    /* that runs: its name */
    GPtrArray
        *before; /* of struct store_setting *: as earlier passes left it */
    GPtrArray *folders; /* of struct store_folder *: the ledger's */
    GHashTable *people; /* source address, to its struct engine_person */
    GHashTable *found;  /* address asked for, to its struct endpoint_person */
    struct engine_settings_report report;
};

/*
 * What became of one thing, into the store and the report.  part and pass_id
 * of the line are filled in here; strings are borrowed.
 */
int settings_line(struct settings *s, struct store_setting line,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The same of several at once, in one transaction; lines' part is set. */
int settings_lines(struct settings *s, struct store_setting *lines, size_t n,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * What is about to be written and whose memo says that it is ours: a pass that
 * dies before it has the answer leaves this line to the next one.  Outcome,
 * cause and remedy are filled in here, and counted nowhere.
 */
int settings_intend(struct settings *s, struct store_setting *lines, size_t n,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The same for a thing that failed: cause and remedy are why's. */
int settings_line_failed(struct settings *s, struct store_setting line,
                         const struct err *why,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * This pass cannot tell what became of it: an earlier pass's line (or NULL)
 * stays as it is, if it has a memo, and is counted nowhere.
 */
int settings_keep(struct settings *s, const struct store_setting *before,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* What an earlier pass left of this part under that key; or NULL. */
const struct store_setting *settings_before(const struct settings *s,
                                            const char *key);

/*
 * A call to that side failed.  True: it has waited, call again (reads, and
 * writes that are repeatable).  False: *why is the answer.
 */
bool settings_endure(struct settings *s, enum side side, unsigned int *failures,
                     const struct err *why);
/*
 * Whether a failure concerns that one thing alone, so that its line says it
 * and the part goes on; else the part is to return -1 with it.
 */
bool settings_is_local(struct settings *s, const struct err *why);

/*
 * Who somebody of the source is at the destination: by the pairs of the
 * options, else the same address in the destination's directory.  1 and the
 * person (borrowed), 0 nobody, -1.  Each is asked for once a pass.
 */
int settings_map(struct settings *s, const char *source_address,
                 const struct endpoint_person **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* settings_map() found nobody: the cause and the remedy for the line. */
#define SETTINGS_NOBODY "the destination's directory has nobody of that address"
#define SETTINGS_NAME_THEM                                                     \
    "make the person's mailbox or contact at the destination, or give both "   \
    "addresses of the person in a row of the import file; then run it again"

/* The parts, for the table in settings.c. */
int settings_permissions(struct settings *s, struct err *err);
int settings_delegates(struct settings *s, struct err *err);

/* The ledger's folder of that id at the source; NULL: not known. */
const struct store_folder *settings_folder(const struct settings *s,
                                           const char *source_id);

/* ---- parts ------------------------------------------------------- */

int settings_rules(struct settings *s, struct err *err);
int settings_replies(struct settings *s, struct err *err);
int settings_options(struct settings *s, struct err *err);
int settings_categories(struct settings *s, struct err *err);
int settings_photo(struct settings *s, struct err *err);

#endif
