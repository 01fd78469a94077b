/*
 * portable_fetch - items by their MIME and their properties.
 *
 * A request for each kind among them, since each has properties of its own
 * and Exchange refuses or ignores those of others; one more first where
 * nobody told the class.
 */
#include "ews/portable_fetch.h"

#include "ews/portable_gather.h"

struct batch {
    struct mailbox *mb;
    const struct endpoint_ref *refs;
    size_t n;
    struct blob_pool *pool;
    struct gathered *got; /* n of them */
    bool *done;           /* read, or failed for good */
};

/* ---- which kind ---------------------------------------------------------- */

static int ask_kinds(struct batch *b, struct err *err)
{
    g_autofree const char **ids = g_new(const char *, b->n);
    g_autofree size_t *at = g_new(size_t, b->n);
    g_autofree struct gathered *got = g_new0(struct gathered, b->n);
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++) {
        if (b->refs[i].item_class != NULL) {
            b->got[i].kind = portable_kind_of(b->refs[i].item_class);
            continue;
        }
        ids[n] = b->refs[i].id;
        at[n++] = i;
    }
    if (n > 0 && gather_kinds(b->mb, ids, n, got, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        b->got[at[i]] = got[i];
        b->done[at[i]] = got[i].status < 0;
    }
    return 0;
}

/* ---- a kind at a time ---------------------------------------------------- */

static void take(struct batch *b, size_t i, struct gathered *got)
{
    b->done[i] = !got->other;
    b->got[i] = *got;
    *got = (struct gathered){ 0 };
}

static int ask_kind(struct batch *b, enum portable_kind kind, struct err *err)
{
    g_autofree const char **ids = g_new(const char *, b->n);
    g_autofree size_t *at = g_new(size_t, b->n);
    g_autofree struct gathered *got = g_new0(struct gathered, b->n);
    struct gather what = { .kind = kind, .ids = ids, .pool = b->pool };

    for (size_t i = 0; i < b->n; i++) {
        if (b->done[i] || b->got[i].kind != kind)
            continue;
        ids[what.n] = b->refs[i].id;
        at[what.n++] = i;
    }
    if (what.n == 0)
        return 0;
    if (gather_items(b->mb, &what, got, err) < 0) {
        gathered_clear(got, what.n);
        return -1;
    }
    for (size_t i = 0; i < what.n; i++)
        take(b, at[i], &got[i]);
    return 0;
}

/* Twice: a class may have changed since it was listed. */
static int ask_all(struct batch *b, struct err *err)
{
    for (int round = 0; round < 2; round++) {
        for (int kind = 0; kind < PORTABLE_N_KINDS; kind++)
            if (ask_kind(b, (enum portable_kind)kind, err) < 0)
                return -1;
    }
    return 0;
}

/* ---- giving out ------------------------------------------------------ */

/* Our own disk is full: that is not the item's fault. */
static int fail(struct endpoint_item *ret, const struct err *why)
{
    ret->status = -1;
    ret->why = *why;
    return why->scope == ERR_RUN ? -1 : 0;
}

static int finish(struct batch *b, size_t i, struct endpoint_item *ret)
{
    struct gathered *got = &b->got[i];
    struct err why;

    if (got->status < 0)
        return fail(ret, &got->why);
    if (got->item.p == NULL) {
        err_set(&why, ERR_ITEM, ERR_RETRY_WAIT, 0,
                "the item changes its class while it is read");
        return fail(ret, &why);
    }
    if (kind_has_mime(got->kind) && portable_mime(got->item.p) == NULL) {
        err_set(&why, ERR_ITEM, ERR_RETRY_NEVER, 0,
                "the server gives no MIME of the item");
        why.name = "OddAnswer";
        return fail(ret, &why);
    }
    if (b->refs[i].to_compare && kind_has_mime(got->kind))
        g_ptr_array_set_size(got->item.attachments, 0);
    if (gather_rest(b->mb, &got->item, 0, b->pool, &why) < 0)
        return fail(ret, &why);
    ret->format = PAYLOAD_PORTABLE;
    ret->portable = g_steal_pointer(&got->item.p);
    ret->change_key = g_steal_pointer(&got->item.change_key);
    ret->untouched = got->item.untouched;
    return 0;
}

static int finish_all(struct batch *b, struct endpoint_item *ret,
                      struct err *err)
{
    for (size_t i = 0; i < b->n; i++) {
        if (finish(b, i, &ret[i]) < 0) {
            *err = ret[i].why;
            return -1;
        }
    }
    return 0;
}

int portable_fetch(struct mailbox *mb, const struct endpoint_ref *refs,
                   size_t n, struct blob_pool *pool, struct endpoint_item *ret,
                   struct err *err)
{
    g_autofree struct gathered *got = g_new0(struct gathered, n);
    g_autofree bool *done = g_new0(bool, n);
    struct batch b = { mb, refs, n, pool, got, done };
    int rc = 0;

    if (ask_kinds(&b, err) < 0 || ask_all(&b, err) < 0 ||
        finish_all(&b, ret, err) < 0)
        rc = -1;
    gathered_clear(got, n);
    if (rc < 0)
        endpoint_items_free(ret, n);
    return rc;
}
