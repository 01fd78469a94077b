#include "engine/trial_priv.h"

#include "engine/rows.h"
#include "engine/trees.h"

void trial_class_free(struct trial_class *class)
{
    if (class == NULL)
        return;
    g_ptr_array_unref(class->rows);
    g_free(class->item_class);
    g_free(class);
}

/* ---- what there is ------------------------------------------------------- */

struct collecting {
    struct copy *copy;
    GPtrArray *classes; /* of struct trial_class * */
};

static struct trial_class *class_of(struct collecting *x,
                                    const char *item_class)
{
    struct trial_class *class;

    for (guint i = 0; i < x->classes->len; i++) {
        class = x->classes->pdata[i];
        if (g_ascii_strcasecmp(class->item_class, item_class) == 0)
            return class;
    }
    if (x->classes->len >= TRIAL_CLASSES_MAX)
        return NULL;
    class = g_new(struct trial_class, 1);
    *class = (struct trial_class){
        .item_class = g_strdup(item_class),
        .rows = g_ptr_array_new_with_free_func((GDestroyNotify)store_item_free),
    };
    g_ptr_array_add(x->classes, class);
    return class;
}

static gint by_size(gconstpointer a, gconstpointer b)
{
    const struct store_item *x = *(const struct store_item *const *)a;
    const struct store_item *y = *(const struct store_item *const *)b;

    return (x->size_bytes > y->size_bytes) - (x->size_bytes < y->size_bytes);
}

/* The smallest and the largest stay: those differ most in what they have. */
static void offer(struct trial_class *class, struct store_item *row)
{
    g_ptr_array_add(class->rows, row);
    g_ptr_array_sort(class->rows, by_size);
    if (class->rows->len > TRIAL_CANDIDATES)
        g_ptr_array_remove_index(class->rows, TRIAL_CANDIDATES / 2);
}

static bool is_of_interest(const struct copy *c, const struct store_item *row)
{
    const struct folder *f = copy_folder(c, row->folder_id);

    return f != NULL && f->wanted && !f->hidden && !f->skipped &&
           !tree_is_recoverable(f->root) && row->item_class != NULL &&
           *row->item_class != '\0' && row->size_bytes <= TRIAL_ITEM_BYTES_MAX;
}

static int collect_page(void *data, GPtrArray *page, struct err *err)
{
    struct collecting *x = data;

    (void)err; /* nothing to fail here */
    for (guint i = 0; i < page->len; i++) {
        struct store_item *row = page->pdata[i];
        struct trial_class *class =
            is_of_interest(x->copy, row) ? class_of(x, row->item_class) : NULL;

        if (class == NULL)
            continue;
        page->pdata[i] = NULL;
        offer(class, row);
    }
    return 0;
}

int trial_classes(struct copy *c, GPtrArray **ret, struct err *err)
{
    const struct store_item_query q = {
        .mailbox_id = c->pass.job->lease.mailbox_id,
        .states = 1u << ITEM_LISTED | 1u << ITEM_COPIED |
                  1u << ITEM_ALREADY_THERE | 1u << ITEM_FAILED,
    };
    g_autoptr(GPtrArray) classes =
        g_ptr_array_new_with_free_func((GDestroyNotify)trial_class_free);
    struct collecting x = { c, classes };

    if (rows_each(c->pass.job->store, &q, collect_page, &x, err) < 0)
        return -1;
    *ret = g_steal_pointer(&classes);
    return 0;
}

/* ---- one with much, and one with little ---------------------------------- */

void trial_pair_release(struct trial_pair *pair)
{
    for (size_t i = 0; i < pair->n; i++) {
        reading_clear(&pair->items[i].now);
        fts_makeup_clear(&pair->items[i].makeup);
    }
    *pair = (struct trial_pair){ 0 };
}

/* Attachments first: they are what an update most likely leaves. */
static bool has_more(const struct trial_item *a, const struct trial_item *b)
{
    if (a->makeup.n_attachments != b->makeup.n_attachments)
        return a->makeup.n_attachments > b->makeup.n_attachments;
    if (a->makeup.n_properties != b->makeup.n_properties)
        return a->makeup.n_properties > b->makeup.n_properties;
    return a->now.bytes > b->now.bytes;
}

static void choose(struct trial_pair *pair)
{
    for (size_t i = 0; i < pair->n; i++)
        if (pair->rich == NULL || has_more(&pair->items[i], pair->rich))
            pair->rich = &pair->items[i];
    for (size_t i = 0; i < pair->n; i++)
        if (has_more(pair->rich, &pair->items[i]) &&
            (pair->poor == NULL || has_more(pair->poor, &pair->items[i])))
            pair->poor = &pair->items[i];
}

/* Those that were read; others (edited away, broken) are no loss here. */
static int keep_read(struct trial_pair *pair, struct reading *got, size_t n,
                     enum payload_format format, struct err *err)
{
    int r = 0;

    for (size_t i = 0; i < n; i++) {
        struct trial_item *item = &pair->items[pair->n];

        if (r < 0 || got[i].end != READING_DONE) {
            reading_clear(&got[i]);
            continue;
        }
        *item = (struct trial_item){ .now = got[i] };
        pair->n++;
        if (format == PAYLOAD_FTS)
            r = fts_makeup_read(item->now.payload, &item->makeup, err);
    }
    return r;
}

int trial_pick(struct pass *p, struct endpoint *source,
               enum payload_format format, const struct trial_class *class,
               struct trial_pair *ret, struct err *err)
{
    const struct reader r = {
        .ep = source,
        .side = SOURCE,
        .keep = true,
        .format = format,
    };
    const char *ids[TRIAL_CANDIDATES] = { NULL };
    struct reading got[TRIAL_CANDIDATES] = { 0 };
    size_t n = MIN(class->rows->len, TRIAL_CANDIDATES);
    int end;

    *ret = (struct trial_pair){ 0 };
    for (size_t i = 0; i < n; i++)
        ids[i] = ((const struct store_item *)class->rows->pdata[i])->source_id;
    end = reader_read(p, &r, ids, n, got, err);
    if (end < 0) {
        for (size_t i = 0; i < n; i++)
            reading_clear(&got[i]);
        return -1;
    }
    if (keep_read(ret, got, n, format, err) < 0)
        return -1;
    choose(ret);
    return 0;
}
