#include "engine/rig.h"

#include <string.h>

#define DN "/o=Old/ou=First/cn=Recipients/cn=ann"

/* "dn=address " of what is on record, after the mailbox's own. */
static char *on_record(struct rig *r)
{
    g_autoptr(GPtrArray) names = NULL;
    struct store_mailbox *m = NULL;
    GString *out = g_string_new(NULL);

    CHECK_OK(store_mailbox_get(r->store, r->mailbox_id, &m, &r->err), &r->err);
    g_string_append_printf(
        out, "%s: ", m->legacy_dn != NULL ? m->legacy_dn : "none");
    CHECK_OK(store_exchange_names(r->store, &names, &r->err), &r->err);
    for (guint i = 0; i < names->len; i++) {
        const struct store_exchange_name *n = names->pdata[i];

        if (n->address != NULL && strcmp(n->address, m->source_address) == 0)
            g_string_append_printf(out, "%s ", n->dn);
    }
    store_mailbox_free(m);
    return g_string_free(out, FALSE);
}

static void test_asked_until_known(void)
{
    g_autofree char *before = NULL, *after = NULL;
    struct rig r;

    rig_init(&r, &(struct rig_options){ 0 });
    rig_copy(&r);
    before = on_record(&r);
    g_assert_cmpstr(before, ==, "none: ");
    mem_set_own_name(r.mem[RIG_SOURCE], DN);
    mem_set_own_name(r.mem[RIG_DESTINATION], "/o=New/cn=ann");
    rig_copy(&r);
    rig_copy(&r);
    after = on_record(&r);
    g_assert_cmpstr(after, ==, DN ": " DN " ");
    g_assert_cmpuint(rig_calls(&r, RIG_SOURCE, MEM_OWN_NAME), ==, 2);
    g_assert_cmpuint(rig_calls(&r, RIG_DESTINATION, MEM_OWN_NAME), ==, 0);
    g_assert_cmpuint(r.told[ENGINE_NOTE], ==, 0);
    rig_release(&r);
}

static guint texts_with(const struct rig *r, const char *what)
{
    guint n = 0;

    for (guint i = 0; i < r->texts->len; i++)
        n += strstr(r->texts->pdata[i], what) != NULL;
    return n;
}

/* The notes on record that say so. */
static guint notes_with(struct rig *r, const char *what)
{
    g_autoptr(GPtrArray) lines = NULL;
    guint n = 0;

    CHECK_OK(store_settings(r->store, r->mailbox_id, &lines, &r->err), &r->err);
    for (guint i = 0; i < lines->len; i++) {
        const struct store_setting *line = lines->pdata[i];

        n += strcmp(line->part, STORE_NOTES) == 0 &&
             strstr(line->cause, what) != NULL;
    }
    return n;
}

/* However it fails, the mailbox is copied, and one note says so. */
static void test_a_note_at_most(void)
{
    static const struct {
        const char *name;
        struct err err;
    } rows[] = {
        { "a lost connection", { .msg = "" } },
        { "refused",
          { .scope = ERR_MAILBOX,
            .retry = ERR_RETRY_REAUTH,
            .name = "Unauthorized",
            .msg = "refused" } },
        { "nobody can be asked",
          { .scope = ERR_RUN, .retry = ERR_RETRY_NEVER, .msg = "off" } },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct fault fault = { .op = FAULT_OWN_NAME,
                                     .when = FAULT_BEFORE,
                                     .err = rows[i].err };
        g_autofree char *is = NULL;
        struct rig r;

        rig_init(&r, &(struct rig_options){ 0 });
        rig_fill(&r);
        mem_set_own_name(r.mem[RIG_SOURCE], DN);
        faults_add(r.faults[RIG_SOURCE], &fault);
        rig_copy(&r);
        rig_check_equal(&r);
        CHECK_ROW(rows[i].name,
                  texts_with(&r, "its legacyExchangeDN is not known: ") == 1);
        CHECK_ROW(rows[i].name, texts_with(&r, "Get-Mailbox USER") == 1);
        CHECK_ROW(rows[i].name, notes_with(&r, "DN is not known") == 1);
        rig_copy(&r);
        /* What the report says is so no more: it says what is. */
        CHECK_ROW(rows[i].name, notes_with(&r, "DN is not known") == 0);
        CHECK_ROW(rows[i].name, notes_with(&r, "DN is known by now") == 1);
        CHECK_ROW(rows[i].name, texts_with(&r, "known by now") == 0);
        is = on_record(&r);
        CHECK_ROW(rows[i].name, strcmp(is, DN ": " DN " ") == 0);
        rig_release(&r);
    }
}

static void test_check(void)
{
    const struct fault fault = { .op = FAULT_OWN_NAME, .when = FAULT_BEFORE };
    g_autofree char *is = NULL;
    struct engine_check c;
    struct rig r;
    guint n = 0;

    rig_init(&r, &(struct rig_options){ 0 });
    mem_set_own_name(r.mem[RIG_SOURCE], DN);
    faults_add(r.faults[RIG_SOURCE], &fault);
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    for (guint i = 0; i < c.findings->len; i++)
        n += ((const struct finding *)c.findings->pdata[i])->kind ==
             FINDING_OWN_NAME;
    g_assert_cmpuint(n, ==, 1);
    engine_check_clear(&c);
    CHECK_OK(rig_try_check(&r, &c), &r.err);
    engine_check_clear(&c);
    is = on_record(&r);
    g_assert_cmpstr(is, ==, DN ": " DN " ");
    rig_release(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/own-name/asked-until-known", test_asked_until_known);
    g_test_add_func("/own-name/a-note-at-most", test_a_note_at_most);
    g_test_add_func("/own-name/check", test_check);
    return g_test_run();
}
