/*
 * Every property of the tables, written into a lab and read again: one item of
 * each kind that has them all, at every version; attachments three levels
 * deep, a series with everything, and what is written must be there.
 */
#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "ews/portable_field.h"
#include "ews/portable_samples.h"
#include "ews/rig.h"
#include "portable/portable.h"

#define OWNER "user1@contoso.example"

static const char *program;

/* ---- values ---------------------------------------------------------- */

/* Where not every text will do. */
static const struct {
    const char *key, *text;
} words[] = {
    { "item:Sensitivity", "Private" },
    { "item:Importance", "High" },
    { "calendar:LegacyFreeBusyStatus", "OOF" },
    { "contacts:FileAsMapping", "None" },
    { "contacts:PostalAddressIndex", "Home" },
    { "task:Status", "Completed" },
    { "0x0064", "SMTP" },
    { "0x0C1E", "SMTP" },
};

/* Of properties that mean something to the server. */
static const struct {
    const char *key;
    int64_t number;
} numbers[] = {
    { "0x0E07", 1 },
    { "0x1090", 2 },
    { "0x1095", 6 },
    { "0x3A4D", 2 },
    { "Meeting/0x0026", 1 },
    { "Appointment/0x8217", 0 },
    { "Appointment/0x8218", 3 },
    { "Appointment/0x8224", 2 },
    { "Appointment/0x8205", 2 },
    { "TASKS/0x8101", 1 },
    { "0x0E2B", 8 },
};

static const char *const colours[] = { "Red", "Blue & white", NULL };

static const char *text_for(const char *key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strcmp(words[i].key, key) == 0)
            return words[i].text;
    }
    return NULL;
}

static int64_t number_for(const char *key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        if (strcmp(numbers[i].key, key) == 0)
            return numbers[i].number;
    }
    return 7;
}

static int64_t at(const char *text)
{
    int64_t us = 0;

    g_assert_true(timestamp_parse(text, &us));
    return us;
}

static int64_t time_for(const char *key)
{
    if (strcmp(key, "calendar:End") == 0)
        return at("2024-03-04T10:30:00Z");
    if (strcmp(key, "calendar:Start") == 0)
        return at("2024-03-04T09:30:00Z");
    if (g_str_has_prefix(key, "task:") || g_str_has_prefix(key, "contacts:"))
        return at("2024-02-29T00:00:00Z");
    return at("2024-03-01T08:15:30Z");
}

static void set(struct portable *p, const char *key, enum portable_part part,
                const struct portable_value *value)
{
    const struct portable_label label = { key, part, NULL };

    portable_set(p, &label, value);
}

static void set_text(struct portable *p, const char *key,
                     enum portable_part part)
{
    g_autofree char *words_of_key = field_words(key);
    g_autofree char *text = g_strconcat("my ", words_of_key, " <&>", NULL);
    const char *fixed = text_for(key);
    const struct portable_value v = { .type = PORTABLE_TEXT,
                                      .text = fixed != NULL ? fixed : text };

    set(p, key, part, &v);
}

static void set_number(struct portable *p, const char *key,
                       enum portable_part part, enum portable_type type)
{
    struct portable_value v = { .type = type };

    if (type == PORTABLE_INTEGER)
        v.integer = number_for(key);
    else if (type == PORTABLE_TIME)
        v.integer = time_for(key);
    else if (type == PORTABLE_BOOL) /* all day is midnight to midnight */
        v.boolean = strcmp(key, "calendar:IsAllDayEvent") != 0;
    else
        v.real = 100;
    set(p, key, part, &v);
}

/* ---- whole items ----------------------------------------------------- */

static void set_entries(struct portable *p, const struct field *f)
{
    const char *const *lines = field_address_lines();

    for (size_t i = 0; f->indices[i] != NULL; i++) {
        for (size_t k = 0; lines[k] != NULL; k++) {
            g_autofree char *key = field_key(
                f, f->indices[i], f->type == FIELD_ADDRESSES ? lines[k] : NULL);

            set_text(p, key, f->part);
        }
    }
}

static void set_field(struct portable *p, const struct field *f)
{
    const struct portable_value list = { .type = PORTABLE_TEXTS,
                                         .texts = colours };

    if (f->type == FIELD_TEXT)
        set_text(p, f->uri, f->part);
    else if (f->type == FIELD_INTEGER)
        set_number(p, f->uri, f->part, PORTABLE_INTEGER);
    else if (f->type == FIELD_BOOL)
        set_number(p, f->uri, f->part, PORTABLE_BOOL);
    else if (f->type == FIELD_TIME)
        set_number(p, f->uri, f->part, PORTABLE_TIME);
    else if (f->type == FIELD_DOUBLE)
        set_number(p, f->uri, f->part, PORTABLE_DOUBLE);
    else if (f->type == FIELD_STRINGS)
        set(p, f->uri, f->part, &list);
    else if (f->indices != NULL)
        set_entries(p, f);
}

static void set_binary(struct portable *p, const char *key,
                       enum portable_part part)
{
    static const guint8 bytes[] = { 4, 0, 0, 0, 0x82, 0, 0xE0, 0, 0x74 };
    g_autoptr(GBytes) binary = g_bytes_new_static(bytes, sizeof(bytes));
    const struct portable_value v = { .type = PORTABLE_BINARY,
                                      .binary = binary };

    set(p, key, part, &v);
}

static void set_extra(struct portable *p, const struct extra *x)
{
    static const char *const binaries[] = { "AQID", "BAUG", NULL };
    const struct portable_value list = { .type = PORTABLE_TEXTS,
                                         .texts = binaries };
    const struct portable_value names = { .type = PORTABLE_TEXTS,
                                          .texts = colours };
    g_autofree char *key = extra_key(x);

    if (strcmp(x->type, "String") == 0)
        set_text(p, key, x->part);
    else if (strcmp(x->type, "SystemTime") == 0)
        set_number(p, key, x->part, PORTABLE_TIME);
    else if (strcmp(x->type, "Boolean") == 0)
        set_number(p, key, x->part, PORTABLE_BOOL);
    else if (strcmp(x->type, "Double") == 0)
        set_number(p, key, x->part, PORTABLE_DOUBLE);
    else if (strcmp(x->type, "Binary") == 0)
        set_binary(p, key, x->part);
    else if (strcmp(x->type, "BinaryArray") == 0)
        set(p, key, x->part, &list);
    else if (strcmp(x->type, "StringArray") == 0)
        set(p, key, x->part, &names);
    else
        set_number(p, key, x->part, PORTABLE_INTEGER);
}

/* What is compared, in every kind; the rest follows from it or is remade. */
static struct portable *everything(enum portable_kind kind,
                                   const char *item_class)
{
    struct portable *p = portable_new(kind, item_class);
    size_t n;
    const struct field *fields = field_table(&n);
    const struct extra *extras;

    for (size_t i = 0; i < n; i++) {
        if (field_fits(&fields[i], kind, EWS_2016) && fields[i].out == NULL &&
            fields[i].element != NULL)
            set_field(p, &fields[i]);
    }
    extras = extra_table(&n);
    for (size_t i = 0; i < n; i++) {
        if (extra_fits(&extras[i], kind) && extras[i].out == NULL)
            set_extra(p, &extras[i]);
    }
    return p;
}

static void take_mime(struct portable *p)
{
    portable_take_mime(p, blob_from_bytes(SAMPLE_MIME, strlen(SAMPLE_MIME)));
}

static void add_file(struct portable *p, const char *name, bool photo)
{
    const struct portable_attachment a = {
        .name = name,
        .content_type = photo ? "image/jpeg" : "text/plain",
        .content_id = photo ? NULL : "part1@x",
        .photo = photo,
        .content = blob_from_bytes("QUJDREVG", 8),
    };

    portable_add_attachment(p, &a);
}

static void add_member(struct portable *p, const char *name, const char *who)
{
    const struct portable_person one = { PORTABLE_MEMBER, name, who };

    portable_add_person(p, &one);
}

static void add_zone(struct portable *p)
{
    const struct portable_zone z = {
        .id = "W. Europe Standard Time",
        .has_rule = true,
        .bias = -60,
        .daylight_bias = -60,
        .standard = { 10, 5, 0, 180 },
        .daylight = { 3, 5, 0, 120 },
    };

    portable_set_zone(p, false, &z);
    portable_set_zone(p, true, &z);
}

/*
 * Up to 2007 the names beside a contact's addresses are made of these where
 * nothing can be changed afterwards, which is inside an attachment.
 */
static void plain_names(struct portable *contact)
{
    static const char *const rows[][2] = {
        { "Address/0x8080", "contacts:EmailAddress/EmailAddress1" },
        { "Address/0x8090", "contacts:EmailAddress/EmailAddress2" },
        { "Address/0x80A0", "contacts:EmailAddress/EmailAddress3" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *address = g_strdup(portable_text(contact, rows[i][1]));
        const struct portable_value v = { .type = PORTABLE_TEXT,
                                          .text = address };

        set(contact, rows[i][0], PORTABLE_NAMED, &v);
    }
}

/* A mail in a contact in a task: three levels. */
static void add_items(struct portable *p, bool old)
{
    struct portable *mail = everything(PORTABLE_MAIL, "IPM.Note");
    struct portable *contact = everything(PORTABLE_CONTACT, "IPM.Contact");
    struct portable *task = everything(PORTABLE_TASK, "IPM.Task");
    struct portable_attachment a = { .name = "mail", .item = mail };

    if (old)
        plain_names(contact);
    take_mime(mail);
    portable_seal(mail);
    portable_add_attachment(contact, &a);
    portable_seal(contact);
    a = (struct portable_attachment){ .name = "contact", .item = contact };
    portable_add_attachment(task, &a);
    add_file(task, "deep.txt", false);
    portable_seal(task);
    a = (struct portable_attachment){ .name = "task", .item = task };
    portable_add_attachment(p, &a);
}

static struct portable *make(enum portable_kind kind, bool old)
{
    static const char *const classes[PORTABLE_N_KINDS] = {
        [PORTABLE_MAIL] = "IPM.Note",
        [PORTABLE_POST] = "IPM.Post",
        [PORTABLE_MEETING] = "IPM.Schedule.Meeting.Request",
        [PORTABLE_REPORT] = "REPORT.IPM.Note.NDR",
        [PORTABLE_APPOINTMENT] = "IPM.Appointment",
        [PORTABLE_CONTACT] = "IPM.Contact",
        [PORTABLE_LIST] = "IPM.DistList",
        [PORTABLE_TASK] = "IPM.Task",
        [PORTABLE_NOTE] = "IPM.StickyNote",
        [PORTABLE_JOURNAL] = "IPM.Activity",
    };
    struct portable *p = everything(kind, classes[kind]);

    if ((KINDS_MIME & 1u << kind) != 0)
        take_mime(p);
    else
        portable_set_body(p, "<html><body><p>words</p></body></html>", true);
    if (kind == PORTABLE_CONTACT)
        add_file(p, "ContactPicture.jpg", true);
    if (kind == PORTABLE_LIST) {
        add_member(p, "Ann", "ann@x.example");
        add_member(p, "Bob Müller", "bob@y.example");
    }
    if (kind == PORTABLE_APPOINTMENT)
        add_zone(p);
    if (kind == PORTABLE_APPOINTMENT || kind == PORTABLE_TASK) {
        add_file(p, "a.txt", false);
        add_items(p, old);
    }
    portable_seal(p);
    return p;
}

/* ---- there and back ------------------------------------------------------ */

static const char *folder_for(enum portable_kind kind)
{
    static const char *const names[PORTABLE_N_KINDS] = {
        [PORTABLE_MAIL] = "inbox",           [PORTABLE_POST] = "inbox",
        [PORTABLE_MEETING] = "inbox",        [PORTABLE_REPORT] = "inbox",
        [PORTABLE_APPOINTMENT] = "calendar", [PORTABLE_CONTACT] = "contacts",
        [PORTABLE_LIST] = "contacts",        [PORTABLE_TASK] = "tasks",
        [PORTABLE_NOTE] = "notes",           [PORTABLE_JOURNAL] = "journal",
    };

    return names[kind];
}

static char *folder_id(struct endpoint *ep, enum portable_kind kind)
{
    g_auto(endpoint_tree) tree = { 0 };
    struct err err;

    CHECK_OK(endpoint_folders(ep, &tree, &err), &err);
    for (guint i = 0; i < tree.folders->len; i++) {
        const struct endpoint_folder *f = g_ptr_array_index(tree.folders, i);

        if (g_strcmp0(f->well_known, folder_for(kind)) == 0)
            return g_strdup(f->id);
    }
    g_error("the lab has no folder \"%s\"", folder_for(kind));
}

/* What of p is not in the copy, said; how much. */
static guint compare(const struct portable *p, const struct portable *copy)
{
    g_autoptr(GPtrArray) lines = NULL;
    struct err err;
    guint n = 0;

    CHECK_OK(portable_diff(p, copy, &lines, &err), &err);
    for (guint i = 0; i < lines->len; i++) {
        const char *line = g_ptr_array_index(lines, i);

        /* More is no loss; occurrences are compared one by one. */
        if (g_str_has_suffix(line, ": added") ||
            (g_str_has_prefix(line, "occurrence of ") &&
             g_str_has_suffix(line, ": changed")))
            continue;
        g_test_message("%s: %s", portable_class(p), line);
        n++;
    }
    return n;
}

/* The items inside, where it is they that differ. */
static guint compare_inside(const struct portable *p,
                            const struct portable *copy)
{
    guint n = 0;

    for (size_t i = 0; i < portable_n_attachments(p); i++) {
        const struct portable *a = portable_attachment_at(p, i)->item;

        if (a == NULL || i >= portable_n_attachments(copy) ||
            portable_attachment_at(copy, i)->item == NULL)
            continue;
        n += compare(a, portable_attachment_at(copy, i)->item);
        n += compare_inside(a, portable_attachment_at(copy, i)->item);
    }
    return n;
}

static guint compare_occurrences(const struct portable *p,
                                 const struct portable *copy)
{
    guint n = 0;

    for (size_t i = 0; i < portable_n_exceptions(p); i++) {
        if (i < portable_n_exceptions(copy))
            n += compare(portable_exception_at(p, i, NULL),
                         portable_exception_at(copy, i, NULL));
    }
    return n;
}

static guint there_and_back(struct rig *r, struct endpoint *ep,
                            struct portable *p)
{
    g_autofree char *folder = folder_id(ep, portable_kind(p));
    const struct endpoint_put put = { .folder_id = folder,
                                      .format = PAYLOAD_PORTABLE,
                                      .portable = p,
                                      .stamp = "key" };
    struct endpoint_done done = { 0 };
    struct endpoint_item back = { 0 };
    struct endpoint_ref ref = { .format = PAYLOAD_PORTABLE };
    bool maybe = false;
    guint n = 0;
    struct err err;

    CHECK_OK(endpoint_put(ep, &put, 1, &done, &maybe, &err), &err);
    CHECK_OK(done.status, &done.why);
    if (done.lost != NULL) {
        g_test_message("%s: lost %s", portable_class(p), done.lost);
        n++;
    }
    ref.id = done.id;
    CHECK_OK(endpoint_fetch(ep, &ref, 1, r->pool, &back, &err), &err);
    CHECK_OK(back.status, &back.why);
    n += compare(p, back.portable);
    n += compare_inside(p, back.portable);
    n += compare_occurrences(p, back.portable);
    endpoint_items_free(&back, 1);
    endpoint_done_free(&done, 1);
    return n;
}

static void test_version(gconstpointer data)
{
    static const char *const options[] = { "--mailboxes=1", NULL };
    bool old = g_str_has_prefix(data, "Exchange2007");
    struct endpoint *ep;
    struct rig r;
    guint n = 0;

    rig_start(&r, program, data, options);
    ep = rig_open(&r, OWNER);
    for (int kind = 0; kind < PORTABLE_N_KINDS; kind++) {
        g_autoptr(portable) p = make((enum portable_kind)kind, old);

        n += there_and_back(&r, ep, p);
    }
    endpoint_free(ep);
    g_assert_cmpuint(rig_tray(&r), ==, 0);
    rig_stop(&r);
    g_assert_cmpuint(n, ==, 0);
}

/* ---- series ---------------------------------------------------------- */

#define MON 0x02u
#define TUE 0x04u
#define FRI 0x20u

struct series {
    const char *name;
    struct portable_recurrence r;
    const char *first;          /* start of the first occurrence */
    const char *changed, *gone; /* occurrences; NULL: none */
};

/* The days are from a calendar on paper. */
static const struct series all_series[] = {
    { "daily",
      { PORTABLE_DAILY, .interval = 2, .start = 20240304, .count = 10 },
      "2024-03-04T09:30:00Z",
      "2024-03-08T09:30:00Z",
      "2024-03-06T09:30:00Z" },
    { "weekly, over the change of clocks",
      { PORTABLE_WEEKLY, .interval = 1, .days = MON | FRI, .first_day = 1,
        .start = 20240304, .end = 20240531 },
      "2024-03-04T09:30:00Z",
      "2024-04-05T08:30:00Z",
      "2024-04-08T08:30:00Z" },
    { "every second week",
      { PORTABLE_WEEKLY, .interval = 2, .days = TUE, .first_day = 1,
        .start = 20240305, .count = 6 },
      "2024-03-05T09:30:00Z",
      "2024-03-19T09:30:00Z",
      NULL },
    { "monthly",
      { PORTABLE_MONTHLY, .interval = 1, .day = 15, .start = 20240315,
        .count = 5 },
      "2024-03-15T09:30:00Z",
      NULL,
      "2024-05-15T08:30:00Z" },
    { "second Tuesday",
      { PORTABLE_MONTHLY_NTH, .interval = 1, .days = TUE, .nth = 2,
        .start = 20240312, .count = 5 },
      "2024-03-12T09:30:00Z",
      "2024-05-14T08:30:00Z",
      NULL },
    { "last weekday",
      { PORTABLE_MONTHLY_NTH, .interval = 3, .days = PORTABLE_WEEKDAYS,
        .nth = 5, .start = 20240329, .end = 20250401 },
      "2024-03-29T09:30:00Z",
      NULL,
      NULL },
    { "yearly",
      { PORTABLE_YEARLY, .interval = 1, .day = 3, .month = 5,
        .start = 20240503 },
      "2024-05-03T08:30:00Z",
      NULL,
      "2025-05-03T08:30:00Z" },
    { "yearly, the last Monday",
      { PORTABLE_YEARLY_NTH, .interval = 1, .days = MON, .nth = 5, .month = 5,
        .start = 20240527, .count = 4 },
      "2024-05-27T08:30:00Z",
      "2025-05-26T08:30:00Z",
      NULL },
};

static void set_time(struct portable *p, const char *key, int64_t us)
{
    const struct portable_value v = { .type = PORTABLE_TIME, .integer = us };

    set(p, key, field_of(key)->part, &v);
}

/* An hour from then on. */
static void set_hour(struct portable *p, int64_t us)
{
    set_time(p, "calendar:Start", us);
    set_time(p, "calendar:End", us + 3600 * TIMESTAMP_SECOND);
}

static struct portable *occasion(const char *place, int64_t us)
{
    const struct portable_value subject = { .type = PORTABLE_TEXT,
                                            .text = "Series" };
    const struct portable_value location = { .type = PORTABLE_TEXT,
                                             .text = place };
    struct portable *p = portable_new(PORTABLE_APPOINTMENT, "IPM.Appointment");

    set(p, "item:Subject", PORTABLE_ENVELOPE, &subject);
    set(p, "calendar:Location", PORTABLE_ENVELOPE, &location);
    set_hour(p, us);
    add_zone(p);
    return p;
}

static struct portable *make_series(const struct series *s)
{
    struct portable *p = occasion("Room 1", at(s->first));
    struct portable *x;

    portable_set_recurrence(p, &s->r);
    if (s->gone != NULL)
        portable_add_deletion(p, at(s->gone));
    if (s->changed != NULL) {
        x = occasion("Room 2", at(s->changed) + 1800 * TIMESTAMP_SECOND);
        add_file(x, "agenda.txt", false);
        portable_seal(x);
        portable_add_exception(p, at(s->changed), x);
    }
    portable_seal(p);
    return p;
}

static void test_series(gconstpointer data)
{
    static const char *const options[] = { "--mailboxes=1", NULL };
    struct endpoint *ep;
    struct rig r;

    rig_start(&r, program, data, options);
    ep = rig_open(&r, OWNER);
    for (size_t i = 0; i < G_N_ELEMENTS(all_series); i++) {
        g_autoptr(portable) p = make_series(&all_series[i]);

        CHECK_ROW(all_series[i].name, there_and_back(&r, ep, p) == 0);
    }
    endpoint_free(ep);
    g_assert_cmpuint(rig_tray(&r), ==, 0);
    rig_stop(&r);
}

static void test_tasks(gconstpointer data)
{
    static const char *const options[] = { "--mailboxes=1", NULL };
    static const struct portable_recurrence rows[] = {
        { PORTABLE_DAILY, .interval = 3, .start = 20240304 },
        { PORTABLE_WEEKLY, .interval = 1, .days = MON, .start = 20240304,
          .count = 4 },
        { PORTABLE_MONTHLY, .interval = 1, .day = 4, .start = 20240304 },
        { PORTABLE_REGENERATE_DAILY, .interval = 2, .start = 20240304 },
        { PORTABLE_REGENERATE_WEEKLY, .interval = 1, .start = 20240304 },
        { PORTABLE_REGENERATE_MONTHLY, .interval = 6, .start = 20240304 },
        { PORTABLE_REGENERATE_YEARLY, .interval = 1, .start = 20240304 },
    };
    struct endpoint *ep;
    struct rig r;

    rig_start(&r, program, data, options);
    ep = rig_open(&r, OWNER);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct portable *p = portable_new(PORTABLE_TASK, "IPM.Task");

        set_text(p, "item:Subject", PORTABLE_ENVELOPE);
        set_time(p, "task:StartDate", at("2024-03-04T00:00:00Z"));
        set_time(p, "task:DueDate", at("2024-03-04T00:00:00Z"));
        portable_set_recurrence(p, &rows[i]);
        portable_seal(p);
        CHECK_ROW(portable_kind_name(PORTABLE_TASK),
                  there_and_back(&r, ep, p) == 0);
        portable_unref(p);
    }
    endpoint_free(ep);
    rig_stop(&r);
}

/* ---- what a crash leaves ------------------------------------------------- */

/*
 * The answer to the attachment is lost, and the half item cannot be taken
 * back: it says what it is.
 */
static void test_unfinished(void)
{
    static const char *const options[] = {
        "--mailboxes=1", "--fault=drop-after:op=CreateAttachment",
        "--fault=drop-before:op=DeleteItem", NULL
    };
    struct portable *p = portable_new(PORTABLE_TASK, "IPM.Task");
    g_autofree char *folder = NULL;
    g_autofree char *token = g_strdup("");
    g_auto(endpoint_page) page = { 0 };
    struct endpoint_put put = { .format = PAYLOAD_PORTABLE, .stamp = "key 1" };
    struct endpoint_done done = { 0 };
    struct endpoint *ep;
    bool maybe = false;
    struct rig r;
    struct err err;

    add_file(p, "a.txt", false);
    portable_seal(p);
    put.portable = p;
    rig_start(&r, program, NULL, options);
    ep = rig_open(&r, OWNER);
    folder = folder_id(ep, PORTABLE_TASK);
    put.folder_id = folder;
    g_assert_cmpint(endpoint_put(ep, &put, 1, &done, &maybe, &err), ==, -1);
    g_assert_true(maybe);
    CHECK_OK(endpoint_changes(ep, folder, 10, &token, &page, &err), &err);
    g_assert_cmpuint(page.n, ==, 1);
    g_assert_cmpstr(page.changes[0].stamp, ==, "key 1");
    g_assert_true(page.changes[0].unfinished);
    endpoint_free(ep);
    rig_stop(&r);
    portable_unref(p);
}

static void test_without_lab(void)
{
    g_test_skip("no lab server (MAILFERRY_LAB)");
}

int main(int argc, char **argv)
{
    static const char *const versions[] = {
        "Exchange2007_SP1", "Exchange2010", "Exchange2010_SP1",
        "Exchange2010_SP2", "Exchange2013", "Exchange2013_SP1",
        "Exchange2016",
    };

    g_test_init(&argc, &argv, NULL);
    program = g_getenv("MAILFERRY_LAB");
    if (program == NULL || !g_file_test(program, G_FILE_TEST_IS_EXECUTABLE)) {
        g_test_add_func("/property/none", test_without_lab);
        return g_test_run();
    }
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
        g_autofree char *path = g_strconcat("/property/", versions[i], NULL);

        g_test_add_data_func(path, versions[i], test_version);
    }
    g_test_add_data_func("/series/2007", "Exchange2007_SP1", test_series);
    g_test_add_data_func("/series/2010", "Exchange2010", test_series);
    g_test_add_data_func("/series/2016", "Exchange2016", test_series);
    g_test_add_data_func("/tasks/2007", "Exchange2007_SP1", test_tasks);
    g_test_add_data_func("/tasks/2016", "Exchange2016", test_tasks);
    g_test_add_func("/unfinished", test_unfinished);
    return g_test_run();
}
