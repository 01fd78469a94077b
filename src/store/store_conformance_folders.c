#include "store/store_conformance_priv.h"

static struct store_folder folder(const char *id, const char *path)
{
    return (struct store_folder){ .source_id = g_strdup(id),
                                  .path = g_strdup(path) };
}

static void clear(struct store_folder *folders, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g_free(folders[i].source_id);
        g_free(folders[i].path);
        g_free(folders[i].source_parent_id);
        g_free(folders[i].folder_class);
        g_free(folders[i].well_known);
    }
}

/* "path id gone" a folder, joined, without ids that differ by store. */
static char *shown(struct conform *t)
{
    g_autoptr(GPtrArray) all = NULL;
    GString *out = g_string_new(NULL);

    CHECK_OK(store_folders(t->s, t->lease.mailbox_id, &all, &t->err), &t->err);
    for (guint i = 0; i < all->len; i++) {
        const struct store_folder *f = all->pdata[i];

        g_string_append_printf(out, "%s=%s%s ", f->path, f->source_id,
                               f->gone ? "(gone)" : "");
    }
    return g_string_free(out, FALSE);
}

static void test_tree(struct conform *t)
{
    struct store_folder f[] = {
        folder("src-sent", "Gesendet"),
        folder("new", "Inbox/New"),
        folder("src-inbox", "Inbox"),
    };
    g_autofree char *tree = NULL;
    g_autofree char *again = NULL;

    CHECK_OK(store_folders_set(t->s, &t->lease, f, 3, &t->err), &t->err);
    tree = shown(t);
    g_assert_cmpstr(tree, ==,
                    "Gesendet=src-sent Inbox=src-inbox Inbox/New=new ");

    /* One that is not named is gone; named again, it is not. */
    CHECK_OK(store_folders_set(t->s, &t->lease, f, 1, &t->err), &t->err);
    g_free(tree);
    tree = shown(t);
    g_assert_cmpstr(tree, ==,
                    "Gesendet=src-sent Inbox=src-inbox(gone) "
                    "Inbox/New=new(gone) ");
    CHECK_OK(store_folders_set(t->s, &t->lease, &f[1], 2, &t->err), &t->err);
    again = shown(t);
    g_assert_cmpstr(again, ==,
                    "Gesendet=src-sent(gone) Inbox=src-inbox Inbox/New=new ");
    clear(f, G_N_ELEMENTS(f));
}

static void test_known_folder_keeps(struct conform *t)
{
    struct store_folder f = folder("src-inbox", "Posteingang");
    struct store_folder *got;

    f.source_parent_id = g_strdup("elsewhere");
    f.folder_class = g_strdup("IPF.Other");
    f.well_known = g_strdup("wk");
    conform_list(t, t->inbox, 2);
    conform_map(t, "dst", false);
    CHECK_OK(store_dest_swept(t->s, &t->lease, t->inbox, "d-token", &t->err),
             &t->err);
    CHECK_OK(store_folders_set(t->s, &t->lease, &f, 1, &t->err), &t->err);

    got = conform_folder(t, t->inbox);
    g_assert_cmpstr(got->source_id, ==, "src-inbox");
    g_assert_cmpstr(got->path, ==, "Posteingang");
    g_assert_cmpstr(got->source_parent_id, ==, "elsewhere");
    g_assert_cmpstr(got->folder_class, ==, "IPF.Other");
    g_assert_cmpstr(got->well_known, ==, "wk");
    g_assert_cmpstr(got->source_token, ==, "token");
    g_assert_cmpstr(got->destination_id, ==, "dst");
    g_assert_cmpstr(got->destination_token, ==, "d-token");
    store_folder_free(got);
    clear(&f, 1);
}

static void test_new_folder(struct conform *t)
{
    struct store_folder *got = conform_folder(t, t->inbox);

    g_assert_cmpstr(got->source_parent_id, ==, "root");
    g_assert_cmpstr(got->well_known, ==, "inbox");
    g_assert_cmpstr(got->folder_class, ==, "IPF.Note");
    g_assert_cmpstr(got->source_token, ==, "");
    g_assert_null(got->destination_token);
    g_assert_null(got->destination_id);
    g_assert_false(got->baseline_done || got->dirty || got->gone);
    store_folder_free(got);
}

static int map_to(struct conform *t, int64_t folder_id, const char *to)
{
    const struct store_mapping maps[] = {
        { t->inbox, "another", true, true },
        { folder_id, to, false, false },
    };

    return store_folders_map(t->s, &t->lease, maps, G_N_ELEMENTS(maps),
                             &t->err);
}

static void test_map(struct conform *t)
{
    const struct store_dest_seen seen = { .kind = DEST_BASELINE,
                                          .token = "d",
                                          .baseline_done = true };
    struct store_folder *f;

    conform_map(t, "one", false);
    CHECK_OK(store_dest_record(t->s, &t->lease, t->inbox, &seen, &t->err),
             &t->err);
    conform_map(t, "one", false);
    f = conform_folder(t, t->inbox);
    g_assert_cmpstr(f->destination_id, ==, "one");
    g_assert_cmpstr(f->destination_token, ==, "d");
    g_assert_true(f->baseline_done);
    store_folder_free(f);

    conform_map(t, "two", false);
    f = conform_folder(t, t->inbox);
    g_assert_cmpstr(f->destination_id, ==, "two");
    g_assert_null(f->destination_token);
    g_assert_false(f->baseline_done);
    store_folder_free(f);
}

/* What came into being empty needs no look at what was there before. */
static void test_map_new(struct conform *t)
{
    const struct {
        const char *name;
        struct store_mapping map;
        bool baseline_done;
    } rows[] = {
        { "made", { t->inbox, "one", true, true }, true },
        { "the same again", { t->inbox, "one", true, false }, true },
        { "another", { t->inbox, "two", true, false }, false },
        { "another, new", { t->inbox, "three", true, true }, true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct store_folder *f;

        CHECK_OK(store_folders_map(t->s, &t->lease, &rows[i].map, 1, &t->err),
                 &t->err);
        f = conform_folder(t, t->inbox);
        CHECK_ROW(rows[i].name, f->baseline_done == rows[i].baseline_done &&
                                    f->destination_token == NULL);
        store_folder_free(f);
    }
}

static void test_refusals(struct conform *t)
{
    struct store_folder f[] = { folder("new", "New"), folder("", "Nameless") };
    g_autofree char *before = conform_dump(t);
    g_autofree char *longest = g_strnfill(5000, 'x');

    conform_refused(t, store_folders_set(t->s, &t->lease, f, 2, &t->err),
                    "missing", before);
    conform_refused(t, map_to(t, t->inbox, ""), "missing", before);
    conform_refused(t, map_to(t, t->inbox, longest), "too-long", before);
    conform_refused(t, map_to(t, 9999, "x"), "not-found", before);
    clear(f, G_N_ELEMENTS(f));
}

const struct conform_test conform_folders[] = {
    { "folders/new", test_new_folder },
    { "folders/tree", test_tree },
    { "folders/known-keeps", test_known_folder_keeps },
    { "folders/map", test_map },
    { "folders/map-new", test_map_new },
    { "folders/refusals", test_refusals },
    { 0 },
};
