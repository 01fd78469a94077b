/*
 * settings - the pass over what a mailbox has beside its items: who may use
 * its folders, who acts for its owner, and so on.
 *
 * The pass looks at each part of the settings in turn, and writes what the
 * destination does not have yet.  A part fails alone, and so does each thing
 * in it; whatever became of each is a line in the store (struct
 * store_setting).  Run again it writes only what has changed.  What somebody
 * else set at the destination is never taken away.
 */
#ifndef ENGINE_SETTINGS_H
#define ENGINE_SETTINGS_H

#include "engine/engine.h"

/* The place of a permission on what all folders hang from. */
#define SETTINGS_ROOT_PATH "/"

/* Parts; a bit each.  The order is that in which they run. */
enum engine_settings_part {
    SETTINGS_PERMISSIONS = 1 << 0, /* of folders */
    SETTINGS_DELEGATES = 1 << 1,
    SETTINGS_RULES = 1 << 2,      /* of the inbox */
    SETTINGS_REPLIES = 1 << 3,    /* automatic ones */
    SETTINGS_OPTIONS = 1 << 4,    /* of Outlook on the web */
    SETTINGS_CATEGORIES = 1 << 5, /* the list with their colours */
    SETTINGS_PHOTO = 1 << 6,
    SETTINGS_ALL = (1 << 7) - 1,
};

struct engine_settings_options {
    unsigned int parts;                 /* enum engine_settings_part */
    const struct engine_person *people; /* looked for before the directory */
    size_t n_people;
    bool enable_forwarding; /* rules that send mail, as the source has them */
    bool replace_outlook_rules; /* what Outlook alone knows of rules may go */
    bool replace_photo;         /* of the destination, whoever set it */
};

struct engine_settings_report {
    uint64_t by_outcome[SETTING_N]; /* lines of this pass */
    bool interrupted;               /* run it again to go on */
};

/*
 * settings: opens both sides unless the pass before has done so.  0 when it
 * came to its end, whatever failed on the way; -1 when a side could not be
 * reached, or the store not written.  The mailbox's state stays as it was.
 */
int engine_settings(const struct engine_job *job,
                    const struct engine_settings_options *options,
                    struct engine_settings_report *ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Whether something needs a person: lines that failed or have no counterpart */
bool engine_settings_wanting(const struct engine_settings_report *report);

#endif
