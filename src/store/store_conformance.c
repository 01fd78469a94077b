#include "store/store_conformance_priv.h"

#include "base/timestamp.h"

struct run {
    const struct conformance_kind *kind;
    const struct conform_test *test;
};

static const char *const dest_ids[] = {
    "dst-a", "dst-b", "dst-c", "x", "y", "z"
};

static const struct dump_scope scope = { 1000, dest_ids,
                                         G_N_ELEMENTS(dest_ids) };

char *conform_dump(struct conform *t)
{
    return store_dump(t->s, &scope);
}

void conform_refused(struct conform *t, int result, const char *name,
                     const char *before)
{
    g_autofree char *after = conform_dump(t);

    g_assert_cmpint(result, ==, -1);
    g_assert_cmpstr(t->err.name, ==, name);
    g_assert_cmpint(t->err.retry, ==, ERR_RETRY_NEVER);
    g_assert_cmpstr(after, ==, before);
}

void conform_map(struct conform *t, const char *destination_id, bool made)
{
    const struct store_mapping map = { t->inbox, destination_id, made, false };

    CHECK_OK(store_folders_map(t->s, &t->lease, &map, 1, &t->err), &t->err);
}

struct store_folder *conform_folder(struct conform *t, int64_t folder_id)
{
    g_autoptr(GPtrArray) all = NULL;
    int64_t mailbox_id = folder_id == t->other_inbox ? t->other_lease.mailbox_id
                                                     : t->lease.mailbox_id;

    CHECK_OK(store_folders(t->s, mailbox_id, &all, &t->err), &t->err);
    for (guint i = 0; i < all->len; i++) {
        struct store_folder *f = all->pdata[i];

        if (f->id == folder_id)
            return g_ptr_array_steal_index(all, i);
    }
    g_error("no folder %" G_GINT64_FORMAT, folder_id);
}

struct store_item *conform_item(struct conform *t, const char *source_id)
{
    struct store_item_query q = { .mailbox_id = t->lease.mailbox_id,
                                  .folder_id = t->inbox,
                                  .max = 10000 };
    g_autoptr(GPtrArray) all = NULL;

    CHECK_OK(store_items(t->s, &q, &all, &t->err), &t->err);
    for (guint i = 0; i < all->len; i++) {
        struct store_item *item = all->pdata[i];

        if (g_str_equal(item->source_id, source_id))
            return g_ptr_array_steal_index(all, i);
    }
    g_error("no item \"%s\"", source_id);
}

int64_t conform_item_id(struct conform *t, const char *source_id)
{
    struct store_item *item = conform_item(t, source_id);
    int64_t id = item->id;

    store_item_free(item);
    return id;
}

void conform_bytes(const void *is, size_t n_is, const void *want, size_t n_want)
{
    g_assert_cmpuint(n_is, ==, n_want);
    g_assert_true(memcmp(is, want, n_want) == 0);
}

void conform_list(struct conform *t, int64_t folder_id, size_t n)
{
    char ids[26][2];
    struct store_change changes[26] = { 0 };
    size_t listed = 0;

    for (size_t i = 0; i < n; i++) {
        ids[i][0] = (char)('a' + i);
        ids[i][1] = '\0';
        changes[i] = (struct store_change){
            .kind = STORE_CREATED,
            .source_id = ids[i],
            .change_key = "key-1",
            .item_class = "IPM.Note",
            .search_key = "search",
            .received_us = (int64_t)(i + 1) * TIMESTAMP_SECOND,
            .size_bytes = 100,
        };
    }
    CHECK_OK(store_items_list(t->s, &t->lease, folder_id, changes, n, "token",
                              &listed, &t->err),
             &t->err);
    g_assert_cmpuint(listed, ==, n);
}

void conform_change(struct conform *t, const struct store_change *change)
{
    CHECK_OK(store_items_list(t->s, &t->lease, t->inbox, change, 1, NULL, NULL,
                              &t->err),
             &t->err);
}

void conform_intend(struct conform *t, const char *source_ids)
{
    struct store_intent intents[26];
    size_t n = strlen(source_ids);

    for (size_t i = 0; i < n; i++) {
        const char id[] = { source_ids[i], '\0' };

        intents[i] = (struct store_intent){
            .item_id = conform_item_id(t, id),
            .change_key = "key-2",
            .size_bytes = 200,
            .digest = (const uint8_t *)"digest",
            .digest_len = 6,
        };
    }
    CHECK_OK(store_items_intend(t->s, &t->lease, 7, intents, n, 99, &t->err),
             &t->err);
}

void conform_record(struct conform *t, const char *source_id,
                    struct store_outcome outcome)
{
    outcome.item_id = conform_item_id(t, source_id);
    CHECK_OK(store_items_record(t->s, &t->lease, &outcome, 1, &t->err),
             &t->err);
}

void conform_copied(struct conform *t, const char *source_ids)
{
    for (const char *p = source_ids; *p != '\0'; p++) {
        const char id[] = { *p, '\0' };
        g_autofree char *destination_id = g_strconcat("dst-", id, NULL);

        conform_record(
            t, id,
            (struct store_outcome){ .state = ITEM_COPIED,
                                    .destination_id = destination_id });
    }
}

/* ---- running ---------------------------------------------------------- */

static void add_mailbox(struct conform *t, const char *source,
                        struct store_lease *ret)
{
    int64_t id = 0;

    CHECK_OK(store_mailbox_add(t->s, source, "to@new.example", 1, &id, &t->err),
             &t->err);
    CHECK_OK(store_mailbox_lease(t->s, id, ret, &t->err), &t->err);
}

static int64_t add_folders(struct conform *t, const struct store_lease *lease)
{
    static char inbox[] = "src-inbox", sent[] = "src-sent", root[] = "root",
                path_a[] = "Inbox", path_b[] = "Sent Items", wk[] = "inbox",
                class[] = "IPF.Note";
    const struct store_folder folders[] = {
        { .source_id = inbox,
          .source_parent_id = root,
          .path = path_a,
          .well_known = wk,
          .folder_class = class },
        { .source_id = sent, .source_parent_id = root, .path = path_b },
    };
    g_autoptr(GPtrArray) all = NULL;

    CHECK_OK(store_folders_set(t->s, lease, folders, 2, &t->err), &t->err);
    CHECK_OK(store_folders(t->s, lease->mailbox_id, &all, &t->err), &t->err);
    g_assert_cmpuint(all->len, ==, 2);
    t->sent = ((const struct store_folder *)all->pdata[1])->id;
    return ((const struct store_folder *)all->pdata[0])->id;
}

static void run_test(const void *data)
{
    const struct run *run = data;
    struct conform t = { 0 };
    void *store_data = NULL;

    t.s = run->kind->open(&store_data);
    add_mailbox(&t, "other@old.example", &t.other_lease);
    t.other_inbox = add_folders(&t, &t.other_lease);
    add_mailbox(&t, "from@old.example", &t.lease);
    t.inbox = add_folders(&t, &t.lease);
    run->test->fn(&t);
    run->kind->close(t.s, store_data);
}

static void add_tests(const struct conformance_kind *kind,
                      const struct conform_test *tests)
{
    for (; tests->name != NULL; tests++) {
        g_autofree char *path =
            g_strdup_printf("/store/%s/%s", kind->name, tests->name);
        struct run *run = g_new(struct run, 1);

        *run = (struct run){ kind, tests };
        g_test_add_data_func_full(path, run, run_test, g_free);
    }
}

void store_conformance_add(const struct conformance_kind *kind)
{
    add_tests(kind, conform_mailboxes);
    add_tests(kind, conform_folders);
    add_tests(kind, conform_listing);
    add_tests(kind, conform_ledger);
    add_tests(kind, conform_queries);
    add_tests(kind, conform_dest);
    add_tests(kind, conform_follow);
    add_tests(kind, conform_names);
    add_tests(kind, conform_trials);
    add_tests(kind, conform_paces);
    add_tests(kind, conform_samples);
    add_tests(kind, conform_adopt);
    add_tests(kind, conform_settings);
    add_tests(kind, conform_threads);
}
