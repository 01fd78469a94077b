/*
 * letter_priv - what the files of letter.h share:
 *
 *   letter.c         values, templates and where they come from
 *   letter_render.c  one with its values
 *   letter_mime.c    as a mail
 */
#ifndef DESK_LETTER_PRIV_H
#define DESK_LETTER_PRIV_H

#include <stdbool.h>

#include "desk/letter.h"

struct letter_template {
    char *subject;
    char **lines;
};

/* NULL: none.  Borrowed. */
const char *letter_value(const struct letter_values *v, const char *name);
/* Of char *; NULL: none.  Borrowed. */
const GPtrArray *letter_list(const struct letter_values *v, const char *name);

/* What stands between {{ and }}. */
struct letter_mark {
    char sort; /* '\0', '*', '&', '?' */
    char name[32];
    const char *end; /* behind it */
};
/* The first one from here on; false: there is none, or it never ends. */
bool letter_next_mark(const char *text, const char **ret_begin,
                      struct letter_mark *ret);

enum letter_form { LETTER_TEXT, LETTER_HTML };

/* The whole of a template's lines; the caller frees. */
char *letter_render(const struct letter_template *t,
                    const struct letter_values *v, enum letter_form form);
/* One line of it, as text; "" where a value is missing. */
char *letter_render_subject(const struct letter_template *t,
                            const struct letter_values *v);

#endif
