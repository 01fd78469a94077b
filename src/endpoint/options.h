/*
 * options - what a mailbox keeps of its user's choices: Outlook on the web's
 * options, signature among them, the master list of categories, the picture.
 */
#ifndef ENDPOINT_OPTIONS_H
#define ENDPOINT_OPTIONS_H

#include <stdbool.h>

#include <glib.h>

#include "endpoint/endpoint.h"

/* One option, as stored.  Owned strings. */
struct endpoint_option {
    char *key;
    char *type;        /* "String", "Boolean", ... ; "" : no value at all */
    GPtrArray *values; /* of char *; more than one of an array */
};
struct endpoint_option *endpoint_option_new(const char *key, const char *type,
                                            const char *value);
struct endpoint_option *
endpoint_option_copy(const struct endpoint_option *option);
void endpoint_option_free(struct endpoint_option *option);
bool endpoint_option_same(const struct endpoint_option *a,
                          const struct endpoint_option *b);

struct endpoint_options {
    GPtrArray *options; /* of struct endpoint_option *, owned */
};
void endpoint_options_clear(struct endpoint_options *options);
typedef struct endpoint_options endpoint_options;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(endpoint_options, endpoint_options_clear)

/* By key, whose case does not count; NULL when there is none. */
struct endpoint_option *endpoint_options_find(const struct endpoint_options *o,
                                              const char *key);

/* [MS-OXOCFG] 2.2.5.2.1 */
#define CATEGORY_NO_COLOR (-1)

struct endpoint_category {
    char *name;
    int color;             /* 0 to 24; CATEGORY_NO_COLOR */
    unsigned int shortcut; /* function key: 0 none, 1 to 11 */
    char *guid;            /* "{...}"; or NULL */
};
void endpoint_category_free(struct endpoint_category *category);

struct endpoint_categories {
    GPtrArray *categories; /* of struct endpoint_category *, owned */
    char *quick;           /* what one click assigns; or NULL */
};
void endpoint_categories_clear(struct endpoint_categories *c);
typedef struct endpoint_categories endpoint_categories;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(endpoint_categories, endpoint_categories_clear)

void endpoint_categories_add(struct endpoint_categories *c, const char *name,
                             int color, unsigned int shortcut,
                             const char *guid);

/* ---- checked wrappers: the contracts stand in struct endpoint_ops ---- */

int endpoint_get_options(struct endpoint *ep, struct endpoint_options *ret,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_put_options(struct endpoint *ep,
                         const struct endpoint_options *options, bool exist,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_get_categories(struct endpoint *ep,
                            struct endpoint_categories *ret,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_add_categories(struct endpoint *ep,
                            const struct endpoint_categories *added,
                            struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_get_photo(struct endpoint *ep, GBytes **ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_set_photo(struct endpoint *ep, GBytes *picture,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
