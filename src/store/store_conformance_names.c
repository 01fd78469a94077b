/* Names of the old organisation: once each, and whose they are. */
#include "store/store_conformance_priv.h"

static char dn_ann[] = "/o=Old/cn=ann", dn_ann_again[] = "/O=OLD/CN=Ann",
            dn_bob[] = "/o=Old/cn=bob", ann[] = "ann@old.example",
            not_ann[] = "other@old.example";

/* "dn=address" lines, in order. */
static char *all_names(struct conform *t)
{
    g_autoptr(GPtrArray) all = NULL;
    GString *out = g_string_new(NULL);

    CHECK_OK(store_exchange_names(t->s, &all, &t->err), &t->err);
    for (guint i = 0; i < all->len; i++) {
        const struct store_exchange_name *name = all->pdata[i];

        g_string_append_printf(out, "%s=%s ", name->dn,
                               name->address != NULL ? name->address : "?");
    }
    return g_string_free(out, FALSE);
}

static void test_add(struct conform *t)
{
    const struct store_exchange_name first[] = { { dn_ann, NULL },
                                                 { dn_bob, NULL } };
    const struct store_exchange_name later[] = { { dn_ann_again, ann },
                                                 { dn_ann, not_ann },
                                                 { dn_ann, NULL } };
    g_autofree char *before = all_names(t);
    g_autofree char *after = NULL;

    g_assert_cmpstr(before, ==, "");
    CHECK_OK(store_exchange_names_add(t->s, &t->lease, first, 2, &t->err),
             &t->err);
    CHECK_OK(store_exchange_names_add(t->s, &t->lease, later, 3, &t->err),
             &t->err);
    after = all_names(t);
    g_assert_cmpstr(after, ==,
                    "/o=Old/cn=ann=ann@old.example /o=Old/cn=bob=? ");
}

static void test_too_long(struct conform *t)
{
    g_autofree char *dn = g_strnfill(2000, 'x');
    const struct store_exchange_name name = { dn, ann };
    g_autofree char *after = NULL;

    CHECK_OK(store_exchange_names_add(t->s, &t->lease, &name, 1, &t->err),
             &t->err);
    after = all_names(t);
    g_assert_cmpstr(after, ==, "");
}

/* They come with the intent, or not at all. */
static void test_with_an_intent(struct conform *t)
{
    const struct store_exchange_name name = { dn_ann, ann };
    struct store_intent intent = { .names = &name, .n_names = 1 };
    g_autofree char *refused = NULL;
    g_autofree char *after = NULL;

    intent.item_id = 4711;
    g_assert_cmpint(
        store_items_intend(t->s, &t->lease, 1, &intent, 1, 1, &t->err), ==, -1);
    refused = all_names(t);
    g_assert_cmpstr(refused, ==, "");
    conform_list(t, t->inbox, 1);
    {
        g_autoptr(GPtrArray) items = NULL;
        const struct store_item_query q = { .mailbox_id = t->lease.mailbox_id,
                                            .folder_id = t->inbox,
                                            .max = 1 };

        CHECK_OK(store_items(t->s, &q, &items, &t->err), &t->err);
        intent.item_id = ((struct store_item *)items->pdata[0])->id;
    }
    CHECK_OK(store_items_intend(t->s, &t->lease, 1, &intent, 1, 1, &t->err),
             &t->err);
    after = all_names(t);
    g_assert_cmpstr(after, ==, "/o=Old/cn=ann=ann@old.example ");
}

static int64_t asked_at(struct conform *t, guint i)
{
    g_autoptr(GPtrArray) all = NULL;

    CHECK_OK(store_exchange_names(t->s, &all, &t->err), &t->err);
    return ((const struct store_exchange_name *)all->pdata[i])->asked_us;
}

/* Of that name alone, however it is written; nobody else has one by it. */
static void test_asked(struct conform *t)
{
    const struct store_exchange_name names[] = { { .dn = dn_ann },
                                                 { .dn = dn_bob } };
    g_autofree char *after = NULL;

    CHECK_OK(store_exchange_names_add(t->s, &t->lease, names, 2, &t->err),
             &t->err);
    g_assert_cmpint(asked_at(t, 0), ==, 0);
    CHECK_OK(
        store_exchange_name_asked(t->s, &t->lease, dn_ann_again, 77, &t->err),
        &t->err);
    CHECK_OK(store_exchange_name_asked(t->s, &t->lease, "/o=Old/cn=new", 78,
                                       &t->err),
             &t->err);
    CHECK_OK(store_exchange_names_add(t->s, &t->lease, names, 2, &t->err),
             &t->err);
    g_assert_cmpint(asked_at(t, 0), ==, 77);
    g_assert_cmpint(asked_at(t, 1), ==, 0);
    after = all_names(t);
    g_assert_cmpstr(after, ==, "/o=Old/cn=ann=? /o=Old/cn=bob=? ");
}

static char *own_dn(struct conform *t)
{
    struct store_mailbox *m = NULL;
    char *dn;

    CHECK_OK(store_mailbox_get(t->s, t->lease.mailbox_id, &m, &t->err),
             &t->err);
    dn = g_strdup(m->legacy_dn);
    store_mailbox_free(m);
    return dn;
}

/* A fact of the mailbox, and a name whose address is known by it. */
static void test_own(struct conform *t)
{
    const struct store_exchange_name bare = { .dn = dn_bob };
    g_autofree char *before = own_dn(t), *after = NULL, *later = NULL,
                    *last = NULL, *names = NULL;
    g_autofree char *long_dn = g_strnfill(2000, 'x');

    g_assert_null(before);
    CHECK_OK(store_exchange_names_add(t->s, &t->lease, &bare, 1, &t->err),
             &t->err);
    CHECK_OK(store_mailbox_set_dn(t->s, &t->lease, dn_ann, &t->err), &t->err);
    after = own_dn(t);
    g_assert_cmpstr(after, ==, dn_ann);
    CHECK_OK(store_mailbox_set_dn(t->s, &t->lease, dn_bob, &t->err), &t->err);
    later = own_dn(t);
    g_assert_cmpstr(later, ==, dn_bob);
    CHECK_OK(store_mailbox_set_dn(t->s, &t->lease, long_dn, &t->err), &t->err);
    last = own_dn(t);
    g_assert_cmpstr(last, ==, dn_bob);
    names = all_names(t);
    g_assert_cmpstr(names, ==,
                    "/o=Old/cn=bob=from@old.example "
                    "/o=Old/cn=ann=from@old.example ");
}

const struct conform_test conform_names[] = {
    { "names/add", test_add },
    { "names/asked", test_asked },
    { "names/own", test_own },
    { "names/too-long", test_too_long },
    { "names/with-an-intent", test_with_an_intent },
    { NULL, NULL },
};
