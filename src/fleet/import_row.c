#include "fleet/import_priv.h"

#include <string.h>

#include "fleet/address.h"
#include "fleet/flags.h"

/*
 * Longest values, in characters.  Active Directory: a user principal name is
 * at most 1024, a password 256.  Flags: all names together are 363.
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

/* The article's form has one of them misspelt. */
static const char *const placeholders[] = { "<password>", "<passwrod>" };

#define REPLACEMENT 0xFFFD

/* A row being read. */
struct row {
    struct import_reading *r;
    const struct csv_row *csv;
    struct import_candidate *candidate;
};

/* A value of a known column: what is between the blanks, borrowed. */
struct value {
    const char *text;
    size_t len;
    const struct csv_field *field; /* NULL: the file has no such column */
    bool bad;                      /* a fault has been added */
};

static struct import_place place(const struct row *row,
                                 enum import_column column)
{
    return (struct import_place){ row->csv->line, column };
}

static void fault(struct row *row, enum import_fault_kind kind,
                  enum import_column column, const char *text)
{
    struct import_place at = place(row, column);

    import_fault_add(row->r, kind, &at, "%s", text);
    row->candidate->bad = true;
}

static bool is_blank(gunichar c)
{
    return g_unichar_isspace(c) || g_unichar_iszerowidth(c);
}

/* Without the blanks of any kind that pasting brings along. */
static void trim(struct value *v)
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

static bool has_bad_character(const struct value *v)
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
static void check_characters(struct row *row, enum import_column column,
                             struct value *v)
{
    struct import_place at = place(row, column);
    glong n;

    v->bad = true;
    if (memchr(v->text, '\0', v->len) != NULL) {
        fault(row, IMPORT_NUL_BYTE, column, "there is a NUL byte in it");
        return;
    }
    if (has_bad_character(v)) {
        fault(row, IMPORT_BAD_CHARACTER, column,
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

static struct value value_of(struct row *row, enum import_column column)
{
    size_t at = row->r->layout.at[column];
    struct value v = { .text = "" };

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

static char *value_dup(const struct value *v)
{
    return g_strndup(v->text, v->len);
}

/* ---- addresses -------------------------------------------------------- */

static void check_domain(struct row *row, enum import_column column,
                         const char *address)
{
    struct import_reading *r = row->r;
    struct import_place at = place(row, column);

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

static void read_address(struct row *row, enum import_side side)
{
    enum import_column column = import_column_of(side, COLUMN_SOURCE_EMAIL);
    struct import_place at = place(row, column);
    struct value v = value_of(row, column);
    g_autofree char *text = NULL;
    const char *why;
    char *address;

    if (v.bad)
        return;
    if (v.len == 0) {
        fault(row, IMPORT_MISSING_ADDRESS, column, "there is no address");
        return;
    }
    text = value_dup(&v);
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
static void check_same_mailbox(struct row *row)
{
    const struct import_context *context = row->r->context;
    const char *source = context->sides[IMPORT_SOURCE].host;
    const char *destination = context->sides[IMPORT_DESTINATION].host;
    struct import_place at = place(row, COLUMN_DESTINATION_EMAIL);
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

/* ---- credentials ------------------------------------------------------ */

static bool is_placeholder(const struct value *v)
{
    for (size_t i = 0; i < G_N_ELEMENTS(placeholders); i++)
        if (strlen(placeholders[i]) == v->len &&
            g_ascii_strncasecmp(placeholders[i], v->text, v->len) == 0)
            return true;
    return false;
}

static void check_password(struct row *row, enum import_column column,
                           struct value *v)
{
    if (v->bad)
        return;
    if (is_placeholder(v)) {
        v->bad = true;
        fault(row, IMPORT_PLACEHOLDER, column,
              "the template's placeholder is still there");
    } else if (v->len > 0 && v->field->padded) {
        v->bad = true;
        fault(row, IMPORT_PADDED_PASSWORD, column,
              "there is a blank before or after the password");
    }
}

static void check_admin(struct row *row, enum import_side side)
{
    static const unsigned int checks[] = {
        [IMPORT_SOURCE] = IMPORT_CHECK_SOURCE_ADMIN,
        [IMPORT_DESTINATION] = IMPORT_CHECK_DESTINATION_ADMIN,
    };
    struct import_place at =
        place(row, import_column_of(side, COLUMN_SOURCE_USER));

    switch (row->r->context->sides[side].admin) {
    case IMPORT_ADMIN_GIVEN:
        return;
    case IMPORT_ADMIN_UNKNOWN:
        row->r->import->left_out |= checks[side];
        return;
    case IMPORT_ADMIN_NONE:
        break;
    }
    import_fault_add(row->r, IMPORT_NO_CREDENTIALS, &at,
                     "there are no credentials, and the %s has no "
                     "administrative account",
                     import_side_name(side));
    row->candidate->bad = true;
}

static void read_credentials(struct row *row, enum import_side side)
{
    enum import_column user_column = import_column_of(side, COLUMN_SOURCE_USER);
    enum import_column password_column =
        import_column_of(side, COLUMN_SOURCE_PASSWORD);
    struct import_mailbox *m = &row->candidate->row->sides[side];
    struct value user = value_of(row, user_column);
    struct value password = value_of(row, password_column);

    check_password(row, password_column, &password);
    if (user.bad || password.bad)
        return;
    if (user.len == 0 && password.len == 0) {
        check_admin(row, side);
    } else if (password.len == 0) {
        fault(row, IMPORT_USER_WITHOUT_PASSWORD, user_column,
              "there is a user name and no password");
    } else if (user.len == 0) {
        fault(row, IMPORT_PASSWORD_WITHOUT_USER, password_column,
              "there is a password and no user name");
    } else {
        m->user = value_dup(&user);
        m->password = secret_new(password.text, password.len);
    }
}

/* ---- flags ------------------------------------------------------------ */

static void unknown_flag(struct row *row, const struct flags_result *f)
{
    struct import_place at = place(row, COLUMN_FLAGS);
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

/* Said once for all rows, at the first one. */
static void note_idle_flags(struct row *row, uint32_t bits)
{
    struct import_reading *r = row->r;

    for (const struct flag_row *f = flag_table; f->name != NULL; f++) {
        guint bit = (guint)g_bit_nth_lsf((gulong)f->flag, -1);

        if (f->scope != FLAG_SCOPE_SERVICE || (bits & f->flag) == 0)
            continue;
        if (r->idle_rows[bit]++ == 0)
            r->idle_line[bit] = row->csv->line;
    }
}

static void read_flags(struct row *row)
{
    struct value v = value_of(row, COLUMN_FLAGS);
    g_autofree char *text = NULL;
    struct flags_result f;

    if (v.bad)
        return;
    text = value_dup(&v);
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
static bool has_shape(struct row *row)
{
    const struct import_layout *l = &row->r->layout;
    const struct csv_row *csv = row->csv;
    struct import_place at = place(row, COLUMN_N);
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
static enum import_column swallowed(const struct row *row)
{
    for (size_t c = 0; c < COLUMN_N; c++) {
        size_t at = row->r->layout.at[c];

        if (at < row->csv->n &&
            strpbrk(row->csv->fields[at].text, "\r\n") != NULL)
            return (enum import_column)c;
    }
    return COLUMN_N;
}

static bool has_whole_quotes(struct row *row)
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
        fault(row, IMPORT_BROKEN_QUOTE, c,
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
    struct row row = { r, csv, candidate };

    candidate->row = g_new0(struct import_row, 1);
    candidate->row->line = csv->line;
    g_ptr_array_add(r->candidates, candidate);
    if (!has_whole_quotes(&row) || !has_shape(&row))
        return;
    for (int side = 0; side < IMPORT_N_SIDES; side++) {
        read_address(&row, (enum import_side)side);
        read_credentials(&row, (enum import_side)side);
    }
    check_same_mailbox(&row);
    read_flags(&row);
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
