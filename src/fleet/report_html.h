/*
 * report_html - the pieces that report.html is made of.
 */
#ifndef FLEET_REPORT_HTML_H
#define FLEET_REPORT_HTML_H

#include <glib.h>

/* A cell of a table; text may be NULL: empty. */
void report_html_cell(GString *out, const char *text);
/* A table's head, NULL-terminated; "#" in front: a column of numbers. */
void report_html_header(GString *out, const char *const *names);
void report_html_end(GString *out);

#endif
