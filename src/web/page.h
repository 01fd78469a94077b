/*
 * page - a list in pieces: ?limit=50&after=CURSOR, and filters by name.
 *
 * A cursor is opaque to those who hold it: base64url of what the next page
 * begins after.  It comes back from outside and is as hostile as any text.
 */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include <stdint.h>

#include <jansson.h>

#include "base/err.h"

#define WEB_PAGE_USUAL 50
#define WEB_PAGE_MOST  500

struct web_page {
    unsigned limit;
    int64_t after; /* the last id seen; 0: from the beginning */
};

/* Texts of the query, or NULL where they were not given. */
int web_page_read(const char *limit, const char *after, struct web_page *ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The cursor that begins after that id (over 0).  The caller frees. */
char *web_cursor(int64_t id);

/*
 * {"items": [...], "next": CURSOR or null}.  Takes over items; last_id 0: this
 * was the last page.
 */
json_t *web_page_json(json_t *items, int64_t last_id);

#endif
