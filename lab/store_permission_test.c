#include "lab/store.h"

#include "base/check.h"
#include "lab/store_fixture.h"

static void permission_free(gpointer p)
{
    lab_permission_free(p);
}

static void add(GPtrArray *all, int64_t member, uint32_t rights,
                const char *name)
{
    struct lab_permission *p = g_new0(struct lab_permission, 1);

    p->member = member;
    p->rights = rights;
    p->name = g_strdup(name);
    g_ptr_array_add(all, p);
}

static void set(struct fix *f, const char *folder, int64_t other)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(permission_free);
    struct err err;

    add(all, LAB_MEMBER_UNKNOWN, 1, "someone who left");
    add(all, other, LAB_RIGHT_READ | LAB_RIGHT_VISIBLE, NULL);
    add(all, LAB_MEMBER_DEFAULT, LAB_RIGHT_VISIBLE, NULL);
    CHECK_OK(lab_store_set_permissions(f->store, f->mailbox, folder, all, &err),
             &err);
}

/* "0:400 -1:0 ...": who has what, in order; others' keys as "x". */
static char *members(struct fix *f, const char *folder)
{
    g_autoptr(GPtrArray) all = NULL;
    GString *out = g_string_new(NULL);
    struct err err;

    CHECK_OK(lab_store_permissions(f->store, f->mailbox, folder, &all, &err),
             &err);
    for (guint i = 0; i < all->len; i++) {
        const struct lab_permission *p = g_ptr_array_index(all, i);

        if (p->member > 0)
            g_string_append_printf(out, "%s:%x ", p->address, p->rights);
        else
            g_string_append_printf(out, "%d:%x ", (int)p->member, p->rights);
    }
    return g_string_free(out, FALSE);
}

static uint32_t rights(struct fix *f, int64_t member, const char *id)
{
    g_auto(lab_folder) folder = { 0 };
    uint32_t got = 0xDEAD;
    struct err err;

    get_folder(f, id, &folder);
    CHECK_OK(lab_store_rights(f->store, member, folder.key, &got, &err), &err);
    return got;
}

static void test_at_first(void)
{
    g_autofree char *calendar = NULL, *at_inbox = NULL, *at_calendar = NULL;
    struct fix f;

    set_up(&f);
    calendar = folder_id(&f, "calendar");
    at_inbox = members(&f, f.inbox.id);
    at_calendar = members(&f, calendar);
    g_assert_cmpstr(at_inbox, ==, "0:0 -1:0 ");
    g_assert_cmpstr(at_calendar, ==, "0:800 -1:0 ");
    g_assert_cmpuint(rights(&f, 0, f.inbox.id), ==, 0);
    g_assert_cmpuint(rights(&f, 0, calendar), ==, LAB_RIGHT_FREEBUSY);
    tear_down(&f);
}

static void test_kept(void)
{
    g_auto(lab_folder) before = { 0 }, after = { 0 };
    g_autofree char *child = NULL, *here = NULL, *below = NULL;
    int64_t other, third;
    struct fix f;

    set_up(&f);
    other = add_mailbox(f.store, "other@x.example", 0);
    third = add_mailbox(f.store, "third@x.example", 0);
    get_folder(&f, f.inbox.id, &before);
    set(&f, f.inbox.id, other);
    get_folder(&f, f.inbox.id, &after);
    g_assert_cmpstr(after.change_key, !=, before.change_key);
    here = members(&f, f.inbox.id);
    g_assert_cmpstr(here, ==, "0:400 -1:0 other@x.example:401 -2:1 ");
    g_assert_cmpuint(rights(&f, other, f.inbox.id), ==, 0x401);
    g_assert_cmpuint(rights(&f, third, f.inbox.id), ==, 0x400);
    /* who has no mailbox is anybody; nobody is "Anonymous" by its number */
    g_assert_cmpuint(rights(&f, 0, f.inbox.id), ==, 0x400);
    g_assert_cmpuint(rights(&f, LAB_MEMBER_UNKNOWN, f.inbox.id), ==, 0x400);
    /* a new folder has its parent's */
    child = make_folder(&f, f.inbox.id, "child");
    below = members(&f, child);
    g_assert_cmpstr(below, ==, here);
    tear_down(&f);
}

static void test_replaced(void)
{
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    g_autofree char *left = NULL;
    struct fix f;
    struct err err;

    set_up(&f);
    set(&f, f.inbox.id, add_mailbox(f.store, "other@x.example", 0));
    CHECK_OK(
        lab_store_set_permissions(f.store, f.mailbox, f.inbox.id, none, &err),
        &err);
    left = members(&f, f.inbox.id);
    g_assert_cmpstr(left, ==, "0:0 -1:0 ");
    tear_down(&f);
}

static void test_too_many(void)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(permission_free);
    struct fix f;
    struct err err;

    set_up(&f);
    for (int i = 0; i < 1001; i++)
        add(all, 1000 + i, 1, NULL);
    g_assert_cmpint(
        lab_store_set_permissions(f.store, f.mailbox, f.inbox.id, all, &err), <,
        0);
    g_assert_cmpstr(err.name, ==, "ErrorInvalidPermissionSettings");
    tear_down(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-permission/at-first", test_at_first);
    g_test_add_func("/store-permission/kept", test_kept);
    g_test_add_func("/store-permission/replaced", test_replaced);
    g_test_add_func("/store-permission/too-many", test_too_many);
    return g_test_run();
}
