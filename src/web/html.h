/*
 * html - pages for people: one frame, one style sheet, no script.
 *
 * What goes into a page is escaped where it is put in; there is no other way
 * in.
 */
#ifndef WEB_HTML_H
#define WEB_HTML_H

#include <glib.h>

#include "web/reply.h"

/* g_markup_printf_escaped(): the format is ours, the values anybody's. */
void html_add(GString *h, const char *fmt, ...) PRINTF(2, 3);

/*
 * A whole page: its title is also its heading.  body is HTML of html_add(), and
 * not taken over.  A form of it may go to us alone.
 */
void html_reply(struct web_reply *reply, unsigned status, const char *title,
                const GString *body);

/*
 * A problem (RFC 9457) that is in the reply becomes a page that says the same;
 * its status and headers stay.  Any other reply is left as it is.
 */
void html_problem(struct web_reply *reply);

#endif
