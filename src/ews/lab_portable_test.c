/*
 * Items from one lab into another by MIME and properties, and back: versions
 * that share no FastTransfer with one another.  What is read of the copy must
 * be what was read of the original.
 */
#include <string.h>

#include "base/check.h"
#include "ews/rig.h"
#include "portable/portable.h"

#define OWNER "user1@contoso.example"
#define BATCH 8u

static const char *program;

/* ---- copying a mailbox --------------------------------------------------- */

struct tally {
    unsigned int copied[PORTABLE_N_KINDS];
    unsigned int failed, lost, different;
};

struct copying {
    struct rig *from, *to;
    struct endpoint *source, *target;
    const char *folder_id; /* in the target */
    const char *folder;    /* its name */
    struct tally *tally;
    unsigned int n;
};

static void say_different(const char *what, const struct portable *a,
                          const struct portable *b)
{
    g_autoptr(GPtrArray) lines = NULL;
    struct err err;

    CHECK_OK(portable_diff(a, b, &lines, &err), &err);
    for (guint i = 0; i < lines->len && i < 8; i++)
        g_test_message("%s (%s): %s", what, portable_class(a),
                       (const char *)g_ptr_array_index(lines, i));
}

static void compare(struct copying *c, const struct portable *a,
                    const struct portable *b)
{
    struct portable_digest x, y;
    struct err err;

    CHECK_OK(portable_digest_take(a, &x, &err), &err);
    CHECK_OK(portable_digest_take(b, &y, &err), &err);
    if (portable_digest_compare(&x, &y, NULL) == PORTABLE_EQUAL)
        return;
    c->tally->different++;
    say_different(c->folder, a, b);
}

/* Read the copies again and hold them against what was written. */
static void check_copies(struct copying *c, const struct endpoint_item *items,
                         const struct endpoint_done *done, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct endpoint_ref ref = { .id = done[i].id,
                                          .format = PAYLOAD_PORTABLE };
        struct endpoint_item back = { 0 };
        struct err err;

        CHECK_OK(endpoint_fetch(c->target, &ref, 1, c->to->pool, &back, &err),
                 &err);
        CHECK_OK(back.status, &back.why);
        compare(c, items[i].portable, back.portable);
        endpoint_items_free(&back, 1);
    }
}

/* Closes the gaps: what could not be read is counted and left out. */
static size_t keep_read(struct copying *c, struct endpoint_item *items,
                        size_t n)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        struct endpoint_item item = items[i];

        items[i] = (struct endpoint_item){ 0 };
        if (item.status == 0) {
            items[k++] = item;
            continue;
        }
        c->tally->failed++;
        g_test_message("%s: %s", c->folder, item.why.msg);
    }
    return k;
}

static size_t keep_written(struct copying *c, struct endpoint_item *items,
                           struct endpoint_done *done, size_t n)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        if (done[i].status < 0) {
            c->tally->failed++;
            g_test_message("%s (%s): %s", c->folder,
                           portable_class(items[i].portable), done[i].why.msg);
            endpoint_items_free(&items[i], 1);
            endpoint_done_free(&done[i], 1);
            continue;
        }
        c->tally->copied[portable_kind(items[i].portable)]++;
        if (done[i].lost != NULL) {
            c->tally->lost++;
            g_test_message("%s (%s): lost %s", c->folder,
                           portable_class(items[i].portable), done[i].lost);
        }
        if (k != i) {
            items[k] = items[i];
            done[k] = done[i];
            items[i] = (struct endpoint_item){ 0 };
            done[i] = (struct endpoint_done){ 0 };
        }
        k++;
    }
    return k;
}

static void copy_batch(struct copying *c, const struct endpoint_ref *refs,
                       size_t n)
{
    struct endpoint_item items[BATCH] = { 0 };
    struct endpoint_put puts[BATCH] = { 0 };
    struct endpoint_done done[BATCH] = { 0 };
    char stamps[BATCH][32];
    bool maybe = false;
    size_t k;
    struct err err;

    CHECK_OK(endpoint_fetch(c->source, refs, n, c->from->pool, items, &err),
             &err);
    k = keep_read(c, items, n);
    for (size_t i = 0; i < k; i++) {
        g_snprintf(stamps[i], sizeof(stamps[i]), "item %u", c->n++);
        puts[i] = (struct endpoint_put){ .folder_id = c->folder_id,
                                         .format = PAYLOAD_PORTABLE,
                                         .portable = items[i].portable,
                                         .stamp = stamps[i] };
    }
    CHECK_OK(endpoint_put(c->target, puts, k, done, &maybe, &err), &err);
    k = keep_written(c, items, done, k);
    check_copies(c, items, done, k);
    endpoint_items_free(items, k);
    endpoint_done_free(done, k);
}

static void copy_folder(struct copying *c, const char *folder_id)
{
    g_auto(endpoint_page) page = { 0 };
    g_autofree char *token = g_strdup("");
    struct endpoint_ref refs[BATCH];
    struct err err;

    CHECK_OK(endpoint_changes(c->source, folder_id, 512, &token, &page, &err),
             &err);
    for (size_t i = 0; i < page.n; i += BATCH) {
        size_t n = MIN(page.n - i, BATCH);

        for (size_t k = 0; k < n; k++)
            refs[k] =
                (struct endpoint_ref){ .id = page.changes[i + k].id,
                                       .format = PAYLOAD_PORTABLE,
                                       .item_class =
                                           page.changes[i + k].item_class };
        copy_batch(c, refs, n);
    }
}

static const struct endpoint_folder *
well_known(const struct endpoint_tree *tree, const char *name)
{
    for (guint i = 0; i < tree->folders->len; i++) {
        const struct endpoint_folder *f = g_ptr_array_index(tree->folders, i);

        if (g_strcmp0(f->well_known, name) == 0)
            return f;
    }
    return NULL;
}

static void copy_mailbox(struct copying *c)
{
    static const char *const names[] = { "calendar", "inbox",    "sentitems",
                                         "drafts",   "contacts", "tasks",
                                         "notes",    "journal",  "deleteditems",
                                         "junkemail" };
    g_auto(endpoint_tree) from = { 0 }, to = { 0 };
    struct err err;

    c->source = rig_open(c->from, OWNER);
    c->target = rig_open(c->to, OWNER);
    CHECK_OK(endpoint_folders(c->source, &from, &err), &err);
    CHECK_OK(endpoint_folders(c->target, &to, &err), &err);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const struct endpoint_folder *a = well_known(&from, names[i]);
        const struct endpoint_folder *b = well_known(&to, names[i]);

        if (a == NULL || b == NULL)
            continue;
        c->folder = names[i];
        c->folder_id = b->id;
        copy_folder(c, a->id);
    }
    endpoint_free(c->source);
    endpoint_free(c->target);
}

/* ---- pairs of versions --------------------------------------------------- */

struct pair {
    const char *path, *from, *to;
    const char *fault; /* of both; or NULL */
};

static void check_tally(const struct tally *t)
{
    for (int i = 0; i < PORTABLE_N_KINDS; i++)
        g_test_message("%s: %u", portable_kind_name((enum portable_kind)i),
                       t->copied[i]);
    g_test_message("failed %u, lost %u, different %u", t->failed, t->lost,
                   t->different);
    g_assert_cmpuint(t->failed, ==, 0);
    g_assert_cmpuint(t->lost, ==, 0);
    g_assert_cmpuint(t->different, ==, 0);
    g_assert_cmpuint(t->copied[PORTABLE_MAIL], >, 50);
    g_assert_cmpuint(t->copied[PORTABLE_MEETING], >, 3);
    g_assert_cmpuint(t->copied[PORTABLE_APPOINTMENT], >, 5);
    g_assert_cmpuint(t->copied[PORTABLE_CONTACT], >, 3);
    g_assert_cmpuint(t->copied[PORTABLE_TASK], >, 0);
}

static void test_pair(gconstpointer data)
{
    const struct pair *pair = data;
    g_autofree char *fault = g_strconcat("--fault=", pair->fault, NULL);
    const char *const full[] = { "--mailboxes=2",
                                 pair->fault != NULL ? "--items=250"
                                                     : "--items=600",
                                 pair->fault != NULL ? fault : NULL, NULL };
    const char *const empty[] = { "--mailboxes=2",
                                  pair->fault != NULL ? fault : NULL, NULL };
    struct tally tally = { 0 };
    struct rig from, to;
    struct copying c = { .from = &from, .to = &to, .tally = &tally };

    rig_start(&from, program, pair->from, full);
    rig_start(&to, program, pair->to, empty);
    copy_mailbox(&c);
    g_assert_cmpuint(rig_tray(&to), ==, 0);
    g_assert_cmpuint(rig_tray(&from), ==, 0);
    rig_stop(&from);
    rig_stop(&to);
    check_tally(&tally);
}

static void test_without_lab(void)
{
    g_test_skip("no lab server (MAILFERRY_LAB)");
}

int main(int argc, char **argv)
{
    static const struct pair pairs[] = {
        { "/portable/2007-2016", "Exchange2007_SP1", "Exchange2016" },
        { "/portable/2010-2013", "Exchange2010", "Exchange2013_SP1" },
        { "/portable/2016-2007", "Exchange2016", "Exchange2007_SP1" },
        { "/portable/2013-2010", "Exchange2013", "Exchange2010_SP1" },
        /* what is read is not what was written, and in other words */
        { "/portable/short-tags", "Exchange2010", "Exchange2013",
          "short-tags" },
        { "/portable/reversed", "Exchange2010", "Exchange2013",
          "properties-reversed" },
        { "/portable/received", "Exchange2010", "Exchange2013",
          "received-is-created" },
        { "/portable/fractions", "Exchange2010", "Exchange2013", "fractions" },
        { "/portable/mime-anew", "Exchange2010", "Exchange2013", "mime-anew" },
        { "/portable/unread-lost", "Exchange2010", "Exchange2013",
          "unread-lost" },
        { "/portable/shuffled", "Exchange2010", "Exchange2013",
          "shuffled:op=GetItem" },
        { "/portable/no-calendar-mime", "Exchange2010", "Exchange2013",
          "appointment-mime-refused" },
        { "/portable/no-contact-mime", "Exchange2007_SP1", "Exchange2007_SP1",
          "contact-mime-dropped" },
    };

    g_test_init(&argc, &argv, NULL);
    program = g_getenv("MAILFERRY_LAB");
    if (program == NULL || !g_file_test(program, G_FILE_TEST_IS_EXECUTABLE)) {
        g_test_add_func("/portable/none", test_without_lab);
        return g_test_run();
    }
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++)
        g_test_add_data_func(pairs[i].path, &pairs[i], test_pair);
    return g_test_run();
}
