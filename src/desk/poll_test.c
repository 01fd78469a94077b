#include "desk/poll.h"

#include <string.h>

#include <sqlite3.h>

#include "base/check.h"
#include "desk/desk_testing.h"
#include "endpoint/mem.h"
#include "portable/portable.h"

/* What starts so is a mail; of anything else the server has no MIME. */
#define MAIL_MARK "From: "

static struct portable *show(void *data, const void *payload, size_t len)
{
    struct portable *p = portable_new(PORTABLE_MAIL, "IPM.Note");
    g_autofree char *base64 = g_base64_encode(payload, len);

    (void)data;
    if (len >= strlen(MAIL_MARK) &&
        memcmp(payload, MAIL_MARK, strlen(MAIL_MARK)) == 0)
        portable_take_mime(p, blob_from_bytes(base64, strlen(base64)));
    portable_seal(p);
    return p;
}

struct scene {
    struct mem *mailbox;
    struct endpoint *ep;
    struct blob_pool *pool;
    struct intake in;
};

static void begin(struct scene *s, struct desk_fixture *f)
{
    static const struct mem_options options = { .show = show };
    g_auto(endpoint_facts) facts = { 0 };
    struct err err;

    s->mailbox = mem_new(&options);
    mem_add_usual_folders(s->mailbox, true);
    s->ep = mem_endpoint(s->mailbox);
    s->pool = blob_pool_new((size_t)1 << 20, NULL);
    s->in = intake_of(f->desk, f->config);
    CHECK_OK(endpoint_open(s->ep, &facts, &err), &err);
}

static void end(struct scene *s)
{
    endpoint_free(s->ep);
    mem_free(s->mailbox);
    blob_pool_free(s->pool);
}

static void put_in(struct scene *s, const char *text)
{
    (void)mem_add_item(s->mailbox, mem_well_known(s->mailbox, "inbox"), text,
                       strlen(text), NULL);
}

static struct poll_done look(struct scene *s)
{
    struct poll_done done;
    struct err err;

    CHECK_OK(poll_mailbox(&s->in, s->ep, s->pool, &done, &err), &err);
    return done;
}

/* "inbox + ours", as another handle sees the mailbox. */
static void check_counts(struct scene *s, guint inbox, guint ours)
{
    g_auto(endpoint_tree) tree = { 0 };
    guint n_ours = 0, n_inbox = 0, n_folders = 0;
    struct err err;

    CHECK_OK(endpoint_folders(s->ep, &tree, &err), &err);
    for (guint i = 0; i < tree.folders->len; i++) {
        const struct endpoint_folder *f = tree.folders->pdata[i];

        if (g_strcmp0(f->well_known, "inbox") == 0)
            n_inbox = f->n_items;
        if (strcmp(f->name, POLL_FOLDER) == 0) {
            n_ours = f->n_items;
            n_folders++;
        }
    }
    g_assert_cmpuint(n_inbox, ==, inbox);
    g_assert_cmpuint(n_ours, ==, ours);
    g_assert_cmpuint(n_folders, ==, 1);
}

#define MAIL(id, text)                                                         \
    MAIL_MARK "anna@contoso.example\nMessage-ID: <" id "@contoso.example>\n"   \
              "Subject: Managed Migration Request\n\n" text

static void test_taken(struct desk_fixture *f, gconstpointer data)
{
    struct scene s;
    struct poll_done done;

    (void)data;
    begin(&s, f);
    put_in(&s, MAIL("1", "Partner ID: P-1001\nDomain: contoso.example\n"));
    put_in(&s, MAIL("2", "OWA URL: https://mail.contoso.example/owa\n"
                         "Domain: contoso.example\n"));
    put_in(&s, "a contact");
    done = look(&s);
    g_assert_cmpuint(done.n_taken, ==, 2);
    g_assert_cmpuint(done.n_left, ==, 1);
    g_assert_nonnull(strstr(done.why.msg, "is no mail"));
    check_counts(&s, 1, 2);
    g_assert_cmpuint(desk_fixture_n_out(f), ==, 2);
    /* and the next time there is nothing to do */
    done = look(&s);
    g_assert_cmpuint(done.n_taken, ==, 0);
    check_counts(&s, 1, 2);
    end(&s);
}

/* Taken, and died before it was moved: moved now, and answered once. */
static void test_died(struct desk_fixture *f, gconstpointer data)
{
    static const char text[] = MAIL("1", "Domain: contoso.example\n");
    struct scene s;
    struct intake_done taken;
    struct poll_done done;
    struct err err;

    (void)data;
    begin(&s, f);
    put_in(&s, text);
    CHECK_OK(intake_take(&s.in, text, strlen(text), 0, &taken, &err), &err);
    done = look(&s);
    g_assert_cmpuint(done.n_taken, ==, 1);
    check_counts(&s, 0, 1);
    g_assert_cmpuint(desk_fixture_n_out(f), ==, 1);
    end(&s);
}

static void run_sql(struct desk_fixture *f, const char *sql)
{
    sqlite3 *db = NULL;

    g_assert_cmpint(sqlite3_open(f->store.tmp->path, &db), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
    sqlite3_close(db);
}

/* What was not taken is not moved. */
static void test_not_taken(struct desk_fixture *f, gconstpointer data)
{
    struct scene s;
    struct poll_done done;
    struct err err;

    (void)data;
    begin(&s, f);
    put_in(&s, MAIL("1", "Domain: contoso.example\n"));
    run_sql(f, "ALTER TABLE request_mails RENAME TO away");
    g_assert_cmpint(poll_mailbox(&s.in, s.ep, s.pool, &done, &err), ==, -1);
    check_counts(&s, 1, 0);
    run_sql(f, "ALTER TABLE away RENAME TO request_mails");
    done = look(&s);
    g_assert_cmpuint(done.n_taken, ==, 1);
    end(&s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/desk/poll/taken", struct desk_fixture, NULL,
               desk_fixture_set_up, test_taken, desk_fixture_tear_down);
    g_test_add("/desk/poll/died", struct desk_fixture, NULL,
               desk_fixture_set_up, test_died, desk_fixture_tear_down);
    g_test_add("/desk/poll/not_taken", struct desk_fixture, NULL,
               desk_fixture_set_up, test_not_taken, desk_fixture_tear_down);
    return g_test_run();
}
