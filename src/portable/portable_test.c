#include <string.h>

#include "base/check.h"
#include "portable/portable.h"

static void test_kinds(void)
{
    static const struct {
        const char *item_class;
        enum portable_kind want;
    } rows[] = {
        { "IPM.Note", PORTABLE_MAIL },
        { "IPM.Note.SMIME", PORTABLE_MAIL },
        { "ipm.appointment", PORTABLE_APPOINTMENT },
        { "IPM.Appointment.Live Meeting Request", PORTABLE_APPOINTMENT },
        { "IPM.AppointmentX", PORTABLE_MAIL },
        { "IPM.Schedule.Meeting.Resp.Pos", PORTABLE_MEETING },
        { "REPORT.IPM.Note.NDR", PORTABLE_REPORT },
        { "IPM.Contact", PORTABLE_CONTACT },
        { "IPM.DistList", PORTABLE_LIST },
        { "IPM.Task", PORTABLE_TASK },
        { "IPM.TaskRequest", PORTABLE_MAIL },
        { "IPM.StickyNote", PORTABLE_NOTE },
        { "IPM.Activity", PORTABLE_JOURNAL },
        { "IPM.Post", PORTABLE_POST },
        { "", PORTABLE_MAIL },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].item_class,
                  portable_kind_of(rows[i].item_class) == rows[i].want);
    g_assert_cmpint(portable_kind_of(NULL), ==, PORTABLE_MAIL);
}

static void set_text(struct portable *p, const char *key, const char *text)
{
    const struct portable_label label = { key, PORTABLE_NAMED, NULL };
    const struct portable_value v = { .type = PORTABLE_TEXT, .text = text };

    portable_set(p, &label, &v);
}

static void test_properties(void)
{
    g_autoptr(portable) p = portable_new(PORTABLE_CONTACT, "IPM.Contact");
    const char *const texts[] = { "red", "blue", NULL };
    const struct portable_label label = { "colours", PORTABLE_OTHER, "why" };
    const struct portable_value list = { .type = PORTABLE_TEXTS,
                                         .texts = texts };
    struct portable_label got;
    struct portable_value v;

    set_text(p, "zip", "1010");
    set_text(p, "city", "Vienna");
    set_text(p, "zip", "1020");
    portable_set(p, &label, &list);
    portable_seal(p);
    g_assert_cmpuint(portable_n(p), ==, 3);
    g_assert_cmpstr(portable_text(p, "zip"), ==, "1020");
    g_assert_cmpstr(portable_text(p, "city"), ==, "Vienna");
    g_assert_null(portable_text(p, "street"));
    g_assert_null(portable_text(p, "colours"));
    portable_at(p, 1, &got, &v);
    g_assert_cmpstr(got.key, ==, "colours");
    g_assert_cmpstr(got.out, ==, "why");
    g_assert_cmpstr(v.texts[1], ==, "blue");
    g_assert_false(portable_flag(p, "zip"));
    g_assert_cmpuint(portable_bytes(p), >=, strlen("Vienna1020redblue"));
}

static void test_people(void)
{
    g_autoptr(portable) p = portable_new(PORTABLE_APPOINTMENT, NULL);
    const struct portable_person ann = {
        PORTABLE_REQUIRED, "Ann", "a@x", NULL, NULL, "Accept"
    };
    const struct portable_person bob = { PORTABLE_OPTIONAL, .address = "b@x" };

    portable_add_person(p, &ann);
    portable_add_person(p, &bob);
    portable_seal(p);
    g_assert_cmpuint(portable_n_people(p), ==, 2);
    g_assert_cmpuint(portable_count(p, PORTABLE_REQUIRED), ==, 1);
    g_assert_cmpuint(portable_count(p, PORTABLE_RESOURCE), ==, 0);
    g_assert_cmpstr(portable_person_at(p, 0)->response, ==, "Accept");
    g_assert_null(portable_person_at(p, 1)->name);
}

/* What hangs on an item lives as long as any item that it hangs on. */
static void test_references(void)
{
    struct portable *inner = portable_new(PORTABLE_NOTE, "IPM.StickyNote");
    struct portable *outer = portable_new(PORTABLE_TASK, "IPM.Task");
    struct portable_attachment a = { .name = "note", .item = inner };
    struct portable *again;

    portable_set_body(inner, "remember", false);
    portable_seal(inner);
    portable_add_attachment(outer, &a);
    a.item = portable_ref(inner);
    portable_add_attachment(outer, &a);
    portable_seal(outer);
    again = portable_ref(outer);
    portable_unref(outer);
    g_assert_cmpstr(portable_body(portable_attachment_at(again, 1)->item, NULL),
                    ==, "remember");
    g_assert_cmpuint(portable_bytes(again), ==, 2 * strlen("remember"));
    portable_unref(again);
}

static void test_series(void)
{
    g_autoptr(portable) p = portable_new(PORTABLE_APPOINTMENT, NULL);
    struct portable *late = portable_new(PORTABLE_APPOINTMENT, NULL);
    struct portable *early = portable_new(PORTABLE_APPOINTMENT, NULL);
    const struct portable_recurrence r = { PORTABLE_DAILY, .interval = 2 };
    const struct portable_zone z = { .id = "UTC" };
    int64_t us;

    g_assert_null(portable_recurrence(p));
    g_assert_null(portable_zone(p, true));
    portable_seal(late);
    portable_seal(early);
    portable_set_recurrence(p, &r);
    portable_set_zone(p, true, &z);
    portable_add_exception(p, 200, late);
    portable_add_exception(p, 100, early);
    portable_add_deletion(p, 50);
    portable_add_deletion(p, 40);
    portable_seal(p);
    g_assert_true(portable_exception_at(p, 0, &us) == early);
    g_assert_cmpint(us, ==, 100);
    g_assert_cmpint(portable_deletion_at(p, 1), ==, 50);
    g_assert_cmpuint(portable_recurrence(p)->interval, ==, 2);
    g_assert_cmpstr(portable_zone(p, true)->id, ==, "UTC");
    g_assert_null(portable_zone(p, false));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/portable/kinds", test_kinds);
    g_test_add_func("/portable/properties", test_properties);
    g_test_add_func("/portable/people", test_people);
    g_test_add_func("/portable/references", test_references);
    g_test_add_func("/portable/series", test_series);
    return g_test_run();
}
