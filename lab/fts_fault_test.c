#include "lab/fts_fault.h"

#include "base/check.h"
#include "lab/fts_edit.h"
#include "lab/fts_read.h"
#include "lab/specimen.h"

static GBytes *written(const struct mapi_item *item)
{
    struct lab_profile profile;

    lab_profile_init(&profile, 5);
    return lab_fts_write(item, &profile);
}

/* It reads as partial, and is not taken. */
static void test_warn(void)
{
    g_autoptr(mapi_item) item = specimen_new();
    g_autoptr(GBytes) whole = written(item);
    struct lab_profile profile;

    lab_profile_init(&profile, 6);
    for (int info = 0; info <= 1; info++) {
        g_autoptr(GBytes) warned = NULL;
        g_autoptr(GBytes) edited = NULL;
        g_autoptr(mapi_item) read = NULL;
        const struct lab_edit edit = { .profile = &profile };
        struct err err = { .name = NULL };
        gsize len = 0;
        const uint8_t *data = g_bytes_get_data(whole, &len);

        warned = lab_fts_warn(data, len, info != 0);
        data = g_bytes_get_data(warned, &len);
        CHECK_OK(lab_fts_read(data, len, &read, &err), &err);
        g_assert_true(read->partial);
        g_assert_cmpint(lab_fts_edit(data, len, &edit, &edited, NULL, &err), <,
                        0);
        g_assert_cmpstr(err.name, ==, "ErrorCorruptData");
    }
}

static void add_recipient(struct mapi_item *item, const char *address)
{
    mapi_set_text(item, mapi_add_recipient(item, &item->message),
                  PROP_TAG(0x3003, PT_UNICODE), address);
}

static void add_attachment(struct mapi_item *item, const char *name)
{
    mapi_set_text(item, &mapi_add_attachment(item, &item->message)->props,
                  PROP_TAG(0x3707, PT_UNICODE), name);
}

/* What is gone at the source stays; what changed there changes. */
static void test_merge(void)
{
    g_autoptr(mapi_item) before = specimen_plain("IPM.Note", "old", "text");
    g_autoptr(mapi_item) after = specimen_plain("IPM.Note", "new", "text");
    g_autoptr(mapi_item) merged = NULL;
    g_autoptr(GBytes) old = NULL;
    g_autoptr(GBytes) fresh = NULL;
    g_autoptr(GBytes) both = NULL;
    struct lab_profile profile;
    struct lab_upload upload = { .action = LAB_UPDATE };
    g_autofree char *subject = NULL;
    g_autofree char *gone = NULL;
    const uint8_t *data;
    struct err err;
    gsize len = 0;

    lab_profile_init(&profile, 7);
    mapi_set_text(
        before, &before->message.props,
        mapi_named_text(before, PS_PUBLIC_STRINGS, "gone", PT_UNICODE), "kept");
    add_recipient(before, "a@x");
    add_recipient(before, "b@x");
    add_recipient(after, "b@x");
    add_attachment(before, "one.txt");
    add_attachment(after, "two.txt");
    old = written(before);
    fresh = written(after);
    upload.data = g_bytes_get_data(fresh, &upload.len);
    data = g_bytes_get_data(old, &len);
    CHECK_OK(lab_fts_merge(data, len, &upload, &profile, &both, &err), &err);
    data = g_bytes_get_data(both, &len);
    CHECK_OK(lab_fts_read(data, len, &merged, &err), &err);
    subject = mapi_dup_text(mapi_find(&merged->message.props, 0x0037));
    g_assert_cmpstr(subject, ==, "new");
    gone = mapi_dup_text(
        mapi_find_text(&merged->message.props, PS_PUBLIC_STRINGS, "gone"));
    g_assert_cmpstr(gone, ==, "kept");
    g_assert_cmpuint(merged->message.n_recipients, ==, 2);
    g_assert_cmpuint(merged->message.n_attachments, ==, 2);
}

static void test_one_property(void)
{
    g_autoptr(mapi_item) item = specimen_plain("IPM.Note", "subject", "text");
    g_autoptr(mapi_item) less = NULL, more = NULL;
    g_autoptr(GBytes) whole = written(item), dropped = NULL, added = NULL;
    struct lab_profile profile;
    struct err err;
    gsize len = 0;
    const uint8_t *data = g_bytes_get_data(whole, &len);

    lab_profile_init(&profile, 7);
    CHECK_OK(lab_fts_drop(data, len, 0x0037, &profile, &dropped, &err), &err);
    CHECK_OK(lab_fts_add(data, len, 0x6FFE, &profile, &added, &err), &err);
    data = g_bytes_get_data(dropped, &len);
    CHECK_OK(lab_fts_read(data, len, &less, &err), &err);
    g_assert_null(mapi_find(&less->message.props, 0x0037));
    g_assert_nonnull(mapi_find(&less->message.props, 0x1000));
    data = g_bytes_get_data(added, &len);
    CHECK_OK(lab_fts_read(data, len, &more, &err), &err);
    g_assert_nonnull(mapi_find(&more->message.props, 0x6FFE));
    g_assert_nonnull(mapi_find(&more->message.props, 0x0037));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fts-fault/warn", test_warn);
    g_test_add_func("/fts-fault/merge", test_merge);
    g_test_add_func("/fts-fault/one-property", test_one_property);
    return g_test_run();
}
