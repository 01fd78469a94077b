#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"
#include "ews/script.h"

#define SYNC(state, last, changes)                                             \
    ANSWER(                                                                    \
        RESPONSE("SyncFolderHierarchy",                                        \
                 SUCCESS("SyncFolderHierarchy",                                \
                         "<m:SyncState>" state "</m:SyncState>"                \
                         "<m:IncludesLastFolderInRange>" last                  \
                         "</m:IncludesLastFolderInRange><m:Changes>" changes   \
                         "</m:Changes>")))
#define FOLDER(element, id, parent, name, more)                                \
    "<t:Create><t:" element ">" FOLDER_ID(                                     \
        id) "<t:ParentFolderId Id=\"" parent "\" ChangeKey=\"K\"/>"            \
            "<t:FolderClass>IPF.Note</t:FolderClass><t:DisplayName>" name      \
            "</t:DisplayName><t:TotalCount>7</t:TotalCount>" more              \
            "</t:" element "></t:Create>"
#define SIZE(tag, value)                                                       \
    "<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag=\"" tag               \
    "\" PropertyType=\"Long\"/><t:Value>" value                                \
    "</t:Value></t:ExtendedProperty>"

#define HIDDEN(tag, value)                                                     \
    "<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag=\"" tag               \
    "\" PropertyType=\"Integer\"/><t:Value>" value                             \
    "</t:Value></t:ExtendedProperty>"

#define CHANGED                                                                \
    "<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag=\"0x670a\" "          \
    "PropertyType=\"SystemTime\"/><t:Value>2024-03-01T10:00:00Z</t:Value>"     \
    "</t:ExtendedProperty>"

#define NONE NO_FOLDER("ErrorFolderNotFound")
/* Sixteen of the eighteen well-known folders are not there. */
#define NONE_16                                                                \
    NONE NONE NONE NONE NONE NONE NONE NONE NONE NONE NONE NONE NONE NONE NONE \
        NONE

static const struct endpoint_folder *at(const struct endpoint_tree *t, guint i)
{
    g_assert_cmpuint(i, <, t->folders->len);
    return g_ptr_array_index(t->folders, i);
}

/* A mailbox on 2016 that has been opened, and what is asked of it. */
struct listing {
    struct stage st;
    struct endpoint_tree t;
    struct err err;
};

static void set_up(struct listing *l, gconstpointer data)
{
    (void)data;
    *l = (struct listing){ 0 };
    stage_init(&l->st);
    stage_open_2016(&l->st);
}

static void tear_down(struct listing *l, gconstpointer data)
{
    (void)data;
    endpoint_tree_clear(&l->t);
    stage_release(&l->st);
}

static int ask(struct listing *l)
{
    return endpoint_folders(l->st.ep, &l->t, &l->err);
}

static void test_tree(struct listing *l, gconstpointer data)
{
    (void)data;
    script_say(l->st.script,
               SYNC("S1", "false",
                    FOLDER("Folder", "B", "A", "below &amp; co", "")
                        FOLDER("Folder", "A", "ROOT", "Posteingang",
                               SIZE("0xe08", "123456789012")
                                   HIDDEN("0x3617", "3") CHANGED)));
    script_say(l->st.script,
               SYNC("S2", "true",
                    FOLDER("SearchFolder", "F", "ROOT", "search", "")
                        FOLDER("CalendarFolder", "C", "ROOT", "cal", "")));
    script_say(l->st.script,
               ANSWER(RESPONSE("GetFolder", GOT_FOLDER("A") NONE NONE_16)));
    CHECK_OK(ask(l), &l->err);
    g_assert_cmpuint(l->t.folders->len, ==, 4);
    /* Parents first, else the server's order. */
    g_assert_cmpstr(at(&l->t, 0)->id, ==, "A");
    g_assert_cmpstr(at(&l->t, 1)->id, ==, "F");
    g_assert_cmpstr(at(&l->t, 2)->id, ==, "C");
    g_assert_cmpstr(at(&l->t, 3)->id, ==, "B");
    g_assert_cmpstr(at(&l->t, 0)->well_known, ==, "inbox");
    g_assert_null(at(&l->t, 3)->well_known);
    g_assert_cmpstr(at(&l->t, 3)->name, ==, "below & co");
    g_assert_cmpstr(at(&l->t, 3)->parent_id, ==, "A");
    g_assert_cmpstr(at(&l->t, 0)->folder_class, ==, "IPF.Note");
    g_assert_cmpuint(at(&l->t, 0)->n_items, ==, 7);
    g_assert_cmpuint(at(&l->t, 0)->size_bytes, ==, 123456789012);
    g_assert_cmpuint(at(&l->t, 0)->n_hidden, ==, 3);
    g_assert_cmpuint(at(&l->t, 1)->n_hidden, ==, ENDPOINT_HIDDEN_UNKNOWN);
    g_assert_cmpint(at(&l->t, 0)->changed_us, ==,
                    1709287200 * TIMESTAMP_SECOND);
    g_assert_cmpint(at(&l->t, 1)->changed_us, ==, TIMESTAMP_NONE);
    g_assert_true(at(&l->t, 1)->search);
    g_assert_false(at(&l->t, 2)->search);
    /* The second page was asked for with the first one's state. */
    g_assert_null(strstr(script_request(l->st.script, 1)->body, "SyncState"));
    g_assert_nonnull(strstr(script_request(l->st.script, 2)->body,
                            "<m:SyncState>S1</m:SyncState>"));
}

/* open() and folders() together: four requests at the most, here three. */
static void test_requests_are_few(struct listing *l, gconstpointer data)
{
    (void)data;
    script_say(l->st.script, SYNC("S", "true", ""));
    script_say(l->st.script, ANSWER(RESPONSE("GetFolder", NONE NONE NONE_16)));
    CHECK_OK(ask(l), &l->err);
    g_assert_cmpuint(script_n(l->st.script), ==, 3);
    g_assert_cmpuint(l->t.folders->len, ==, 0);
}

/* EWS-QUIRKS 8: deletions of things never seen; updates as first news. */
static void test_odd_changes(struct listing *l, gconstpointer data)
{
    (void)data;
    script_say(l->st.script,
               SYNC("S1", "false",
                    "<t:Delete>" FOLDER_ID("X") "</t:Delete>" FOLDER(
                        "Folder", "A", "ROOT", "old", "")
                        FOLDER("Folder", "B", "ROOT", "gone", "")));
    script_say(
        l->st.script,
        SYNC("S2", "true",
             "<t:Update><t:Folder>" FOLDER_ID(
                 "A") "<t:ParentFolderId Id=\"ROOT\"/><t:DisplayName>new"
                      "</t:DisplayName></t:Folder></t:Update>"
                      "<t:Delete>" FOLDER_ID("B") "</t:Delete>" FOLDER(
                          "Folder", "ROOT", "TOP", "the root itself", "")));
    script_say(l->st.script, ANSWER(RESPONSE("GetFolder", NONE NONE NONE_16)));
    CHECK_OK(ask(l), &l->err);
    g_assert_cmpuint(l->t.folders->len, ==, 1);
    g_assert_cmpstr(at(&l->t, 0)->name, ==, "new");
    g_assert_null(at(&l->t, 0)->folder_class);
}

/* A listing that does not say how it goes on is no short mailbox. */
static void test_incomplete_listings(void)
{
    static const struct {
        const char *name, *body;
    } rows[] = {
        { "no state", ANSWER(RESPONSE("SyncFolderHierarchy",
                                      SUCCESS("SyncFolderHierarchy",
                                              "<m:IncludesLastFolderInRange>"
                                              "true"
                                              "</m:IncludesLastFolderInRange>"
                                              "<m:Changes/>"))) },
        { "no end", ANSWER(RESPONSE("SyncFolderHierarchy",
                                    SUCCESS("SyncFolderHierarchy",
                                            "<m:SyncState>S</m:SyncState>"
                                            "<m:Changes/>"))) },
        { "an empty state", SYNC("", "true", "") },
        { "a folder without an id",
          SYNC("S", "true",
               "<t:Create><t:Folder><t:DisplayName>x</t:DisplayName>"
               "</t:Folder></t:Create>") },
        { "refused", ANSWER(RESPONSE("SyncFolderHierarchy",
                                     FAILURE("SyncFolderHierarchy",
                                             "ErrorAccessDenied", ""))) },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct listing l;

        set_up(&l, NULL);
        script_say(l.st.script, rows[i].body);
        CHECK_ROW(rows[i].name, ask(&l) == -1);
        CHECK_ROW(rows[i].name, l.err.scope >= ERR_MAILBOX);
        CHECK_ROW(rows[i].name, l.t.folders == NULL);
        tear_down(&l, NULL);
    }
}

/* The same state again and not the end: it would go on for ever. */
static void test_circle(struct listing *l, gconstpointer data)
{
    (void)data;
    script_say(l->st.script, SYNC("S", "false", ""));
    script_say(l->st.script, SYNC("S", "false", ""));
    g_assert_cmpint(ask(l), ==, -1);
}

/* EWS-QUIRKS 13: a name that the server does not know fails them all. */
static void test_names_one_by_one(struct listing *l, gconstpointer data)
{
    const struct script_line unknown = {
        500, ANSWER(FAULT("ErrorSchemaValidation", ""))
    };

    (void)data;
    script_say(l->st.script,
               SYNC("S", "true", FOLDER("Folder", "A", "ROOT", "a", "")));
    script_add(l->st.script, &unknown);
    script_say(l->st.script, ANSWER(RESPONSE("GetFolder", GOT_FOLDER("A"))));
    for (int i = 1; i < 17; i++)
        script_say(l->st.script, ANSWER(RESPONSE("GetFolder", NONE)));
    script_add(l->st.script, &unknown);
    CHECK_OK(ask(l), &l->err);
    g_assert_cmpstr(at(&l->t, 0)->well_known, ==, "inbox");
}

/*
 * A well-known folder that only cannot be told now must not be taken for an
 * ordinary one: it would be made a second time at the destination.
 */
static void test_names_in_trouble(struct listing *l, gconstpointer data)
{
    (void)data;
    script_say(l->st.script,
               SYNC("S", "true", FOLDER("Folder", "A", "ROOT", "a", "")));
    script_say(
        l->st.script,
        ANSWER(RESPONSE("GetFolder", NO_FOLDER("ErrorMailboxStoreUnavailable")
                                         NONE NONE_16)));
    g_assert_cmpint(ask(l), ==, -1);
    g_assert_cmpint(l->err.retry, ==, ERR_RETRY_WAIT);
    g_assert_null(l->t.folders);
}

/* The same of one that is refused, and that every mailbox has. */
static void test_names_refused(struct listing *l, gconstpointer data)
{
    (void)data;
    script_say(l->st.script,
               SYNC("S", "true", FOLDER("Folder", "A", "ROOT", "a", "")));
    script_say(l->st.script,
               ANSWER(RESPONSE("GetFolder",
                               NO_FOLDER("ErrorAccessDenied") NONE NONE_16)));
    g_assert_cmpint(ask(l), ==, -1);
    g_assert_cmpint(l->err.scope, ==, ERR_MAILBOX);
    g_assert_nonnull(strstr(l->err.msg, "\"inbox\": ErrorAccessDenied"));
    g_assert_null(l->t.folders);
}

/* Under full access the names say whose; ids need not. */
static void test_full_access_names_the_mailbox(void)
{
    const struct script_line denied = {
        500, ANSWER(FAULT("ErrorImpersonateUserDenied", ""))
    };
    g_auto(endpoint_facts) f = { 0 };
    g_auto(endpoint_tree) t = { 0 };
    struct stage st;
    struct err err;
    const char *sync, *names;

    stage_init(&st);
    stage_mailbox(&st);
    script_add(st.script, &denied);
    script_say(st.script, ANSWER(RESPONSE("GetFolder", GOT_FOLDER("R"))));
    CHECK_OK(endpoint_open(st.ep, &f, &err), &err);
    script_say(st.script, SYNC("S", "true", ""));
    script_say(st.script, ANSWER(RESPONSE("GetFolder", NONE NONE NONE_16)));
    CHECK_OK(endpoint_folders(st.ep, &t, &err), &err);
    sync = script_request(st.script, 2)->body;
    names = script_request(st.script, 3)->body;
    g_assert_nonnull(strstr(sync, "<m:SyncFolderId><t:FolderId Id=\"R\"/>"));
    g_assert_null(strstr(sync, "ExchangeImpersonation"));
    g_assert_nonnull(
        strstr(names, "Id=\"inbox\"><t:Mailbox><t:EmailAddress>ann@old."));
    stage_release(&st);
}

/* ---- other roots --------------------------------------------------------- */

static void test_archive(struct listing *l, gconstpointer data)
{
    g_autofree char *root_id = NULL;

    (void)data;
    script_say(l->st.script,
               ANSWER(RESPONSE("GetFolder", GOT_FOLDER("AROOT"))));
    script_say(l->st.script, SYNC("S", "true",
                                  FOLDER("Folder", "D", "AROOT", "Bin", "")
                                      FOLDER("Folder", "X", "AROOT", "x", "")));
    script_say(l->st.script, ANSWER(RESPONSE("GetFolder", GOT_FOLDER("D"))));
    g_assert_cmpint(endpoint_get_tree(l->st.ep, ENDPOINT_ROOT_ARCHIVE, &root_id,
                                      &l->t, &l->err),
                    ==, 1);
    g_assert_cmpstr(root_id, ==, "AROOT");
    g_assert_cmpuint(l->t.folders->len, ==, 2);
    g_assert_cmpstr(at(&l->t, 0)->well_known, ==, "archivedeleteditems");
    g_assert_null(at(&l->t, 1)->well_known);
    g_assert_nonnull(strstr(script_request(l->st.script, 1)->body,
                            "Id=\"archivemsgfolderroot\""));
    g_assert_nonnull(
        strstr(script_request(l->st.script, 2)->body, "Id=\"AROOT\""));
}

/* Servers have many ways to say that there is none; trouble is not one. */
static void test_no_archive(void)
{
    static const struct {
        const char *name, *answer;
        int want;
    } rows[] = {
        { "not there",
          ANSWER(RESPONSE("GetFolder", NO_FOLDER("ErrorFolderNotFound"))), 0 },
        { "no archive",
          ANSWER(RESPONSE("GetFolder", NO_FOLDER("ErrorItemNotFound"))), 0 },
        { "not enabled",
          ANSWER(RESPONSE("GetFolder",
                          NO_FOLDER("ErrorArchiveMailboxNotEnabled"))),
          0 },
        { "not known at all", ANSWER(FAULT("ErrorSchemaValidation", "")), 0 },
        { "denied",
          ANSWER(RESPONSE("GetFolder", NO_FOLDER("ErrorAccessDenied"))), -1 },
        { "denied as a whole", ANSWER(FAULT("ErrorAccessDenied", "")), -1 },
        { "elsewhere",
          ANSWER(RESPONSE("GetFolder",
                          NO_FOLDER("ErrorGetRemoteArchiveFolderFailed"))),
          -1 },
        { "for a reason that the table does not have",
          ANSWER(
              RESPONSE("GetFolder",
                       NO_FOLDER("ErrorArchiveMailboxServiceDiscoveryFailed"))),
          -1 },
        { "trouble",
          ANSWER(
              RESPONSE("GetFolder", NO_FOLDER("ErrorMailboxMoveInProgress"))),
          -1 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct listing l;
        g_autofree char *root_id = NULL;

        set_up(&l, NULL);
        script_say(l.st.script, rows[i].answer);
        CHECK_ROW(rows[i].name,
                  endpoint_get_tree(l.st.ep, ENDPOINT_ROOT_ARCHIVE, &root_id,
                                    &l.t, &l.err) == rows[i].want);
        g_assert_null(l.t.folders);
        tear_down(&l, NULL);
    }
}

static void test_no_roots_on_2007(void)
{
    g_auto(endpoint_tree) t = { 0 };
    g_autofree char *root_id = NULL;
    struct stage st;
    struct err err;

    stage_init(&st);
    st.site->old = true;
    stage_open(&st, ANSWER_OF(V2007, RESPONSE("GetFolder", GOT_FOLDER("R"))));
    g_assert_cmpint(
        endpoint_get_tree(st.ep, ENDPOINT_ROOT_RECOVERABLE, &root_id, &t, &err),
        ==, 0);
    g_assert_true(script_is_over(st.script));
    stage_release(&st);
}

static const struct {
    const char *path;
    void (*test)(struct listing *l, gconstpointer data);
} listings[] = {
    { "/folders/tree", test_tree },
    { "/folders/few", test_requests_are_few },
    { "/folders/odd-changes", test_odd_changes },
    { "/folders/circle", test_circle },
    { "/folders/one-by-one", test_names_one_by_one },
    { "/folders/trouble", test_names_in_trouble },
    { "/folders/refused", test_names_refused },
    { "/folders/archive", test_archive },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(listings); i++)
        g_test_add(listings[i].path, struct listing, NULL, set_up,
                   listings[i].test, tear_down);
    g_test_add_func("/folders/incomplete", test_incomplete_listings);
    g_test_add_func("/folders/full-access", test_full_access_names_the_mailbox);
    g_test_add_func("/folders/no-archive", test_no_archive);
    g_test_add_func("/folders/no-roots-on-2007", test_no_roots_on_2007);
    return g_test_run();
}
