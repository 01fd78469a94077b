/*
 * value - what a property of an item or folder is, for comparing, ordering
 * and grouping; and the constants of restrictions.
 */
#ifndef LAB_VALUE_H
#define LAB_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "lab/mapi.h"
#include "lab/match.h"

enum value_kind {
    VALUE_NONE, /* it has not this property */
    VALUE_TEXT,
    VALUE_TEXTS, /* several; a condition holds when it does for one of them */
    VALUE_NUMBER,
    VALUE_REAL,
    VALUE_BOOL,
    VALUE_TIME, /* microseconds UTC */
    VALUE_BYTES,
};

struct value {
    enum value_kind kind;
    int64_t number; /* NUMBER, BOOL, TIME */
    double real;
    char *text;
    char **texts;
    GBytes *bytes;
};
void value_clear(struct value *v);
typedef struct value value;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(value, value_clear)

/* What kind a property of that MAPI type has; VALUE_NONE: cannot be asked. */
enum value_kind value_kind_of(uint16_t type);

/* From a property; VALUE_NONE for NULL. */
void value_from_prop(const struct mapi_prop *prop, struct value *ret);
void value_set_text(struct value *v, const char *text); /* NULL: none */
void value_set_number(struct value *v, enum value_kind kind, int64_t number);

/*
 * A constant of a request, as the kind of property that it is compared with
 * is written.  -1: it is none of that kind.
 */
int value_parse(enum value_kind kind, const char *text, struct value *ret);

/*
 * Below, at or above 0; what is absent is below all.  Texts whatever the
 * case; numbers of different kinds as numbers.
 */
int value_compare(const struct value *a, const struct value *b);

/* Texts and bytes, one inside of the other. */
bool value_contains(const struct value *in, const struct value *what,
                    enum match_mode mode, unsigned int ignore);

/* As it would stand in XML, to be freed; "" when absent. */
char *value_to_text(const struct value *v);

#endif
