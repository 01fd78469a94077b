/*
 * auto_reply - a mailbox's automatic replies, "out of office".
 */
#ifndef ENDPOINT_AUTO_REPLY_H
#define ENDPOINT_AUTO_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "endpoint/endpoint.h"

enum auto_reply_state {
    AUTO_REPLY_OFF,
    AUTO_REPLY_ON,
    AUTO_REPLY_SCHEDULED, /* on from start to end */
};
/* "off", "on", "scheduled"; static. */
const char *auto_reply_state_name(enum auto_reply_state state);

/* Who of those outside of the organisation is answered. */
enum auto_reply_audience {
    AUTO_REPLY_NOBODY,
    AUTO_REPLY_CONTACTS,
    AUTO_REPLY_EVERYBODY,
};

struct endpoint_auto_reply {
    enum auto_reply_state state;
    enum auto_reply_audience audience;
    int64_t start_us, end_us;  /* TIMESTAMP_NONE when not told */
    char *internal, *external; /* HTML or text; "" when empty; owned */
    char *internal_language, *external_language; /* "en-GB"; or NULL */
};
void endpoint_auto_reply_clear(struct endpoint_auto_reply *r);
typedef struct endpoint_auto_reply endpoint_auto_reply;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(endpoint_auto_reply, endpoint_auto_reply_clear)

void endpoint_auto_reply_copy(const struct endpoint_auto_reply *r,
                              struct endpoint_auto_reply *ret);

/* Nobody is answered, and no text waits for the next time. */
bool endpoint_auto_reply_is_blank(const struct endpoint_auto_reply *r);

/* ---- checked wrappers: the contracts stand in struct endpoint_ops ---- */

int endpoint_get_auto_reply(struct endpoint *ep,
                            struct endpoint_auto_reply *ret,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_set_auto_reply(struct endpoint *ep,
                            const struct endpoint_auto_reply *reply,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
