#include "base/check.h"
#include "lab/ews_priv.h"
#include "lab/fixture.h"

/* What a rule makes of an answer's body; request: what was asked. */
static char *bent(struct fixture *f, const char *rule, const char *request,
                  const char *body)
{
    static const struct op op = { .name = "SyncFolderItems" };
    struct job job = { .lab = &f->lab, .op = &op };
    g_autoptr(GString) answer = g_string_new(NULL);
    const char *from, *to;
    struct err err;

    fixture_request(request, &job.request);
    g_string_printf(answer,
                    "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                    "<s:Envelope xmlns:s=\"%s\" xmlns:t=\"%s\" xmlns:m=\"%s\">"
                    "<s:Body>%s</s:Body></s:Envelope>",
                    soap_namespace(NS_ENVELOPE), soap_namespace(NS_TYPES),
                    soap_namespace(NS_MESSAGES), body);
    CHECK_OK(faults_replace(f->lab.faults, rule, &err), &err);
    fault_bend_answer(&job, answer);
    soap_request_clear(&job.request);
    from = strstr(answer->str, "<s:Body>");
    g_assert_nonnull(from);
    from += strlen("<s:Body>");
    to = strstr(from, "</s:Body>");
    g_assert_nonnull(to);
    return g_strndup(from, (gsize)(to - from));
}

#define MESSAGES(text)                                                         \
    "<m:GetItemResponse><m:ResponseMessages>" text                             \
    "</m:ResponseMessages></m:GetItemResponse>"
#define SYNC(state, last, changes)                                             \
    "<m:SyncFolderItemsResponse><m:SyncState>" state "</m:SyncState>"          \
    "<m:IncludesLastItemInRange>" last "</m:IncludesLastItemInRange>"          \
    "<m:Changes>" changes "</m:Changes></m:SyncFolderItemsResponse>"
#define SYNC_HOLLOW(state, last)                                               \
    "<m:SyncFolderItemsResponse><m:SyncState>" state "</m:SyncState>"          \
    "<m:IncludesLastItemInRange>" last "</m:IncludesLastItemInRange>"          \
    "<m:Changes/></m:SyncFolderItemsResponse>"
#define ASKED                                                                  \
    "<m:SyncFolderItems><m:SyncState>before</m:SyncState></m:SyncFolderItems>"
#define CREATE "<t:Create><t:Message/></t:Create>"
#define PROP(tag)                                                              \
    "<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag=\"" tag               \
    "\"/><t:Value>1</t:Value></t:ExtendedProperty>"

static void test_bends(void)
{
    static const struct {
        const char *name, *rule, *body, *want;
    } rows[] = {
        { "fewer", "fewer", MESSAGES("<a/><b/><c/>"), MESSAGES("<a/><b/>") },
        { "fewer by two", "fewer:n=2", MESSAGES("<a/><b/><c/>"),
          MESSAGES("<a/>") },
        { "fewer than there are", "fewer:n=9", MESSAGES("<a/>"),
          "<m:GetItemResponse><m:ResponseMessages/></m:GetItemResponse>" },
        { "more", "more:n=2", MESSAGES("<a/><b/>"),
          MESSAGES("<a/><b/><b/><b/>") },
        { "shuffled", "shuffled", MESSAGES("<a/><b/><c/>"),
          MESSAGES("<c/><b/><a/>") },
        { "one cannot be shuffled", "shuffled", MESSAGES("<a/>"),
          MESSAGES("<a/>") },
        { "wrong operation", "wrong-operation:to=FindItem", MESSAGES("<a/>"),
          "<m:FindItemResponse><m:ResponseMessages><a/></m:ResponseMessages>"
          "</m:FindItemResponse>" },
        { "empty listing", "empty-listing", SYNC("after", "false", CREATE),
          SYNC_HOLLOW("before", "true") },
        { "hollow page", "hollow-page", SYNC("after", "true", CREATE),
          SYNC_HOLLOW("before", "false") },
        { "empty find", "empty-listing",
          "<m:R><m:RootFolder IndexedPagingOffset=\"5\" "
          "TotalItemsInView=\"9\" IncludesLastItemInRange=\"false\">"
          "<t:Items><t:Message/></t:Items></m:RootFolder></m:R>",
          "<m:R><m:RootFolder IndexedPagingOffset=\"0\" "
          "TotalItemsInView=\"0\" IncludesLastItemInRange=\"true\">"
          "<t:Items/></m:RootFolder></m:R>" },
        { "read as update", "read-as-update",
          "<m:R><t:ReadFlagChange><t:ItemId Id=\"a\"/><t:IsRead>true"
          "</t:IsRead></t:ReadFlagChange></m:R>",
          "<m:R><t:Update><t:Message><t:ItemId Id=\"a\"/><t:IsRead>true"
          "</t:IsRead></t:Message></t:Update></m:R>" },
        { "short tags", "short-tags", "<m:R>" PROP("0x0E07") "</m:R>",
          "<m:R>" PROP("0xe07") "</m:R>" },
        { "reversed", "properties-reversed",
          "<m:R><t:Subject/>" PROP("1") PROP("2") PROP("3") "<t:X/></m:R>",
          "<m:R><t:Subject/>" PROP("3") PROP("2") PROP("1") "<t:X/></m:R>" },
        { "no fraction", "fractions:n=0",
          "<m:R><a>2024-05-06T07:08:09Z</a></m:R>",
          "<m:R><a>2024-05-06T07:08:09Z</a></m:R>" },
        { "six digits", "fractions:n=6",
          "<m:R><a>2024-05-06T07:08:09Z</a><b>2024-05-06</b></m:R>",
          "<m:R><a>2024-05-06T07:08:09.000000Z</a><b>2024-05-06</b></m:R>" },
        { "by turns", "fractions",
          "<m:R><a>2024-05-06T07:08:00Z</a><a>2024-05-06T07:08:01Z</a>"
          "<a>2024-05-06T07:08:02Z</a><a>2024-05-06T07:08:03Z</a></m:R>",
          "<m:R><a>2024-05-06T07:08:00Z</a><a>2024-05-06T07:08:01.000Z</a>"
          "<a>2024-05-06T07:08:02.000000Z</a>"
          "<a>2024-05-06T07:08:03.000000000Z</a></m:R>" },
        { "two at once", "short-tags\nfewer", MESSAGES(PROP("0x0E07") "<a/>"),
          MESSAGES(PROP("0xe07")) },
        { "no rule", "", MESSAGES("<a/>"), MESSAGES("<a/>") },
    };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = bent(f, rows[i].rule, ASKED, rows[i].body);

        if (strcmp(got, rows[i].want) != 0)
            g_error("%s: %s", rows[i].name, got);
    }
}

/* Deletions of what the store has never seen, each another. */
static void test_stray_deletes(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *got =
        bent(f, "stray-deletes:n=3", ASKED, SYNC("s", "true", CREATE));
    g_auto(GStrv) parts = g_strsplit(got, "<t:Delete><t:ItemId Id=\"", -1);
    int64_t mailbox = 0;
    struct err err;

    g_assert_cmpuint(g_strv_length(parts), ==, 4);
    g_assert_nonnull(strstr(parts[0], CREATE));
    for (size_t i = 1; i < 4; i++) {
        parts[i][strcspn(parts[i], "\"")] = '\0';
        g_assert_cmpuint(strlen(parts[i]), >, 40);
        g_assert_cmpint(
            lab_store_id_mailbox(f->lab.store, parts[i], &mailbox, &err), <=,
            0);
    }
    g_assert_cmpstr(parts[1], !=, parts[2]);
}

static void test_received_is_created(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "a");
    g_autofree char *format =
        g_strdup_printf("<m:R><t:ItemId Id=\"%s\"/><t:DateTimeReceived>"
                        "2023-11-14T22:13:20Z</t:DateTimeReceived></m:R>",
                        id);
    g_autofree char *got = bent(f, "received-is-created", ASKED, format);
    g_auto(lab_item) item = { 0 };
    g_autofree char *when = NULL;
    struct err err;

    CHECK_OK(lab_store_item(f->lab.store, f->user1, id, &item, &err), &err);
    when = timestamp_format(item.created_us);
    g_assert_nonnull(strstr(got, when));
    g_assert_null(strstr(got, "2023-11-14T22:13:20Z"));
}

/* Other boundaries, of equal length, everywhere alike; nothing else. */
static void test_mime(void)
{
    static const char mime[] =
        "Content-Type: multipart/mixed; boundary=\"ab_12\"\r\n\r\n"
        "--ab_12\r\n\r\ntext\r\n--ab_12--\r\n";
    g_autofree char *encoded =
        g_base64_encode((const guchar *)mime, strlen(mime));
    g_autofree char *body = g_strdup_printf(
        "<m:R><t:MimeContent>%s</t:MimeContent></m:R>", encoded);
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *got = bent(f, "mime-anew", ASKED, body);
    g_autofree char *text =
        g_strndup(got + strlen("<m:R><t:MimeContent>"), strcspn(got + 20, "<"));
    g_autofree char *boundary = NULL;
    g_auto(GStrv) parts = NULL;
    gsize len = 0;

    g_base64_decode_inplace(text, &len);
    text[MIN(len, strlen(encoded))] = '\0';
    g_assert_cmpuint(len, ==, strlen(mime));
    g_assert_cmpstr(text, !=, mime);
    boundary = g_strndup(strstr(text, "boundary=\"") + 10, 5);
    g_assert_cmpint(boundary[2], ==, '_');
    parts = g_strsplit(text, boundary, -1);
    g_assert_cmpuint(g_strv_length(parts), ==, 4);
    g_assert_cmpstr(parts[2], ==, "\r\n\r\ntext\r\n--");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fault-answer/bends", test_bends);
    g_test_add_func("/fault-answer/stray-deletes", test_stray_deletes);
    g_test_add_func("/fault-answer/received", test_received_is_created);
    g_test_add_func("/fault-answer/mime", test_mime);
    return g_test_run();
}
