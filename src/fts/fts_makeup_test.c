#include "base/check.h"
#include "fts/fts.h"
#include "fts/fts_build.h"
#include "fts/fts_write.h"

static void read_message(const struct fts_message *m, struct fts_makeup *ret)
{
    g_autofree char *text = fts_build(m);
    g_autoptr(blob) payload = blob_from_bytes(text, strlen(text));
    struct err err;

    CHECK_OK(fts_makeup_read(payload, ret, &err), &err);
}

static void test_counts(void)
{
    const struct fts_message bare = { .subject = "bare" };
    g_auto(fts_makeup) rich = { 0 }, poor = { 0 };

    read_message(&fts_build_specimen, &rich);
    read_message(&bare, &poor);
    g_assert_cmpuint(rich.n_recipients, ==, 2);
    g_assert_cmpuint(rich.n_attachments, ==, 2);
    g_assert_cmpuint(poor.n_recipients, ==, 0);
    g_assert_cmpuint(poor.n_attachments, ==, 0);
    g_assert_cmpuint(poor.n_properties, <, rich.n_properties);
    g_assert_cmpuint(poor.unknown->len, ==, 0);
}

/* A number as a property of the message. */
static void add(GByteArray *stream, uint16_t id)
{
    const uint8_t property[] = {
        0x03, 0, (uint8_t)id, (uint8_t)(id >> 8), 1, 0, 0, 0,
    };

    g_byte_array_append(stream, property, sizeof(property));
}

static void test_unknown_tags(void)
{
    const struct fts_message bare = { .subject = "bare" };
    g_autoptr(GByteArray) stream = g_byte_array_new();
    g_autoptr(GByteArray) rest = fts_build_stream(&bare);
    g_autofree char *text = NULL;
    g_autoptr(blob) payload = NULL;
    g_auto(fts_makeup) made = { 0 };
    struct err err;

    add(stream, 0x6FFE); /* nobody's */
    add(stream, 0x0017); /* importance has a row */
    add(stream, 0x3A4D); /* has none, and a name */
    add(stream, 0x6FFE);
    g_byte_array_append(stream, rest->data, rest->len);
    text = fts_build_wrap(stream, 1000);
    payload = blob_from_bytes(text, strlen(text));
    CHECK_OK(fts_makeup_read(payload, &made, &err), &err);
    g_assert_cmpuint(made.unknown->len, ==, 2);
    g_assert_cmpstr(made.unknown->pdata[0], ==, "0x3A4D0003 gender");
    g_assert_cmpstr(made.unknown->pdata[1], ==, "0x6FFE0003");
}

static void test_broken(void)
{
    g_autoptr(blob) payload = blob_from_bytes("AAAA", 4);
    struct fts_makeup made;
    struct err err;

    g_assert_cmpint(fts_makeup_read(payload, &made, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "payload-broken");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fts/makeup/counts", test_counts);
    g_test_add_func("/fts/makeup/unknown-tags", test_unknown_tags);
    g_test_add_func("/fts/makeup/broken", test_broken);
    return g_test_run();
}
