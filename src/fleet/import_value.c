#include "fleet/import_priv.h"

#include <string.h>

#include "fleet/address.h"

/*
 * Longest values, in characters.  Active Directory: a user principal name is
 * at most 1024, a password 256.  Flags: all names together are 306.
 */
/* clang-format off */
static const size_t limits[COLUMN_N] = {
    [COLUMN_SOURCE_EMAIL] = ADDRESS_MAX,
    [COLUMN_SOURCE_USER] = 1024,
    [COLUMN_SOURCE_PASSWORD] = 256,
    [COLUMN_DESTINATION_EMAIL] = ADDRESS_MAX,
    [COLUMN_DESTINATION_USER] = 1024,
    [COLUMN_DESTINATION_PASSWORD] = 256,
    [COLUMN_FLAGS] = 1024,
};
/* clang-format on */

#define REPLACEMENT 0xFFFD

struct import_place import_line_place(const struct import_line *row,
                                      enum import_column column)
{
    return (struct import_place){ row->csv->line, column };
}

void import_line_fault(struct import_line *row, enum import_fault_kind kind,
                       enum import_column column, const char *text)
{
    struct import_place at = import_line_place(row, column);

    import_fault_add(row->r, kind, &at, "%s", text);
    row->candidate->bad = true;
}

static bool is_blank(gunichar c)
{
    return g_unichar_isspace(c) || g_unichar_iszerowidth(c);
}

/* Without the blanks of any kind that pasting brings along. */
static void trim(struct import_value *v)
{
    while (v->len > 0 && is_blank(g_utf8_get_char(v->text))) {
        size_t n = import_char_bytes(v->text);

        v->text += n;
        v->len -= n;
    }
    while (v->len > 0) {
        const char *last = g_utf8_prev_char(v->text + v->len);

        if (!is_blank(g_utf8_get_char(last)))
            break;
        v->len = (size_t)(last - v->text);
    }
}

static bool has_bad_character(const struct import_value *v)
{
    for (const char *p = v->text; p < v->text + v->len;
         p += import_char_bytes(p)) {
        gunichar c = g_utf8_get_char(p);

        if (c == REPLACEMENT || g_unichar_iscntrl(c))
            return true;
    }
    return false;
}

/* What no value of any known column may be. */
static void check_characters(struct import_line *row, enum import_column column,
                             struct import_value *v)
{
    struct import_place at = import_line_place(row, column);
    glong n;

    v->bad = true;
    if (memchr(v->text, '\0', v->len) != NULL) {
        import_line_fault(row, IMPORT_NUL_BYTE, column,
                          "there is a NUL byte in it");
        return;
    }
    if (has_bad_character(v)) {
        import_line_fault(row, IMPORT_BAD_CHARACTER, column,
                          "there is a character in it that cannot be read");
        return;
    }
    n = g_utf8_strlen(v->text, (gssize)v->len);
    if ((size_t)n > limits[column]) {
        import_fault_add(row->r, IMPORT_FIELD_TOO_LONG, &at,
                         "it is %ld characters long; at most %zu are taken", n,
                         limits[column]);
        row->candidate->bad = true;
        return;
    }
    v->bad = false;
}

struct import_value import_value_of(struct import_line *row,
                                    enum import_column column)
{
    size_t at = row->r->layout.at[column];
    struct import_value v = { .text = "" };

    if (at == NO_FIELD || at >= row->csv->n)
        return v;
    v.field = &row->csv->fields[at];
    v.text = v.field->text;
    v.len = v.field->len;
    if (column != COLUMN_SOURCE_PASSWORD &&
        column != COLUMN_DESTINATION_PASSWORD)
        trim(&v);
    check_characters(row, column, &v);
    return v;
}

char *import_value_dup(const struct import_value *v)
{
    return g_strndup(v->text, v->len);
}
