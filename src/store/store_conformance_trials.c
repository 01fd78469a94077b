/* What trials have found out: kept by servers and class, and how edits go. */
#include "store/store_conformance_priv.h"

static char old[] = "14.3", new[] = "15.1", newer[] = "15.2",
            note[] = "IPM.Note", task[] = "IPM.Task",
            lost[] = "0x1090: missing", tags[] = "0x7FFF0003",
            left[] = "it leaves what is gone";

static char *all_trials(struct conform *t)
{
    g_autoptr(GPtrArray) all = NULL;
    GString *out = g_string_new(NULL);

    CHECK_OK(store_trials(t->s, &all, &t->err), &t->err);
    for (guint i = 0; i < all->len; i++) {
        const struct store_trial *l = all->pdata[i];

        g_string_append_printf(
            out, "%s>%s %s %s %u %" G_GINT64_FORMAT " [%s] [%s]\n", l->source,
            l->destination, l->item_class, trial_outcome_name(l->outcome),
            l->format, l->pass_id, l->what != NULL ? l->what : "",
            l->unknown != NULL ? l->unknown : "");
    }
    return g_string_free(out, FALSE);
}

static char *all_edits(struct conform *t)
{
    g_autoptr(GPtrArray) all = NULL;
    GString *out = g_string_new(NULL);

    CHECK_OK(store_edits(t->s, &all, &t->err), &t->err);
    for (guint i = 0; i < all->len; i++) {
        const struct store_edits *e = all->pdata[i];

        g_string_append_printf(out, "%s>%s %s [%s]\n", e->source,
                               e->destination, edits_way_name(e->way),
                               e->why != NULL ? e->why : "");
    }
    return g_string_free(out, FALSE);
}

static void test_lines(struct conform *t)
{
    const struct store_trial first[] = {
        { old, new, task, 0, TRIAL_WHOLE, NULL, NULL, 1 },
        { old, new, note, 0, TRIAL_WHOLE, NULL, tags, 1 },
        { old, newer, note, 1, TRIAL_FAILED, lost, NULL, 1 },
    };
    const struct store_trial again = { old,           new,  note, 0,
                                       TRIAL_ALTERED, lost, NULL, 2 };
    g_autofree char *before = all_trials(t);
    g_autofree char *after = NULL;

    g_assert_cmpstr(before, ==, "");
    CHECK_OK(store_trial_record(t->s, &t->lease, NULL, first, 3, &t->err),
             &t->err);
    CHECK_OK(store_trial_record(t->s, &t->lease, NULL, &again, 1, &t->err),
             &t->err);
    after = all_trials(t);
    g_assert_cmpstr(after, ==,
                    "14.3>15.1 IPM.Note altered 0 2 [0x1090: missing] []\n"
                    "14.3>15.1 IPM.Task whole 0 1 [] []\n"
                    "14.3>15.2 IPM.Note failed 1 1 [0x1090: missing] []\n");
}

/* What takes the place of what. */
static void test_edits(struct conform *t)
{
    static const struct {
        const char *name;
        enum edits_way is, then, want;
    } rows[] = {
        { "first word", EDITS_UNTRIED, EDITS_IN_PLACE, EDITS_IN_PLACE },
        { "not tried again", EDITS_IN_PLACE, EDITS_UNTRIED, EDITS_IN_PLACE },
        { "seen to merge", EDITS_IN_PLACE, EDITS_REPLACE, EDITS_REPLACE },
        { "not believed again", EDITS_REPLACE, EDITS_IN_PLACE, EDITS_REPLACE },
        { "nor forgotten", EDITS_REPLACE, EDITS_UNTRIED, EDITS_REPLACE },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *server = g_strdup_printf("%zu", i);
        struct store_edits e = { server, new, rows[i].is, left };
        g_autofree char *want = g_strdup_printf("%s>15.1 %s ", server,
                                                edits_way_name(rows[i].want));
        g_autofree char *all = NULL;

        CHECK_OK(store_trial_record(t->s, &t->lease, &e, NULL, 0, &t->err),
                 &t->err);
        e.way = rows[i].then;
        CHECK_OK(store_trial_record(t->s, &t->lease, &e, NULL, 0, &t->err),
                 &t->err);
        all = all_edits(t);
        CHECK_ROW(rows[i].name, strstr(all, want) != NULL);
    }
}

static void test_refused(struct conform *t)
{
    const struct store_trial bad = { .source = old, .destination = new };
    const struct store_edits good = { old, new, EDITS_IN_PLACE, NULL };
    const struct store_lease stale = { t->lease.mailbox_id,
                                       t->lease.number - 1 };
    g_autofree char *after = NULL;

    g_assert_cmpint(
        store_trial_record(t->s, &t->lease, &good, &bad, 1, &t->err), ==, -1);
    g_assert_cmpstr(t->err.name, ==, "missing");
    g_assert_cmpint(store_trial_record(t->s, &stale, &good, NULL, 0, &t->err),
                    ==, -1);
    g_assert_cmpstr(t->err.name, ==, "lease-lost");
    after = all_edits(t);
    g_assert_cmpstr(after, ==, "");
}

const struct conform_test conform_trials[] = {
    { "trials/lines", test_lines },
    { "trials/edits", test_edits },
    { "trials/refused", test_refused },
    { NULL, NULL },
};
