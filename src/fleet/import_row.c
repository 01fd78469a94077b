#include "fleet/import_priv.h"

#include <string.h>

#include "fleet/address.h"
#include "fleet/flags.h"

/* ---- addresses -------------------------------------------------------- */

static void check_domain(struct import_line *row, enum import_column column,
                         const char *address)
{
    struct import_reading *r = row->r;
    struct import_place at = import_line_place(row, column);

    if (r->domain == NULL) {
        r->import->left_out |= IMPORT_CHECK_DOMAIN;
        return;
    }
    if (strcmp(address_domain(address), r->domain) == 0)
        return;
    import_fault_add(r, IMPORT_OTHER_DOMAIN, &at,
                     "\"%s\" is not in the domain \"%s\"", address, r->domain);
    row->candidate->bad = true;
}

static void read_address(struct import_line *row, enum import_side side)
{
    enum import_column column = import_column_of(side, COLUMN_SOURCE_EMAIL);
    struct import_place at = import_line_place(row, column);
    struct import_value v = import_value_of(row, column);
    g_autofree char *text = NULL;
    const char *why;
    char *address;

    if (v.bad)
        return;
    if (v.len == 0) {
        import_line_fault(row, IMPORT_MISSING_ADDRESS, column,
                          "there is no address");
        return;
    }
    text = import_value_dup(&v);
    address = address_parse(text, &why);
    if (address == NULL) {
        g_autofree char *shown = import_quote(text, v.len);

        import_fault_add(row->r, IMPORT_BAD_ADDRESS, &at,
                         "%s is not a mail address: %s", shown, why);
        row->candidate->bad = true;
        return;
    }
    row->candidate->row->sides[side].address = address;
    row->candidate->keys[side] = address_key(address);
    check_domain(row, column, address);
}

/* Moving a mailbox onto itself would fill it with copies. */
static void check_same_mailbox(struct import_line *row)
{
    const struct import_context *context = row->r->context;
    const char *source = context->sides[IMPORT_SOURCE].host;
    const char *destination = context->sides[IMPORT_DESTINATION].host;
    struct import_place at = import_line_place(row, COLUMN_DESTINATION_EMAIL);
    char *const *keys = row->candidate->keys;

    if (keys[IMPORT_SOURCE] == NULL || keys[IMPORT_DESTINATION] == NULL ||
        strcmp(keys[IMPORT_SOURCE], keys[IMPORT_DESTINATION]) != 0)
        return;
    if (source == NULL || destination == NULL) {
        row->r->import->left_out |= IMPORT_CHECK_SAME_MAILBOX;
        return;
    }
    if (g_ascii_strcasecmp(source, destination) != 0)
        return;
    import_fault_add(row->r, IMPORT_SAME_MAILBOX, &at,
                     "\"%s\" is the source too, on the same server \"%s\"",
                     row->candidate->row->sides[IMPORT_DESTINATION].address,
                     destination);
    row->candidate->bad = true;
}

/* ---- flags ------------------------------------------------------------ */

static void unknown_flag(struct import_line *row, const struct flags_result *f)
{
    struct import_place at = import_line_place(row, COLUMN_FLAGS);
    g_autofree char *name = NULL;

    row->candidate->bad = true;
    if (f->fault == FLAGS_UNKNOWN_BITS) {
        if (f->unknown == UINT64_MAX)
            import_fault_add(row->r, IMPORT_UNKNOWN_FLAG, &at,
                             "the number is too big");
        else
            import_fault_add(row->r, IMPORT_UNKNOWN_FLAG, &at,
                             "no flag has the bits %" G_GUINT64_FORMAT,
                             f->unknown);
        return;
    }
    name = import_quote(f->name, f->name_len);
    if (f->nearest != NULL)
        import_fault_add(row->r, IMPORT_UNKNOWN_FLAG, &at,
                         "no flag is called %s; \"%s\" is", name, f->nearest);
    else
        import_fault_add(row->r, IMPORT_UNKNOWN_FLAG, &at,
                         "no flag is called %s", name);
}

#define ASKS (FLAG_ASK_SOURCE_OWNER | FLAG_ASK_DESTINATION_OWNER)

/* Said once for all rows, at the first one. */
static void note_idle_flags(struct import_line *row, uint32_t bits)
{
    struct import_reading *r = row->r;

    for (const struct flag_row *f = flag_table; f->name != NULL; f++) {
        guint bit = (guint)g_bit_nth_lsf((gulong)f->flag, -1);

        if (f->scope != FLAG_SCOPE_SERVICE || (bits & f->flag) == 0 ||
            (r->context->ask_owners && (f->flag & ASKS) != 0))
            continue;
        if (r->idle_rows[bit]++ == 0)
            r->idle_line[bit] = row->csv->line;
    }
}

static void read_flags(struct import_line *row)
{
    struct import_value v = import_value_of(row, COLUMN_FLAGS);
    g_autofree char *text = NULL;
    struct flags_result f;

    if (v.bad)
        return;
    text = import_value_dup(&v);
    f = flags_parse(text);
    if (f.fault != FLAGS_OK) {
        unknown_flag(row, &f);
        return;
    }
    row->candidate->row->flags = f.bits;
    note_idle_flags(row, f.bits);
}

/* ---- the row ---------------------------------------------------------- */

/*
 * A row that is cut in the wrong places is not looked into: its fields would
 * be taken for what they are not, and a piece of a password be shown.  So a
 * field more than the header has is no excess to pass over, even when the
 * last ones are empty.
 */
static bool has_shape(struct import_line *row)
{
    const struct import_layout *l = &row->r->layout;
    const struct csv_row *csv = row->csv;
    struct import_place at = import_line_place(row, COLUMN_N);
    size_t n = csv->n;

    while (n <= l->n && n > l->width && csv->fields[n - 1].len == 0)
        n--;
    if (n == l->width)
        return true;
    import_fault_add(
        row->r, n < l->width ? IMPORT_TOO_FEW_FIELDS : IMPORT_TOO_MANY_FIELDS,
        &at, "there are %zu fields; the header has %zu", n, l->width);
    row->candidate->bad = true;
    return false;
}

/* The first known column that spans lines: an open quote took them in. */
static enum import_column swallowed(const struct import_line *row)
{
    for (size_t c = 0; c < COLUMN_N; c++) {
        size_t at = row->r->layout.at[c];

        if (at < row->csv->n &&
            strpbrk(row->csv->fields[at].text, "\r\n") != NULL)
            return (enum import_column)c;
    }
    return COLUMN_N;
}

static bool has_whole_quotes(struct import_line *row)
{
    static const struct {
        enum import_fault_kind kind;
        const char *text;
    } broken[] = {
        [CSV_BROKEN_QUOTE] = { IMPORT_BROKEN_QUOTE,
                               "a quote is not closed, or text follows it" },
        [CSV_ROW_TOO_LONG] = { IMPORT_FIELD_TOO_LONG,
                               "the row is over 64 KiB long" },
        [CSV_TOO_MANY_FIELDS] = { IMPORT_TOO_MANY_FIELDS,
                                  "there are over 256 fields" },
    };
    const struct csv_row *csv = row->csv;
    enum import_column c = swallowed(row);
    struct import_fault at = {
        .line = csv->line,
        .column = (uint32_t)csv->n + 1,
    };

    if (c != COLUMN_N) {
        csv_reader_rewind(row->r->reader);
        import_line_fault(row, IMPORT_BROKEN_QUOTE, c,
                          "there is a line end in it: a quote is not closed");
        row->r->n_broken_quotes++;
        return false;
    }
    if (csv->fault == CSV_FINE)
        return true;
    import_fault_add_at(row->r, broken[csv->fault].kind, &at, "%s",
                        broken[csv->fault].text);
    row->candidate->bad = true;
    row->r->n_broken_quotes++;
    return false;
}

void import_row_read(struct import_reading *r, const struct csv_row *csv)
{
    struct import_candidate *candidate = g_new0(struct import_candidate, 1);
    struct import_line row = { r, csv, candidate };

    candidate->row = g_new0(struct import_row, 1);
    candidate->row->line = csv->line;
    g_ptr_array_add(r->candidates, candidate);
    if (!has_whole_quotes(&row) || !has_shape(&row))
        return;
    read_flags(&row); /* which may say whom to ask for a password */
    for (int side = 0; side < IMPORT_N_SIDES; side++) {
        read_address(&row, (enum import_side)side);
        import_credentials_read(&row, (enum import_side)side);
    }
    check_same_mailbox(&row);
}

void import_row_free(void *data)
{
    struct import_row *row = data;

    if (row == NULL)
        return;
    for (int side = 0; side < IMPORT_N_SIDES; side++) {
        g_free(row->sides[side].address);
        g_free(row->sides[side].user);
        secret_free(row->sides[side].password);
    }
    g_free(row);
}

void import_candidate_free(void *data)
{
    struct import_candidate *c = data;

    import_row_free(c->row);
    for (int side = 0; side < IMPORT_N_SIDES; side++)
        g_free(c->keys[side]);
    g_free(c);
}
