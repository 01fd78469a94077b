#include <string.h>

#include "base/check.h"
#include "lab/mapi_tags.h"
#include "lab/sketch_fixture.h"

static const struct mapi_prop *named(const struct mapi_item *item,
                                     const uint8_t set[16], uint32_t id)
{
    return mapi_find_id(&item->message.props, set, id);
}

static void test_contacts(void)
{
    struct lab_scene scene;
    unsigned int photos = 0, birthdays = 0, inside = 0;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 60; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_contact, seed);
        const struct mapi_props *props = &item->message.props;
        g_autofree char *given = mapi_dup_text(mapi_find(props, 0x3A06));
        g_autofree char *surname = mapi_dup_text(mapi_find(props, 0x3A11));
        g_autofree char *name = mapi_dup_text(mapi_find(props, 0x3001));
        g_autofree char *joined = g_strconcat(given, " ", surname, NULL);
        g_autofree char *kind =
            mapi_dup_text(named(item, PSETID_ADDRESS, 0x8082));
        g_autofree char *email =
            mapi_dup_text(named(item, PSETID_ADDRESS, 0x8083));

        g_assert_cmpstr(name, ==, joined);
        g_assert_true((strcmp(kind, "EX") == 0) == (*email == '/'));
        inside += *email == '/';
        birthdays += mapi_find(props, 0x3A42) != NULL;
        /* a photo is a hidden attachment, and is announced */
        if (item->message.n_attachments > 0) {
            photos++;
            g_assert_true(mapi_get_bool(
                mapi_find(&item->message.attachments[0].props, 0x7FFF), false));
        }
        g_assert_true(
            mapi_get_bool(named(item, PSETID_ADDRESS, 0x8015), false) ==
            (item->message.n_attachments > 0));
    }
    g_assert_cmpuint(photos, >, 10);
    g_assert_cmpuint(birthdays, >, 10);
    g_assert_cmpuint(inside, >, 5);
    scene_clear(&scene);
}

static void test_lists(void)
{
    struct lab_scene scene;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 20; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_list, seed);
        const struct mapi_prop *members = named(item, PSETID_ADDRESS, 0x8055);
        const struct mapi_prop *one_off = named(item, PSETID_ADDRESS, 0x8054);
        struct cursor c = cursor_of(members);

        g_assert_cmpuint(members->count, >=, 2);
        g_assert_cmpuint(members->count, ==, one_off->count);
        for (uint32_t i = 0; i < members->count; i++) {
            uint32_t size = take(&c, 4);

            g_assert_cmpuint(size, >, 24);
            skip(&c, size);
        }
        g_assert_true(c.at == c.end);
    }
    scene_clear(&scene);
}

static void test_tasks(void)
{
    struct lab_scene scene;
    unsigned int done = 0, open = 0;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 40; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_task, seed);
        bool complete = mapi_get_bool(named(item, PSETID_TASK, 0x811C), false);
        double share = mapi_get_double(named(item, PSETID_TASK, 0x8102), -1);
        int32_t status = mapi_get_i32(named(item, PSETID_TASK, 0x8101), -1);
        int64_t start = mapi_get_time(named(item, PSETID_TASK, 0x8104));
        int64_t due = mapi_get_time(named(item, PSETID_TASK, 0x8105));

        g_assert_cmpint(start, <, due);
        g_assert_true(share >= 0 && share <= 1);
        g_assert_true(complete == (share >= 1.0));
        g_assert_true(complete == (status == 2));
        g_assert_true(complete == (named(item, PSETID_TASK, 0x810F) != NULL));
        done += complete;
        open += !complete;
    }
    g_assert_cmpuint(done, >, 8);
    g_assert_cmpuint(open, >, 8);
    scene_clear(&scene);
}

static void test_notes(void)
{
    struct lab_scene scene;
    g_autoptr(mapi_item) item = NULL;
    g_autofree char *subject = NULL, *body = NULL;

    scene_init(&scene, 1);
    item = sketched(&scene, lab_kind_note, 4);
    subject = mapi_dup_text(mapi_find(&item->message.props, 0x0037));
    body = mapi_dup_text(mapi_find(&item->message.props, 0x1000));
    /* a note has no subject of its own: its first line serves */
    g_assert_true(g_str_has_prefix(body, subject));
    for (uint32_t id = 0x8B00; id <= 0x8B05; id++)
        g_assert_nonnull(named(item, PSETID_NOTE, id));
    scene_clear(&scene);
}

static void test_journal(void)
{
    struct lab_scene scene;
    g_autoptr(mapi_item) item = NULL;
    int64_t start, end;

    scene_init(&scene, 1);
    item = sketched(&scene, lab_kind_journal, 4);
    start = mapi_get_time(named(item, PSETID_LOG, 0x8706));
    end = mapi_get_time(named(item, PSETID_LOG, 0x8708));
    g_assert_cmpint(end - start, ==,
                    mapi_get_i32(named(item, PSETID_LOG, 0x8707), 0) *
                        INT64_C(60000000));
    scene_clear(&scene);
}

static void test_classes(void)
{
    /* clang-format off */
    static const struct {
        lab_kind_fn make;
        const char *item_class;
    } rows[] = {
        { lab_kind_contact, "IPM.Contact" },
        { lab_kind_list, "IPM.DistList" },
        { lab_kind_task, "IPM.Task" },
        { lab_kind_note, "IPM.StickyNote" },
        { lab_kind_journal, "IPM.Activity" },
    };
    /* clang-format on */
    struct lab_scene scene;

    scene_init(&scene, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mapi_item) item = sketched(&scene, rows[i].make, 2);
        g_autofree char *item_class =
            mapi_dup_text(mapi_find(&item->message.props, 0x001A));

        g_assert_cmpstr(item_class, ==, rows[i].item_class);
    }
    scene_clear(&scene);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/generate-pim/contacts", test_contacts);
    g_test_add_func("/generate-pim/lists", test_lists);
    g_test_add_func("/generate-pim/tasks", test_tasks);
    g_test_add_func("/generate-pim/notes", test_notes);
    g_test_add_func("/generate-pim/journal", test_journal);
    g_test_add_func("/generate-pim/classes", test_classes);
    return g_test_run();
}
