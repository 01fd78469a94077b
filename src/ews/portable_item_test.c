/*
 * Items read from Exchange's form and written again in it: what is written
 * fits the schema at every version, and read again it is the same item.
 */
#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "ews/portable_field.h"
#include "ews/portable_gather.h"
#include "ews/portable_item.h"
#include "ews/portable_samples.h"
#include "ews/schema.h"
#include "ews/script.h"
#include "ews/soap.h"
#include "xml/reader.h"

static struct blob_pool *pool;

static struct xml_doc *parse(const char *text, size_t n)
{
    static const char *const names[] = { "MimeContent", "Content", NULL };
    const struct xml_reader_config config = { .payloads = names, .pool = pool };
    g_autoptr(xml_reader) reader = xml_reader_new(&config);
    struct xml_doc *doc = NULL;
    struct err err;

    CHECK_OK(xml_reader_feed(reader, text, n, &err), &err);
    CHECK_OK(xml_reader_finish(reader, &doc, &err), &err);
    return doc;
}

/* An item's text as an answer has it, read and sealed. */
static struct portable *read_text(const char *item)
{
    g_autofree char *text =
        g_strdup_printf("<r xmlns:t=\"" T_NS "\">%s</r>", item);
    g_autoptr(xml_doc) doc = parse(text, strlen(text));
    g_auto(item_reading) r = { 0 };

    item_read(doc, xml_first(xml_root(doc)), &r);
    gather_outline(&r);
    return g_steal_pointer(&r.p);
}

static char *as_text(struct xml_writer *w)
{
    size_t n;
    const struct xml_part *parts = xml_writer_parts(w, &n);
    g_autoptr(GString) s = g_string_new(NULL);

    for (size_t i = 0; i < n; i++) {
        char bytes[4096];
        struct err err;
        ssize_t got;

        if (parts[i].blob == NULL) {
            g_string_append_len(s, parts[i].text, (gssize)parts[i].len);
            continue;
        }
        got = blob_read_at(parts[i].blob, 0, bytes, sizeof(bytes), &err);
        g_assert_cmpint(got, >=, 0);
        g_string_append_len(s, bytes, got);
    }
    return g_string_free(g_steal_pointer(&s), FALSE);
}

/* A whole CreateItem request. */
static char *write_request(const struct portable *p,
                           const struct item_writing *how)
{
    const struct soap_head head = { .level = how->level };
    g_autoptr(xml_writer) w = soap_begin(&head);

    xml_open(w, "m:CreateItem");
    xml_open(w, "m:Items");
    item_write(w, p, how);
    xml_close(w);
    xml_close(w);
    soap_end(w);
    return as_text(w);
}

static char *write_at(const struct portable *p, enum ews_level level)
{
    const struct item_writing how = { .level = level,
                                      .stamp = "key",
                                      .zones_by_rule = true };

    return write_request(p, &how);
}

static struct schema *schema; /* NULL: not to be had */

static void check_schema(const char *name, const char *request)
{
    g_autofree char *problem =
        schema != NULL ? schema_check(schema, request, strlen(request)) : NULL;

    if (problem != NULL)
        g_error("row \"%s\": %s\n%s", name, problem, request);
}

static struct portable *read_request(const char *request)
{
    g_autoptr(xml_doc) doc = parse(request, strlen(request));
    g_auto(item_reading) r = { 0 };

    item_read(doc, xml_first(xml_below(xml_root(doc), "Items")), &r);
    gather_outline(&r);
    return g_steal_pointer(&r.p);
}

static const struct {
    const char *name, *item;
    enum portable_kind kind;
} rows[] = {
    { "mail", SAMPLE_MAIL("1", "true", "1"), PORTABLE_MAIL },
    { "contact", SAMPLE_CONTACT, PORTABLE_CONTACT },
    { "list", SAMPLE_LIST, PORTABLE_LIST },
    { "task", SAMPLE_TASK, PORTABLE_TASK },
    { "note", SAMPLE_NOTE, PORTABLE_NOTE },
    { "journal", SAMPLE_JOURNAL, PORTABLE_JOURNAL },
    { "appointment", SAMPLE_APPOINTMENT, PORTABLE_APPOINTMENT },
    { "meeting", SAMPLE_MEETING, PORTABLE_APPOINTMENT },
    { "series", SAMPLE_SERIES, PORTABLE_APPOINTMENT },
};

/* What is not written with the item, or not known to that version. */
static bool is_expected(const char *name, enum ews_level level)
{
    static const char *const apart[] = { "organiser ", "deletion ",
                                         "occurrence of ", "item:IsDraft" };

    for (size_t i = 0; i < G_N_ELEMENTS(apart); i++) {
        if (g_str_has_prefix(name, apart[i]))
            return true;
    }
    return level < EWS_2013 &&
           strcmp(name, "calendar:LegacyFreeBusyStatus") == 0;
}

static void check_again(size_t i, enum ews_level level)
{
    g_autoptr(portable) p = read_text(rows[i].item);
    g_autofree char *request = write_at(p, level);
    g_autoptr(portable) again = NULL;
    g_autoptr(GPtrArray) lost = NULL;

    CHECK_ROW(rows[i].name, portable_kind(p) == rows[i].kind);
    check_schema(rows[i].name, request);
    again = read_request(request);
    lost = portable_missing(p, again);
    for (guint k = 0; k < lost->len; k++) {
        const char *name = g_ptr_array_index(lost, k);

        if (!is_expected(name, level))
            g_error("row \"%s\" at %s: %s is gone\n%s", rows[i].name,
                    ews_level_name(level), name, request);
    }
}

static void test_read_and_written(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        for (int level = EWS_2007_SP1; level < EWS_N_LEVELS; level++)
            check_again(i, (enum ews_level)level);
    }
}

/* Content too, where the whole item goes in one request. */
static void test_digests(void)
{
    for (size_t i = 1; i < 7; i++) {
        g_autoptr(portable) p = read_text(rows[i].item);
        g_autofree char *request = write_at(p, EWS_2016);
        g_autoptr(portable) again = read_request(request);
        struct portable_digest a, b;
        struct err err;

        CHECK_OK(portable_digest_take(p, &a, &err), &err);
        CHECK_OK(portable_digest_take(again, &b, &err), &err);
        CHECK_ROW(rows[i].name,
                  portable_digest_compare(&a, &b, NULL) == PORTABLE_EQUAL);
    }
}

/* ---- what is read -------------------------------------------------------- */

static void test_mail(void)
{
    g_autoptr(portable) p = read_text(SAMPLE_MAIL("1", "false", "0"));
    int64_t us, want, n;
    struct portable_value v;

    g_assert_true(timestamp_parse("2024-03-01T09:00:00.123Z", &want));
    g_assert_true(portable_time(p, "0x0E06", &us));
    g_assert_cmpint(us, ==, want);
    g_assert_true(portable_integer(p, "0x1090", &n));
    g_assert_cmpint(n, ==, 2);
    g_assert_cmpstr(portable_text(p, "Common/0x8530"), ==, "Follow up");
    g_assert_cmpstr(portable_text(p, "item:Importance"), ==, "High");
    g_assert_true(portable_get(p, "item:Categories", PORTABLE_TEXTS, &v));
    g_assert_cmpstr(v.texts[1], ==, "Blue & white");
    g_assert_cmpuint(blob_size(portable_mime(p)), ==, strlen(SAMPLE_MIME));
    g_assert_false(portable_draft(p));
}

static void test_draft(void)
{
    g_autoptr(portable) p = read_text(SAMPLE_MAIL("1", "true", "9"));
    g_autofree char *request = write_at(p, EWS_2010);

    g_assert_true(portable_draft(p));
    /* Created as a message it is one: nothing may say otherwise. */
    g_assert_null(strstr(request, "0x0E07"));
}

/*
 * A message that is no draft must not become one, nor be read when it is not.
 */
static void test_flags(void)
{
    g_autoptr(portable) unread = read_text(SAMPLE_MAIL("1", "false", "16"));
    g_autofree char *a = write_at(unread, EWS_2010);
    g_autoptr(portable) read = read_text(SAMPLE_MAIL("1", "true", "17"));
    g_autofree char *b = write_at(read, EWS_2010);

    g_assert_nonnull(strstr(a, "PropertyTag=\"0x0E07\" "
                               "PropertyType=\"Integer\"/><t:Value>0<"));
    g_assert_nonnull(strstr(a, "<t:IsRead>false</t:IsRead>"));
    g_assert_nonnull(strstr(b, "PropertyTag=\"0x0E07\" "
                               "PropertyType=\"Integer\"/><t:Value>1<"));
}

static void test_meeting(void)
{
    g_autoptr(portable) p = read_text(SAMPLE_MEETING);
    g_autoptr(portable) own = read_text(SAMPLE_APPOINTMENT);
    g_autofree char *request = write_at(p, EWS_2013);
    g_autofree char *old = write_at(p, EWS_2007_SP1);

    g_assert_cmpuint(portable_count(p, PORTABLE_ORGANISER), ==, 1);
    g_assert_cmpstr(portable_person_at(p, 1)->response, ==, "Accept");
    g_assert_cmpuint(portable_count(own, PORTABLE_ORGANISER), ==, 0);
    g_assert_nonnull(strstr(request, "<t:StartTimeZone Id=\"W. Europe"));
    g_assert_nonnull(strstr(request, "<t:EndTimeZone Id=\"W. Europe"));
    g_assert_null(strstr(request, "MeetingTimeZone"));
    /* EWS-QUIRKS: 2007 would refuse the others as no part of its schema. */
    g_assert_nonnull(strstr(old, "<t:MeetingTimeZone TimeZoneName=\"W. Eu"));
    g_assert_null(strstr(old, "StartTimeZone"));
    g_assert_nonnull(strstr(old, "<t:BaseOffset>-PT1H0M</t:BaseOffset>"));
}

/* The owner's own meeting: whom the old directory names means nothing. */
static void test_own_meeting(void)
{
    g_autoptr(portable) p = read_text(SAMPLE_OWN_MEETING);
    g_autofree char *request = write_at(p, EWS_2013);

    g_assert_null(strstr(request, "/o=Old"));
    g_assert_null(strstr(request, "Old owner"));
    g_assert_nonnull(strstr(request,
                            "<t:ResponseType>Accept</t:ResponseType>"
                            "<t:LastResponseTime>2024-02-29T08:15:30"));
    g_assert_nonnull(strstr(request, "by the hour"));
}

static void test_stamp(void)
{
    g_autoptr(portable) p = read_text(SAMPLE_NOTE);
    const struct item_writing how = { .level = EWS_2016,
                                      .stamp = "k1",
                                      .unfinished = true };
    g_autofree char *text = write_request(p, &how);
    g_autoptr(xml_doc) doc = parse(text, strlen(text));
    bool unfinished = false;

    g_assert_cmpstr(
        stamp_read(xml_below(xml_root(doc), "Message"), &unfinished), ==, "k1");
    g_assert_true(unfinished);
}

/* Elements that a version does not know are not asked for. */
static void test_shape(void)
{
    static const struct {
        const char *name;
        enum portable_kind kind;
        const char *uri;
        enum ews_level first;
    } rows_of_shape[] = {
        { "zones", PORTABLE_APPOINTMENT, "calendar:StartTimeZone", EWS_2010 },
        { "members", PORTABLE_LIST, "distributionlist:Members", EWS_2010 },
        { "location", PORTABLE_APPOINTMENT, "calendar:Location", EWS_2007_SP1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows_of_shape); i++) {
        for (int level = 0; level < EWS_N_LEVELS; level++) {
            const struct item_shape shape = { .level = (enum ews_level)level,
                                              .kind = rows_of_shape[i].kind };
            g_autoptr(xml_writer) w = xml_writer_new();
            g_autofree char *text = NULL;

            item_write_shape(w, "m:ItemShape", &shape);
            text = as_text(w);
            CHECK_ROW(rows_of_shape[i].name,
                      (strstr(text, rows_of_shape[i].uri) != NULL) ==
                          (level >= (int)rows_of_shape[i].first));
        }
    }
}

/* Nothing that comes in makes a crash or a value that was not there. */
static void test_odd(void)
{
    static const struct {
        const char *name, *item;
    } odd[] = {
        { "nothing", "<t:Message/>" },
        { "a number that is none",
          "<t:Message>" SAMPLE_TAG("0x1090", "Integer", "two") "</t:Message>" },
        { "a date that is none",
          "<t:Message>" SAMPLE_TAG("0x0E06", "SystemTime",
                                   "yesterday") "</t:Message>" },
        { "an entry of no key",
          "<t:Contact><t:ItemClass>IPM.Contact</t:ItemClass>"
          "<t:EmailAddresses><t:Entry>x</t:Entry><t:Entry Key=\"Nine\">y"
          "</t:Entry></t:EmailAddresses></t:Contact>" },
        { "a recurrence of nothing",
          "<t:Task><t:ItemClass>IPM.Task</t:ItemClass><t:Recurrence/>"
          "</t:Task>" },
        { "an attachment without an id",
          "<t:Task><t:ItemClass>IPM.Task</t:ItemClass><t:Attachments>"
          "<t:FileAttachment/></t:Attachments></t:Task>" },
        { "a zone of nothing",
          "<t:CalendarItem><t:ItemClass>IPM.Appointment</t:ItemClass>"
          "<t:StartTimeZone/></t:CalendarItem>" },
        { "binary that is none",
          "<t:CalendarItem><t:ItemClass>IPM.Appointment</"
          "t:ItemClass>" SAMPLE_NAMED("Appointment", "0x825E", "Binary",
                                      "AgE=") "</t:CalendarItem>" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
        g_autoptr(portable) p = read_text(odd[i].item);
        int64_t n;

        CHECK_ROW(odd[i].name, !portable_integer(p, "0x1090", &n));
        CHECK_ROW(odd[i].name, !portable_time(p, "0x0E06", &n));
        CHECK_ROW(odd[i].name, portable_n_attachments(p) == 0);
        CHECK_ROW(odd[i].name, portable_recurrence(p) == NULL);
        CHECK_ROW(odd[i].name, portable_zone(p, false) == NULL);
    }
}

int main(int argc, char **argv)
{
    int rc;

    g_test_init(&argc, &argv, NULL);
    pool = blob_pool_new(1 << 20, NULL);
    schema = schema_new();
    g_test_add_func("/item/read-and-written", test_read_and_written);
    g_test_add_func("/item/digests", test_digests);
    g_test_add_func("/item/mail", test_mail);
    g_test_add_func("/item/draft", test_draft);
    g_test_add_func("/item/flags", test_flags);
    g_test_add_func("/item/meeting", test_meeting);
    g_test_add_func("/item/own-meeting", test_own_meeting);
    g_test_add_func("/item/stamp", test_stamp);
    g_test_add_func("/item/shape", test_shape);
    g_test_add_func("/item/odd", test_odd);
    rc = g_test_run();
    schema_free(schema);
    blob_pool_free(pool);
    return rc;
}
