/*
 * Before an item is sent to a folder that held something before us: is it
 * there already?
 *
 *   READ --known by something that lay there?--> no: it is sent
 *                |
 *                | equal in content, as FastTransfer or as MIME and
 *                | properties:            ALREADY_THERE; COPIED when it is
 *                |                        ours by its stamp or by consent
 *                | the same message, meeting or stamp, and not equal:
 *                |                        ALREADY_THERE with the reason, or
 *                |                        sent, as the options say
 *                +-- a hint that led to nothing: it is sent
 *
 *   1  Nothing at the destination is changed, but what a run of ours has left
 *      unfinished there: that is removed, softly, before its item is sent;
 *      and so is one that is not equal and that nobody has touched since we
 *      made it.
 *   2  Equal content is what counts; keys only say where to look.
 *   3  The ledger has the last word: a destination id has one row.
 */
#include "engine/adopt.h"

/* ---- what is there ------------------------------------------------------- */

/* A stamped one has travelled as MIME and properties. */
static bool is_to_be_read(const struct adopting *a, const struct search *s,
                          const struct lead *l)
{
    if (s->grade != GRADE_NONE || !s->readable ||
        l->there->as[s->format].end != READING_OPEN)
        return false;
    return !l->stamped || s->format == PAYLOAD_PORTABLE ||
           !a->lane->copy->may_fall_back;
}

/* Of all leads those that nobody has read yet. */
static GPtrArray *unread(struct adopting *a, GArray *formats)
{
    GPtrArray *ids = g_ptr_array_new();

    pthread_mutex_lock(&a->lane->copy->pass.lock);
    for (size_t i = 0; i < a->n; i++) {
        const struct search *s = &a->all[i];

        for (guint k = 0; k < s->leads->len; k++) {
            const struct lead *l = &g_array_index(s->leads, struct lead, k);

            if (!is_to_be_read(a, s, l) ||
                g_ptr_array_find_with_equal_func(ids, l->id, g_str_equal, NULL))
                continue;
            g_ptr_array_add(ids, l->id);
            g_array_append_val(formats, s->format);
        }
    }
    pthread_mutex_unlock(&a->lane->copy->pass.lock);
    return ids;
}

static int read_leads(struct adopting *a, struct err *err)
{
    struct lane *l = a->lane;
    g_autoptr(GArray) formats =
        g_array_new(FALSE, FALSE, sizeof(enum payload_format));
    g_autoptr(GPtrArray) ids = unread(a, formats);
    const struct reader r = {
        .ep = l->at[DESTINATION],
        .side = DESTINATION,
        .formats = (const enum payload_format *)(const void *)formats->data,
    };
    g_autofree struct reading *got = g_new0(struct reading, ids->len + 1);
    int end = reader_read(&l->copy->pass, &r, (const char *const *)ids->pdata,
                          ids->len, got, err);

    pthread_mutex_lock(&l->copy->pass.lock);
    for (guint i = 0; i < ids->len; i++) {
        struct there *t = g_hash_table_lookup(l->folder->there, ids->pdata[i]);
        enum payload_format as = g_array_index(formats, enum payload_format, i);

        t->as[as].end = got[i].end;
        t->as[as].digest = got[i].digest;
        t->as[as].untouched = got[i].untouched;
        reading_clear(&got[i]);
    }
    pthread_mutex_unlock(&l->copy->pass.lock);
    return end;
}

/* ---- the other form ------------------------------------------------------ */

/*
 * A copy that an earlier tool made from MIME is never equal as FastTransfer.
 * What a reader gets may be.
 */
static size_t to_compare_as_portable(struct adopting *a, struct search **ret)
{
    size_t n = 0;

    for (size_t i = 0; i < a->n; i++)
        if (a->all[i].grade == GRADE_NONE && a->all[i].format == PAYLOAD_FTS &&
            adopt_is_open(a, &a->all[i]))
            ret[n++] = &a->all[i];
    return n;
}

static int read_as_portable(struct adopting *a, struct err *err)
{
    g_autofree struct search **set = g_new0(struct search *, a->n + 1);
    g_autofree const char **ids = g_new0(const char *, a->n + 1);
    g_autofree struct reading *got = g_new0(struct reading, a->n + 1);
    const struct reader r = { .ep = a->lane->at[SOURCE],
                              .side = SOURCE,
                              .format = PAYLOAD_PORTABLE };
    size_t n = to_compare_as_portable(a, set);
    int end;

    for (size_t i = 0; i < n; i++)
        ids[i] = set[i]->cargo->item->source_id;
    end = reader_read(&a->lane->copy->pass, &r, ids, n, got, err);
    for (size_t i = 0; i < n; i++) {
        if (got[i].end == READING_DONE) {
            set[i]->format = PAYLOAD_PORTABLE;
            set[i]->digest = got[i].digest;
            set[i]->bytes = got[i].bytes;
        }
        reading_clear(&got[i]);
    }
    return end;
}

static int compare(struct adopting *a, struct err *err)
{
    if (read_leads(a, err) < 0)
        return -1;
    adopt_choose(a, GRADE_EQUAL);
    /* What makes a view is nothing that MIME and properties would carry. */
    if (!a->lane->copy->may_fall_back || a->lane->folder->hidden)
        return 0;
    if (read_as_portable(a, err) < 0 || read_leads(a, err) < 0)
        return -1;
    adopt_choose(a, GRADE_EQUAL);
    return 0;
}

/*
 * A copy that we have made, that is not its item and that nobody has changed
 * since: a run died before it had set right what the server did not keep, or
 * the item was edited at the source.  Either way nothing of anybody's is in
 * it, and the item is sent anew.
 */
static int ruin_untouched(struct adopting *a, struct err *err)
{
    g_autofree struct endpoint_ref *ruins =
        g_new0(struct endpoint_ref, a->n + 1);
    size_t n = 0;

    pthread_mutex_lock(&a->lane->copy->pass.lock);
    for (size_t i = 0; i < a->n; i++) {
        const struct lead *l = adopt_forsaken(&a->all[i]);

        if (l == NULL)
            continue;
        ruins[n++].id = l->id;
        for (int as = 0; as < N_FORMATS; as++)
            l->there->as[as].end = READING_GONE;
    }
    pthread_mutex_unlock(&a->lane->copy->pass.lock);
    return adopt_remove_ruins(a, ruins, n, err);
}

/* They are told, and the source's items go beside them. */
static void pass_over_unlike(struct adopting *a)
{
    if (a->lane->copy->pass.options.unlike != ENGINE_UNLIKE_COPY)
        return;
    pthread_mutex_lock(&a->lane->copy->pass.lock);
    for (size_t i = 0; i < a->n; i++) {
        if (a->all[i].grade != GRADE_SAME_KEY)
            continue;
        a->lane->copy->pass.record.unlike++;
        a->all[i].grade = GRADE_NONE;
    }
    pthread_mutex_unlock(&a->lane->copy->pass.lock);
}

static int adopt(struct adopting *a, struct err *err)
{
    if (adopt_find(a, err) < 0 || compare(a, err) < 0)
        return -1;
    if (ruin_untouched(a, err) < 0)
        return -1;
    adopt_choose(a, GRADE_LIKELY);
    adopt_choose(a, GRADE_SAME_KEY);
    pass_over_unlike(a);
    return adopt_record(a, err);
}

/* ---- a batch ------------------------------------------------------------- */

static void search_init(struct search *s, struct cargo *c)
{
    *s = (struct search){
        .cargo = c,
        .leads = g_array_new(FALSE, FALSE, sizeof(struct lead)),
        .format = c->format,
        .bytes = c->bytes,
    };
    s->readable = digest_unpack(c->digest, c->digest_len, &s->digest);
}

static void search_release(struct search *s)
{
    for (guint i = 0; i < s->leads->len; i++)
        g_free(g_array_index(s->leads, struct lead, i).id);
    g_array_unref(s->leads);
}

int lane_adopt(struct lane *l, struct cargo *const *set, size_t n,
               struct err *err)
{
    struct adopting a = { .lane = l };
    int r = 0;

    if (!l->folder->searched || pass_is_halted(&l->copy->pass))
        return 0;
    a.all = g_new0(struct search, n + 1);
    /* What is to replace a copy of ours was not there before us. */
    for (size_t i = 0; i < n; i++)
        if (set[i]->item->old_destination_id == NULL)
            search_init(&a.all[a.n++], set[i]);
    if (a.n > 0)
        r = adopt(&a, err);
    for (size_t i = 0; i < a.n; i++)
        search_release(&a.all[i]);
    g_free(a.all);
    return r;
}
