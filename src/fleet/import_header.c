#include "fleet/import_priv.h"

#include <string.h>

#include "base/nearest.h"

#define ALIASES 2

/* Both dialects; compared by letters and digits alone, without case. */
/* clang-format off */
static const struct {
    const char *names[ALIASES]; /* the first is the template's */
    bool required;
} columns[COLUMN_N] = {
    [COLUMN_SOURCE_EMAIL] = { { "Source Email", "Source Email Address" }, true },
    [COLUMN_SOURCE_USER] = { { "Source UserName", "Source Login Name" }, false },
    [COLUMN_SOURCE_PASSWORD] = { { "Source Password" }, false },
    [COLUMN_DESTINATION_EMAIL] = { { "Destination Email", "Destination Email Address" }, true },
    [COLUMN_DESTINATION_USER] = { { "Destination UserName", "Destination Login Name" }, false },
    [COLUMN_DESTINATION_PASSWORD] = { { "Destination Password" }, false },
    [COLUMN_FLAGS] = { { "Flags" }, false },
};
/* clang-format on */

static const char delimiters[] = { ',', ';', '\t' };

enum import_column import_column_of(enum import_side side,
                                    enum import_column source_column)
{
    return side == IMPORT_SOURCE ? source_column
                                 : source_column + COLUMN_DESTINATION_EMAIL;
}

/* "Source User_Name " -> "sourceusername" */
static char *letters(const char *text)
{
    GString *s = g_string_new(NULL);

    for (; *text != '\0'; text++)
        if (g_ascii_isalnum(*text))
            g_string_append_c(s, g_ascii_tolower(*text));
    return g_string_free(s, FALSE);
}

static enum import_column column_of(const char *name)
{
    g_autofree char *wanted = letters(name);

    for (size_t c = 0; c < COLUMN_N; c++) {
        for (size_t i = 0; i < ALIASES && columns[c].names[i] != NULL; i++) {
            g_autofree char *known = letters(columns[c].names[i]);

            if (strcmp(known, wanted) == 0)
                return (enum import_column)c;
        }
    }
    return COLUMN_N;
}

static const char *nearest_column(const char *name)
{
    const char *names[COLUMN_N * ALIASES + 1];
    size_t n = 0;

    for (size_t c = 0; c < COLUMN_N; c++)
        for (size_t i = 0; i < ALIASES && columns[c].names[i] != NULL; i++)
            names[n++] = columns[c].names[i];
    names[n] = NULL;
    return nearest_word(name, names);
}

/* How well a delimiter explains the first row: known columns, then fields. */
static size_t score(const struct import_reading *r, char delimiter)
{
    g_autoptr(csv_reader) reader =
        csv_reader_new(r->text.bytes, r->text.n, delimiter, 1);
    struct csv_row row;
    size_t n = 0;

    if (!csv_reader_next(reader, &row))
        return 0;
    for (size_t i = 0; i < row.n; i++)
        n += column_of(row.fields[i].text) != COLUMN_N;
    return n * (CSV_MAX_FIELDS + 1) + row.n;
}

static char best_delimiter(const struct import_reading *r)
{
    size_t best = 0, best_score = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(delimiters); i++) {
        size_t n = score(r, delimiters[i]);

        if (n <= best_score)
            continue;
        best = i;
        best_score = n;
    }
    return delimiters[best];
}

/*
 * Excel's own first line "sep=;" names the delimiter.  Returns its length
 * with the line end, or 0.
 */
static size_t separator_line(const struct import_text *t, char *ret)
{
    size_t end = 5;

    if (t->n < 6 || g_ascii_strncasecmp(t->bytes, "sep=", 4) != 0 ||
        memchr(delimiters, t->bytes[4], sizeof(delimiters)) == NULL ||
        (t->bytes[5] != '\r' && t->bytes[5] != '\n'))
        return 0;
    *ret = t->bytes[4];
    end += t->bytes[5] == '\r' && t->n > 6 && t->bytes[6] == '\n' ? 2 : 1;
    return end;
}

static void unknown_column(struct import_reading *r,
                           const struct import_fault *at)
{
    g_autofree char *shown = import_quote(at->name, strlen(at->name));
    const char *near = nearest_column(at->name);

    if (near == NULL)
        import_fault_add_at(r, IMPORT_UNKNOWN_COLUMN, at,
                            "no column %s is known", shown);
    else
        import_fault_add_at(r, IMPORT_UNKNOWN_COLUMN, at,
                            "no column %s is known; \"%s\" is", shown, near);
}

static void add_column(struct import_reading *r, const struct csv_row *row,
                       size_t i)
{
    struct import_layout *l = &r->layout;
    g_autofree char *name =
        g_strstrip(import_show(row->fields[i].text, row->fields[i].len));
    struct import_fault at = {
        .line = row->line,
        .column = (uint32_t)i + 1,
        .name = name,
    };
    enum import_column c = column_of(name);

    /* Spreadsheets like to add empty columns at the end. */
    if (*name == '\0')
        return;
    l->width = i + 1;
    if (c == COLUMN_N) {
        unknown_column(r, &at);
        return;
    }
    if (l->at[c] != NO_FIELD) {
        import_fault_add_at(r, IMPORT_REPEATED_COLUMN, &at,
                            "the same is in column %zu already", l->at[c] + 1);
        return;
    }
    l->at[c] = i;
    l->names[c] = g_steal_pointer(&name);
}

static bool has_address(const struct csv_row *row)
{
    for (size_t i = 0; i < row->n; i++)
        if (memchr(row->fields[i].text, '@', row->fields[i].len) != NULL)
            return true;
    return false;
}

static void check_required(struct import_reading *r, const struct csv_row *row)
{
    const struct import_place at = { row->line, COLUMN_N };

    for (size_t c = 0; c < COLUMN_N; c++)
        if (columns[c].required && r->layout.at[c] == NO_FIELD)
            import_fault_add(r, IMPORT_MISSING_COLUMN, &at,
                             "there is no column \"%s\"", columns[c].names[0]);
}

static bool read_names(struct import_reading *r, const struct csv_row *row)
{
    const struct import_place at = { row->line, COLUMN_N };
    size_t known = 0;

    for (size_t i = 0; i < row->n; i++)
        known += column_of(row->fields[i].text) != COLUMN_N;
    if (known == 0 && has_address(row)) {
        import_fault_add(r, IMPORT_NO_HEADER, &at,
                         "there is no header: the first line is a mailbox "
                         "already");
        return false;
    }
    if (known == 0 || row->fault != CSV_FINE) {
        import_fault_add(r, IMPORT_BAD_HEADER, &at,
                         "the first line is no header: %s",
                         row->fault != CSV_FINE ? "it cannot be read as CSV"
                                                : "no column of it is known");
        return false;
    }
    r->layout.n = row->n;
    for (size_t i = 0; i < row->n; i++)
        add_column(r, row, i);
    check_required(r, row);
    r->import->delimiter = r->layout.delimiter;
    return r->import->n_errors == 0;
}

bool import_header_read(struct import_reading *r)
{
    char delimiter = ',';
    size_t from = separator_line(&r->text, &delimiter);
    struct csv_row row;

    for (size_t c = 0; c < COLUMN_N; c++)
        r->layout.at[c] = NO_FIELD;
    if (from == 0)
        delimiter = best_delimiter(r);
    r->layout.delimiter = delimiter;
    r->reader = csv_reader_new(r->text.bytes + from, r->text.n - from,
                               delimiter, from > 0 ? 2 : 1);
    if (!csv_reader_next(r->reader, &row)) {
        import_fault_add(r, IMPORT_EMPTY_FILE,
                         &(struct import_place){ 0, COLUMN_N },
                         "the file is empty");
        return false;
    }
    return read_names(r, &row);
}
