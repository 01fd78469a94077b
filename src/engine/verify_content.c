#include "engine/reader.h"
#include "engine/rows.h"
#include "engine/verify_priv.h"

/* Differences named in a note; the rest is counted. */
#define TAGS_MAX 6

/* One batch in a worker's hands. */
struct comparing {
    struct verify *v;
    struct hands *hands;
    GPtrArray *rows; /* of struct store_item * */
    struct reading *there;
    struct reading *here; /* only where the ledger has no digest */
    GPtrArray *notes;     /* of char *, owned: what verdicts point to */
    GArray *verdicts;     /* of struct store_verdict */
};

/* ---- which are next ---------------------------------------------- */

/*
 * Reading goes through the ledger in order of id, side by side: `claiming`
 * keeps two from moving the mark at once, without the lock being held while
 * the store works.
 */
static int next_page(struct verify *v, GPtrArray **ret, struct err *err)
{
    const struct engine_job *job = v->pass.job;
    struct store_item_query q = {
        .mailbox_id = job->lease.mailbox_id,
        .states = (1u << ITEM_COPIED) | (1u << ITEM_ALREADY_THERE),
        .max = ROWS_PAGE,
    };
    int r;

    q.after_id = v->after_id;
    r = store_items(job->store, &q, ret, err);
    if (r == 0 && (*ret)->len > 0)
        v->after_id = ((struct store_item *)(*ret)->pdata[(*ret)->len - 1])->id;
    return r;
}

static void keep_unread(struct verify *v, GPtrArray *page)
{
    while (page->len > 0) {
        struct store_item *row = g_ptr_array_steal_index(page, 0);

        if (row->verify == VERIFY_NONE &&
            g_hash_table_contains(v->joined, &row->folder_id))
            g_queue_push_tail(&v->unread, row);
        else
            store_item_free(row);
    }
}

/* With the lock held, given up meanwhile. */
static int fill(struct verify *v, struct err *err)
{
    g_autoptr(GPtrArray) page = NULL;
    int r;

    v->claiming = true;
    pthread_mutex_unlock(&v->pass.lock);
    r = next_page(v, &page, err);
    pthread_mutex_lock(&v->pass.lock);
    v->claiming = false;
    pthread_cond_broadcast(&v->pass.changed);
    if (r < 0)
        return -1;
    v->exhausted = page->len == 0;
    keep_unread(v, page);
    return 0;
}

/* An empty array when all have been taken. */
static int claim(struct verify *v, GPtrArray *ret, struct err *err)
{
    int r = 0;

    pthread_mutex_lock(&v->pass.lock);
    while (r == 0 && g_queue_is_empty(&v->unread) && !v->exhausted &&
           !v->pass.stopped && !pass_is_cancelled(&v->pass)) {
        if (v->claiming)
            pass_watch(&v->pass, INT64_MAX);
        else
            r = fill(v, err);
    }
    while (r == 0 && ret->len < READER_ITEMS && !g_queue_is_empty(&v->unread))
        g_ptr_array_add(ret, g_queue_pop_head(&v->unread));
    pthread_mutex_unlock(&v->pass.lock);
    return r;
}

/* ---- notes ------------------------------------------------------- */

/* What was said of it when it was listed, and what there is to say now. */
static const char *note_with(struct comparing *c, const struct store_item *row,
                             char *text)
{
    char *note = row->verify_note == NULL
                     ? g_strdup(text)
                     : g_strdup_printf("%s; %s", text, row->verify_note);

    g_free(text);
    g_ptr_array_add(c->notes, note);
    return note;
}

static void add_tags(GString *note, const GPtrArray *tags)
{
    for (guint i = 0; i < tags->len && i < TAGS_MAX; i++)
        g_string_append_printf(note, "%s %.120s", i == 0 ? ":" : ";",
                               (const char *)tags->pdata[i]);
    if (tags->len > TAGS_MAX)
        g_string_append_printf(note, "; and %u more", tags->len - TAGS_MAX);
}

/* ---- what differs ------------------------------------------------ */

static int reread(struct comparing *c, enum side side, const char *id,
                  enum payload_format format, struct reading *ret,
                  struct err *err)
{
    const struct reader r = {
        .ep = c->hands->at[side],
        .side = side,
        .keep = true,
        .format = format,
        .may_lack_room = true,
    };

    return reader_read(&c->v->pass, &r, &id, 1, ret, err);
}

static int diff(const struct reading *pair, GPtrArray **ret)
{
    struct err ignored;

    if (pair[SOURCE].portable != NULL)
        return portable_diff(pair[SOURCE].portable, pair[DESTINATION].portable,
                             ret, &ignored);
    return fts_diff(pair[SOURCE].payload, pair[DESTINATION].payload, ret,
                    &ignored);
}

/* Both sides once more, whole, to name the tags. */
static int name_tags(struct comparing *c, const struct store_item *row,
                     GString *note, struct err *err)
{
    enum payload_format format = (enum payload_format)row->format;
    struct reading pair[N_SIDES] = { 0 };
    g_autoptr(GPtrArray) tags = NULL;
    int r = reread(c, SOURCE, row->source_id, format, &pair[SOURCE], err);

    if (r == 0)
        r = reread(c, DESTINATION, row->destination_id, format,
                   &pair[DESTINATION], err);
    if (r == 0 && pair[SOURCE].end == READING_DONE &&
        pair[DESTINATION].end == READING_DONE &&
        /* Without the tags the parts have to do. */
        diff(pair, &tags) == 0)
        add_tags(note, tags);
    reading_clear(&pair[SOURCE]);
    reading_clear(&pair[DESTINATION]);
    return r;
}

static int explain(struct comparing *c, const struct store_item *row,
                   unsigned int parts, const char **ret, struct err *err)
{
    g_autofree char *names = digest_part_names(parts);
    g_autoptr(GString) note = g_string_new(NULL);

    g_string_append_printf(note, "%s differ%s", names,
                           strchr(names, ',') == NULL ? "s" : "");
    if (name_tags(c, row, note, err) < 0)
        return -1;
    *ret = note_with(c, row, g_strdup(note->str));
    return 0;
}

/* ---- the verdict ------------------------------------------------- */

static void add_verdict(struct comparing *c, const struct store_item *row,
                        enum verify_class class, const char *note)
{
    struct store_verdict v = { row->id, class, note };

    g_array_append_val(c->verdicts, v);
}

/* What it ought to be: as recorded, else as the source has it now. */
static bool expected(const struct comparing *c, guint i, struct digest *ret)
{
    const struct store_item *row = c->rows->pdata[i];

    if (digest_unpack(row->digest, row->digest_len, ret))
        return true;
    if (c->here[i].end != READING_DONE)
        return false;
    *ret = c->here[i].digest;
    return true;
}

static int judge_unknown(struct comparing *c, const struct store_item *row,
                         const char *why)
{
    add_verdict(c, row, VERIFY_PRESENT, note_with(c, row, g_strdup(why)));
    return 0;
}

static int judge_different(struct comparing *c, const struct store_item *row,
                           unsigned int parts, struct err *err)
{
    const char *note;

    /* The source has moved on, and what was copied then is nowhere on record */
    if (row->digest_len == 0 && row->verify_note != NULL)
        return judge_unknown(c, row, "no digest is on record");
    if (explain(c, row, parts, &note, err) < 0)
        return -1;
    add_verdict(c, row, VERIFY_DIFFERENT, note);
    return 0;
}

static int judge_read(struct comparing *c, guint i, struct err *err)
{
    const struct store_item *row = c->rows->pdata[i];
    struct digest want;
    unsigned int parts = 0;

    if (!expected(c, i, &want))
        return judge_unknown(c, row,
                             "no digest is on record, and the source could "
                             "not be read");
    switch (digest_compare(&want, &c->there[i].digest, &parts)) {
    case DIGEST_EQUAL:
        add_verdict(c, row, VERIFY_VERIFIED, row->verify_note);
        return 0;
    case DIGEST_UNKNOWN:
        return judge_unknown(c, row,
                             "not all of it can be compared; what can be is "
                             "equal");
    case DIGEST_DIFFERENT:
        break;
    }
    return judge_different(c, row, parts, err);
}

static bool lies_elsewhere(const struct store_item *row)
{
    return row->state == ITEM_ALREADY_THERE && row->moved_from != 0;
}

/* It is there, and not in its folder: the reason says where. */
static int judge_stray(struct comparing *c, const struct store_item *row)
{
    add_verdict(c, row, VERIFY_DIFFERENT, row->reason);
    return 0;
}

/* 1: the row in whose folder it lies; 0: nobody knows any more; -1. */
static int folder_of(struct comparing *c, const struct store_item *row,
                     int64_t *ret, struct err *err)
{
    const struct engine_job *job = c->v->pass.job;
    g_autoptr(store_item) left = NULL;
    int found;

    *ret = row->folder_id;
    if (!lies_elsewhere(row))
        return 1;
    found = store_item_find(job->store, job->lease.mailbox_id, row->moved_from,
                            &left, err);
    if (found > 0)
        *ret = left->folder_id;
    return found;
}

/*
 * It was listed, and now it is said not to be there.  Its folder's list decides
 * whether it has gone meanwhile (EWS-QUIRKS 94); who cannot list it does not
 * know, and leaves the item without a class.
 */
static int judge_gone(struct comparing *c, const struct store_item *row,
                      struct err *err)
{
    int64_t folder_id;
    int r = folder_of(c, row, &folder_id, err);
    struct err why;

    if (r < 0)
        return -1;
    if (r > 0)
        r = verify_is_listed(c->v, c->hands->at[DESTINATION], folder_id,
                             row->destination_id, &why);
    if (r < 0 && (why.scope >= ERR_MAILBOX || pass_is_over(&c->v->pass))) {
        *err = why;
        return -1;
    }
    if (r < 0)
        pass_unlisted(&c->v->pass, &why);
    else if (r == 0)
        add_verdict(c, row, VERIFY_MISSING,
                    "no longer in its folder at the destination");
    else
        add_verdict(c, row, VERIFY_PRESENT,
                    note_with(c, row,
                              g_strdup("it could not be read: its folder "
                                       "lists it, and the server says that it "
                                       "is not there")));
    return 0;
}

static int judge(struct comparing *c, guint i, struct err *err)
{
    const struct store_item *row = c->rows->pdata[i];
    const struct reading *got = &c->there[i];

    switch (got->end) {
    case READING_DONE:
        return lies_elsewhere(row) ? judge_stray(c, row)
                                   : judge_read(c, i, err);
    case READING_GONE:
        return judge_gone(c, row, err);
    case READING_FAILED:
    case READING_OPEN:
        add_verdict(c, row, VERIFY_PRESENT,
                    note_with(c, row,
                              g_strdup_printf("it could not be read: %s",
                                              got->why.msg)));
        break;
    }
    return 0;
}

/* ---- a batch ----------------------------------------------------- */

static int read_there(struct comparing *c, struct err *err)
{
    g_autofree const char **ids = g_new0(const char *, c->rows->len + 1);
    g_autofree enum payload_format *formats =
        g_new0(enum payload_format, c->rows->len + 1);
    const struct reader r = {
        .ep = c->hands->at[DESTINATION],
        .side = DESTINATION,
        .formats = formats,
        .may_lack_room = true,
        .listed = true,
    };

    for (guint i = 0; i < c->rows->len; i++) {
        const struct store_item *row = c->rows->pdata[i];

        ids[i] = row->destination_id;
        formats[i] = (enum payload_format)row->format;
    }
    return reader_read(&c->v->pass, &r, ids, c->rows->len, c->there, err);
}

static int read_here(struct comparing *c, struct err *err)
{
    struct reader r = { .ep = c->hands->at[SOURCE],
                        .side = SOURCE,
                        .may_lack_room = true };

    for (guint i = 0; i < c->rows->len; i++) {
        const struct store_item *row = c->rows->pdata[i];
        const char *id = row->source_id;

        r.format = (enum payload_format)row->format;

        if (row->digest_len == 0 &&
            reader_read(&c->v->pass, &r, &id, 1, &c->here[i], err) < 0)
            return -1;
    }
    return 0;
}

static void count_read(struct comparing *c)
{
    uint64_t bytes = 0, items = 0;

    for (guint i = 0; i < c->rows->len; i++) {
        items += c->there[i].end == READING_DONE;
        bytes += c->there[i].bytes;
    }
    pthread_mutex_lock(&c->v->pass.lock);
    c->v->read_items += items;
    c->v->read_bytes += bytes;
    pthread_mutex_unlock(&c->v->pass.lock);
}

static int compare(struct comparing *c, struct err *err)
{
    if (read_there(c, err) < 0 || read_here(c, err) < 0)
        return -1;
    count_read(c);
    for (guint i = 0; i < c->rows->len; i++)
        if (judge(c, i, err) < 0)
            return -1;
    return verify_record(
        c->v, (const struct store_verdict *)(const void *)c->verdicts->data,
        c->verdicts->len, err);
}

static int compare_batch(struct verify *v, struct hands *hands, GPtrArray *rows,
                         struct err *err)
{
    struct comparing c = {
        .v = v,
        .hands = hands,
        .rows = rows,
        .there = g_new0(struct reading, rows->len + 1),
        .here = g_new0(struct reading, rows->len + 1),
        .notes = g_ptr_array_new_with_free_func(g_free),
        .verdicts = g_array_new(FALSE, FALSE, sizeof(struct store_verdict)),
    };
    int r = compare(&c, err);

    for (guint i = 0; i < rows->len; i++) {
        reading_clear(&c.there[i]);
        reading_clear(&c.here[i]);
    }
    g_free(c.there);
    g_free(c.here);
    g_ptr_array_unref(c.notes);
    g_array_unref(c.verdicts);
    return r;
}

void *verify_content_main(void *data)
{
    struct worker *w = data;
    struct verify *v = w->owner;
    bool more = true;
    struct err why;

    while (more && !pass_is_over(&v->pass)) {
        g_autoptr(GPtrArray) rows =
            g_ptr_array_new_with_free_func((GDestroyNotify)store_item_free);

        if (claim(v, rows, &why) < 0 ||
            (rows->len > 0 && compare_batch(v, &w->hands, rows, &why) < 0)) {
            pass_failed(&v->pass, &why);
            return NULL;
        }
        more = rows->len > 0;
    }
    return NULL;
}
