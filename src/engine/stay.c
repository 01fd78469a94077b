#include "engine/stay.h"

#include "engine/digest.h"
#include "engine/reader.h"

/* Behind what else there is to say of the item. */
#define MOVED                                                                  \
    "moved at the source; what is at the destination was there before the "    \
    "migration and stays in "

/* One of a call's, with what its adoption points to. */
struct staying {
    const struct stay *item;
    char *reason; /* owned; or NULL */
    struct store_adoption record;
};

/* The row in whose folder it lies. */
static int64_t lies_with(const struct store_item *left)
{
    return left->moved_from != 0 ? left->moved_from : left->id;
}

static int folder_of(const struct copy *c, int64_t row_id, struct folder **ret,
                     struct err *err)
{
    const struct engine_job *job = c->pass.job;
    g_autoptr(store_item) row = NULL;
    int found =
        store_item_find(job->store, job->lease.mailbox_id, row_id, &row, err);

    if (found < 0)
        return -1;
    *ret = found > 0 ? copy_folder(c, row->folder_id) : NULL;
    return 0;
}

/* What was said of it before it was moved for the first time; or NULL. */
static char *former_reason(const struct store_item *left)
{
    const char *moved;

    if (left->reason == NULL)
        return NULL;
    moved = strstr(left->reason, MOVED);
    if (moved == NULL)
        return g_strdup(left->reason);
    if (moved == left->reason)
        return NULL;
    return g_strndup(left->reason,
                     (gsize)(moved - left->reason) - strlen("; "));
}

static char *reason_for(const struct store_item *left, const char *path)
{
    g_autofree char *former = former_reason(left);

    if (path == NULL)
        return g_steal_pointer(&former);
    return g_strdup_printf("%s%s" MOVED "\"%.300s\"",
                           former != NULL ? former : "",
                           former != NULL ? "; " : "", path);
}

static enum verify_class class_of(const struct staying *s)
{
    if (s->reason != NULL)
        return VERIFY_DIFFERENT;
    return s->item->left->digest_len > 0 ? VERIFY_VERIFIED : VERIFY_PRESENT;
}

static int fill(const struct copy *c, struct staying *s, struct err *err)
{
    const struct store_item *left = s->item->left;
    struct folder *lies_in;
    bool back;

    if (folder_of(c, lies_with(left), &lies_in, err) < 0)
        return -1;
    back = lies_in != NULL && lies_in->row->id == s->item->arrived->folder_id;
    s->reason = reason_for(left, back              ? NULL
                                 : lies_in != NULL ? lies_in->row->path
                                                   : "?");
    s->record = (struct store_adoption){
        .item_id = s->item->arrived->id,
        .state = ITEM_ALREADY_THERE,
        .destination_id = left->destination_id,
        .change_key = s->item->arrived->change_key,
        .size_bytes = left->size_bytes,
        .digest = left->digest,
        .digest_len = left->digest_len,
        .format = left->format,
        .verify = class_of(s),
        .reason = s->reason,
        .left = left->id,
        .lies_with = back ? 0 : lies_with(left),
    };
    return 0;
}

/* Those that are there still: a copy of what is not would be no double. */
static int keep_there(struct copy *c, const struct stay *stays, size_t n,
                      bool *ret, struct err *err)
{
    g_autofree const char **ids = g_new0(const char *, n + 1);
    g_autofree enum payload_format *formats =
        g_new0(enum payload_format, n + 1);
    const struct reader r = {
        .ep = pass_own_hands(&c->pass).at[DESTINATION],
        .side = DESTINATION,
        .formats = formats,
    };
    g_autofree struct reading *got = g_new0(struct reading, n + 1);
    int end;

    for (size_t i = 0; i < n; i++) {
        ids[i] = stays[i].left->destination_id;
        formats[i] = (enum payload_format)stays[i].left->format;
    }
    end = reader_read(&c->pass, &r, ids, n, got, err);
    for (size_t i = 0; i < n; i++) {
        ret[i] = got[i].end != READING_GONE;
        reading_clear(&got[i]);
    }
    return end;
}

static void tell(struct copy *c, const struct staying *s, size_t n)
{
    uint64_t apart = 0;

    for (size_t i = 0; i < n; i++)
        apart += s[i].reason != NULL;
    pthread_mutex_lock(&c->pass.lock);
    c->pass.record.unlike += apart;
    pthread_mutex_unlock(&c->pass.lock);
    pass_event(&c->pass,
               &(struct engine_event){ .kind = ENGINE_FOLLOWED, .n = n });
    pass_progress(&c->pass);
}

static int record(struct copy *c, const struct staying *s, size_t n,
                  struct err *err)
{
    const struct engine_job *job = c->pass.job;
    g_autofree struct store_adoption *records =
        g_new0(struct store_adoption, n + 1);

    for (size_t i = 0; i < n; i++)
        records[i] = s[i].record;
    if (n == 0)
        return 0;
    if (store_items_adopt(job->store, &job->lease, records, n, err) < 0)
        return -1;
    tell(c, s, n);
    return 0;
}

int stay_all(struct copy *c, const struct stay *stays, size_t n,
             struct err *err)
{
    g_autofree struct staying *all = g_new0(struct staying, n + 1);
    g_autofree bool *there = g_new0(bool, n + 1);
    size_t k = 0;
    int r = keep_there(c, stays, n, there, err);

    for (size_t i = 0; i < n && r == 0; i++) {
        if (!there[i])
            continue;
        all[k].item = &stays[i];
        r = fill(c, &all[k++], err);
    }
    if (r == 0)
        r = record(c, all, k, err);
    for (size_t i = 0; i < k; i++)
        g_free(all[i].reason);
    return r;
}
