/*
 * body - the body of a message in the form that is wanted, and setting it.
 *
 * A message keeps one body, or several that say the same: text, HTML in some
 * code page, RTF that may hold the one or the other ([MS-OXCMSG] 2.2.1.56).
 */
#ifndef LAB_BODY_H
#define LAB_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "lab/mapi.h"

enum body_want {
    BODY_BEST, /* as it was written */
    BODY_HTML,
    BODY_TEXT,
};

/* UTF-8; text is NULL when the message has no body at all. */
struct body {
    bool html;
    char *text; /* the caller's */
};

void body_read(const struct mapi_props *props, enum body_want want,
               struct body *ret);
/* Whether it was written as HTML, without making anything of it. */
bool body_is_html(const struct mapi_props *props);

/* The body is that from now on: others that it had are gone. */
void body_set(struct mapi_item *item, struct mapi_props *props, bool html,
              const char *utf8);
void body_clear(struct mapi_props *props);

/* Anything may stand in it; what is no HTML is text. */
char *body_html_to_text(const char *html);
/* A document whose text is that. */
char *body_text_to_html(const char *text);
/* Text as the inside of an element. */
char *body_escape(const char *text);

#endif
