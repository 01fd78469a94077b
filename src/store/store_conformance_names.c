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

const struct conform_test conform_names[] = {
    { "names/add", test_add },
    { "names/too-long", test_too_long },
    { "names/with-an-intent", test_with_an_intent },
    { NULL, NULL },
};
