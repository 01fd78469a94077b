#include "base/csv.h"

#include <csv.h>
#include <string.h>

#include "base/secret.h"

struct csv_reader {
    const char *text;
    size_t n, at;
    uint32_t line; /* of text[at] */
    struct csv_parser parser;

    /* The row being read. */
    bool begun, ended;
    size_t row_at;
    uint32_t row_line;
    size_t field_at;   /* first byte of the field being read */
    bool field_quoted; /* libcsv forgets it before it hands the field over */
    enum csv_fault fault;
    struct csv_field fields[CSV_MAX_FIELDS];
    size_t n_fields;
    char *bytes; /* what the fields point to */
    size_t n_bytes, size;
};

struct csv_reader *csv_reader_new(const char *text, size_t n, char delimiter,
                                  uint32_t first_line)
{
    struct csv_reader *r = g_new0(struct csv_reader, 1);

    r->text = text;
    r->n = n;
    r->line = first_line;
    /* The bytes of a row and the one that ends it; a NUL after each field. */
    r->size = MIN(n, CSV_MAX_ROW_BYTES) + 1 + CSV_MAX_FIELDS;
    r->bytes = g_malloc(r->size);
    csv_init(&r->parser, 0);
    csv_set_delim(&r->parser, (unsigned char)delimiter);
    csv_set_realloc_func(&r->parser, g_realloc); /* aborts, never fails */
    csv_set_free_func(&r->parser, g_free);
    /* One block, so that growing leaves no copy behind that nobody wipes. */
    csv_set_blk_size(&r->parser, r->size);
    return r;
}

void csv_reader_free(struct csv_reader *r)
{
    if (r == NULL)
        return;
    if (r->parser.entry_buf != NULL)
        secret_wipe(r->parser.entry_buf, r->parser.entry_size);
    csv_free(&r->parser);
    secret_wipe(r->bytes, r->size);
    g_free(r->bytes);
    g_free(r);
}

static void take_field(void *data, size_t len, void *user)
{
    struct csv_reader *r = user;
    struct csv_field *f = &r->fields[r->n_fields];
    size_t raw = r->at - r->field_at;

    if (r->n_fields == CSV_MAX_FIELDS) {
        r->fault = CSV_TOO_MANY_FIELDS;
        return;
    }
    f->text = r->bytes + r->n_bytes;
    f->len = len;
    f->quoted = r->field_quoted;
    f->padded = !r->field_quoted && raw != len;
    if (len > 0)
        memcpy(r->bytes + r->n_bytes, data, len);
    r->bytes[r->n_bytes + len] = '\0';
    r->n_bytes += len + 1;
    r->n_fields++;
    r->field_at = r->at + 1;
}

static void take_row(int end, void *user)
{
    struct csv_reader *r = user;

    (void)end;
    r->ended = true;
}

static bool ends_line(char c)
{
    return c == '\r' || c == '\n';
}

/* Past the current byte; CR LF is one line end. */
static void advance(struct csv_reader *r)
{
    char c = r->text[r->at++];

    if (c == '\n' || (c == '\r' && !(r->at < r->n && r->text[r->at] == '\n')))
        r->line++;
}

static void feed(struct csv_reader *r)
{
    struct csv_parser *p = &r->parser;
    char c = r->text[r->at];

    if (!r->begun && !ends_line(c)) {
        r->begun = true;
        r->row_at = r->field_at = r->at;
        r->row_line = r->line;
    }
    if (r->begun && r->at - r->row_at > CSV_MAX_ROW_BYTES) {
        r->fault = CSV_ROW_TOO_LONG;
        return;
    }
    /*
     * A quote inside an unquoted field is a character like any other; one
     * inside a quoted field must be doubled or close it.
     */
    csv_set_opts(p, p->quoted ? CSV_STRICT : 0);
    r->field_quoted = p->quoted;
    if (csv_parse(p, &c, 1, take_field, take_row, r) != 1)
        r->fault = CSV_BROKEN_QUOTE;
    /* A line of nothing but blanks is no row. */
    if (ends_line(c) && !p->quoted)
        r->begun = false;
}

static void finish(struct csv_reader *r)
{
    csv_set_opts(&r->parser, CSV_STRICT | CSV_STRICT_FINI);
    r->field_quoted = r->parser.quoted;
    if (csv_fini(&r->parser, take_field, take_row, r) != 0)
        r->fault = CSV_BROKEN_QUOTE;
}

static void begin_row(struct csv_reader *r)
{
    r->begun = r->ended = false;
    r->fault = CSV_FINE;
    r->n_fields = r->n_bytes = 0;
}

void csv_reader_rewind(struct csv_reader *r)
{
    csv_set_opts(&r->parser, 0);
    csv_fini(&r->parser, NULL, NULL, NULL);
    r->at = r->row_at;
    r->line = r->row_line;
    while (r->at < r->n && r->line == r->row_line)
        advance(r);
}

bool csv_reader_next(struct csv_reader *r, struct csv_row *ret)
{
    begin_row(r);
    while (r->at < r->n && !r->ended && r->fault == CSV_FINE) {
        feed(r);
        advance(r);
    }
    if (!r->ended && r->fault == CSV_FINE)
        finish(r);
    if (!r->ended && r->fault == CSV_FINE)
        return false;
    *ret = (struct csv_row){
        .line = r->row_line,
        .fault = r->fault,
        .fields = r->fields,
        .n = r->n_fields,
    };
    if (r->fault != CSV_FINE)
        csv_reader_rewind(r);
    return true;
}

static bool needs_quotes(const char *text)
{
    size_t len = strlen(text);

    /* Readers drop blanks around what is not quoted. */
    return strpbrk(text, ",;\"\t\r\n") != NULL ||
           (len > 0 && (text[0] == ' ' || text[len - 1] == ' '));
}

static void put(struct csv_writer *w, const char *guard, const char *text)
{
    if (w->n++ > 0)
        g_string_append_c(w->out, ',');
    if (*guard == '\0' && !needs_quotes(text)) {
        g_string_append(w->out, text);
        return;
    }
    g_string_append_c(w->out, '"');
    g_string_append(w->out, guard);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            g_string_append_c(w->out, '"');
        g_string_append_c(w->out, *text);
    }
    g_string_append_c(w->out, '"');
}

void csv_put(struct csv_writer *w, const char *text)
{
    bool formula =
        text != NULL && *text != '\0' && strchr("=+-@\t\r\n", *text) != NULL;

    put(w, formula ? "'" : "", text != NULL ? text : "");
}

void csv_put_exact(struct csv_writer *w, const char *text)
{
    put(w, "", text != NULL ? text : "");
}

void csv_put_number(struct csv_writer *w, int64_t number)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, number);

    put(w, "", text);
}

void csv_end_row(struct csv_writer *w)
{
    g_string_append_c(w->out, '\n');
    w->n = 0;
}
