#include "fleet/import_priv.h"

#include <stdarg.h>
#include <string.h>

/* So much of what was found is enough to find it. */
#define SHOWN_CHARACTERS 80

static const char *const words[] = {
#define X(name, word) [IMPORT_##name] = word,
    IMPORT_FAULTS(X)
#undef X
};

/* clang-format off */
static const char *const remedies[] = {
    [IMPORT_FILE_TOO_BIG] = "split the file",
    [IMPORT_EMPTY_FILE] = "start from \"mailferry template\"",
    [IMPORT_NO_HEADER] = "put the column names in the first line: see \"mailferry template\"",
    [IMPORT_MISSING_COLUMN] = "add the column: see \"mailferry template\"",
    [IMPORT_REPEATED_COLUMN] = "remove one of the two columns",
    [IMPORT_BAD_HEADER] = "put the column names in the first line: see \"mailferry template\"",
    [IMPORT_NO_ROWS] = "add a line for each mailbox",
    [IMPORT_TOO_MANY_ROWS] = "split the file",
    [IMPORT_TOO_MANY_QUOTES] = "write the file anew with a program that knows CSV",
    [IMPORT_BROKEN_QUOTE] = "close the quote; inside quotes, write a quote twice",
    [IMPORT_TOO_FEW_FIELDS] = "keep the delimiters of fields that are empty",
    [IMPORT_TOO_MANY_FIELDS] = "put a field that holds the delimiter in quotes",
    [IMPORT_FIELD_TOO_LONG] = "shorten it; a quote that is not closed can be the cause",
    [IMPORT_NUL_BYTE] = "write the file anew as plain text in UTF-8",
    [IMPORT_BAD_CHARACTER] = "write the file anew as plain text in UTF-8, and type the character again",
    [IMPORT_MISSING_ADDRESS] = "fill in the mailbox's primary address",
    [IMPORT_BAD_ADDRESS] = "write the mailbox's primary address, such as user1@domain.com",
    [IMPORT_OTHER_DOMAIN] = "correct the address, or move this mailbox with a file of its own",
    [IMPORT_DUPLICATE] = "keep one line for each mailbox",
    [IMPORT_SAME_MAILBOX] = "correct one of the two addresses, or one side's server",
    [IMPORT_PLACEHOLDER] = "put the mailbox's password there",
    [IMPORT_USER_WITHOUT_PASSWORD] = "add the password, or leave both empty to use the administrative account",
    [IMPORT_PASSWORD_WITHOUT_USER] = "add the user name, or leave both empty to use the administrative account",
    [IMPORT_PADDED_PASSWORD] = "remove the blank, or put the password in quotes if it belongs to it",
    [IMPORT_NO_CREDENTIALS] = "add user name and password, or name an administrative account for this side",
    [IMPORT_UNKNOWN_FLAG] = "use 0 for none, a sum of known numbers, or known names joined by \"|\"",
    [IMPORT_UNKNOWN_COLUMN] = "correct its name, or remove it; it is not read",
    [IMPORT_FLAG_WITHOUT_EFFECT] = "leave it out, or have the managed service run this migration",
};
/* clang-format on */

static bool is_warning(enum import_fault_kind kind)
{
    return kind == IMPORT_UNKNOWN_COLUMN || kind == IMPORT_FLAG_WITHOUT_EFFECT;
}

const char *import_fault_word(enum import_fault_kind kind)
{
    return words[kind];
}

void import_fault_free(void *fault)
{
    struct import_fault *f = fault;

    g_free(f->name);
    g_free(f->text);
    g_free(f);
}

G_GNUC_PRINTF(3, 0)
static void add(struct import_reading *r, const struct import_fault *at,
                const char *fmt, va_list ap)
{
    struct import_fault *f = g_memdup2(at, sizeof(*at));

    f->warning = is_warning(f->kind);
    f->name = g_strdup(at->name);
    f->text = g_strdup_vprintf(fmt, ap);
    f->remedy = remedies[f->kind];
    g_ptr_array_add(r->import->faults, f);
    r->import->n_errors += !f->warning;
    r->import->n_warnings += f->warning;
}

void import_fault_add_at(struct import_reading *r, enum import_fault_kind kind,
                         const struct import_fault *at, const char *fmt, ...)
{
    struct import_fault f = *at;
    va_list ap;

    f.kind = kind;
    va_start(ap, fmt);
    add(r, &f, fmt, ap);
    va_end(ap);
}

void import_fault_add(struct import_reading *r, enum import_fault_kind kind,
                      const struct import_place *at, const char *fmt, ...)
{
    struct import_fault f = { .kind = kind, .line = at->line };
    va_list ap;

    if (at->column != COLUMN_N && r->layout.at[at->column] != NO_FIELD) {
        f.column = (uint32_t)r->layout.at[at->column] + 1;
        f.name = r->layout.names[at->column];
    }
    va_start(ap, fmt);
    add(r, &f, fmt, ap);
    va_end(ap);
}

char *import_show(const char *text, size_t len)
{
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)len);
    GString *s = g_string_new(NULL);
    size_t n = 0;

    for (const char *p = valid; *p != '\0'; p += import_char_bytes(p)) {
        gunichar c = g_utf8_get_char(p);

        if (n++ == SHOWN_CHARACTERS) {
            g_string_append(s, "...");
            break;
        }
        /* Format characters could turn a line on the screen around. */
        if (g_unichar_iscntrl(c) || g_unichar_type(c) == G_UNICODE_FORMAT)
            c = ' ';
        g_string_append_unichar(s, c);
    }
    return g_string_free(s, FALSE);
}

char *import_quote(const char *text, size_t len)
{
    g_autofree char *shown = import_show(text, len);

    return g_strconcat("\"", shown, "\"", NULL);
}
