/*
 * What turned up in a folder that we wrote to, and that nobody owns, is a
 * double of ours or somebody else's.
 *
 * It is a double when its content equals an item's that we copied into this
 * folder and that can have been sent twice: since the last sweep, or ever
 * when it was in doubt.  Anything else (a user who files a copy of an item
 * that arrived weeks ago, another program) is foreign, and never touched.
 * A double goes to the dumpster only after the copy that the ledger owns was
 * seen at the destination with our own eyes.
 *
 * A folder that holds exactly as many items as it should, of which each of ours
 * was sent once, has no double: it is not listed.  One list of folders tells
 * that of all of them, where each list would be a request for each 512 items.
 *
 * An item with a stamp of ours was made by us and by nobody else.  One that was
 * cut short while it was made is of no use to anybody, and goes too.
 */
#include "base/timestamp.h"
#include "engine/copy_priv.h"
#include "engine/drain.h"
#include "engine/hidden.h"
#include "engine/look.h"
#include "engine/rows.h"
#include "engine/stamp.h"

/* Deletions a request: what a server does within its minute. */
#define REMOVE_ITEMS 50

/* What counting costs: the folders of the destination, and the well-known. */
#define COUNTING_REQUESTS 2

struct sweeping {
    struct copy *copy;
    struct folder *folder;
    struct look look;
    char **owner;  /* one a candidate: destination id of what it doubles */
    bool *checked; /* the digest on record says so; else the owner's will */
    enum payload_format *format; /* one a candidate: of its owner */
    bool *rest;                  /* cut short: it has no owner and needs none */
    bool *unread;       /* it might be a double: it, or ours, cannot be read */
    GHashTable *stamps; /* of candidates: to index + 1 */
    GHashTable *listed; /* all ids of the folder; NULL: nobody asked yet */
};

static void sweeping_release(struct sweeping *s)
{
    for (guint i = 0; s->owner != NULL && i < s->look.found->len; i++)
        g_free(s->owner[i]);
    g_free(s->owner);
    g_free(s->checked);
    g_free(s->format);
    g_free(s->rest);
    g_free(s->unread);
    g_clear_pointer(&s->stamps, g_hash_table_unref);
    g_clear_pointer(&s->listed, g_hash_table_unref);
    look_clear(&s->look);
}
typedef struct sweeping sweeping;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(sweeping, sweeping_release)

/* ---- whose double it is ------------------------------------------ */

static bool may_have_been_sent_twice(const struct copy *c,
                                     const struct store_item *row)
{
    return row->tries > 0 || row->pass_id > c->last_done_pass;
}

/* Which of our items it might be, where no digest tells. */
static bool hints_at(const struct candidate *found,
                     const struct store_item *row)
{
    if (found->search_key != NULL && row->search_key != NULL)
        return strcmp(found->search_key, row->search_key) == 0;
    return found->received_us != TIMESTAMP_NONE &&
           found->received_us == row->received_us;
}

/* *ret_sure: by the recorded digest, not by a hint. */
static bool resembles(const struct sweeping *s, guint i,
                      const struct store_item *row, bool *ret_sure)
{
    struct digest recorded;

    *ret_sure = digest_unpack(row->digest, row->digest_len, &recorded);
    if (*ret_sure)
        return digest_compare(&s->look.items[i].digest, &recorded, NULL) ==
               DIGEST_EQUAL;
    return hints_at(look_at(&s->look, i), row);
}

static void own(struct sweeping *s, guint i, const struct store_item *row,
                bool sure)
{
    s->owner[i] = g_strdup(row->destination_id);
    s->format[i] = (enum payload_format)row->format;
    s->checked[i] = sure;
}

/* Rows in any state: what was cut short may be on its way again. */
static void compare_stamp(struct sweeping *s, const struct store_item *row)
{
    char stamp[STAMP_LEN + 1];

    stamp_make(row->source_id, stamp);
    if (!g_hash_table_contains(s->stamps, stamp))
        return;
    for (guint i = 0; i < s->look.found->len; i++) {
        const struct candidate *c = look_at(&s->look, i);

        if (g_strcmp0(c->stamp, stamp) != 0)
            continue;
        if (c->unfinished)
            s->rest[i] = true;
        else if (row->state == ITEM_COPIED && s->owner[i] == NULL)
            own(s, i, row, true);
    }
}

/*
 * Of what cannot be read that is all there is to go by.  Lists tell neither key
 * nor time of what is hidden: there the class alone may speak against it.
 */
static bool may_be(const struct candidate *found, const struct store_item *row)
{
    bool has_keys = found->search_key != NULL && row->search_key != NULL;
    bool has_times = found->received_us != TIMESTAMP_NONE &&
                     row->received_us != TIMESTAMP_NONE;

    if (!has_keys && !has_times)
        return g_strcmp0(found->item_class, row->item_class) == 0;
    return hints_at(found, row) ||
           (has_times && found->received_us == row->received_us);
}

static void compare_row(struct sweeping *s, const struct store_item *row)
{
    if (g_hash_table_size(s->stamps) > 0)
        compare_stamp(s, row);
    if (row->state != ITEM_COPIED)
        return;
    if (!may_have_been_sent_twice(s->copy, row))
        return;
    for (guint i = 0; i < s->look.found->len; i++) {
        bool sure;

        if (s->owner[i] == NULL && !s->look.items[i].readable &&
            look_at(&s->look, i)->stamp == NULL)
            s->unread[i] = s->unread[i] || may_be(look_at(&s->look, i), row);
        if (s->owner[i] != NULL || !s->look.items[i].readable ||
            !resembles(s, i, row, &sure))
            continue;
        own(s, i, row, sure);
    }
}

static int compare_page(void *data, GPtrArray *page, struct err *err)
{
    (void)err; /* nothing to fail here */
    for (guint i = 0; i < page->len; i++)
        compare_row(data, page->pdata[i]);
    return 0;
}

static bool has_stamps(struct sweeping *s)
{
    s->stamps = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < s->look.found->len; i++) {
        const struct candidate *c = look_at(&s->look, i);

        if (c->stamp != NULL)
            g_hash_table_add(s->stamps, c->stamp);
    }
    return g_hash_table_size(s->stamps) > 0;
}

static int find_owners(struct sweeping *s, struct err *err)
{
    const struct engine_job *job = s->copy->pass.job;
    const struct store_item_query q = {
        .mailbox_id = job->lease.mailbox_id,
        .folder_id = s->folder->row->id,
        .states = has_stamps(s) ? 0 : 1u << ITEM_COPIED,
    };

    s->owner = g_new0(char *, s->look.found->len + 1);
    s->checked = g_new0(bool, s->look.found->len + 1);
    s->rest = g_new0(bool, s->look.found->len + 1);
    s->unread = g_new0(bool, s->look.found->len + 1);
    s->format = g_new0(enum payload_format, s->look.found->len + 1);
    return rows_each(job->store, &q, compare_page, s, err);
}

/* Its folder's list alone tells; an answer about itself may be wrong. */
static int is_there(struct sweeping *s, const char *id, struct err *err)
{
    if (s->listed == NULL &&
        look_listed(s->copy, s->folder, &s->listed, err) < 0)
        return -1;
    return g_hash_table_contains(s->listed, id);
}

static bool equals_owner(const struct sweeping *s, guint i,
                         const struct match_item *owner)
{
    return s->checked[i] ||
           digest_compare(&owner->digest, &s->look.items[i].digest, NULL) ==
               DIGEST_EQUAL;
}

/*
 * The copy that stays must have been seen, or what we remove may be the last.
 * Where it is there and nobody can see it, the folder waits.
 */
static int check_owner(struct sweeping *s, guint i,
                       const struct match_item *owner, struct err *err)
{
    int there = 0;

    if (owner->readable && equals_owner(s, i, owner))
        return 0;
    if (!owner->readable && (there = is_there(s, s->owner[i], err)) < 0)
        return -1;
    s->unread[i] = there > 0;
    g_clear_pointer(&s->owner[i], g_free);
    return 0;
}

static int check_owners(struct sweeping *s, struct err *err)
{
    guint n = s->look.found->len;
    g_autofree const char **ids = g_new0(const char *, n + 1);
    g_autofree struct match_item *owners = g_new0(struct match_item, n + 1);
    g_autofree enum payload_format *formats =
        g_new0(enum payload_format, n + 1);
    struct look_ids what = { DESTINATION, ids, formats, 0 };
    guint k = 0;

    for (guint i = 0; i < n; i++) {
        if (s->owner[i] == NULL)
            continue;
        formats[k] = s->format[i];
        ids[k++] = s->owner[i];
    }
    what.n = k;
    if (look_read(s->copy, &what, owners, err) < 0)
        return -1;
    k = 0;
    for (guint i = 0; i < n; i++)
        if (s->owner[i] != NULL && check_owner(s, i, &owners[k++], err) < 0)
            return -1;
    return 0;
}

/* ---- what is done about it --------------------------------------- */

static int remove_once(struct sweeping *s, const struct endpoint_ref *refs,
                       size_t n, struct err *err)
{
    struct hands h = pass_own_hands(&s->copy->pass);
    g_autofree struct endpoint_done *done = g_new0(struct endpoint_done, n);
    int r = endpoint_remove(h.at[DESTINATION], refs, n, done, err);

    for (size_t i = 0; i < n && r == 0; i++) {
        if (done[i].status == 0)
            continue;
        *err = done[i].why;
        r = -1;
    }
    endpoint_done_free(done, n);
    return r;
}

/* What is gone already counts as deleted: repeating does no harm. */
static int remove_some(struct sweeping *s, const char *const *ids, size_t n,
                       struct err *err)
{
    g_autofree struct endpoint_ref *refs = g_new0(struct endpoint_ref, n);
    unsigned int failures = 0;
    struct err why;

    for (size_t i = 0; i < n; i++)
        refs[i] = (struct endpoint_ref){ .id = ids[i],
                                         .associated = s->folder->hidden };
    while (remove_once(s, refs, n, &why) < 0) {
        if (pass_endure(&s->copy->pass, DESTINATION, &failures, &why))
            continue;
        *err = why;
        return err_in(err, "double in destination folder \"%.200s\"",
                      s->folder->row->path);
    }
    return 0;
}

static int record_kind(struct sweeping *s, enum dest_kind kind,
                       const char *const *ids, size_t n, struct err *err)
{
    const struct engine_job *job = s->copy->pass.job;
    const struct store_dest_seen seen = { .kind = kind, .ids = ids, .n = n };

    if (n == 0)
        return 0;
    return store_dest_record(job->store, &job->lease, s->folder->row->id, &seen,
                             err);
}

static void tell_doubles(struct copy *c, size_t n)
{
    pthread_mutex_lock(&c->pass.lock);
    c->pass.record.doubles += n;
    pthread_mutex_unlock(&c->pass.lock);
    pass_event(&c->pass,
               &(struct engine_event){ .kind = ENGINE_DOUBLE, .n = n });
}

static int remove_doubles(struct sweeping *s, const char *const *ids, size_t n,
                          struct err *err)
{
    for (size_t i = 0; i < n; i += REMOVE_ITEMS) {
        size_t k = MIN(n - i, REMOVE_ITEMS);

        if (remove_some(s, ids + i, k, err) < 0 ||
            record_kind(s, DEST_DOUBLE, ids + i, k, err) < 0)
            return -1;
        tell_doubles(s->copy, k);
    }
    return 0;
}

/* What was cut short is no double: nobody has to be told. */
static int remove_rest(struct sweeping *s, const char *const *ids, size_t n,
                       struct err *err)
{
    for (size_t i = 0; i < n; i += REMOVE_ITEMS)
        if (remove_some(s, ids + i, MIN(n - i, REMOVE_ITEMS), err) < 0)
            return -1;
    return 0;
}

static int sort_out(struct sweeping *s, struct err *err)
{
    guint n = s->look.found->len, n_doubles = 0, n_rest = 0, n_foreign = 0;
    g_autofree const char **doubles = g_new0(const char *, n + 1);
    g_autofree const char **rest = g_new0(const char *, n + 1);
    g_autofree const char **foreign = g_new0(const char *, n + 1);

    for (guint i = 0; i < n; i++) {
        const char *id = look_at(&s->look, i)->id;

        if (s->rest[i])
            rest[n_rest++] = id;
        else if (s->owner[i] != NULL)
            doubles[n_doubles++] = id;
        else if (!s->unread[i])
            foreign[n_foreign++] = id;
    }
    if (remove_rest(s, rest, n_rest, err) < 0 ||
        remove_doubles(s, doubles, n_doubles, err) < 0)
        return -1;
    return record_kind(s, DEST_FOREIGN, foreign, n_foreign, err);
}

static bool is_any_unread(const struct sweeping *s)
{
    for (guint i = 0; s->unread != NULL && i < s->look.found->len; i++)
        if (s->unread[i])
            return true;
    return false;
}

/* The folder stays to be swept, and the pass is not called complete. */
static void leave_unswept(struct sweeping *s)
{
    struct err why;

    err_set(&why, ERR_FOLDER, ERR_RETRY_NEVER, 0,
            "destination folder \"%.200s\": an item that turned up there, or "
            "ours that it may be a double of, cannot be read, so that nobody "
            "can tell whether it is there twice",
            s->folder->row->path);
    why.name = "unread-arrival";
    err_remedy(&why, "run it again; if it stays so, see whether an item is "
                     "twice in that folder");
    pass_unlisted(&s->copy->pass, &why);
}

static int sweep_folder(struct copy *c, struct folder *f,
                        const struct store_folder *now, struct err *err)
{
    g_auto(sweeping) s = { .copy = c, .folder = f };
    const struct engine_job *job = c->pass.job;
    const char *token =
        now->destination_token != NULL ? now->destination_token : "";

    if (look_take(c, f, token, &s.look, err) < 0)
        return -1;
    if (s.look.found->len > 0 &&
        (find_owners(&s, err) < 0 || check_owners(&s, err) < 0 ||
         sort_out(&s, err) < 0))
        return -1;
    if (is_any_unread(&s)) {
        leave_unswept(&s);
        return 0;
    }
    return store_dest_swept(job->store, &job->lease, f->row->id, s.look.token,
                            err);
}

/* ---- which folders need it ----------------------------------------- */

/* A folder that was written to, and its row as it is now. */
struct swept {
    struct folder *folder;
    const struct store_folder *row; /* borrowed */
};

static GArray *written_to(const struct copy *c, const GPtrArray *rows)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(struct swept));

    for (guint i = 0; i < rows->len; i++) {
        const struct store_folder *row = rows->pdata[i];
        const struct swept s = { copy_folder(c, row->id), row };

        /* What is in doubt still would be taken for somebody else's. */
        if (row->dirty && row->baseline_done && s.folder != NULL &&
            s.folder->doubts->len == 0)
            g_array_append_val(found, s);
    }
    return found;
}

/* Lists, a request for each page of each, against that of the folders. */
static bool is_worth_counting(const GArray *folders)
{
    uint64_t pages = 0;

    for (guint i = 0; i < folders->len; i++)
        pages += 1 + g_array_index(folders, struct swept, i).folder->n_items /
                         DRAIN_PAGE;
    return pages > COUNTING_REQUESTS;
}

/* Destination ids to their struct endpoint_folder, of the mailbox itself. */
static GHashTable *by_id(const struct endpoint_tree *tree)
{
    GHashTable *t = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; tree->folders != NULL && i < tree->folders->len; i++) {
        struct endpoint_folder *f = tree->folders->pdata[i];

        g_hash_table_insert(t, f->id, f);
    }
    return t;
}

/* 1: it holds what it should and nothing else; 0: nobody knows; -1. */
static int is_as_expected(const struct copy *c, const struct swept *s,
                          GHashTable *counted, struct err *err)
{
    const struct endpoint_folder *f =
        g_hash_table_lookup(counted, hidden_base(s->row->destination_id));
    struct store_expected e;
    uint64_t n;

    if (f == NULL)
        return 0;
    n = s->folder->hidden ? f->n_hidden : f->n_items;
    if (store_dest_expected(c->pass.job->store, s->row->id, &e, err) < 0)
        return -1;
    return e.sure && e.n == n;
}

/* What is settled by counting is taken out of folders. */
static int sweep_counted(struct copy *c, GArray *folders, struct err *err)
{
    const struct engine_job *job = c->pass.job;
    struct hands h = pass_own_hands(&c->pass);
    g_auto(endpoint_tree) tree = { 0 };
    g_autoptr(GHashTable) counted = NULL;
    struct err why;

    /* Whatever is wrong, listing the folders finds out, and waits. */
    if (endpoint_folders(h.at[DESTINATION], &tree, &why) < 0)
        return 0;
    counted = by_id(&tree);
    for (guint i = folders->len; i-- > 0;) {
        const struct swept *s = &g_array_index(folders, struct swept, i);
        int as_expected = is_as_expected(c, s, counted, err);

        if (as_expected < 0 ||
            (as_expected > 0 && store_dest_swept(job->store, &job->lease,
                                                 s->row->id, NULL, err) < 0))
            return -1;
        if (as_expected > 0)
            g_array_remove_index(folders, i);
    }
    return 0;
}

int sweep_all(struct copy *c, struct err *err)
{
    const struct engine_job *job = c->pass.job;
    g_autoptr(GPtrArray) rows = NULL;
    g_autoptr(GArray) folders = NULL;

    if (store_folders(job->store, job->lease.mailbox_id, &rows, err) < 0)
        return -1;
    folders = written_to(c, rows);
    if (is_worth_counting(folders) && sweep_counted(c, folders, err) < 0)
        return -1;
    for (guint i = 0; i < folders->len; i++) {
        const struct swept *s = &g_array_index(folders, struct swept, i);

        if (pass_is_over(&c->pass))
            return pass_interrupted(&c->pass, err);
        if (sweep_folder(c, s->folder, s->row, err) < 0)
            return -1;
    }
    return 0;
}
