#include "base/check.h"
#include "fts/fts.h"
#include "fts/fts_build.h"
#include "fts/fts_write.h"

static const struct fts_build_recipient three[] = {
    { "Ann", "ann@example.com", 1 },
    { "Bob", "bob@example.com", 1 },
    { "Eve", "eve@example.com", 2 },
};

static const struct fts_message inner = { .subject = "inner", .body = "in" };

static const struct fts_build_attachment two[] = {
    { .file_name = "a.bin", .data = "0123456789", .len = 10 },
    { .file_name = "inner.msg", .embedded = &inner },
};

static const struct fts_message item = {
    .subject = "subject",
    .body = "body",
    .sender_address = "ann@example.com",
    .category = "red",
    .recipients = three,
    .n_recipients = 3,
    .attachments = two,
    .n_attachments = 2,
};

/* The differences, one a line. */
static char *diff(const struct fts_message *a, const struct fts_message *b)
{
    g_autofree char *x = fts_build(a), *stored = NULL;
    g_autofree char *y = fts_build(b);
    g_autoptr(blob) first = blob_from_bytes(x, strlen(x)), second = NULL;
    g_autoptr(GPtrArray) lines = NULL;
    struct err err;

    /* As it comes back from a server: only what counts may be named. */
    stored = fts_build_as_server(y, strlen(y), 4);
    second = blob_from_bytes(stored, strlen(stored));
    CHECK_OK(fts_diff(first, second, &lines, &err), &err);
    g_ptr_array_add(lines, NULL);
    return g_strjoinv("\n", (char **)lines->pdata);
}

static void edit_nothing(struct fts_message *m)
{
    m->search_key = "another";
}

static void edit_subject(struct fts_message *m)
{
    m->subject = "Subject";
}

static void drop_sender(struct fts_message *m)
{
    m->sender_address = NULL;
}

static void add_received(struct fts_message *m)
{
    m->received_us = INT64_C(1700000000000000);
}

static void edit_category(struct fts_message *m)
{
    m->category = "blue";
}

static void add_task(struct fts_message *m)
{
    m->task_status = 1;
}

static void edit_recipient(struct fts_message *m)
{
    static const struct fts_build_recipient changed[] = {
        { "Ann", "ann@example.com", 1 },
        { "Robert", "bob@example.com", 1 },
        { "Eve", "eve@example.com", 2 },
    };

    m->recipients = changed;
}

static void drop_recipient(struct fts_message *m)
{
    m->n_recipients = 2;
}

static void edit_attachment(struct fts_message *m)
{
    static const struct fts_build_attachment changed[] = {
        { .file_name = "a.bin", .data = "012345678X", .len = 10 },
        { .file_name = "inner.msg", .embedded = &inner },
    };

    m->attachments = changed;
}

static void edit_embedded(struct fts_message *m)
{
    static const struct fts_message other = { .subject = "inner",
                                              .body = "IN" };
    static const struct fts_build_attachment changed[] = {
        { .file_name = "a.bin", .data = "0123456789", .len = 10 },
        { .file_name = "inner.msg", .embedded = &other },
    };

    m->attachments = changed;
}

static void drop_attachments(struct fts_message *m)
{
    m->n_attachments = 0;
}

static void test_what_differs_is_named(void)
{
    static const struct {
        const char *name;
        void (*edit)(struct fts_message *m);
        const char *want;
    } rows[] = {
        { "nothing that counts", edit_nothing, "" },
        { "subject", edit_subject, "0x0037001F subject: changed" },
        { "sender", drop_sender,
          "0x0064001F sent representing address type: missing\n"
          "0x0065001F sent representing address: missing\n"
          "0x0C1E001F sender address type: missing\n"
          "0x0C1F001F sender address: missing\n"
          "0x5D01001F sender SMTP address: missing" },
        { "received", add_received,
          "0x00390040 client submit time: added\n"
          "0x0E060040 delivery time: added" },
        { "category", edit_category,
          "{00020329-0000-0000-C000-000000000046} \"Keywords\": changed" },
        { "task", add_task,
          "{00062003-0000-0000-C000-000000000046} 0x8101: added" },
        { "a recipient's name", edit_recipient,
          "recipient 2: 0x3001001F display name: changed" },
        { "a recipient less", drop_recipient, "recipient 3: missing" },
        { "content", edit_attachment,
          "attachment 1: 0x37010102 content: changed" },
        { "an embedded body", edit_embedded,
          "attachment 2: embedded message: 0x1000001F body: changed" },
        { "all attachments", drop_attachments,
          "attachment 1: missing\nattachment 2: missing" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct fts_message other = item;
        g_autofree char *got = NULL;

        rows[i].edit(&other);
        got = diff(&item, &other);
        if (strcmp(got, rows[i].want) != 0)
            g_error("row \"%s\": got \"%s\"", rows[i].name, got);
    }
}

static void test_both_ways(void)
{
    struct fts_message other = item;
    g_autofree char *there = NULL, *back = NULL;

    other.n_recipients = 2;
    there = diff(&other, &item);
    g_assert_true(g_str_has_prefix(there, "recipient "));
    g_assert_true(g_str_has_suffix(there, ": added"));
    back = diff(&item, &other);
    g_assert_cmpstr(back, ==, "recipient 3: missing");
}

/* Who is who is told by what they have in common, not by their places. */
static void test_changed_recipients_find_each_other(void)
{
    static const struct fts_build_recipient changed[] = {
        { "Eva", "eve@example.com", 2 },
        { "Anna", "ann@example.com", 1 },
        { "Robert", "bob@example.com", 1 },
    };
    struct fts_message other = item;
    g_autofree char *got = NULL;

    other.recipients = changed;
    got = diff(&item, &other);
    g_assert_cmpstr(got, ==,
                    "recipient 1: 0x3001001F display name: changed\n"
                    "recipient 2: 0x3001001F display name: changed\n"
                    "recipient 3: 0x3001001F display name: changed");
}

static void test_one_of_many_recipients(void)
{
    struct fts_build_recipient many[200];
    struct fts_message a = item, b = item;
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *got = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(many); i++) {
        char *address = g_strdup_printf("u%u@example.com", i);

        g_ptr_array_add(texts, address);
        many[i] = (struct fts_build_recipient){ "User", address, 1 };
    }
    a.recipients = b.recipients = many;
    a.n_recipients = G_N_ELEMENTS(many);
    b.n_recipients = G_N_ELEMENTS(many) - 1;
    got = diff(&a, &b);
    g_assert_cmpstr(got, ==, "recipient 200: missing");
}

static void test_unknown_shapes_are_named(void)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    g_autofree char *text = NULL;
    g_autoptr(blob) b = NULL;
    g_autoptr(GPtrArray) lines = NULL;
    struct err err;

    fts_write_string(stream, 0x0037, 0x001F, "s", true);
    fts_write_tag(stream, 0x40000003);
    fts_write_tag(stream, 0x12340DAD);
    text = fts_build_wrap(stream, 0);
    b = blob_from_bytes(text, strlen(text));
    CHECK_OK(fts_diff(b, b, &lines, &err), &err);
    g_assert_cmpuint(lines->len, ==, 1);
    g_assert_cmpstr(g_ptr_array_index(lines, 0), ==,
                    "attachments: of a shape that is not known");
}

static void test_broken_payload_is_named(void)
{
    g_autofree char *text = fts_build(&item);
    g_autoptr(blob) good = blob_from_bytes(text, strlen(text));
    g_autoptr(blob) bad = blob_from_bytes(text, 400);
    GPtrArray *lines = NULL;
    struct err err;

    g_assert_cmpint(fts_diff(good, bad, &lines, &err), ==, -1);
    g_assert_true(g_str_has_prefix(err.msg, "second payload: "));
    g_assert_cmpint(fts_diff(bad, good, &lines, &err), ==, -1);
    g_assert_true(g_str_has_prefix(err.msg, "first payload: "));
    g_assert_null(lines);
}

static struct blob *many(uint32_t n, uint32_t value)
{
    g_autoptr(GByteArray) stream = g_byte_array_new();
    g_autofree char *text = NULL;

    for (uint32_t i = 0; i < n; i++)
        fts_write_i4(stream, (uint16_t)(0x6900 + i), value);
    text = fts_build_wrap(stream, 0);
    return blob_from_bytes(text, strlen(text));
}

static void test_endless_lists_end(void)
{
    g_autoptr(blob) a = many(1000, 1), b = many(1000, 2);
    g_autoptr(GPtrArray) lines = NULL;
    struct err err;

    CHECK_OK(fts_diff(a, b, &lines, &err), &err);
    g_assert_cmpuint(lines->len, ==, 201);
    g_assert_cmpstr(g_ptr_array_index(lines, 200), ==, "and more");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fts/diff/named", test_what_differs_is_named);
    g_test_add_func("/fts/diff/both-ways", test_both_ways);
    g_test_add_func("/fts/diff/changed-recipients",
                    test_changed_recipients_find_each_other);
    g_test_add_func("/fts/diff/one-of-many", test_one_of_many_recipients);
    g_test_add_func("/fts/diff/unknown-shapes", test_unknown_shapes_are_named);
    g_test_add_func("/fts/diff/broken-payload", test_broken_payload_is_named);
    g_test_add_func("/fts/diff/endless", test_endless_lists_end);
    return g_test_run();
}
