/*
 * Files and passwords at rest.  A file is sealed in pieces, as base64 text:
 * what is sealed is text, and of a limited length.
 */
#include <string.h>

#include "store/requests_priv.h"

/* Of a file in one piece: 60,000 letters of base64. */
#define PIECE_BYTES ((size_t)45000)

void request_file_free(struct request_file *f)
{
    if (f == NULL)
        return;
    g_free(f->name);
    g_free(f->digest);
    g_free(f);
}

static void free_file(void *p)
{
    request_file_free(p);
}

/* ---- passwords ----------------------------------------------------------- */

#define PASSWORD "source password"

/* What is sealed is bound to it: it stays, whatever a request is called. */
static char *owner_text(int64_t id)
{
    return g_strdup_printf("request %" G_GINT64_FORMAT, id);
}

int requests_put_password(const struct requests *p, struct sq_conn *c,
                          int64_t id, const struct secret *password,
                          struct err *err)
{
    g_autofree char *owner = owner_text(id);
    const struct seal_place place = { "request_secrets", PASSWORD, owner };
    const char *plain = secret_peek(password);
    g_autoptr(GBytes) sealed = NULL;

    if (seal_close(p->keys, &place, plain, strlen(plain), &sealed, err) < 0)
        return -1;
    return sq_run(
        c,
        "INSERT INTO request_secrets (request, owner, name, value)"
        " VALUES (?, ?, ?, ?) ON CONFLICT (request, name)"
        " DO UPDATE SET value = excluded.value",
        ARGS(INT(id), TEXT(owner), TEXT(PASSWORD),
             BLOB(g_bytes_get_data(sealed, NULL), g_bytes_get_size(sealed))),
        err);
}

static int open_one(const struct requests *p, const struct seal_place *place,
                    GBytes *sealed, struct secret **ret, struct err *err)
{
    return seal_open(p->keys, place, g_bytes_get_data(sealed, NULL),
                     g_bytes_get_size(sealed), ret, err);
}

int requests_password(struct requests *p, int64_t id, struct secret **ret,
                      struct err *err)
{
    g_autoptr(GPtrArray) found =
        g_ptr_array_new_with_free_func(roster_free_bytes);
    g_autofree char *owner = owner_text(id);
    const struct seal_place place = { "request_secrets", PASSWORD, owner };
    struct sq_conn *c = requests_begin(p, DB_READ, err);

    if (c == NULL || sq_end(c,
                            roster_read(c,
                                        "SELECT value FROM request_secrets"
                                        " WHERE request = ? AND name = ?",
                                        ARGS(INT(id), TEXT(PASSWORD)),
                                        roster_read_bytes, found, err),
                            err) < 0)
        return -1;
    if (found->len == 0)
        return 0;
    if (open_one(p, &place, found->pdata[0], ret, err) < 0)
        return err_in(err, "%s: password of the source", owner);
    return 1;
}

/* ---- files --------------------------------------------------------------- */

static int read_file(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                     struct err *err)
{
    struct request_file *f = g_new(struct request_file, 1);

    (void)c;
    (void)err;
    *f = (struct request_file){
        .id = sq_int64(rows, 0),
        .request_id = sq_int64(rows, 1),
        .mail_id = sq_int64(rows, 2),
        .name = sq_column_dup(rows, 3),
        .digest = sq_column_dup(rows, 4),
        .size = (uint64_t)sq_int64(rows, 5),
        .created_us = sq_int64(rows, 6),
    };
    g_ptr_array_add(to, f);
    return 0;
}

int requests_files(struct requests *p, int64_t request_id,
                   const struct roster_page *page, GPtrArray **ret,
                   struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_file);
    struct sq_conn *c = requests_begin(p, DB_READ, err);

    if (c == NULL ||
        sq_end(c,
               roster_read(
                   c,
                   "SELECT id, request, mail, name, digest, bytes,"
                   " created_us FROM request_files"
                   " WHERE request = ? AND id > ?"
                   " ORDER BY id LIMIT ?",
                   ARGS(INT(request_id), INT(page->after), INT(page->limit)),
                   read_file, all, err),
               err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}

/* "file REF 3": moved to another file or place, a piece does not open. */
static char *piece_text(const char *ref, size_t number)
{
    return g_strdup_printf("%s/%zu", ref, number);
}

static int put_piece(const struct requests *p, struct sq_conn *c,
                     int64_t file_id, const char *row, size_t number,
                     const char *text, struct err *err)
{
    const struct seal_place place = { "file_pieces", "value", row };
    g_autoptr(GBytes) sealed = NULL;

    if (seal_close(p->keys, &place, text, strlen(text), &sealed, err) < 0)
        return -1;
    return sq_run(
        c, "INSERT INTO file_pieces (file, n, value) VALUES (?, ?, ?)",
        ARGS(INT(file_id), INT((int64_t)number),
             BLOB(g_bytes_get_data(sealed, NULL), g_bytes_get_size(sealed))),
        err);
}

static int put_pieces(const struct requests *p, struct sq_conn *c,
                      const struct request_step *step, int64_t file_id,
                      const char *ref, struct err *err)
{
    size_t left = (size_t)step->file->size, number = 0;
    const char *at = step->file_bytes;

    while (left > 0) {
        size_t n = MIN(left, PIECE_BYTES);
        g_autofree char *row = piece_text(ref, number);
        char *text = g_base64_encode((const guchar *)at, n);
        int result = put_piece(p, c, file_id, row, number, text, err);

        secret_wipe(text, strlen(text));
        g_free(text);
        if (result < 0)
            return -1;
        at += n;
        left -= n;
        number++;
    }
    return 0;
}

int requests_put_file(const struct requests *p, struct sq_conn *c,
                      const struct request_step *step,
                      struct request_done *done, struct err *err)
{
    const struct request_file *f = step->file;
    g_autofree char *ref = g_uuid_string_random();

    if (f->size > REQUESTS_FILE_MAX) {
        err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
                "a file of %" G_GUINT64_FORMAT " bytes is too large", f->size);
        err->name = "too-long";
        return -1;
    }
    if (sq_number(c,
                  "INSERT INTO request_files (request, mail, ref, name, digest,"
                  " bytes, created_us) VALUES (?, ?, ?, ?, ?, ?, ?)"
                  " RETURNING id",
                  ARGS(OPT_INT(step->request_id != 0, step->request_id),
                       OPT_INT(done->mail_id != 0, done->mail_id), TEXT(ref),
                       TEXT(f->name), TEXT(f->digest), INT((int64_t)f->size),
                       INT(step->now_us)),
                  &done->file_id, err) < 0)
        return -1;
    return put_pieces(p, c, step, done->file_id, ref, err);
}

struct file_found {
    char *ref;
    uint64_t size;
};

static int find_file(struct sq_conn *c, int64_t id, struct file_found *ret,
                     struct err *err)
{
    struct sq_rows *rows =
        sq_query(c, "SELECT ref, bytes FROM request_files WHERE id = ?",
                 ARGS(INT(id)), err);
    int found = rows == NULL ? -1 : sq_step(c, rows, err);

    if (found <= 0)
        return found;
    ret->ref = sq_column_dup(rows, 0);
    ret->size = (uint64_t)sq_int64(rows, 1);
    sq_reset(rows);
    return 1;
}

static int read_sealed(struct sq_conn *c, int64_t id, struct file_found *file,
                       GPtrArray *pieces, struct err *err)
{
    int found = find_file(c, id, file, err);

    if (found <= 0)
        return found;
    if (roster_read(c,
                    "SELECT value FROM file_pieces WHERE file = ? ORDER BY n",
                    ARGS(INT(id)), roster_read_bytes, pieces, err) < 0)
        return -1;
    return 1;
}

/* One piece after the other; -1: one does not open, or they are not whole. */
static int open_pieces(const struct requests *p, const struct file_found *file,
                       const GPtrArray *pieces, char *to, struct err *err)
{
    uint64_t have = 0;

    for (guint i = 0; i < pieces->len; i++) {
        g_autofree char *row = piece_text(file->ref, i);
        const struct seal_place place = { "file_pieces", "value", row };
        g_autoptr(secret) text = NULL;
        g_autofree guchar *bytes = NULL;
        gsize n;

        if (open_one(p, &place, pieces->pdata[i], &text, err) < 0)
            return -1;
        bytes = g_base64_decode(secret_peek(text), &n);
        if (have + n <= file->size)
            memcpy(to + have, bytes, n);
        secret_wipe(bytes, n);
        have += n;
    }
    if (have == file->size)
        return 0;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "pieces of it are missing");
    err->name = "store-damaged";
    return -1;
}

int requests_file_read(struct requests *p, int64_t file_id, char **ret_bytes,
                       size_t *ret_n, struct err *err)
{
    g_autoptr(GPtrArray) pieces =
        g_ptr_array_new_with_free_func(roster_free_bytes);
    struct sq_conn *c = requests_begin(p, DB_READ, err);
    struct file_found file = { 0 };
    char *bytes;
    int found;

    if (c == NULL)
        return -1;
    found = sq_end(c, read_sealed(c, file_id, &file, pieces, err), err);
    if (found <= 0 || (pieces->len == 0 && file.size > 0)) {
        g_free(file.ref);
        return MIN(found, 0);
    }
    bytes = g_malloc0((gsize)file.size + 1);
    if (open_pieces(p, &file, pieces, bytes, err) < 0) {
        secret_wipe(bytes, (size_t)file.size);
        g_clear_pointer(&bytes, g_free);
        err_in(err, "file %" G_GINT64_FORMAT, file_id);
    }
    g_free(file.ref);
    if (bytes == NULL)
        return -1;
    *ret_bytes = bytes;
    *ret_n = (size_t)file.size;
    return 1;
}

int requests_destroy(struct sq_conn *c, int64_t id, struct err *err)
{
    if (sq_run(c, "DELETE FROM request_secrets WHERE request = ?",
               ARGS(INT(id)), err) < 0 ||
        sq_run(c, "DELETE FROM request_tries WHERE request = ?", ARGS(INT(id)),
               err) < 0)
        return -1;
    return sq_run(c,
                  "DELETE FROM file_pieces WHERE file IN"
                  " (SELECT id FROM request_files WHERE request = ?)",
                  ARGS(INT(id)), err);
}
