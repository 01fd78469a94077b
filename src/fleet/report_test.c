#include "fleet/report.h"

#include <string.h>

#include <glib/gstdio.h>
#include <jansson.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "engine/settings.h"
#include "store/paces.h"

/* A mailbox with one good mail, one different, one failed contact. */
struct fixture {
    struct store *store;
    struct store_lease lease;
    int64_t folder_id;
    GPtrArray *items;
    char *dir;
};

static void set_up_folder(struct fixture *f, struct err *err)
{
    static char source_id[] = "F1", path[] = "Inbox", parent[] = "R",
                well_known[] = "inbox";
    struct store_folder folder = {
        .source_id = source_id,
        .source_parent_id = parent,
        .path = path,
        .well_known = well_known,
    };
    struct store_mapping map = { .destination_id = "D1" };
    g_autoptr(GPtrArray) folders = NULL;

    CHECK_OK(store_folders_set(f->store, &f->lease, &folder, 1, err), err);
    CHECK_OK(store_folders(f->store, f->lease.mailbox_id, &folders, err), err);
    f->folder_id = ((struct store_folder *)folders->pdata[0])->id;
    map.folder_id = f->folder_id;
    CHECK_OK(store_folders_map(f->store, &f->lease, &map, 1, err), err);
}

/* A folder of hidden items, of which none is for copying. */
static void set_up_hidden(struct fixture *f, struct err *err)
{
    static char inbox[] = "F1", root[] = "R", hidden[] = "hidden F1";
    static char path[] = "Inbox", below[] = "Inbox/%hidden";
    const struct store_folder folders[] = {
        { .source_id = inbox, .source_parent_id = root, .path = path },
        { .source_id = hidden, .source_parent_id = inbox, .path = below },
    };
    static const struct store_change changes[] = {
        { .kind = STORE_CREATED,
          .source_id = "H1",
          .item_class = "IPM.Rule.Version2.Message",
          .filtered = true },
        { .kind = STORE_CREATED,
          .source_id = "H2",
          .item_class = "IPM.Rule.Version2.Message",
          .filtered = true },
        { .kind = STORE_CREATED,
          .source_id = "H3",
          .item_class = "IPM.<b>",
          .filtered = true },
    };
    g_autoptr(GPtrArray) rows = NULL;

    CHECK_OK(store_folders_set(f->store, &f->lease, folders, 2, err), err);
    CHECK_OK(store_folders(f->store, f->lease.mailbox_id, &rows, err), err);
    CHECK_OK(store_items_list(f->store, &f->lease,
                              ((struct store_folder *)rows->pdata[1])->id,
                              changes, 3, "hidden 3", NULL, err),
             err);
}

static void set_up_items(struct fixture *f, struct err *err)
{
    static const struct store_change changes[] = {
        { .kind = STORE_CREATED,
          .source_id = "I1",
          .item_class = "IPM.Note",
          .received_us = 3,
          .size_bytes = 100 },
        { .kind = STORE_CREATED,
          .source_id = "I2",
          .item_class = "IPM.Note",
          .received_us = 2,
          .size_bytes = 100 },
        { .kind = STORE_CREATED,
          .source_id = "I3",
          .item_class = "IPM.Contact",
          .received_us = 1,
          .size_bytes = 100 },
    };
    struct store_item_query query = { .mailbox_id = f->lease.mailbox_id,
                                      .states = ~0u,
                                      .max = 10 };

    CHECK_OK(store_items_list(f->store, &f->lease, f->folder_id, changes, 3,
                              "token", NULL, err),
             err);
    CHECK_OK(store_items(f->store, &query, &f->items, err), err);
    g_assert_cmpuint(f->items->len, ==, 3);
}

static int64_t id_of(const struct fixture *f, guint i)
{
    return ((struct store_item *)g_ptr_array_index(f->items, i))->id;
}

static void copy_items(struct fixture *f, struct err *err)
{
    static const uint8_t digest[] = { 1, 2, 3 };
    struct store_intent intents[] = {
        { .item_id = id_of(f, 0),
          .size_bytes = 1000,
          .format = 1,
          .why_format = "no ExportItems",
          .digest = digest,
          .digest_len = 3 },
        { .item_id = id_of(f, 1),
          .size_bytes = 2000,
          .digest = digest,
          .digest_len = 3 },
    };
    struct store_outcome outcomes[] = {
        { .item_id = id_of(f, 0),
          .state = ITEM_COPIED,
          .destination_id = "N1",
          .lost = "contacts: photo" },
        { .item_id = id_of(f, 1),
          .state = ITEM_COPIED,
          .destination_id = "N2" },
        { .item_id = id_of(f, 2),
          .state = ITEM_FAILED,
          .reason = "the item is corrupt",
          .remedy = "repair it in Outlook",
          .error_name = "ErrorItemCorrupt",
          .subject = "=HYPERLINK(\"http://bad\")<b>" },
    };
    struct store_verdict verdicts[] = {
        { .item_id = id_of(f, 0), .verify = VERIFY_VERIFIED },
        { .item_id = id_of(f, 1),
          .verify = VERIFY_DIFFERENT,
          .note = "0x0037001F subject: changed" },
        { .item_id = id_of(f, 2), .verify = VERIFY_FAILED },
    };
    struct store_pass pass = {
        .items_copied = 2,
        .bytes_copied = 3000,
        .items_failed = 1,
        .source_requests = 7,
        .source_working_us = 3600 * TIMESTAMP_SECOND,
    };
    int64_t pass_id;

    CHECK_OK(store_pass_begin(f->store, &f->lease, "full", &pass_id, err), err);
    CHECK_OK(
        store_items_intend(f->store, &f->lease, pass_id, intents, 2, 0, err),
        err);
    CHECK_OK(store_items_record(f->store, &f->lease, outcomes, 3, err), err);
    CHECK_OK(store_items_verify(f->store, &f->lease, verdicts, 3, err), err);
    CHECK_OK(store_pass_end(f->store, &f->lease, pass_id, &pass, err), err);
    CHECK_OK(store_mailbox_set_state(f->store, &f->lease,
                                     MAILBOX_COMPLETED_WITH_FAILURES, NULL,
                                     NULL, err),
             err);
}

static void set_up(struct fixture *f, gconstpointer data)
{
    int64_t mailbox_id;
    struct err err;

    (void)data;
    f->dir = g_dir_make_tmp("report-test-XXXXXX", NULL);
    f->store = store_open_mem();
    CHECK_OK(
        store_mailbox_add(f->store, "ann@old", "ann@new", 2, &mailbox_id, &err),
        &err);
    CHECK_OK(store_mailbox_lease(f->store, mailbox_id, &f->lease, &err), &err);
    set_up_folder(f, &err);
    set_up_items(f, &err);
    copy_items(f, &err);
    CHECK_OK(fleet_report_write(f->store, f->dir, &err), &err);
}

static void tear_down(struct fixture *f, gconstpointer data)
{
    static const char *const names[] = {
        "statistics.csv",  "failures.csv", "losses.csv",        "settings.csv",
        "permissions.csv", "x500.csv",     "verification.json", "report.html",
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(f->dir, names[i], NULL);

        g_unlink(path);
    }
    g_rmdir(f->dir);
    g_free(f->dir);
    g_ptr_array_unref(f->items);
    store_free(f->store);
}

static char *text_of(const struct fixture *f, const char *name)
{
    g_autofree char *path = g_build_filename(f->dir, name, NULL);
    GStatBuf st;
    char *text = NULL;

    g_assert_cmpint(g_stat(path, &st), ==, 0);
    g_assert_cmpuint(st.st_mode & 077, ==, 0);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

/* The value under a heading, in a table without quoted fields. */
static char *cell(const char *csv, const char *heading)
{
    g_auto(GStrv) lines = g_strsplit(csv, "\n", -1);
    g_auto(GStrv) headings = g_strsplit(lines[0], ",", -1);
    g_auto(GStrv) fields = g_strsplit(lines[1], ",", -1);

    g_assert_cmpuint(g_strv_length(headings), ==, g_strv_length(fields));
    for (guint i = 0; headings[i] != NULL; i++)
        if (strcmp(headings[i], heading) == 0)
            return g_strdup(fields[i]);
    g_error("no column \"%s\"", heading);
}

static void test_statistics(struct fixture *f, gconstpointer data)
{
    static const struct {
        const char *heading, *want;
    } rows[] = {
        { "Source Email", "ann@old" },
        { "Destination Email", "ann@new" },
        { "State", "completed with failures" },
        { "Items Copied", "2" },
        { "Bytes Copied", "3000" },
        { "Items Failed", "1" },
        { "Mail Items Copied", "2" },
        { "Contact Items Copied", "0" },
        { "Contact Items Failed", "1" },
        { "Source Requests", "7" },
        { "Source Working Seconds", "3600.0" },
        { "Source MB/h", "0.0" },
        { "Verified", "1" },
        { "Different", "1" },
    };
    g_autofree char *csv = text_of(f, "statistics.csv");

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = cell(csv, rows[i].heading);

        CHECK_ROW(rows[i].heading, strcmp(got, rows[i].want) == 0);
    }
}

static void test_failures(struct fixture *f, gconstpointer data)
{
    g_autofree char *csv = text_of(f, "failures.csv");
    g_auto(GStrv) lines = g_strsplit(csv, "\n", -1);

    (void)data;
    /* Heading, the different item, the failed one, the end. */
    g_assert_cmpuint(g_strv_length(lines), ==, 4);
    g_assert_nonnull(strstr(csv, "ErrorItemCorrupt,the item is corrupt,"
                                 "repair it in Outlook"));
    g_assert_nonnull(strstr(csv, "0x0037001F subject: changed"));
    /* A subject is no formula. */
    g_assert_nonnull(strstr(csv, "\"'=HYPERLINK("));
}

static void test_losses(struct fixture *f, gconstpointer data)
{
    g_autofree char *csv = text_of(f, "losses.csv");
    g_auto(GStrv) lines = g_strsplit(csv, "\n", -1);

    (void)data;
    /* Heading, the one item, the end. */
    g_assert_cmpuint(g_strv_length(lines), ==, 3);
    g_assert_nonnull(strstr(lines[1], "contacts: photo,no ExportItems,"));
}

/*
 * Who could not be mapped, with the cmdlet; and nothing in it is a formula,
 * nor anything else to PowerShell than a word.
 */
static void test_permissions(struct fixture *f, gconstpointer data)
{
    const struct store_setting lines[] = {
        { .part = (char[]){ "permissions" },
          .key = (char[]){ "1:bob" },
          .place = (char[]){ "Projects/a%2Fb" },
          .subject = (char[]){ "bob@old.example" },
          .counterpart = (char[]){ "bob@new.example" },
          .value = (char[]){ "Editor" },
          .outcome = SETTING_SET },
        { .part = (char[]){ "permissions" },
          .key = (char[]){ "1:eve" },
          .place = (char[]){ "Projects/a%2Fb" },
          .subject = (char[]){ "=eve'" },
          .value = (char[]){ "FreeBusyTimeOnly" },
          .outcome = SETTING_UNMAPPED,
          .cause = (char[]){ "nobody" } },
        { .part = (char[]){ "delegates" },
          .key = (char[]){ "o'neil" },
          .subject = (char[]){ "o'neil@old.example" },
          .counterpart = (char[]){ "o'neil@new.example" },
          .value = (char[]){ "Inbox Editor" },
          .outcome = SETTING_FAILED },
        { .part = (char[]){ "permissions" },
          .key = (char[]){ "0:eve" },
          .place = (char[]){ SETTINGS_ROOT_PATH },
          .subject = (char[]){ "eve@old.example" },
          .value = (char[]){ "Reviewer" },
          .outcome = SETTING_UNMAPPED },
    };
    g_autofree char *csv = NULL;
    struct err err;

    (void)data;
    CHECK_OK(store_settings_record(f->store, &f->lease, 1, lines,
                                   G_N_ELEMENTS(lines), &err),
             &err);
    CHECK_OK(fleet_report_write(f->store, f->dir, &err), &err);
    csv = text_of(f, "permissions.csv");
    g_assert_nonnull(strstr(csv, ",Projects/a%2Fb,bob@old.example,"
                                 "bob@new.example,Editor,set,,,\n"));
    g_assert_nonnull(strstr(csv,
                            ",\"'=eve'\",,FreeBusyTimeOnly,not mapped,nobody,,"
                            "Add-MailboxFolderPermission -Identity "));
    g_assert_nonnull(strstr(csv, ":\\Projects\\a/b' -User '(person at the "
                                 "destination)' -AccessRights "
                                 "AvailabilityOnly\n"));
    g_assert_nonnull(strstr(csv, ":\\' -User '(person at the destination)' "
                                 "-AccessRights Reviewer\n"));
    g_assert_nonnull(strstr(csv, "-GrantSendOnBehalfTo "
                                 "@{Add='o''neil@new.example'}\n"));
}

/*
 * What became of settings is in the table, the statistics and the page; what a
 * copying pass had to say is in the two that tell of each mailbox, and nowhere
 * counted.
 */
static void test_settings(struct fixture *f, gconstpointer data)
{
    const struct store_setting lines[] = {
        { .part = (char[]){ "rules" },
          .key = (char[]){ "1" },
          .subject = (char[]){ "=cmd|'/c calc'!A0" },
          .outcome = SETTING_FAILED,
          .cause = (char[]){ "the folder <i>is gone" },
          .remedy = (char[]){ "make it by hand" } },
        { .part = (char[]){ "rules" },
          .key = (char[]){ "2" },
          .subject = (char[]){ "To Bob" },
          .counterpart = (char[]){ "To Bob" },
          .value = (char[]){ "enabled" },
          .outcome = SETTING_SET },
        { .part = (char[]){ "photo" },
          .key = (char[]){ "*" },
          .outcome = SETTING_SKIPPED,
          .cause = (char[]){ "Exchange2010 does not offer GetUserPhoto" } },
        { .part = (char[]){ STORE_NOTES },
          .key = (char[]){ "n" },
          .place = (char[]){ "Projects" },
          .subject = (char[]){ "a folder has another name" },
          .outcome = SETTING_SKIPPED,
          .cause = (char[]){ "folder \"<u>\" is called \"u\"" } },
        { .part = (char[]){ STORE_LEFT_OUT },
          .key = (char[]){ "DoNotMigrateTask" },
          .subject = (char[]){ "task items" },
          .value = (char[]){ "12" },
          .outcome = SETTING_SKIPPED,
          .cause = (char[]){ "flag DoNotMigrateTask leaves 12" } },
        { .part = (char[]){ STORE_LEFT_OUT },
          .key = (char[]){ "DoNotMigrateRule" },
          .subject = (char[]){ "inbox rules" },
          .outcome = SETTING_SKIPPED,
          .cause = (char[]){ "nobody knows how many" } },
    };
    static const struct {
        const char *heading, *want;
    } cells[] = {
        { "Settings Set", "1" },
        { "Settings Left Out", "1" },
        { "Settings Failed", "1" },
        { "Settings Not Mapped", "0" },
        { "Left Out By Flags", "\"DoNotMigrateRule: inbox rules; "
                               "DoNotMigrateTask: 12 task items\"" },
    };
    g_autofree char *csv = NULL, *statistics = NULL, *html = NULL, *json = NULL;
    struct err err;

    (void)data;
    CHECK_OK(store_settings_record(f->store, &f->lease, 1, lines,
                                   G_N_ELEMENTS(lines), &err),
             &err);
    CHECK_OK(fleet_report_write(f->store, f->dir, &err), &err);
    csv = text_of(f, "settings.csv");
    g_assert_nonnull(strstr(csv,
                            "ann@old,ann@new,rules,,\"'=cmd|'/c calc'!A0\",,,"
                            "failed,the folder <i>is gone,make it by "
                            "hand\n"));
    g_assert_nonnull(strstr(csv, ",rules,,To Bob,To Bob,enabled,set,,\n"));
    g_assert_nonnull(
        strstr(csv, ",photo,,(all of it),,,left out,Exchange2010"));
    g_assert_null(strstr(csv, "Projects"));
    g_assert_null(strstr(csv, "DoNotMigrate"));
    statistics = text_of(f, "statistics.csv");
    for (size_t i = 0; i < G_N_ELEMENTS(cells); i++) {
        g_autofree char *got = cell(statistics, cells[i].heading);

        CHECK_ROW(cells[i].heading, strcmp(got, cells[i].want) == 0);
    }
    html = text_of(f, "report.html");
    g_assert_nonnull(strstr(html, "<td>the folder &lt;i&gt;is gone</td>"
                                  "<td>make it by hand</td>"));
    g_assert_nonnull(
        strstr(html, "<td>folder &quot;&lt;u&gt;&quot; is called"));
    g_assert_nonnull(strstr(html, "<td>DoNotMigrateTask</td><td class=\"n\">1"
                                  "</td><td class=\"n\">12</td>"));
    g_assert_nonnull(strstr(html, "<td>not counted</td>"));
    json = text_of(f, "verification.json");
    g_assert_nonnull(strstr(json, "\"about\": \"a folder has another name\""));
    g_assert_nonnull(strstr(json, "\"count\": 12"));
}

static void test_verification(struct fixture *f, gconstpointer data)
{
    g_autofree char *text = text_of(f, "verification.json");
    json_t *root = json_loads(text, 0, NULL), *o;
    const char *state;
    json_int_t verified, different;
    size_t n;

    (void)data;
    g_assert_nonnull(root);
    n = json_array_size(json_object_get(root, "mailboxes"));
    g_assert_cmpuint(n, ==, 1);
    o = json_array_get(json_object_get(root, "mailboxes"), 0);
    g_assert_cmpint(json_unpack(o, "{s:s, s:{s:I, s:I}}", "state", &state,
                                "verdicts", "verified", &verified, "different",
                                &different),
                    ==, 0);
    g_assert_cmpstr(state, ==, "completed with failures");
    g_assert_cmpint(verified, ==, 1);
    g_assert_cmpint(different, ==, 1);
    g_assert_cmpuint(json_array_size(json_object_get(o, "differences")), ==, 2);
    json_decref(root);
}

static void test_html(struct fixture *f, gconstpointer data)
{
    static const char *const beside[] = {
        "statistics.csv",  "failures.csv", "losses.csv",        "settings.csv",
        "permissions.csv", "x500.csv",     "verification.json",
    };
    g_autofree char *text = text_of(f, "report.html");

    (void)data;
    g_assert_nonnull(strstr(text, "0 of 1"));
    g_assert_nonnull(strstr(text, "the item is corrupt"));
    /* What came from outside stays text. */
    g_assert_null(strstr(text, "<b>\""));
    g_assert_nonnull(strstr(text, "&lt;b&gt;"));
    g_assert_null(strstr(text, "<script"));
    g_assert_null(strstr(text, "http-equiv"));
    /* Every class in words, and every file beside it. */
    for (int i = VERIFY_NONE + 1; i < VERIFY_N; i++) {
        g_autofree char *class = g_strdup_printf(
            "\">%s</td>", verify_class_name((enum verify_class)i));

        CHECK_ROW(class, strstr(text, class) != NULL);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(beside); i++) {
        g_autofree char *link = g_strdup_printf("<a href=\"%s\">", beside[i]);

        CHECK_ROW(link, strstr(text, link) != NULL);
    }
}

/* Mailboxes that are done, and at the end of the file one that is not. */
static void add_mailboxes(struct fixture *f, size_t n, struct err *err)
{
    for (size_t i = 0; i <= n; i++) {
        g_autofree char *address =
            g_strdup_printf("%s%zu@old", i < n ? "good" : "bad", i);
        struct store_lease lease;
        int64_t id;

        CHECK_OK(store_mailbox_add(f->store, address, address, (uint32_t)i + 9,
                                   &id, err),
                 err);
        CHECK_OK(store_mailbox_lease(f->store, id, &lease, err), err);
        CHECK_OK(store_mailbox_set_state(
                     f->store, &lease,
                     i < n ? MAILBOX_VERIFIED : MAILBOX_FAILED,
                     i < n ? NULL : "no such <mailbox>",
                     i < n ? NULL : "look for a typing error", err),
                 err);
    }
}

static const char *after(const char *text, const char *what)
{
    const char *at = strstr(text, what);

    if (at == NULL)
        g_error("not there: \"%s\"", what);
    return at + strlen(what);
}

/* What was said of its end, as long as that is to come. */
static void test_forecast(struct fixture *f, gconstpointer data)
{
    static char basis[] = "12 <mailboxes>";
    struct store_forecast given = { .tenth = FORECAST_LATEST, .basis = basis };
    struct err err;

    (void)data;
    for (int late = 0; late < 2; late++) {
        g_autofree char *html = NULL, *text = NULL, *p90 = NULL;
        int64_t now_us = timestamp_now();
        json_t *json, *told;

        given.at_us = now_us - 2 * TIMESTAMP_DAY;
        given.p50_us = now_us + (late ? -2 : 1) * TIMESTAMP_DAY;
        given.p90_us = now_us + (late ? -1 : 2) * TIMESTAMP_DAY;
        CHECK_OK(store_forecasts_give(f->store, &given, 1, &err), &err);
        CHECK_OK(fleet_report_write(f->store, f->dir, &err), &err);
        html = text_of(f, "report.html");
        text = text_of(f, "verification.json");
        json = json_loads(text, 0, NULL);
        told = json_object_get(json, "forecast");
        p90 = timestamp_format(given.p90_us);
        if (late) {
            g_assert_null(strstr(html, "Forecast of"));
            g_assert_true(json_is_null(told));
        } else {
            g_assert_nonnull(strstr(html, " nine times in ten "
                                          "(12 &lt;mailboxes&gt;); that is "));
            g_assert_nonnull(strstr(html, p90));
            g_assert_cmpstr(json_string_value(json_object_get(told, "p90")), ==,
                            p90);
        }
        json_decref(json);
    }
}

/* What somebody has to see to comes first; of many what is done is folded. */
static void test_html_of_many(struct fixture *f, gconstpointer data)
{
    g_autofree char *few = NULL, *many = NULL;
    const char *at;
    struct err err;

    (void)data;
    add_mailboxes(f, 15, &err);
    CHECK_OK(fleet_report_write(f->store, f->dir, &err), &err);
    few = text_of(f, "report.html");
    g_assert_null(strstr(few, "are done</summary>"));
    at = after(few, "<h2>What is in the way</h2>");
    at = after(at, "<td>no such &lt;mailbox&gt;<details>");
    at = after(at, "<li>bad15@old</li>");
    at = after(at, "<td>look for a typing error</td>");
    at = after(at, "<h2>Mailboxes</h2>");
    at = after(at, "<td>bad15@old</td><td class=\"s bad\">failed</td>");
    (void)after(after(at, "ann@old"), "<td>good0@old</td>");

    add_mailboxes(f, 30, &err);
    CHECK_OK(fleet_report_write(f->store, f->dir, &err), &err);
    many = text_of(f, "report.html");
    at = after(many, "<h2>Mailboxes</h2>");
    at = after(at, "<td>bad15@old</td>");
    at = after(at, "<td>bad30@old</td>");
    at = after(at, "<td>ann@old");
    at = after(at, "<details><summary>30 of 33 mailboxes are done</summary>");
    at = after(at, "<td>good29@old</td>");
    at = after(at, "</table></div>\n</details>");
    at = after(at, "<details><summary>33 mailboxes, one by one</summary>");
    (void)after(at, "<summary>good0@old: verified</summary>");
}

static void set_completed(struct fixture *f, const char *reason)
{
    static int row = 500;
    g_autofree char *address = g_strdup_printf("part%d@old", row);
    struct store_lease lease;
    struct err err;
    int64_t id;

    CHECK_OK(store_mailbox_add(f->store, address, address, (uint32_t)row++, &id,
                               &err),
             &err);
    CHECK_OK(store_mailbox_lease(f->store, id, &lease, &err), &err);
    CHECK_OK(store_mailbox_set_state(f->store, &lease,
                                     MAILBOX_COMPLETED_WITH_FAILURES, reason,
                                     "grant it", &err),
             &err);
}

/* Numbers stand beside the mailbox; a folder that was refused does not. */
static void test_html_of_parts(struct fixture *f, gconstpointer data)
{
    g_autofree char *html = NULL;
    const char *at;
    struct err err;

    (void)data;
    set_completed(f, "2 items failed");
    set_completed(f, "source folder \"Inbox\": access is denied");
    CHECK_OK(fleet_report_write(f->store, f->dir, &err), &err);
    html = text_of(f, "report.html");
    at = after(html, "<h2>What is in the way</h2>");
    at = after(at, "access is denied<details>");
    (void)after(at, "<td>grant it</td>");
    g_assert_null(strstr(html, "2 items failed<details>"));
}

/* Hidden items that were left behind: class by class, with the reason. */
static void test_left_behind(struct fixture *f, gconstpointer data)
{
    g_autofree char *json = NULL, *html = NULL;
    json_t *all, *mailbox, *left;
    struct err err;

    (void)data;
    set_up_hidden(f, &err);
    CHECK_OK(fleet_report_write(f->store, f->dir, &err), &err);
    json = text_of(f, "verification.json");
    all = json_loads(json, 0, NULL);
    mailbox = json_array_get(json_object_get(all, "mailboxes"), 0);
    left = json_object_get(mailbox, "hidden_left_behind");
    g_assert_cmpuint(json_array_size(left), ==, 2);
    g_assert_cmpstr(
        json_string_value(json_object_get(json_array_get(left, 1), "class")),
        ==, "IPM.Rule.Version2.Message");
    g_assert_cmpint(
        json_integer_value(json_object_get(json_array_get(left, 1), "items")),
        ==, 2);
    g_assert_nonnull(strstr(
        json_string_value(json_object_get(json_array_get(left, 1), "reason")),
        "settings pass"));
    json_decref(all);
    html = text_of(f, "report.html");
    g_assert_nonnull(strstr(html, "<td>IPM.&lt;b&gt;</td>"));
    g_assert_null(strstr(html, "IPM.<b>"));
}

static void test_folder_that_cannot_be(void)
{
    g_autoptr(store) s = store_open_mem();
    struct err err;

    g_assert_cmpint(fleet_report_write(s, "/dev/null/reports", &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "/dev/null/reports"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                    \
    g_test_add("/report/" name, struct fixture, NULL, set_up, function,        \
               tear_down)
    ADD("statistics", test_statistics);
    ADD("failures", test_failures);
    ADD("losses", test_losses);
    ADD("permissions", test_permissions);
    ADD("settings", test_settings);
    ADD("verification", test_verification);
    ADD("html", test_html);
    ADD("html-of-many", test_html_of_many);
    ADD("html-of-parts", test_html_of_parts);
    ADD("forecast", test_forecast);
    ADD("left-behind", test_left_behind);
#undef ADD
    g_test_add_func("/report/no-folder", test_folder_that_cannot_be);
    return g_test_run();
}
