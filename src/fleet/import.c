#include "fleet/import.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fleet/address.h"
#include "fleet/flags.h"
#include "fleet/import_priv.h"

/*
 * Each one costs up to a row's length of reading again; a file with more is
 * no CSV.
 */
#define MAX_BROKEN_QUOTES 100

const char *import_side_name(enum import_side side)
{
    static const char *const names[] = {
        [IMPORT_SOURCE] = "source",
        [IMPORT_DESTINATION] = "destination",
    };

    return names[side];
}

static struct import *import_new(void)
{
    struct import *import = g_new0(struct import, 1);

    import->rows = g_ptr_array_new_with_free_func(import_row_free);
    import->faults = g_ptr_array_new_with_free_func(import_fault_free);
    import->encoding = "";
    return import;
}

void import_free(struct import *import)
{
    if (import == NULL)
        return;
    g_ptr_array_unref(import->rows);
    g_ptr_array_unref(import->faults);
    g_free(import);
}

static bool is_blank_row(const struct csv_row *row)
{
    for (size_t i = 0; i < row->n; i++)
        if (row->fields[i].len > 0)
            return false;
    return row->fault == CSV_FINE;
}

/* Enough has been seen; says so. */
static bool is_over(struct import_reading *r, const struct csv_row *row)
{
    const struct import_place at = { row->line, COLUMN_N };

    if (r->candidates->len == IMPORT_MAX_ROWS) {
        import_fault_add(r, IMPORT_TOO_MANY_ROWS, &at,
                         "there are more than %d rows; the rest is not read",
                         IMPORT_MAX_ROWS);
        return true;
    }
    if (r->n_broken_quotes == MAX_BROKEN_QUOTES) {
        import_fault_add(r, IMPORT_TOO_MANY_QUOTES, &at,
                         "there are more than %d rows with broken quotes; the "
                         "rest is not read",
                         MAX_BROKEN_QUOTES);
        return true;
    }
    return false;
}

static void read_rows(struct import_reading *r)
{
    struct csv_row row;

    while (csv_reader_next(r->reader, &row)) {
        if (is_blank_row(&row))
            continue;
        if (is_over(r, &row))
            return;
        import_row_read(r, &row);
    }
    if (r->candidates->len == 0)
        import_fault_add(r, IMPORT_NO_ROWS,
                         &(struct import_place){ 0, COLUMN_N },
                         "there is no row after the header");
}

static void tell_idle_flags(struct import_reading *r)
{
    for (const struct flag_row *f = flag_table; f->name != NULL; f++) {
        guint bit = (guint)g_bit_nth_lsf((gulong)f->flag, -1);
        const struct import_place at = { r->idle_line[bit], COLUMN_FLAGS };

        if (r->idle_rows[bit] > 0)
            import_fault_add(r, IMPORT_FLAG_WITHOUT_EFFECT, &at,
                             "\"%s\" does nothing without the managed service "
                             "(%zu %s)",
                             f->name, r->idle_rows[bit],
                             r->idle_rows[bit] == 1 ? "row" : "rows");
    }
}

static int by_place(gconstpointer a, gconstpointer b)
{
    const struct import_fault *x = *(struct import_fault *const *)a;
    const struct import_fault *y = *(struct import_fault *const *)b;

    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (x->column > y->column) - (x->column < y->column);
}

static void keep_good(struct import_reading *r)
{
    for (guint i = 0; i < r->candidates->len; i++) {
        struct import_candidate *c = g_ptr_array_index(r->candidates, i);

        if (!c->bad)
            g_ptr_array_add(r->import->rows, g_steal_pointer(&c->row));
    }
    r->import->n_rows = r->candidates->len;
}

static void reading_init(struct import_reading *r, struct import *import,
                         const struct import_context *context)
{
    const char *ignored;

    *r = (struct import_reading){ .import = import, .context = context };
    for (size_t c = 0; c < COLUMN_N; c++)
        r->layout.at[c] = NO_FIELD;
    if (context->domain != NULL)
        r->domain = address_domain_parse(context->domain, &ignored);
    if (context->domain != NULL && r->domain == NULL)
        r->domain = g_strdup(context->domain);
    r->candidates = g_ptr_array_new_with_free_func(import_candidate_free);
}

static void reading_release(struct import_reading *r)
{
    for (size_t c = 0; c < COLUMN_N; c++)
        g_free(r->layout.names[c]);
    g_free(r->domain);
    csv_reader_free(r->reader);
    import_text_clear(&r->text);
    g_ptr_array_unref(r->candidates);
}

struct import *import_read(const char *bytes, size_t n,
                           const struct import_context *context)
{
    struct import *import = import_new();
    struct import_reading r;

    reading_init(&r, import, context);
    if (n > IMPORT_MAX_BYTES) {
        import_fault_add(&r, IMPORT_FILE_TOO_BIG,
                         &(struct import_place){ 0, COLUMN_N },
                         "the file is over %d MB", IMPORT_MAX_BYTES >> 20);
        reading_release(&r);
        return import;
    }
    import_text_decode(bytes, n, &r.text);
    import->encoding = r.text.encoding;
    if (import_header_read(&r)) {
        read_rows(&r);
        import_mark_duplicates(&r);
        tell_idle_flags(&r);
        keep_good(&r);
    }
    g_ptr_array_sort(import->faults, by_place);
    reading_release(&r);
    return import;
}

/* A byte more than may be, so that too many show. */
#define BUFFER_BYTES (IMPORT_MAX_BYTES + 1)

static int read_all(int fd, char *buffer, size_t *ret_n)
{
    size_t n = 0;

    while (n < BUFFER_BYTES) {
        ssize_t got = read(fd, buffer + n, BUFFER_BYTES - n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        n += (size_t)got;
    }
    *ret_n = n;
    return 0;
}

int import_read_file(const char *path, const struct import_context *context,
                     struct import **ret, struct err *err)
{
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    g_autofree char *buffer = NULL;
    size_t n = 0;
    int status, why;

    if (fd < 0)
        return err_errno(err, ERR_RUN, errno, "import file \"%s\"", path);
    /* In one piece: a buffer that grows leaves copies of passwords behind. */
    buffer = g_malloc(BUFFER_BYTES);
    status = read_all(fd, buffer, &n);
    why = errno;
    if (!standard)
        close(fd);
    if (status == 0)
        *ret = import_read(buffer, n, context);
    secret_wipe(buffer, BUFFER_BYTES);
    if (status < 0)
        return err_errno(err, ERR_RUN, why, "import file \"%s\"", path);
    return 0;
}

/* At most what a row can take: every character doubled, quotes, commas. */
static size_t row_bytes(const struct import_row *row)
{
    size_t n = 64;

    for (int side = 0; side < IMPORT_N_SIDES; side++) {
        const struct import_mailbox *m = &row->sides[side];

        n += 2 * strlen(m->address);
        if (m->password != NULL)
            n += 2 * (strlen(m->user) + strlen(secret_peek(m->password)));
    }
    return n;
}

static void write_row(struct csv_writer *w, const struct import_row *row,
                      bool bare)
{
    void (*put)(struct csv_writer *, const char *) =
        bare ? csv_put : csv_put_exact;

    for (int side = 0; side < IMPORT_N_SIDES; side++) {
        const struct import_mailbox *m = &row->sides[side];

        put(w, m->address);
        put(w, m->user);
        put(w, m->password != NULL && !bare ? secret_peek(m->password) : NULL);
    }
    csv_put_number(w, row->flags);
    csv_end_row(w);
}

static char *write_all(const struct import *import, bool bare)
{
    const char *model = import_template(false);
    size_t header = strcspn(model, "\n") + 1, n = header + 1;
    struct csv_writer w = { 0 };

    for (guint i = 0; i < import->rows->len; i++)
        n += row_bytes(g_ptr_array_index(import->rows, i));
    /* In one piece, for the same reason. */
    w.out = g_string_sized_new(n);
    g_string_append_len(w.out, model, (gssize)header);
    for (guint i = 0; i < import->rows->len; i++)
        write_row(&w, g_ptr_array_index(import->rows, i), bare);
    return g_string_free(w.out, FALSE);
}

char *import_write(const struct import *import)
{
    return write_all(import, false);
}

char *import_write_bare(const struct import *import)
{
    return write_all(import, true);
}
