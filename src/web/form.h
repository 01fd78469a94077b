/*
 * form - the body that a page's form sends: urlencoded, or in parts with a
 * file.  Read by libmicrohttpd; what there is too much of is refused.
 */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include <stddef.h>

#include <glib.h>

/* No form of ours has more. */
#define WEB_FORM_FIELDS_MAX 32
/* Longest text of a field; a file may be as long as the body. */
#define WEB_FORM_TEXT_MAX ((size_t)8192)

struct web_form;
typedef struct web_form web_form;

struct MHD_Connection;

/*
 * Of the connection's type; NULL: it is no form, or more than a form of ours
 * has.
 */
struct web_form *web_form_read(struct MHD_Connection *mhd, const char *body,
                               size_t n);
/* Wipes it all: there may be a password. */
void web_form_free(struct web_form *f);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(web_form, web_form_free)

/* The text of a field: valid UTF-8 without NUL; NULL: there is none. */
const char *web_form_text(const struct web_form *f, const char *name);
/* A file's bytes, and in *ret_name what it is called; NULL: there is none. */
const char *web_form_file(const struct web_form *f, const char *name, size_t *n,
                          const char **ret_name);

#endif
