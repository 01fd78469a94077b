/*
 * assets - files for browsers that lie in the program: the style of pages, the
 * browser app (ui/) where it was built with it.
 */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include <stdbool.h>

#include <glib.h>

struct asset {
    const char *name; /* "app.js" */
    const char *type; /* media type */
    GBytes *bytes;
    GBytes *gzip; /* the same, packed; NULL: it is not worth it */
    char tag[17]; /* of its contents, in hex: another program, another tag */
};

/*
 * NULL: there is none of that name.  name need not end in a NUL.  Static.  Any
 * thread.
 */
const struct asset *asset_find(const char *name, size_t len);

/* Whether the program was built with the browser app. */
bool asset_has_app(void);

#endif
