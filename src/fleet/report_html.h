/*
 * report_html - the pieces of report.html, each into the text so far.
 */
#ifndef FLEET_REPORT_HTML_H
#define FLEET_REPORT_HTML_H

#include "fleet/report_priv.h"

/* report_html.c: escaped text; cells of a table; a table's head and end. */
void html_text(GString *out, const char *text);
void html_cell(GString *out, const char *text);
void html_count(GString *out, uint64_t n);
void html_megabytes(GString *out, uint64_t bytes);
/* names end with NULL; one that begins with "#" heads numbers. */
void html_header(GString *out, const char *const *names);
void html_end(GString *out);

/* report_html_lists.c: what a reader goes through, over all mailboxes. */
void html_verdicts(GString *out, const struct report *r);
void html_in_the_way(GString *out, const struct report *r);
void html_left_out(GString *out, const struct report *r);
int html_failures(GString *out, const struct report *r, struct err *err);
int html_losses(GString *out, const struct report *r, struct err *err);
void html_settings(GString *out, const struct report *r);

/* report_html_mailbox.c: one mailbox, to be opened by a click. */
void html_details(GString *out, const struct report_mailbox *m);

#endif
