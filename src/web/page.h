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

/* Texts of the query, or NULL where they were not given. */
struct web_page_query {
    const char *limit, *after;
    const char *sort; /* as asked for: "name", "-name" */
};

struct web_page {
    unsigned limit;
    int64_t after; /* the last id seen; 0: from the beginning */
    char *key;     /* of that one, with sort; owned; or NULL */
};

/* A cursor of another order is refused. */
int web_page_read(const struct web_page_query *q, struct web_page *ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The cursor that begins after that id (over 0) in that order; key: NULL by
 * id, as sort.  The caller frees.
 */
char *web_cursor(const char *sort, int64_t id, const char *key);

/* {"items": [...], "next": next or null}.  Takes over items. */
json_t *web_page_json(json_t *items, const char *next);

#endif
