#include "engine/rig.h"

#include <string.h>

#include "fts/fts.h"
#include "fts/fts_build.h"
#include "portable/portable.h"

/* ---- a server's ways --------------------------------------------------- */

static void columns_of(const struct fts_build_columns *c,
                       struct mem_columns *ret)
{
    ret->item_class = c->item_class;
    ret->search_key = c->search_key;
    ret->subject = c->subject;
    ret->sender = c->sender;
    ret->received_us = c->received_us;
    ret->read = c->read;
}

static GBytes *intake(void *data, const void *payload, size_t len,
                      struct mem_columns *columns)
{
    struct rig *r = data;
    char *own = fts_build_as_server(payload, len, ++r->intake_seed);

    fts_build_columns_clear(r->columns);
    fts_build_columns(payload, len, r->columns);
    columns_of(r->columns, columns);
    return g_bytes_new_take(own, strlen(own));
}

static void set_text(struct portable *p, const char *key, const char *text)
{
    const struct portable_label label = { .key = key };
    const struct portable_value value = { .type = PORTABLE_TEXT, .text = text };

    if (text != NULL)
        portable_set(p, &label, &value);
}

static char *fts_content(const void *payload, size_t len)
{
    g_autoptr(blob) b = blob_from_bytes(payload, len);
    GString *text = g_string_new(NULL);
    struct fts_digest d;
    struct err err;

    CHECK_OK(fts_digest_read(b, &d, NULL, &err), &err);
    for (int part = 0; part < FTS_N_PARTS; part++)
        for (int i = 0; i < 4; i++)
            g_string_append_printf(text, "%02x", d.part[part][i]);
    return g_string_free(text, FALSE);
}

/* The columns, and all that the stream says as one property. */
static struct portable *show(void *data, const void *payload, size_t len)
{
    struct fts_build_columns c = { 0 };
    const struct portable_label read = { .key = MEM_READ, .out = "a mark" };
    const struct portable_label received = { .key = MEM_RECEIVED };
    g_autofree char *content = fts_content(payload, len);
    struct portable *p;

    (void)data;
    fts_build_columns(payload, len, &c);
    p = portable_new(PORTABLE_MAIL, c.item_class);
    set_text(p, MEM_SUBJECT, c.subject);
    set_text(p, MEM_SENDER, c.sender);
    set_text(p, MEM_SEARCH_KEY, c.search_key);
    set_text(p, "content", content);
    portable_set(
        p, &read,
        &(struct portable_value){ .type = PORTABLE_BOOL, .boolean = c.read });
    portable_set(p, &received,
                 &(struct portable_value){ .type = PORTABLE_TIME,
                                           .integer = c.received_us });
    portable_seal(p);
    fts_build_columns_clear(&c);
    return p;
}

void rig_forget(struct rig *r)
{
    store_free(r->store);
    r->store = store_open_mem();
    CHECK_OK(store_mailbox_add(r->store, "a@old.example", "a@new.example", 1,
                               &r->mailbox_id, &r->err),
             &r->err);
}

void rig_init(struct rig *r, const struct rig_options *options)
{
    static const struct rig_options none = { 0 };
    const struct rig_options *o = options != NULL ? options : &none;

    *r = (struct rig){ .columns = g_new0(struct fts_build_columns, 1) };
    for (int side = 0; side < 2; side++) {
        struct mem_options mo = {
            .missing_caps = o->missing_caps[side],
            .request_max_bytes =
                side == RIG_DESTINATION ? o->request_max_bytes : 0,
            .quota_bytes = side == RIG_DESTINATION ? o->quota_bytes : 0,
            .intake = intake,
            .intake_data = r,
            .show = o->portable ? show : NULL,
        };

        r->mem[side] = mem_new(&mo);
        mem_add_usual_folders(r->mem[side],
                              side == RIG_SOURCE && o->german_source);
        r->faults[side] = faults_new();
    }
    r->same_mailbox = o->same_mailbox;
    r->portable = o->portable;
    /* ThreadSanitizer takes the loader's own locking for none. */
    r->held[0] = g_iconv_open("UTF-8", "WINDOWS-1252");
    r->held[1] = g_iconv_open("WINDOWS-1252", "UTF-8");
    rig_forget(r);
    r->pool = blob_pool_new(16 << 20, NULL);
    r->cancel = cancel_new();
    r->texts = g_ptr_array_new_with_free_func(g_free);
    pthread_mutex_init(&r->lock, NULL);
    r->options = (struct engine_options){
        .lanes = 4,
        .doubt_wait_us = 20000,
        .retry_wait_us = 1000,
        .patience_us = 20 * 1000000,
        .alone = true,
    };
}

void rig_close(struct rig *r)
{
    for (int side = 0; side < 2; side++)
        g_clear_pointer(&r->ep[side], endpoint_free);
}

void rig_release(struct rig *r)
{
    rig_close(r);
    for (int i = 0; i < 2; i++)
        g_iconv_close(r->held[i]);
    for (int side = 0; side < 2; side++) {
        faults_free(r->faults[side]);
        mem_free(r->mem[side]);
    }
    store_free(r->store);
    blob_pool_free(r->pool);
    cancel_free(r->cancel);
    g_ptr_array_unref(r->texts);
    pthread_mutex_destroy(&r->lock);
    fts_build_columns_clear(r->columns);
    g_free(r->columns);
}

/* ---- passes ---------------------------------------------------------- */

static void hear(void *data, const struct engine_event *event)
{
    struct rig *r = data;

    pthread_mutex_lock(&r->lock);
    r->told[event->kind] += event->n;
    if (event->text != NULL)
        g_ptr_array_add(r->texts, g_strdup(event->text));
    pthread_mutex_unlock(&r->lock);
    if (r->hook != NULL)
        r->hook(r, event);
}

struct engine_job rig_job(struct rig *r, bool fresh)
{
    if (fresh)
        rig_close(r);
    for (int side = 0; side < 2; side++) {
        struct mem *m = r->mem[r->same_mailbox ? RIG_SOURCE : side];

        if (r->ep[side] == NULL)
            r->ep[side] = fault_endpoint(mem_endpoint(m), r->faults[side]);
    }
    CHECK_OK(store_mailbox_lease(r->store, r->mailbox_id, &r->lease, &r->err),
             &r->err);
    return (struct engine_job){
        .source = r->ep[RIG_SOURCE],
        .destination = r->ep[RIG_DESTINATION],
        .store = r->store,
        .pool = r->pool,
        .lease = r->lease,
        .cancel = r->cancel,
        .options = r->options,
        .listener = hear,
        .listener_data = r,
    };
}

int rig_try_copy(struct rig *r)
{
    struct engine_job job = rig_job(r, true);
    int result;

    memset(r->told, 0, sizeof(r->told));
    g_ptr_array_set_size(r->texts, 0);
    result = engine_copy(&job, &r->result, &r->err);
    /* What was read lies nowhere any more. */
    g_assert_cmpuint(blob_pool_memory(r->pool), ==, 0);
    return result;
}

void rig_copy(struct rig *r)
{
    CHECK_OK(rig_try_copy(r), &r->err);
    g_assert_false(r->result.interrupted);
    g_assert_cmpuint(rig_rows(r, ITEM_INTENDED), ==, 0);
}

int rig_try_verify(struct rig *r, enum verify_mode mode, int64_t only_pass_id)
{
    struct engine_job job = rig_job(r, false);
    int result;

    memset(r->told, 0, sizeof(r->told));
    result = engine_verify(&job, mode, only_pass_id, &r->report, &r->err);
    g_assert_cmpuint(blob_pool_memory(r->pool), ==, 0);
    return result;
}

void rig_verify(struct rig *r, enum verify_mode mode, int64_t only_pass_id)
{
    CHECK_OK(rig_try_verify(r, mode, only_pass_id), &r->err);
}

int rig_try_check(struct rig *r, struct engine_check *ret)
{
    struct engine_job job = rig_job(r, true);

    return engine_check(&job, &r->check_options, ret, &r->err);
}

int rig_try_settings(struct rig *r,
                     const struct engine_settings_options *options,
                     struct engine_settings_report *ret)
{
    struct engine_job job = rig_job(r, true);

    return engine_settings(&job, options, ret, &r->err);
}

/* ---- the source ------------------------------------------------------ */

const char *rig_folder(struct rig *r, int side, const char *well_known)
{
    const char *id = mem_well_known(r->mem[side], well_known);

    g_assert_nonnull(id);
    return id;
}

const char *rig_add_tree(struct rig *r, int side, enum endpoint_root root)
{
    static const struct {
        enum endpoint_root root;
        const char *well_known, *name;
    } rows[] = {
        { ENDPOINT_ROOT_ARCHIVE, "archivedeleteditems", "Deleted Items" },
        { ENDPOINT_ROOT_RECOVERABLE, "recoverableitemsdeletions", "Deletions" },
        { ENDPOINT_ROOT_RECOVERABLE, "recoverableitemsversions", "Versions" },
        { ENDPOINT_ROOT_RECOVERABLE, "recoverableitemspurges", "Purges" },
        { ENDPOINT_ROOT_RECOVERABLE, NULL, "Audits" },
    };
    const char *id = mem_add_root(r->mem[side], root);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct mem_folder_init init = { .parent_id = id,
                                              .name = rows[i].name,
                                              .well_known =
                                                  rows[i].well_known };

        if (rows[i].root == root)
            mem_add_folder(r->mem[side], &init);
    }
    return id;
}

static const char *add_payload(struct rig *r, int side, const char *folder_id,
                               const char *payload, bool associated)
{
    struct fts_build_columns c = { 0 };
    struct mem_columns columns = { 0 };
    const char *id;

    fts_build_columns(payload, strlen(payload), &c);
    columns_of(&c, &columns);
    columns.associated = associated;
    id = mem_add_item(r->mem[side], folder_id, payload, strlen(payload),
                      &columns);
    fts_build_columns_clear(&c);
    return id;
}

static char *payload_of(const char *text, const char *body)
{
    const struct fts_message m = {
        .subject = text,
        .body = body,
        .search_key = text,
        .sender_name = "A Sender",
        .sender_address = "sender@old.example",
        .received_us =
            INT64_C(1600000000000000) + (int64_t)g_str_hash(text) * 1000,
        .read = g_str_hash(text) % 2 == 0,
    };

    return fts_build(&m);
}

const char *rig_add(struct rig *r, int side, const char *folder_id,
                    const char *text)
{
    g_autofree char *payload = payload_of(text, text);

    return add_payload(r, side, folder_id, payload, false);
}

const char *rig_add_hidden(struct rig *r, int side, const char *folder_id,
                           const char *item_class, const char *text)
{
    const struct fts_message m = {
        .item_class = item_class,
        .subject = text,
        .body = text,
        .search_key = text,
    };
    g_autofree char *payload = fts_build(&m);

    return add_payload(r, side, folder_id, payload, true);
}

const char *rig_add_large(struct rig *r, int side, const char *folder_id,
                          const char *text, size_t body_bytes)
{
    g_autofree char *body = g_strnfill(body_bytes, 'x');
    g_autofree char *payload = payload_of(text, body);

    return add_payload(r, side, folder_id, payload, false);
}

void rig_add_many(struct rig *r, int side, const char *folder_id,
                  const char *prefix, unsigned int n)
{
    for (unsigned int i = 0; i < n; i++) {
        g_autofree char *text = g_strdup_printf("%s %u", prefix, i);

        rig_add(r, side, folder_id, text);
    }
}

void rig_fill(struct rig *r)
{
    static const char *const usual[] = { "inbox", "sentitems", "calendar",
                                         "contacts", "deleteditems" };
    const char *parent = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(usual); i++)
        rig_add_many(r, RIG_SOURCE, rig_folder(r, RIG_SOURCE, usual[i]),
                     usual[i], i == 0 ? 30 : 10);
    for (int i = 0; i < 6; i++) {
        g_autofree char *name = g_strdup_printf("Project/%d", i);
        struct mem_folder_init init = { .parent_id = parent, .name = name };

        parent = mem_add_folder(r->mem[RIG_SOURCE], &init);
        rig_add_many(r, RIG_SOURCE, parent, name, (unsigned int)i * 4);
        /* people file copies */
        rig_add_many(r, RIG_SOURCE, parent, "copy", 3);
        rig_add_many(r, RIG_SOURCE, parent, "copy", 3);
    }
}

void rig_edit(struct rig *r, int side, const char *id, const char *text)
{
    g_autofree char *payload = payload_of(text, text);
    struct mem_item *was = mem_item(r->mem[side], id);
    struct fts_build_columns c = { 0 };
    struct mem_columns columns = { 0 };

    fts_build_columns(payload, strlen(payload), &c);
    columns_of(&c, &columns);
    columns.search_key = was->search_key; /* an item keeps it all its life */
    mem_edit_item(r->mem[side], id, payload, strlen(payload), &columns);
    fts_build_columns_clear(&c);
    mem_item_free(was);
}

/* ---- the oracle ------------------------------------------------------ */

static char *path_of(const struct endpoint_tree *tree, const char *id)
{
    for (guint i = 0; i < tree->folders->len; i++) {
        const struct endpoint_folder *f = tree->folders->pdata[i];
        g_autofree char *above = NULL;

        if (strcmp(f->id, id) != 0)
            continue;
        if (f->well_known != NULL)
            return g_strdup_printf("/%s", f->well_known);
        above = path_of(tree, f->parent_id);
        return g_strdup_printf("%s/%s", above != NULL ? above : "", f->name);
    }
    return NULL;
}

/* In whichever tree: each has folders of its own. */
static char *path_in(const struct endpoint_tree *trees, const char *id)
{
    for (enum endpoint_root root = 0; root < ENDPOINT_N_ROOTS; root++) {
        g_autofree char *path =
            trees[root].folders == NULL ? NULL : path_of(&trees[root], id);

        if (path != NULL)
            return g_strdup_printf(
                "%s%s",
                root == ENDPOINT_ROOT_MAIN ? "" : endpoint_root_name(root),
                path);
    }
    g_assert_not_reached();
}

/* Every part of the content, whatever a server made of it. */
static char *content_of(const struct mem_item *item)
{
    gsize len;
    const char *payload = g_bytes_get_data(item->payload, &len);

    if (item->portable != NULL)
        return g_strdup(portable_text(item->portable, "content"));
    return fts_content(payload, len);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void read_trees(struct endpoint *ep, struct endpoint_tree *ret)
{
    struct err err;

    CHECK_OK(endpoint_folders(ep, &ret[ENDPOINT_ROOT_MAIN], &err), &err);
    for (enum endpoint_root root = ENDPOINT_ROOT_ARCHIVE;
         root < ENDPOINT_N_ROOTS; root++) {
        g_autofree char *id = NULL;

        g_assert_cmpint(endpoint_get_tree(ep, root, &id, &ret[root], &err), >=,
                        0);
    }
}

char *rig_digest(struct rig *r, int side)
{
    struct endpoint *ep = mem_endpoint(r->mem[side]);
    g_autoptr(GPtrArray) items = mem_items(r->mem[side], NULL);
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    g_auto(endpoint_facts) facts = { 0 };
    struct endpoint_tree trees[ENDPOINT_N_ROOTS] = { 0 };
    GString *text = g_string_new(NULL);
    struct err err;

    CHECK_OK(endpoint_open(ep, &facts, &err), &err);
    read_trees(ep, trees);
    endpoint_free(ep);
    for (guint i = 0; i < items->len; i++) {
        const struct mem_item *item = items->pdata[i];
        g_autofree char *path = path_in(trees, item->folder_id);
        g_autofree char *content = content_of(item);

        if (!item->associated && strcmp(path, "/outbox") != 0)
            g_ptr_array_add(lines, g_strdup_printf("%s: %s %s", path,
                                                   item->subject, content));
    }
    g_ptr_array_sort(lines, by_text);
    for (guint i = 0; i < lines->len; i++)
        g_string_append_printf(text, "%s\n", (char *)lines->pdata[i]);
    for (int root = 0; root < ENDPOINT_N_ROOTS; root++)
        endpoint_tree_clear(&trees[root]);
    return g_string_free(text, FALSE);
}

void rig_check_equal(struct rig *r)
{
    g_autofree char *from = rig_digest(r, RIG_SOURCE);
    g_autofree char *to = rig_digest(r, RIG_DESTINATION);
    g_auto(GStrv) a = NULL, b = NULL;
    size_t i = 0;

    if (strcmp(from, to) == 0)
        return;
    a = g_strsplit(from, "\n", -1);
    b = g_strsplit(to, "\n", -1);
    while (a[i] != NULL && b[i] != NULL && strcmp(a[i], b[i]) == 0)
        i++;
    g_error("the mailboxes differ (%u and %u items); the first line is\n"
            "  source       %s\n  destination  %s",
            g_strv_length(a) - 1, g_strv_length(b) - 1, a[i], b[i]);
}

guint rig_count(struct rig *r, int side, const char *folder_id)
{
    g_autoptr(GPtrArray) items = mem_items(r->mem[side], folder_id);

    return items->len;
}

uint64_t rig_rows(struct rig *r, enum item_state state)
{
    struct store_counts counts;
    uint64_t n = 0;

    CHECK_OK(store_counts(r->store, r->mailbox_id, &counts, &r->err), &r->err);
    for (int kind = 0; kind < KIND_N; kind++)
        n += counts.by[kind][state].items;
    return n;
}

struct store_item *rig_row(struct rig *r, const char *source_id)
{
    const struct store_item_query q = { .mailbox_id = r->mailbox_id,
                                        .max = 100000 };
    g_autoptr(GPtrArray) rows = NULL;

    CHECK_OK(store_items(r->store, &q, &rows, &r->err), &r->err);
    for (guint i = 0; i < rows->len; i++) {
        struct store_item *row = rows->pdata[i];

        if (strcmp(row->source_id, source_id) == 0)
            return g_ptr_array_steal_index(rows, i);
    }
    g_error("item \"%s\" is not in the ledger", source_id);
}

enum mailbox_state rig_state(struct rig *r)
{
    struct store_mailbox *m = NULL;
    enum mailbox_state state;

    CHECK_OK(store_mailbox_get(r->store, r->mailbox_id, &m, &r->err), &r->err);
    state = m->state;
    store_mailbox_free(m);
    return state;
}

bool rig_was_told(struct rig *r, const char *text)
{
    for (guint i = 0; i < r->texts->len; i++)
        if (strstr(r->texts->pdata[i], text) != NULL)
            return true;
    return false;
}

uint64_t rig_calls(struct rig *r, int side, enum mem_op op)
{
    return mem_calls(r->mem[side], op);
}

uint64_t rig_all_calls(struct rig *r, int side)
{
    uint64_t n = 0;

    for (int op = 0; op < MEM_N_OPS; op++)
        if (op != MEM_CLONE)
            n += mem_calls(r->mem[side], (enum mem_op)op);
    return n;
}

void rig_fault(struct rig *r, int side, enum fault_op op, enum fault_when when,
               unsigned int first, unsigned int every)
{
    const struct fault fault = {
        .op = op, .when = when, .first = first, .every = every
    };

    faults_add(r->faults[side], &fault);
}

void rig_fault_err(struct rig *r, int side, enum fault_op op,
                   enum fault_when when, unsigned int first, unsigned int every,
                   enum err_scope scope, enum err_retry retry)
{
    struct fault fault = {
        .op = op, .when = when, .first = first, .every = every
    };

    err_set(&fault.err, scope, retry, 0, "a fault of the test");
    fault.err.name = "test-fault";
    fault.err.wait_ms = retry == ERR_RETRY_WAIT ? 1 : 0;
    faults_add(r->faults[side], &fault);
}

bool rig_pick(void *text_or_id, const struct fault_subject *subject)
{
    g_autofree char *payload = NULL;
    struct fts_build_columns c = { 0 };
    struct err err;
    uint64_t size;
    bool hit;

    if (subject->payload == NULL)
        return g_strcmp0(subject->id, text_or_id) == 0;
    size = blob_size(subject->payload);
    payload = g_malloc0(size + 1);
    CHECK_OK(blob_read_at(subject->payload, 0, payload, size, &err), &err);
    fts_build_columns(payload, size, &c);
    hit = g_strcmp0(c.subject, text_or_id) == 0;
    fts_build_columns_clear(&c);
    return hit;
}
