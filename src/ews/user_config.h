/*
 * user_config - configuration items of a folder: GetUserConfiguration and its
 * siblings.
 */
#ifndef EWS_USER_CONFIG_H
#define EWS_USER_CONFIG_H

#include "ews/call.h"

/* Which one: the class is "IPM.Configuration." and the name. */
struct user_config {
    const char *name;   /* "OWA.UserOptions" */
    const char *folder; /* distinguished id: "root" */
    const char *part;   /* "Dictionary", "XmlData" */
};

/*
 * Returns 1 and the <UserConfiguration>, which lives in ret_answer (to be
 * cleared in any case); 0 when there is none; -1.
 */
int user_config_get(struct mailbox *mb, const struct user_config *config,
                    struct call_answer *ret_answer, const struct xml_node **ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Store that part of it whole, in an item that exists or in a new one; other
 * parts stay as they are.  May be repeated.
 */
int user_config_put(struct mailbox *mb, const struct user_config *config,
                    bool exists, call_writer *write, const void *data,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
