/*
 * letter - the mails that go out: templates, text and HTML.
 *
 * A template is a text: "Subject: ..." in the first line, an empty one, then
 * the mail.  Its HTML is made of the same text, so the two always say the
 * same: paragraphs, lines that begin with "- " as a list, in layout.html.
 *
 *     {{name}}    a value; a line with an empty one is left out
 *     {{*name}}   the line stands once for each of a list
 *     {{&name}}   a link
 *     {{?name}}   nothing itself; without a value the line is left out
 *
 * Values come from outside.  Each is one line of text without control
 * characters in the text and in the subject, and is escaped in HTML; none can
 * make a line, a tag, a header field or, but for {{&name}}, a link.
 *
 * An operator may put templates of the same names into a folder; what is not
 * there is built in.
 */
#ifndef DESK_LETTER_H
#define DESK_LETTER_H

#include <stdint.h>

#include <glib.h>

#include "base/err.h"

/* A template, and a value: what a person writes into a mail. */
#define LETTER_TEMPLATE_MAX ((size_t)64 * 1024)
#define LETTER_VALUE_MAX    ((size_t)4000)
/* Of a list; what is beyond is told by its number. */
#define LETTER_ITEMS_MAX 200u
/*
 * Of all lists of a letter together, likewise; and the values that a template
 * names.  So a mail stays below 4 MiB, however it is encoded, and is sealed in
 * one piece (base/seal.h).
 */
#define LETTER_LISTS_MAX ((size_t)64 * 1024)
#define LETTER_MARKS_MAX 40u

/* ---- values -------------------------------------------------------------- */

struct letter_values;
typedef struct letter_values letter_values;

struct letter_values *letter_values_new(void);
void letter_values_free(struct letter_values *v);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(letter_values, letter_values_free)

/* name is one of letter_names(); text is copied, NULL: none. */
void letter_set(struct letter_values *v, const char *name, const char *text);
/* One more of a list. */
void letter_add(struct letter_values *v, const char *name, const char *text);

/* What a template may name; ends with NULL.  Static. */
const char *const *letter_names(void);

/* ---- templates ----------------------------------------------------------- */

struct letters;
typedef struct letters letters;

/*
 * All of them, the folder's (or NULL) before those built in.  -1: one of the
 * folder's is no template; file and line are told.
 */
int letters_load(const char *folder, struct letters **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void letters_free(struct letters *l);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(letters, letters_free)

/* "missing", "quote", ...; ends with NULL.  Static. */
const char *const *letters_kinds(void);

struct letter {
    char *subject, *text, *html;
};
void letter_clear(struct letter *l);
typedef struct letter letter;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(letter, letter_clear)

/*
 * kind is one of letters_kinds().  request 0: about none; else the subject
 * carries its number, and the line above which an answer is to stand is there.
 */
void letter_make(const struct letters *l, const char *kind, int64_t request,
                 const struct letter_values *v, struct letter *ret);

/* ---- the mail ------------------------------------------------------------ */

/* All borrowed. */
struct letter_head {
    const char *from_name, *from, *to;
    const char *message_id;  /* without brackets: fixed before it is sent */
    const char *in_reply_to; /* likewise; or NULL */
    int64_t request;         /* 0: about none */
    int64_t at_us;
};

/* RFC 5322, with both bodies; says that a program has written it (RFC 3834). */
GBytes *letter_mime(const struct letter *l, const struct letter_head *head);

/*
 * The other way round, for an operator who looks: "Message-ID: ...", an empty
 * line and the text of such a mail, as a person reads it.  It may hold a link:
 * secret_wipe() and free it.
 */
char *letter_mime_text(const char *mime, size_t n) G_GNUC_MALLOC;

#endif
