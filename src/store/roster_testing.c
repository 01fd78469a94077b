#include "store/roster_testing.h"

#include "base/check.h"

const struct roster_actor roster_alice = { "operator alice@example.com",
                                           "0123" };
const struct roster_page roster_all = { 0, 100 };

void roster_fixture_open(struct roster_fixture *f)
{
    struct err err;

    roster_free(f->roster);
    database_close(f->database);
    CHECK_OK(database_open(f->tmp->path, STORE_WRITE, &f->database, &err),
             &err);
    f->roster = roster_new(f->database);
}

void roster_fixture_set_up(struct roster_fixture *f, gconstpointer data)
{
    (void)data;
    f->tmp =
        store_tmp_server() != NULL ? store_tmp_new_postgres() : store_tmp_new();
    roster_fixture_open(f);
}

void roster_fixture_tear_down(struct roster_fixture *f, gconstpointer data)
{
    (void)data;
    roster_free(f->roster);
    database_close(f->database);
    store_tmp_free(f->tmp);
}

char *roster_fixture_trail(struct roster_fixture *f)
{
    g_autoptr(GPtrArray) lines = NULL;
    GString *text = g_string_new(NULL);
    struct err err;

    CHECK_OK(roster_audit(f->roster, &(struct audit_filter){ 0 }, &roster_all,
                          &lines, &err),
             &err);
    for (guint i = 0; i < lines->len; i++) {
        const struct audit_entry *e = lines->pdata[i];

        g_assert_cmpint(e->id, ==, i + 1);
        g_string_append_printf(text, "%s %s %s\n", e->action, e->subject,
                               e->detail != NULL ? e->detail : "-");
    }
    return g_string_free(text, FALSE);
}
