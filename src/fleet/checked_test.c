/* What a check found goes into JSON and comes back as it was. */
#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "fleet/checked.h"

static void add_folder(struct engine_check *c, const char *path)
{
    struct engine_check_folder *f = g_new0(struct engine_check_folder, 1);

    f->path = g_strdup(path);
    f->well_known = g_strdup("inbox");
    f->folder_class = g_strdup("IPF.Note");
    f->n_items = 17;
    f->size_bytes = UINT64_C(1) << 40;
    f->kind = KIND_CALENDAR;
    f->skipped = true;
    g_ptr_array_add(c->folders, f);
}

static void add_large(struct engine_check *c)
{
    struct engine_check_item *item = g_new0(struct engine_check_item, 1);

    item->path = g_strdup("Inbox/\xc3\xa9t\xc3\xa9");
    item->subject = g_strdup("a \"quoted\" subject\n");
    item->item_class = g_strdup("IPM.Note");
    item->received_us = INT64_C(1577836800) * TIMESTAMP_SECOND;
    item->size_bytes = 99999999;
    g_ptr_array_add(c->large, item);
    c->n_large = 4;
}

static void add_finding(struct engine_check *c, enum finding_kind kind,
                        const char *alike)
{
    struct finding *f = g_new0(struct finding, 1);

    f->kind = kind;
    f->text = g_strdup("folder \"x\" is of no use");
    f->alike = g_strdup(alike);
    f->n = alike != NULL ? 3 : 0;
    g_ptr_array_add(c->findings, f);
}

static struct endpoint_facts side(enum endpoint_rights rights)
{
    return (struct endpoint_facts){
        .rights = rights,
        .scheme = g_strdup("NTLM"),
        .server_version = g_strdup("15.1.2507.6 (Exchange2016)"),
        .primary_address = g_strdup("a@b.example"),
        .request_max_bytes = 12345678,
    };
}

/* Each field another value than the one that nobody has set. */
static void fill(struct engine_check *c)
{
    engine_check_init(c);
    c->source = side(ENDPOINT_RIGHTS_IMPERSONATION);
    c->destination = side(ENDPOINT_RIGHTS_FULL_ACCESS);
    add_folder(c, "Inbox");
    add_folder(c, "Gr\xc3\xb6\xc3\x9f"
                  "e");
    for (int kind = 0; kind < KIND_N; kind++)
        c->by_kind[kind] = (struct engine_amount){
            (uint64_t)kind + 1, (uint64_t)1000000007 * ((uint64_t)kind + 1)
        };
    c->by_item = true;
    c->skip_kinds = 1u << KIND_TASK | 1u << KIND_NOTE;
    c->item_max_bytes = 7654321;
    add_large(c);
    c->quota_known = true;
    c->quota_bytes = 50;
    c->used_bytes = 20;
    c->to_come_bytes = 40;
    c->source_roots[ENDPOINT_ROOT_ARCHIVE] =
        (struct engine_check_root){ true, 8, 9 };
    c->destination_roots[ENDPOINT_ROOT_ARCHIVE].there = true;
    c->expected =
        (struct expectation){ EXPECT_BY_ROUND_TRIPS, 90 * TIMESTAMP_SECOND,
                              900 * TIMESTAMP_SECOND };
    add_finding(c, FINDING_OVERSIZE, NULL);
    add_finding(c, FINDING_HIDDEN, "hidden items of class IPM.X");
}

static void check_structs(const struct engine_check *was,
                          const struct engine_check *is)
{
    g_assert_true(memcmp(was->by_kind, is->by_kind, sizeof(was->by_kind)) == 0);
    g_assert_cmpuint(was->skip_kinds, ==, is->skip_kinds);
    g_assert_cmpuint(was->source.rights, ==, is->source.rights);
    g_assert_cmpuint(was->expected.by, ==, is->expected.by);
    g_assert_cmpint(was->expected.most_us, ==, is->expected.most_us);
    g_assert_true(is->quota_known && is->by_item);
    g_assert_cmpuint(is->n_large, ==, was->n_large);
    g_assert_cmpuint(is->findings->len, ==, was->findings->len);
    for (guint i = 0; i < is->findings->len; i++) {
        const struct finding *a = was->findings->pdata[i];
        const struct finding *b = is->findings->pdata[i];

        g_assert_cmpint(a->kind, ==, b->kind);
        g_assert_cmpstr(a->text, ==, b->text);
        g_assert_cmpstr(a->alike, ==, b->alike);
        g_assert_cmpuint(a->n, ==, b->n);
    }
}

static void test_there_and_back(void)
{
    struct engine_check was, is;
    json_t *first, *second;
    struct err err;

    fill(&was);
    first = checked_json(&was);
    g_assert_nonnull(first);
    CHECK_OK(checked_parse(first, &is, &err), &err);
    second = checked_json(&is);
    g_assert_true(json_equal(first, second));
    check_structs(&was, &is);
    json_decref(first);
    json_decref(second);
    engine_check_clear(&was);
    engine_check_clear(&is);
}

/* Of a service that is newer, or of something that is none. */
static void test_words_that_nobody_knows(void)
{
    static const char *const wrong[] = {
        "/source/rights",    "/destination/rights", "/expected/by",
        "/findings/0/cause", "/folders/1/kind",     "/source/version",
    };
    struct engine_check was;

    fill(&was);
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_auto(GStrv) path = g_strsplit(wrong[i] + 1, "/", -1);
        json_t *json = checked_json(&was), *at = json;
        struct engine_check is;
        struct err err;
        char **step = path;

        for (; step[1] != NULL; step++)
            at = json_is_array(at) ? json_array_get(at, (size_t)(**step - '0'))
                                   : json_object_get(at, *step);
        json_object_set_new(at, *step,
                            i + 1 < G_N_ELEMENTS(wrong) ? json_string("new")
                                                        : json_null());
        CHECK_ROW(wrong[i], checked_parse(json, &is, &err) == -1);
        engine_check_clear(&is);
        json_decref(json);
    }
    engine_check_clear(&was);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/checked/there-and-back", test_there_and_back);
    g_test_add_func("/checked/unknown-words", test_words_that_nobody_knows);
    return g_test_run();
}
