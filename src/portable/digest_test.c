#include <string.h>

#include "base/check.h"
#include "fts/fts.h"
#include "portable/portable.h"

#define SECOND INT64_C(1000000)

/* A variation of one item. */
struct variant {
    const char *text;
    int64_t time_us;
    bool flag;
    const char *const *texts;
    const char *body;
    bool html;
    const char *who, *response;
    const char *content, *file;
    unsigned int interval;
    int64_t gone;
    const char *changed; /* body of a changed occurrence */
    const char *out;     /* of a property that is not compared */
};

static const char *const red_blue[] = { "red", "blue", NULL };
static const char *const blue_red[] = { "blue", "red", "blue", NULL };
static const char *const red[] = { "red", NULL };
static const char *const none[] = { NULL };

static void set(struct portable *p, const char *key,
                const struct portable_value *v)
{
    const struct portable_label label = { key, PORTABLE_NAMED, NULL };

    portable_set(p, &label, v);
}

static void add_values(struct portable *p, const struct variant *v)
{
    const struct portable_label out = { "size", PORTABLE_OTHER, "computed" };

    if (v->text != NULL)
        set(p, "text",
            &(struct portable_value){ PORTABLE_TEXT, { .text = v->text } });
    if (v->time_us != 0)
        set(p, "time",
            &(struct portable_value){ PORTABLE_TIME,
                                      { .integer = v->time_us } });
    set(p, "flag",
        &(struct portable_value){ PORTABLE_BOOL, { .boolean = v->flag } });
    if (v->texts != NULL)
        set(p, "texts",
            &(struct portable_value){ PORTABLE_TEXTS, { .texts = v->texts } });
    if (v->out != NULL)
        portable_set(
            p, &out,
            &(struct portable_value){ PORTABLE_TEXT, { .text = v->out } });
}

static void add_series(struct portable *p, const struct variant *v)
{
    const struct portable_recurrence r = { PORTABLE_DAILY,
                                           .interval = v->interval };
    struct portable *changed;

    if (v->interval != 0)
        portable_set_recurrence(p, &r);
    if (v->gone != 0)
        portable_add_deletion(p, v->gone);
    if (v->changed == NULL)
        return;
    changed = portable_new(PORTABLE_APPOINTMENT, NULL);
    portable_set_body(changed, v->changed, false);
    portable_seal(changed);
    portable_add_exception(p, 7 * SECOND, changed);
}

static struct portable *make(const struct variant *v)
{
    struct portable *p = portable_new(PORTABLE_APPOINTMENT, "IPM.Appointment");
    const struct portable_person who = {
        PORTABLE_REQUIRED, "Some Name", v->who, NULL, NULL, v->response
    };
    struct portable_attachment a = { .name = v->file };

    add_values(p, v);
    if (v->body != NULL)
        portable_set_body(p, v->body, v->html);
    if (v->who != NULL)
        portable_add_person(p, &who);
    if (v->content != NULL) {
        a.content = blob_from_bytes(v->content, strlen(v->content));
        portable_add_attachment(p, &a);
    }
    add_series(p, v);
    portable_seal(p);
    return p;
}

static const struct {
    const char *name;
    struct variant a, b;
    int differs; /* the part, or -1: equal */
    const char *line;
} rows[] = {
    /* clang-format off */
    { "nothing at all", { 0 }, { 0 }, -1 },
    { "text", { .text = "a" }, { .text = "b" }, PORTABLE_NAMED, "text: changed" },
    { "no text and an empty one", { .text = "" }, { 0 }, -1 },
    { "line ends", { .text = "a\r\nb" }, { .text = "a\nb  " }, -1 },
    { "missing", { .text = "a" }, { 0 }, PORTABLE_NAMED, "text: missing" },
    { "added", { 0 }, { .text = "a" }, PORTABLE_NAMED, "text: added" },
    { "part of a second", { .time_us = 5 * SECOND }, { .time_us = 5 * SECOND + 999999 }, -1 },
    { "a second", { .time_us = 5 * SECOND }, { .time_us = 6 * SECOND }, PORTABLE_NAMED, "time: changed" },
    { "flag", { .flag = true }, { 0 }, PORTABLE_NAMED, "flag: missing" },
    { "lists are sets", { .texts = red_blue }, { .texts = blue_red }, -1 },
    { "lists", { .texts = red_blue }, { .texts = red }, PORTABLE_NAMED, "texts: changed" },
    { "an empty list", { .texts = none }, { 0 }, -1 },
    { "body", { .body = "a" }, { .body = "b" }, PORTABLE_BODY, "body: changed" },
    { "body wrapped", { .body = "a b" }, { .body = "a\r\nb\r\n" }, -1 },
    { "HTML and text", { .body = "a", .html = true }, { .body = "a" }, PORTABLE_BODY, "HTML body: missing" },
    { "address in capitals", { .who = "Ann@X.example" }, { .who = "ann@x.example" }, -1 },
    { "attendee", { .who = "ann@x" }, { .who = "bob@x" }, PORTABLE_RECIPIENTS, "attendee ann@x: missing" },
    { "wrapped address", { .who = "IMCEAEX-_O=A_CN=b@old.example" }, { .who = "IMCEAEX-_O=A_CN=b@new.example" }, -1 },
    { "response", { .who = "ann@x", .response = "Accept" }, { .who = "ann@x", .response = "Decline" },
      PORTABLE_RECIPIENTS, "attendee ann@x: changed" },
    { "content", { .content = "QUFB", .file = "f" }, { .content = "QUFC", .file = "f" },
      PORTABLE_ATTACHMENTS, "attachment \"f\": changed" },
    { "content otherwise encoded", { .content = "QUFB" }, { .content = "QUF\r\nB" }, -1 },
    { "file name", { .content = "QUFB", .file = "f" }, { .content = "QUFB", .file = "g" },
      PORTABLE_ATTACHMENTS, "attachment \"f\": missing" },
    { "attachment", { .content = "QUFB", .file = "f" }, { 0 }, PORTABLE_ATTACHMENTS, "attachment \"f\": missing" },
    { "recurrence", { .interval = 1 }, { .interval = 2 }, PORTABLE_NAMED, "recurrence: changed" },
    { "deleted occurrence", { .gone = SECOND }, { 0 }, PORTABLE_NAMED, "deletion of 1970-01-01T00:00:01Z: missing" },
    { "changed occurrence", { .changed = "a" }, { .changed = "b" }, PORTABLE_NAMED,
      "occurrence of 1970-01-01T00:00:07Z: changed" },
    { "what is not compared", { .out = "5" }, { .out = "6" }, -1 },
    /* clang-format on */
};

static void test_rows(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(portable) a = make(&rows[i].a);
        g_autoptr(portable) b = make(&rows[i].b);
        struct portable_digest x, y;
        unsigned int parts;
        struct err err;

        CHECK_OK(portable_digest_take(a, &x, &err), &err);
        CHECK_OK(portable_digest_take(b, &y, &err), &err);
        CHECK_ROW(rows[i].name, portable_digest_compare(&x, &y, &parts) ==
                                    (rows[i].differs < 0 ? PORTABLE_EQUAL
                                                         : PORTABLE_DIFFERENT));
        CHECK_ROW(rows[i].name,
                  parts == (rows[i].differs < 0 ? 0 : 1u << rows[i].differs));
    }
}

static void test_diff(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(portable) a = make(&rows[i].a);
        g_autoptr(portable) b = make(&rows[i].b);
        g_autoptr(GPtrArray) lines = NULL;
        struct err err;

        CHECK_OK(portable_diff(a, b, &lines, &err), &err);
        CHECK_ROW(rows[i].name, (lines->len == 0) == (rows[i].differs < 0));
        if (lines->len > 0)
            CHECK_ROW(rows[i].name,
                      g_ptr_array_find_with_equal_func(lines, rows[i].line,
                                                       g_str_equal, NULL));
    }
}

/* Never taken for a FastTransfer digest, and small enough for the ledger. */
static void test_packed(void)
{
    g_autoptr(portable) p = make(&rows[1].a);
    struct portable_digest d, back;
    struct fts_digest other;
    uint8_t packed[PORTABLE_DIGEST_PACKED];
    struct err err;

    CHECK_OK(portable_digest_take(p, &d, &err), &err);
    portable_digest_pack(&d, packed);
    g_assert_cmpuint(sizeof(packed), <=, 128);
    g_assert_true(portable_digest_unpack(packed, sizeof(packed), &back));
    g_assert_cmpint(portable_digest_compare(&d, &back, NULL), ==,
                    PORTABLE_EQUAL);
    g_assert_false(fts_digest_unpack(packed, sizeof(packed), &other));
    packed[0] = 0x3F;
    g_assert_false(portable_digest_unpack(packed, sizeof(packed), &back));
    g_assert_false(portable_digest_unpack(packed, 5, &back));
}

/* A thousand differences are not a thousand lines. */
static void test_diff_is_bounded(void)
{
    g_autoptr(portable) a = portable_new(PORTABLE_NOTE, NULL);
    g_autoptr(portable) b = portable_new(PORTABLE_NOTE, NULL);
    g_autoptr(GPtrArray) lines = NULL;
    struct err err;

    for (int i = 0; i < 1000; i++) {
        g_autofree char *key = g_strdup_printf("key %d", i);

        set(a, key, &(struct portable_value){ PORTABLE_TEXT, { .text = "x" } });
    }
    portable_seal(a);
    portable_seal(b);
    CHECK_OK(portable_diff(a, b, &lines, &err), &err);
    g_assert_cmpuint(lines->len, ==, 201);
}

/* What arrived: contents are not looked at, and more is no loss. */
static void test_missing(void)
{
    const struct variant full = { .text = "a",
                                  .flag = true,
                                  .body = "b",
                                  .who = "ann@x",
                                  .response = "Accept",
                                  .content = "QUFB",
                                  .file = "f",
                                  .gone = SECOND,
                                  .changed = "c",
                                  .interval = 1 };
    struct variant less = full;
    g_autoptr(portable) a = make(&full);
    g_autoptr(portable) b = NULL;
    g_autoptr(GPtrArray) same = NULL;
    g_autoptr(GPtrArray) names = NULL;
    g_autoptr(GPtrArray) other = NULL;

    less.content = "QkJC";
    less.body = "else";
    less.texts = red;
    b = make(&less);
    same = portable_missing(a, b);
    g_assert_cmpuint(same->len, ==, 0);
    other = portable_missing(b, a);
    g_assert_cmpuint(other->len, ==, 1);
    g_assert_cmpstr(g_ptr_array_index(other, 0), ==, "texts");
    portable_unref(b);
    b = make(&(struct variant){ .text = "z" });
    names = portable_missing(a, b);
    g_assert_cmpuint(names->len, ==, 7);
    g_assert_true(g_ptr_array_find_with_equal_func(names, "attendee ann@x",
                                                   g_str_equal, NULL));
    g_assert_true(
        g_ptr_array_find_with_equal_func(names, "text", g_str_equal, NULL));
}

/* What is carried beside the MIME is in there, and compared and weighed so. */
static void test_beside_mime(void)
{
    static const char mime[] = "U3ViamVjdDogSGkNCg0KSGVsbG8NCg==";
    const struct portable_attachment file = { .name = "a", .in_mime = true };
    g_autoptr(portable) plain = portable_new(PORTABLE_MAIL, "IPM.Note");
    g_autoptr(portable) more = portable_new(PORTABLE_MAIL, "IPM.Note");
    const struct portable_attachment item = {
        .name = "b", .item = make(&(struct variant){ .text = "a" })
    };
    g_autoptr(GPtrArray) lines = NULL;
    g_autoptr(GPtrArray) missing = NULL;
    struct err err;

    portable_take_mime(plain, blob_from_bytes(mime, strlen(mime)));
    portable_take_mime(more, blob_from_bytes(mime, strlen(mime)));
    portable_add_attachment(more, &file);
    portable_add_attachment(more, &item);
    portable_seal(plain);
    portable_seal(more);
    CHECK_OK(portable_diff(plain, more, &lines, &err), &err);
    g_assert_cmpuint(lines->len, ==, 0);
    missing = portable_missing(more, plain);
    g_assert_cmpuint(missing->len, ==, 0);
    g_assert_cmpuint(portable_bytes(more), ==, portable_bytes(plain));
}

/* Of every other week, by which day it begins on. */
static void test_week_start(void)
{
    static const struct {
        const char *name;
        unsigned int days, interval;
        bool matters;
    } weeks[] = {
        { "Tuesdays", 0x04, 2, false },
        { "Mondays and Fridays", 0x22, 2, false },
        { "Sundays and Mondays", 0x03, 2, true },
        { "Sundays alone", 0x01, 2, false },
        { "every week", 0x03, 1, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(weeks); i++) {
        struct portable_recurrence r = { PORTABLE_WEEKLY,
                                         .interval = weeks[i].interval,
                                         .days = weeks[i].days };
        g_autoptr(portable) a = portable_new(PORTABLE_APPOINTMENT, NULL);
        g_autoptr(portable) b = portable_new(PORTABLE_APPOINTMENT, NULL);
        g_autoptr(GPtrArray) lines = NULL;
        struct err err;

        portable_set_recurrence(a, &r);
        r.first_day = 1;
        portable_set_recurrence(b, &r);
        portable_seal(a);
        portable_seal(b);
        CHECK_OK(portable_diff(a, b, &lines, &err), &err);
        CHECK_ROW(weeks[i].name, (lines->len > 0) == weeks[i].matters);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/digest/rows", test_rows);
    g_test_add_func("/digest/diff", test_diff);
    g_test_add_func("/digest/packed", test_packed);
    g_test_add_func("/digest/bounded", test_diff_is_bounded);
    g_test_add_func("/digest/missing", test_missing);
    g_test_add_func("/digest/beside-mime", test_beside_mime);
    g_test_add_func("/digest/week-start", test_week_start);
    return g_test_run();
}
