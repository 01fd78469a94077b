/*
 * mime - items as mail on the internet has them, and back ([MS-OXCMAIL]).
 *
 * MIME is made anew each time, out of MAPI properties alone; the same item
 * gives the same bytes.  Any thread.
 */
#ifndef LAB_MIME_H
#define LAB_MIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "lab/mapi.h"

/* What Exchange makes of an item, by its class. */
enum mime_form {
    MIME_MAIL,     /* RFC 5322 */
    MIME_CALENDAR, /* iCalendar by itself: appointments */
    MIME_CARD,     /* vCard by itself: contacts */
    MIME_OTHER,    /* lists, tasks, notes: RFC 5322, of what mail has too */
};
enum mime_form mime_form(const char *item_class);

/* Bytes of at most MIME_BYTES_MAX; NULL for what is larger. */
#define MIME_BYTES_MAX (256u * 1024 * 1024)
GBytes *mime_render(const struct mapi_message *m);

/*
 * Mail as a tree.  Whatever is wrong with it, something comes out; -1
 * (ERR_ITEM, "ErrorMimeContentInvalid") only when there is nothing at all or
 * more than MIME_BYTES_MAX.  No delivery time, no flags but what the mail
 * itself says: the caller knows where it came from.
 */
int mime_parse(const uint8_t *data, size_t len, struct mapi_item **ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* The same into a message of an item that is there; it is emptied first. */
int mime_parse_into(const uint8_t *data, size_t len, struct mapi_item *item,
                    struct mapi_message *m,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
