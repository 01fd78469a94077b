#include "lab/digest.h"

#include <string.h>

#include <openssl/evp.h>
#include <sqlite3.h>

#include "lab/fts_read.h"
#include "lab/mapi_tags.h"
#include "lab/store_priv.h"

/*
 * What a server may make its own without changing the item, and why.  All
 * else counts.  By id: such a property has no other meaning in any type.
 */
struct left_out {
    uint16_t id;
    const char *why;
};

/* clang-format off */
static const struct left_out of_messages[] = {
    { 0x0E08, "size: each store counts its own rows" },
    { 0x0E23, "article number: the folder's counter for IMAP" },
    { 0x0FF9, "record key: names the item in one store" },
    { 0x0FFF, "entry id: names the item in one store" },
    { 0x3007, "creation: when this store got it" },
    { 0x3008, "modification: when this store last wrote it" },
    { 0x300B, "search key: a store may draw a new one" },
    { 0x3013, "conversation id: computed from the topic, by version" },
    { 0x3019, "retention: set by this organisation's policy" },
    { 0x301A, "retention: set by this organisation's policy" },
    { 0x301B, "retention: set by this organisation's policy" },
    { 0x301C, "retention: set by this organisation's policy" },
    { 0x301D, "retention: set by this organisation's policy" },
    { 0x301E, "retention: set by this organisation's policy" },
    { 0x301F, "retention: set by this organisation's policy" },
    { 0x3FF8, "creator: who put it into this store" },
    { 0x3FF9, "creator: who put it into this store" },
    { 0x3FFA, "last modifier: who put it into this store" },
    { 0x3FFB, "last modifier: who put it into this store" },
    { 0x65E0, "source key: names the item in one store" },
    { 0x65E1, "parent's source key: names the folder in one store" },
    { 0x65E2, "change key: names the change in one store" },
    { 0x65E3, "predecessors: names changes in one store" },
    { 0x674A, "message id: names the item in one store" },
};
static const struct left_out of_recipients[] = {
    { 0x3000, "row number: the order says it" },
};
static const struct left_out of_attachments[] = {
    { 0x0E20, "size: each store counts its own rows" },
    { 0x0E21, "number: the order says it" },
    { 0x0FF7, "access level: of whoever opened it" },
    { 0x0FF9, "record key: names the row in one store" },
    { 0x3007, "creation: when this store got it" },
    { 0x3008, "modification: when this store last wrote it" },
};
/* clang-format on */

/*
 * Bits of 0x0E07 that a store computes: unmodified, has attachments, is
 * associated (also said by where it lies), was ever read.
 */
#define FLAGS_LEFT_OUT (0x0002u | 0x0010u | 0x0040u | 0x0400u)

struct side {
    const struct left_out *table;
    size_t n;
};

static const struct side messages = { of_messages, G_N_ELEMENTS(of_messages) };
static const struct side recipients = { of_recipients,
                                        G_N_ELEMENTS(of_recipients) };
static const struct side attachments = { of_attachments,
                                         G_N_ELEMENTS(of_attachments) };

static uint32_t flags_of(const struct mapi_prop *p)
{
    return (uint32_t)mapi_get_i32(p, 0) & ~FLAGS_LEFT_OUT;
}

static bool is_left_out(const struct side *side, const struct mapi_prop *p)
{
    if (p->name != NULL)
        return false;
    /* A store gives flags to a message that came without. */
    if (PROP_ID(p->tag) == PROP_ID(PR_MESSAGE_FLAGS) && flags_of(p) == 0)
        return true;
    for (size_t i = 0; i < side->n; i++)
        if (side->table[i].id == PROP_ID(p->tag))
            return true;
    return false;
}

/* ---- hashing --------------------------------------------------------- */

static void eat(EVP_MD_CTX *md, const void *data, size_t n)
{
    if (n > 0 && EVP_DigestUpdate(md, data, n) != 1)
        g_error("libcrypto has no SHA-256");
}

static void eat_number(EVP_MD_CTX *md, uint64_t v)
{
    uint64_t be = GUINT64_TO_BE(v);

    eat(md, &be, sizeof(be));
}

static void eat_bytes(EVP_MD_CTX *md, const void *data, size_t n)
{
    eat_number(md, n);
    eat(md, data, n);
}

static void eat_key(EVP_MD_CTX *md, const struct mapi_prop *p)
{
    if (p->name == NULL) {
        eat_number(md, PROP_ID(p->tag));
        return;
    }
    /* Its id is the mailbox's own: the name is what it is. */
    eat_number(md, p->name->text != NULL ? 0x20000 : 0x10000);
    eat(md, p->name->set, sizeof(p->name->set));
    eat_number(md, p->name->id);
    eat_bytes(md, p->name->text, p->name->text_bytes);
}

/* A string is its characters, in whatever form it was sent. */
static bool eat_text(EVP_MD_CTX *md, const struct mapi_prop *p)
{
    size_t n;
    g_autofree uint8_t *units = mapi_dup_utf16(p, &n);

    if (units == NULL)
        return false;
    eat_number(md, PT_UNICODE);
    eat_bytes(md, units, n);
    return true;
}

static void eat_value(EVP_MD_CTX *md, const struct mapi_prop *p)
{
    uint16_t type = PROP_TYPE(p->tag);

    if (PROP_ID(p->tag) == PROP_ID(PR_MESSAGE_FLAGS) && p->name == NULL) {
        eat_number(md, type);
        eat_number(md, flags_of(p));
        return;
    }
    if (eat_text(md, p))
        return;
    if (mapi_type_is_utf16(type))
        type = PT_UNICODE | MV_FLAG;
    eat_number(md, type);
    eat_number(md, p->count);
    eat_bytes(md, p->data, p->size);
}

static int by_meaning(const void *a, const void *b)
{
    const struct mapi_prop *x = *(const struct mapi_prop *const *)a;
    const struct mapi_prop *y = *(const struct mapi_prop *const *)b;

    if ((x->name == NULL) != (y->name == NULL))
        return x->name == NULL ? -1 : 1;
    if (x->name != NULL)
        return mapi_name_compare(x->name, y->name);
    return (int)PROP_ID(x->tag) - (int)PROP_ID(y->tag);
}

static void eat_props(EVP_MD_CTX *md, const struct mapi_props *props,
                      const struct side *side)
{
    g_autoptr(GPtrArray) kept = g_ptr_array_sized_new((guint)props->n);

    for (size_t i = 0; i < props->n; i++)
        if (!is_left_out(side, &props->v[i]))
            g_ptr_array_add(kept, &props->v[i]);
    g_ptr_array_sort(kept, by_meaning);
    eat_number(md, kept->len);
    for (guint i = 0; i < kept->len; i++) {
        const struct mapi_prop *p = g_ptr_array_index(kept, i);

        eat_key(md, p);
        eat_value(md, p);
    }
}

static void eat_message(EVP_MD_CTX *md, const struct mapi_message *m)
{
    eat_props(md, &m->props, &messages);
    eat_number(md, m->n_recipients);
    for (size_t i = 0; i < m->n_recipients; i++)
        eat_props(md, &m->recipients[i], &recipients);
    eat_number(md, m->n_attachments);
    for (size_t i = 0; i < m->n_attachments; i++) {
        const struct mapi_attachment *a = &m->attachments[i];

        eat_props(md, &a->props, &attachments);
        eat_number(md, a->embedded != NULL);
        if (a->embedded != NULL)
            eat_message(md, a->embedded);
    }
}

void lab_digest_item(const struct mapi_item *item, char ret[LAB_DIGEST_TEXT])
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    unsigned char sum[32];

    if (md == NULL || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
        g_error("libcrypto has no SHA-256");
    eat_message(md, &item->message);
    if (EVP_DigestFinal_ex(md, sum, NULL) != 1)
        g_error("libcrypto has no SHA-256");
    EVP_MD_CTX_free(md);
    for (size_t i = 0; i < sizeof(sum); i++)
        g_snprintf(ret + 2 * i, 3, "%02x", sum[i]);
}

/* ---- printing -------------------------------------------------------- */

static int broken(sqlite3 *db, struct err *err)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, sqlite3_errcode(db), "%s",
                   sqlite3_errmsg(db));
}

static void append_name(GString *path, const char *name)
{
    for (const char *p = name; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;

        if (c < 0x20 || c == 0x7F || c == '/' || c == '%')
            g_string_append_printf(path, "%%%02X", c);
        else
            g_string_append_c(path, *p);
    }
}

/* Paths of all folders below the roots that are wanted, by key. */
#define PATHS                                                                  \
    "WITH RECURSIVE below(key, parent, name, distinguished) AS ("              \
    " SELECT key, 0, '', distinguished FROM folder"                            \
    "  WHERE distinguished = 'msgfolderroot'"                                  \
    "   OR (?1 AND distinguished = 'archivemsgfolderroot')"                    \
    "   OR (?2 AND distinguished = 'recoverableitemsroot')"                    \
    "   OR (?1 AND ?2 AND distinguished = 'archiverecoverableitemsroot')"      \
    " UNION ALL SELECT folder.key, folder.parent, folder.name,"                \
    "  folder.distinguished FROM below"                                        \
    "  JOIN folder ON folder.parent = below.key) SELECT * FROM below"

/* What paths begin with; '%' and no two hexadecimal digits is in no name. */
static const struct {
    const char *root, *path;
} roots[] = {
    { "msgfolderroot", "" },
    { "archivemsgfolderroot", "%archive" },
    { "recoverableitemsroot", "%recoverable" },
    { "archiverecoverableitemsroot", "%archive-recoverable" },
};

static const char *root_path(const char *distinguished)
{
    size_t i = 0;

    while (i < G_N_ELEMENTS(roots) - 1 &&
           g_strcmp0(roots[i].root, distinguished) != 0)
        i++;
    return roots[i].path;
}

static void add_path(GHashTable *paths, sqlite3_stmt *q)
{
    const char *distinguished = (const char *)sqlite3_column_text(q, 3);
    const char *name = (const char *)sqlite3_column_text(q, 2);
    const char *above =
        g_hash_table_lookup(paths, GINT_TO_POINTER(sqlite3_column_int64(q, 1)));
    const struct lab_well_known *known =
        distinguished != NULL ? lab_well_known_find(distinguished) : NULL;
    GString *path =
        g_string_new(above != NULL ? above : root_path(distinguished));

    if (above != NULL && path->len > 0)
        g_string_append_c(path, '/');
    if (above != NULL)
        append_name(path, known != NULL ? known->names[0] : name);
    g_hash_table_insert(paths, GINT_TO_POINTER(sqlite3_column_int64(q, 0)),
                        g_string_free(path, FALSE));
}

static int read_paths(sqlite3 *db, const struct lab_digest_options *options,
                      GHashTable *paths, struct err *err)
{
    sqlite3_stmt *q;
    int rc;

    if (sqlite3_prepare_v2(db, PATHS, -1, &q, NULL) != SQLITE_OK)
        return broken(db, err);
    sqlite3_bind_int(q, 1, options->archive);
    sqlite3_bind_int(q, 2, options->recoverable);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW)
        add_path(paths, q);
    sqlite3_finalize(q);
    return rc == SQLITE_DONE ? 0 : broken(db, err);
}

static int digest_payload(sqlite3_stmt *q, char ret[LAB_DIGEST_TEXT])
{
    g_autoptr(mapi_item) item = NULL;
    struct err unread;
    const void *data = sqlite3_column_blob(q, 3);
    int n = sqlite3_column_bytes(q, 3);

    /* As it is exported, so also when a fault has damaged it. */
    n -= MIN(n, sqlite3_column_int(q, 4));
    if (lab_fts_read(data, (size_t)n, &item, &unread) < 0)
        return -1;
    lab_digest_item(item, ret);
    return 0;
}

static void add_line(GPtrArray *lines, const char *path, sqlite3_stmt *q)
{
    GString *line = g_string_new((const char *)sqlite3_column_text(q, 0));
    char digest[LAB_DIGEST_TEXT];

    /* An item that cannot be read is there all the same. */
    if (digest_payload(q, digest) < 0)
        g_strlcpy(digest, "unreadable", sizeof(digest));
    g_string_append_printf(line, "\t%s\t", path);
    append_name(line, (const char *)sqlite3_column_text(q, 2));
    g_string_append_printf(line, "\t%s\n", digest);
    g_ptr_array_add(lines, g_string_free(line, FALSE));
}

/* An archive goes by its owner's address. */
#define ITEMS                                                                  \
    "SELECT owner.address, folder, class, data, cut FROM item"                 \
    " JOIN mailbox ON mailbox.key = item.mailbox"                              \
    " JOIN mailbox AS owner"                                                   \
    "  ON owner.key = ifnull(nullif(mailbox.archive_of, 0), mailbox.key)"      \
    " JOIN payload ON payload.item = item.key"                                 \
    " WHERE (?1 IS NULL OR owner.address = ?1) AND associated <= ?2"

static int read_items(sqlite3 *db, const struct lab_digest_options *options,
                      GPtrArray *lines, struct err *err)
{
    g_autoptr(GHashTable) paths =
        g_hash_table_new_full(NULL, NULL, NULL, g_free);
    sqlite3_stmt *q;
    int rc;

    if (read_paths(db, options, paths, err) < 0)
        return -1;
    if (sqlite3_prepare_v2(db, ITEMS, -1, &q, NULL) != SQLITE_OK)
        return broken(db, err);
    sqlite3_bind_text(q, 1, options->mailbox, -1, SQLITE_STATIC);
    sqlite3_bind_int(q, 2, options->all);
    while ((rc = sqlite3_step(q)) == SQLITE_ROW) {
        const char *path = g_hash_table_lookup(
            paths, GINT_TO_POINTER(sqlite3_column_int64(q, 1)));

        if (path != NULL)
            add_line(lines, path, q);
    }
    sqlite3_finalize(q);
    return rc == SQLITE_DONE ? 0 : broken(db, err);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int print_lines(GPtrArray *lines, FILE *out, struct err *err)
{
    g_ptr_array_sort(lines, by_bytes);
    for (guint i = 0; i < lines->len; i++)
        fputs(g_ptr_array_index(lines, i), out);
    if (fflush(out) != 0 || ferror(out))
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "digest cannot be written");
    return 0;
}

/* All in one transaction, so what is printed was there at one moment. */
static int read_store(sqlite3 *db, const struct lab_digest_options *options,
                      GPtrArray *lines, struct err *err)
{
    sqlite3_busy_timeout(db, 10000);
    if (sqlite3_exec(db, "PRAGMA query_only = ON; BEGIN", NULL, NULL, NULL) !=
        SQLITE_OK)
        return broken(db, err);
    return read_items(db, options, lines, err);
}

int lab_digest_print(const char *store_path,
                     const struct lab_digest_options *options, FILE *out,
                     struct err *err)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    sqlite3 *db = NULL;
    int status;

    if (sqlite3_open_v2(store_path, &db, SQLITE_OPEN_READWRITE, NULL) !=
        SQLITE_OK)
        status = broken(db, err);
    else
        status = read_store(db, options, lines, err);
    sqlite3_close(db);
    if (status < 0)
        return err_in(err, "store \"%s\"", store_path);
    return print_lines(lines, out, err);
}
