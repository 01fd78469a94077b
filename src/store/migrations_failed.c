/* Items of a migration that failed, mailbox by mailbox and by pages. */
#include "store/migrations_priv.h"

static void free_failed(void *p)
{
    struct migration_failed *f = p;

    g_free(f->source);
    g_free(f->path);
    g_free(f);
}

static int read_failed(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                       struct err *err)
{
    struct migration_failed *f = g_new(struct migration_failed, 1);

    (void)c;
    (void)err;
    *f = (struct migration_failed){
        .item_id = sq_int64(rows, 0),
        .mailbox_id = sq_int64(rows, 1),
        .source = sq_column_dup(rows, 2),
        .path = sq_column_dup(rows, 3),
    };
    g_ptr_array_add(to, f);
    return 0;
}

G_STATIC_ASSERT(ITEM_FAILED == 3);

/* Texts are of few items, so that these come first. */
static const char failed_sql[] =
    "SELECT i.id, m.id, m.source, f.path FROM item_texts t"
    " JOIN items i ON i.id = t.id"
    " JOIN folders f ON f.id = i.id >> 24"
    " JOIN mailboxes m ON m.id = f.mailbox"
    " WHERE i.state = 3 AND t.id > ?1 AND m.migration = ?2"
    " AND ?3 IN (0, m.id) AND (?4 = '' OR t.reason = ?4)"
    " ORDER BY i.id LIMIT ?5";

int migrations_failed(struct migrations *p, const struct failed_filter *filter,
                      const struct roster_page *page, GPtrArray **ret,
                      struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_failed);
    struct sq_conn *c = p->db->ops->begin(p->db, DB_READ, err);

    if (c == NULL ||
        sq_end(
            c,
            roster_read(c, failed_sql,
                        ARGS(INT(page->after), INT(filter->migration_id),
                             INT(filter->mailbox_id),
                             TEXT(filter->reason != NULL ? filter->reason : ""),
                             INT(page->limit)),
                        read_failed, all, err),
            err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}
