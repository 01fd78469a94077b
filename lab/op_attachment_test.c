#include "lab/attachment.h"

#include <string.h>

#include "base/check.h"
#include "lab/fixture.h"
#include "lab/fts_read.h"
#include "lab/mapi_tags.h"
#include "lab/mime.h"

/* ---- helpers --------------------------------------------------------- */

static void put_file(struct mapi_item *item, struct mapi_message *m,
                     const char *name, const char *content)
{
    struct mapi_attachment *a = mapi_add_attachment(item, m);

    mapi_set_i32(item, &a->props, PR_ATTACH_METHOD, ATTACH_BY_VALUE);
    mapi_set_text(item, &a->props, PR_ATTACH_LONG_FILENAME, name);
    mapi_set_text(item, &a->props, PR_ATTACH_MIME_TAG, "text/plain");
    mapi_set(item, &a->props, PR_ATTACH_DATA_BIN, content, strlen(content));
}

static struct mapi_message *
put_mail(struct mapi_item *item, struct mapi_message *m, const char *subject)
{
    struct mapi_attachment *a = mapi_add_attachment(item, m);
    struct mapi_message *inner;

    mapi_set_i32(item, &a->props, PR_ATTACH_METHOD, ATTACH_EMBEDDED_MSG);
    mapi_set_text(item, &a->props, PR_DISPLAY_NAME, subject);
    inner = mapi_embed(item, a);
    mapi_set_text(item, &inner->props, PR_MESSAGE_CLASS, "IPM.Note");
    mapi_set_text(item, &inner->props, PR_SUBJECT, subject);
    mapi_set_text(item, &inner->props, PR_BODY, "inside");
    return inner;
}

static char *stored(struct fixture *f, struct mapi_item *item)
{
    g_autofree char *folder = fixture_folder(f, f->user1, "inbox");
    g_auto(lab_item) columns = { 0 };
    struct err err;

    CHECK_OK(lab_store_put(f->lab.store, f->user1, folder, false, item,
                           &columns, &err),
             &err);
    return g_steal_pointer(&columns.id);
}

/* A mail with a file, a mail that has a mail that has a file, and a file. */
static char *nested(struct fixture *f)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_message *m = &item->message, *one, *two;

    mapi_set_text(item, &m->props, PR_MESSAGE_CLASS, "IPM.Note");
    mapi_set_text(item, &m->props, PR_SUBJECT, "outside");
    put_file(item, m, "a.txt", "AAA");
    one = put_mail(item, m, "level 1");
    two = put_mail(item, one, "level 2");
    put_file(item, two, "deep.txt", "DEEP");
    put_mail(item, two, "level 3");
    put_file(item, m, "b.txt", "BBB");
    return stored(f, item);
}

/* The answer's text; a fault is its code. */
static char *answer(struct fixture *f, const char *operation)
{
    struct fixture_call c;
    struct problem p = { 0 };
    char *text;

    fixture_call_init(&c, f, operation);
    g_assert_nonnull(c.call.op);
    if (c.call.op->run(&c.call, &p) < 0)
        text = g_strdup_printf("fault %s", p.code);
    else
        text = g_strdup(c.out->str);
    fixture_call_release(&c);
    return text;
}

static char *get_item(struct fixture *f, const char *id, const char *uri)
{
    g_autofree char *operation = g_strdup_printf(
        "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>"
        "<t:AdditionalProperties><t:FieldURI FieldURI='%s'/>"
        "</t:AdditionalProperties></m:ItemShape><m:ItemIds>"
        "<t:ItemId Id='%s'/></m:ItemIds></m:GetItem>",
        uri, id);

    return answer(f, operation);
}

static char *get_attachment(struct fixture *f, const char *shape,
                            const char *id)
{
    g_autofree char *operation = g_strdup_printf(
        "<m:GetAttachment>%s<m:AttachmentIds><t:AttachmentId Id='%s'/>"
        "</m:AttachmentIds></m:GetAttachment>",
        shape, id);

    return answer(f, operation);
}

static char *create(struct fixture *f, const char *id, const char *attachments)
{
    g_autofree char *operation = g_strdup_printf(
        "<m:CreateAttachment><m:ParentItemId Id='%s'/><m:Attachments>%s"
        "</m:Attachments></m:CreateAttachment>",
        id, attachments);

    return answer(f, operation);
}

static char *remove_one(struct fixture *f, const char *id)
{
    g_autofree char *operation = g_strdup_printf(
        "<m:DeleteAttachment><m:AttachmentIds><t:AttachmentId Id='%s'/>"
        "</m:AttachmentIds></m:DeleteAttachment>",
        id);

    return answer(f, operation);
}

/* The n-th (from 0) text between two others; NULL when there is none. */
static char *between(const char *text, const char *from, const char *to,
                     unsigned int n)
{
    const char *p = text, *end;

    do {
        p = strstr(p, from);
        if (p == NULL)
            return NULL;
        p += strlen(from);
    } while (n-- > 0);
    end = strstr(p, to);
    g_assert_nonnull(end);
    return g_strndup(p, (gsize)(end - p));
}

static char *id_in(const char *text, unsigned int n)
{
    return between(text, "<t:AttachmentId Id=\"", "\"", n);
}

static char *code_of(const char *text)
{
    return between(text, "<m:ResponseCode>", "</m:ResponseCode>", 0);
}

/* ---- reading --------------------------------------------------------- */

static void test_list(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = nested(f);
    g_autofree char *text = get_item(f, id, "item:Attachments");
    g_autofree char *name = between(text, "<t:Name>", "</t:Name>", 1);

    g_assert_nonnull(strstr(text, "<t:FileAttachment>"));
    g_assert_nonnull(strstr(text, "<t:ItemAttachment>"));
    g_assert_cmpstr(name, ==, "level 1");
    g_assert_nonnull(strstr(text, "<t:IsInline>false</t:IsInline>"));
    g_assert_null(strstr(text, "Content>"));
}

static void test_old_list(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2007_SP1);
    g_autofree char *id = nested(f);
    g_autofree char *text = get_item(f, id, "item:Attachments");

    g_assert_nonnull(strstr(text, "<t:FileAttachment>"));
    g_assert_null(strstr(text, "IsInline"));
    g_assert_null(strstr(text, "IsContactPhoto"));
}

static void test_get_file(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = nested(f);
    g_autofree char *list = get_item(f, id, "item:Attachments");
    g_autofree char *at = id_in(list, 2);
    g_autofree char *text = get_attachment(f, "", at);

    g_assert_nonnull(strstr(text, "<t:Name>b.txt</t:Name>"));
    g_assert_nonnull(strstr(text, "<t:ContentType>text/plain</t:ContentType>"));
    g_assert_nonnull(strstr(text, "<t:Content>QkJC</t:Content>"));
}

/* Down through three items, by the ids that each shows. */
static void test_three_levels(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = nested(f);
    g_autofree char *list = get_item(f, id, "item:Attachments");
    g_autofree char *at1 = id_in(list, 1);
    g_autofree char *one = get_attachment(f, "", at1);
    g_autofree char *at2 = id_in(one, 1);
    g_autofree char *two = get_attachment(f, "<m:AttachmentShape/>", at2);
    g_autofree char *at_file = id_in(two, 1);
    g_autofree char *at3 = id_in(two, 2);
    g_autofree char *file = get_attachment(f, "", at_file);
    g_autofree char *three = get_attachment(f, "", at3);

    g_assert_nonnull(strstr(one, "<t:Subject>level 1</t:Subject>"));
    g_assert_nonnull(strstr(two, "<t:Subject>level 2</t:Subject>"));
    g_assert_nonnull(strstr(file, "<t:Content>REVFUA==</t:Content>"));
    g_assert_nonnull(strstr(three, "<t:Subject>level 3</t:Subject>"));
    g_assert_null(strstr(three, "<t:Attachments>"));
}

static void test_mime_of_one(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = nested(f);
    g_autofree char *list = get_item(f, id, "item:Attachments");
    g_autofree char *at = id_in(list, 1);
    g_autofree char *text =
        get_attachment(f,
                       "<m:AttachmentShape><t:IncludeMimeContent>true"
                       "</t:IncludeMimeContent></m:AttachmentShape>",
                       at);
    g_autofree char *base64 = between(
        text, "<t:MimeContent CharacterSet=\"UTF-8\">", "</t:MimeContent>", 0);
    gsize n = 0;

    g_assert_nonnull(base64);
    g_base64_decode_inplace(base64, &n);
    base64[n] = '\0';
    g_assert_nonnull(strstr(base64, "Subject: level 1\r\n"));
    g_assert_nonnull(strstr(base64, "\r\ninside\r\n"));
}

static void test_bad_ids(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = nested(f);
    g_autofree char *other = fixture_add_mail(f, f->user2, "inbox", "x");
    g_autofree char *none = attachment_id_format(id, 99);
    g_autofree char *file = attachment_id_format(id, 1);
    g_autofree char *below = attachment_id_format(file, 0);
    g_autofree char *foreign = attachment_id_format(other, 0);
    const struct {
        const char *name, *id, *code;
    } rows[] = {
        { "no such number", none, "ErrorInvalidAttachmentId" },
        { "an item's", id, "ErrorInvalidIdMalformed" },
        { "rubbish", "abc", "ErrorInvalidIdMalformed" },
        { "empty", "", "ErrorInvalidIdEmpty" },
        { "below a file", below, "ErrorInvalidAttachmentId" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = get_attachment(f, "", rows[i].id);
        g_autofree char *code = code_of(text);
        g_autofree char *deleted = remove_one(f, rows[i].id);
        g_autofree char *code_too = code_of(deleted);

        if (g_strcmp0(code, rows[i].code) != 0)
            g_test_message("%s: %s", rows[i].name, code);
        CHECK_ROW(rows[i].name, g_strcmp0(code, rows[i].code) == 0);
        CHECK_ROW(rows[i].name, g_strcmp0(code_too, rows[i].code) == 0);
    }
    {
        g_autofree char *text = get_attachment(f, "", foreign);
        g_autofree char *code = code_of(text);

        g_assert_cmpstr(code, !=, "NoError");
    }
}

/* ---- creating -------------------------------------------------------- */

#define FILE_X                                                                 \
    "<t:FileAttachment><t:Name>x.bin</t:Name><t:Content>WFhY</t:Content>"      \
    "</t:FileAttachment>"

static void test_create_file(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "plain");
    g_autofree char *before = get_item(f, id, "item:HasAttachments");
    g_autofree char *made = create(f, id, FILE_X);
    g_autofree char *at = id_in(made, 0);
    g_autofree char *root = between(made, "RootItemId=\"", "\"", 0);
    g_autofree char *key = between(made, "RootItemChangeKey=\"", "\"", 0);
    g_autofree char *after = get_item(f, id, "item:HasAttachments");
    g_autofree char *key_now = between(after, "ChangeKey=\"", "\"", 0);
    g_autofree char *key_before = between(before, "ChangeKey=\"", "\"", 0);
    g_autofree char *text = get_attachment(f, "", at);

    g_assert_cmpstr(root, ==, id);
    g_assert_cmpstr(key, ==, key_now);
    g_assert_cmpstr(key, !=, key_before);
    g_assert_nonnull(strstr(before, "<t:HasAttachments>false<"));
    g_assert_nonnull(strstr(after, "<t:HasAttachments>true<"));
    g_assert_nonnull(strstr(text, "<t:Content>WFhY</t:Content>"));
}

/* Each is a message of the answer, the next change key in each. */
static void test_create_two(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "plain");
    g_autofree char *made = create(f, id, FILE_X FILE_X);
    g_autofree char *one = id_in(made, 0);
    g_autofree char *two = id_in(made, 1);
    g_autofree char *key1 = between(made, "RootItemChangeKey=\"", "\"", 0);
    g_autofree char *key2 = between(made, "RootItemChangeKey=\"", "\"", 1);

    g_assert_cmpstr(one, !=, two);
    g_assert_cmpstr(key1, !=, key2);
}

static void test_create_inline(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "plain");
    g_autofree char *made =
        create(f, id,
               "<t:FileAttachment><t:Name>p.png</t:Name>"
               "<t:ContentType>image/png</t:ContentType>"
               "<t:ContentId>p@x</t:ContentId><t:IsInline>true</t:IsInline>"
               "<t:Content>UE5H</t:Content></t:FileAttachment>");
    g_autofree char *list = get_item(f, id, "item:Attachments");
    g_autofree char *has = get_item(f, id, "item:HasAttachments");

    g_assert_nonnull(strstr(made, "NoError"));
    g_assert_nonnull(strstr(list, "<t:ContentId>p@x</t:ContentId>"));
    g_assert_nonnull(strstr(list, "<t:IsInline>true</t:IsInline>"));
    g_assert_nonnull(strstr(has, "<t:HasAttachments>false<"));
}

static void test_create_item(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "plain");
    g_autofree char *made = create(
        f, id,
        "<t:ItemAttachment><t:Name>inner</t:Name><t:Message>"
        "<t:Subject>made inside</t:Subject></t:Message></t:ItemAttachment>");
    g_autofree char *at = id_in(made, 0);
    g_autofree char *text = get_attachment(f, "", at);
    g_autofree char *deeper = create(f, at, FILE_X);
    g_autofree char *at_file = id_in(deeper, 0);
    g_autofree char *file = get_attachment(f, "", at_file);
    g_autofree char *root = between(deeper, "RootItemId=\"", "\"", 0);

    g_assert_nonnull(strstr(text, "<t:Subject>made inside</t:Subject>"));
    g_assert_nonnull(strstr(text, "<t:ItemClass>IPM.Note</t:ItemClass>"));
    g_assert_cmpstr(root, ==, id);
    g_assert_nonnull(strstr(file, "<t:Content>WFhY</t:Content>"));
}

/* As the documents say: the content of another mail, by its MIME. */
static void test_create_from_mime(void)
{
    static const char mail[] = "Subject: by mime\n\nhello";
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "plain");
    g_autofree char *base64 =
        g_base64_encode((const guchar *)mail, strlen(mail));
    g_autofree char *element = g_strdup_printf(
        "<t:ItemAttachment><t:Name>inner</t:Name><t:Message>"
        "<t:MimeContent CharacterSet='UTF-8'>%s</t:MimeContent></t:Message>"
        "</t:ItemAttachment>",
        base64);
    g_autofree char *made = create(f, id, element);
    g_autofree char *at = id_in(made, 0);
    g_autofree char *text = get_attachment(f, "", at);

    g_assert_nonnull(strstr(text, "<t:Subject>by mime</t:Subject>"));
}

static void test_photo(void)
{
    static const char photo[] =
        "<t:FileAttachment><t:Name>me.jpg</t:Name>"
        "<t:IsContactPhoto>true</t:IsContactPhoto>"
        "<t:Content>SlBH</t:Content></t:FileAttachment>";
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autoptr(mapi_item) item = mapi_item_new();
    g_autofree char *mail = fixture_add_mail(f, f->user1, "inbox", "plain");
    g_autofree char *id = NULL, *made = NULL, *list = NULL, *refused = NULL;
    g_autofree char *code = NULL;

    mapi_set_text(item, &item->message.props, PR_MESSAGE_CLASS, "IPM.Contact");
    id = stored(f, item);
    made = create(f, id, photo);
    list = get_item(f, id, "item:Attachments");
    g_assert_nonnull(strstr(list, "<t:Name>ContactPicture.jpg</t:Name>"));
    g_assert_nonnull(strstr(list, "<t:IsContactPhoto>true</t:IsContactPhoto>"));
    refused = create(f, mail, photo);
    code = code_of(refused);
    g_assert_cmpstr(code, ==, "ErrorInvalidOperation");
}

static void test_refusals(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *attachment, *code;
    } rows[] = {
        { "no name", "<t:FileAttachment><t:Content>WFhY</t:Content>"
          "</t:FileAttachment>", "ErrorRequiredPropertyMissing" },
        { "no item", "<t:ItemAttachment><t:Name>x</t:Name></t:ItemAttachment>",
          "ErrorMissingItemForCreateItemAttachment" },
        { "a meeting request", "<t:ItemAttachment><t:Name>x</t:Name>"
          "<t:MeetingRequest/></t:ItemAttachment>",
          "ErrorInvalidItemForOperationCreateItemAttachment" },
        { "bad MIME", "<t:ItemAttachment><t:Name>x</t:Name><t:Message>"
          "<t:MimeContent>*</t:MimeContent></t:Message></t:ItemAttachment>",
          "ErrorMimeContentInvalidBase64String" },
    };
    /* clang-format on */
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "plain");

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *text = create(f, id, rows[i].attachment);
        g_autofree char *code = code_of(text);
        g_autofree char *has = get_item(f, id, "item:HasAttachments");

        if (g_strcmp0(code, rows[i].code) != 0)
            g_test_message("%s: %s", rows[i].name, text);
        CHECK_ROW(rows[i].name, g_strcmp0(code, rows[i].code) == 0);
        CHECK_ROW(rows[i].name,
                  strstr(has, "<t:HasAttachments>false<") != NULL);
    }
}

static void test_nest_limit(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "plain");

    for (unsigned int levels = ATTACHMENT_NEST_MAX;
         levels <= ATTACHMENT_NEST_MAX + 1; levels++) {
        g_autoptr(GString) s = g_string_new(NULL);
        g_autofree char *text = NULL, *code = NULL;

        for (unsigned int i = 0; i < levels; i++)
            g_string_append(s, "<t:ItemAttachment><t:Name>x</t:Name>"
                               "<t:Message><t:Attachments>");
        g_string_append(s, FILE_X);
        for (unsigned int i = 0; i < levels; i++)
            g_string_append(s, "</t:Attachments></t:Message>"
                               "</t:ItemAttachment>");
        text = create(f, id, s->str);
        code = code_of(text);
        g_assert_cmpstr(code, ==,
                        levels > ATTACHMENT_NEST_MAX
                            ? "ErrorAttachmentNestLevelLimitExceeded"
                            : "NoError");
    }
}

/* ---- deleting -------------------------------------------------------- */

static void test_delete(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = nested(f);
    g_autofree char *list = get_item(f, id, "item:Attachments");
    g_autofree char *first = id_in(list, 0);
    g_autofree char *last = id_in(list, 2);
    g_autofree char *text = remove_one(f, first);
    g_autofree char *root = between(text, "RootItemId=\"", "\"", 0);
    g_autofree char *again = remove_one(f, first);
    g_autofree char *code = code_of(again);
    g_autofree char *other = get_attachment(f, "", last);

    g_assert_nonnull(strstr(text, "<m:RootItemId RootItemId="));
    g_assert_cmpstr(root, ==, id);
    g_assert_cmpstr(code, ==, "ErrorInvalidAttachmentId");
    /* the ids of those that stay are what they were */
    g_assert_nonnull(strstr(other, "<t:Content>QkJC</t:Content>"));
}

static void test_delete_inside(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = nested(f);
    g_autofree char *list = get_item(f, id, "item:Attachments");
    g_autofree char *at1 = id_in(list, 1);
    g_autofree char *one = get_attachment(f, "", at1);
    g_autofree char *at2 = id_in(one, 1);
    g_autofree char *text = remove_one(f, at2);
    g_autofree char *after = get_attachment(f, "", at1);
    g_autofree char *has = get_item(f, id, "item:HasAttachments");

    g_assert_nonnull(strstr(text, "NoError"));
    g_assert_null(strstr(after, "<t:Attachments>"));
    g_assert_nonnull(strstr(has, "<t:HasAttachments>true<"));
}

static void test_delete_all(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "plain");
    g_autofree char *made = create(f, id, FILE_X);
    g_autofree char *at = id_in(made, 0);
    g_autofree char *text = remove_one(f, at);
    g_autofree char *has = get_item(f, id, "item:HasAttachments");

    g_assert_nonnull(strstr(text, "NoError"));
    g_assert_nonnull(strstr(has, "<t:HasAttachments>false<"));
}

/* ---- MIME of items --------------------------------------------------- */

static char *get_mime(struct fixture *f, const char *id)
{
    g_autofree char *operation = g_strdup_printf(
        "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>"
        "<t:IncludeMimeContent>true</t:IncludeMimeContent></m:ItemShape>"
        "<m:ItemIds><t:ItemId Id='%s'/></m:ItemIds></m:GetItem>",
        id);

    return answer(f, operation);
}

/* wanted: by IncludeMimeContent; else by its name. */
static char *mime_of(struct fixture *f, const char *item_class, bool wanted,
                     char **ret_code)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    g_autofree char *id = NULL, *text = NULL;
    char *base64;
    gsize n = 0;

    mapi_set_text(item, &item->message.props, PR_MESSAGE_CLASS, item_class);
    mapi_set_text(item, &item->message.props, PR_SUBJECT, "s");
    mapi_set_text(item, &item->message.props, PR_BODY, "b");
    id = stored(f, item);
    text = wanted ? get_mime(f, id) : get_item(f, id, "item:MimeContent");
    *ret_code = code_of(text);
    base64 = between(text, "CharacterSet=\"UTF-8\">", "</t:MimeContent>", 0);
    if (base64 != NULL) {
        g_base64_decode_inplace(base64, &n);
        base64[n] = '\0';
    }
    return base64;
}

static void test_mime(void)
{
    static const struct {
        const char *item_class, *code, *start;
    } rows[] = {
        { "IPM.Note", "NoError", "Subject: s\r\n" },
        { "IPM.Note.Custom", "NoError", "Subject: s\r\n" },
        { "IPM.Appointment", "NoError", "BEGIN:VCALENDAR\r\n" },
        { "IPM.Contact", "NoError", "BEGIN:VCARD\r\n" },
        { "IPM.Task", "NoError", "Subject: s\r\n" },
        { "IPM.DistList", "NoError", "Subject: s\r\n" },
    };
    static const char *const refused[] = { "IPM.Task", "IPM.Contact",
                                           "IPM.DistList" };
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autoptr(fixture) old = fixture_new(EXCHANGE2007_SP1);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *code = NULL;
        g_autofree char *mime =
            mime_of(f, rows[i].item_class, i % 2 == 0, &code);

        if (g_strcmp0(code, rows[i].code) != 0)
            g_test_message("%s: %s", rows[i].item_class, code);
        CHECK_ROW(rows[i].item_class, strcmp(code, rows[i].code) == 0);
        CHECK_ROW(rows[i].item_class, g_str_has_prefix(mime, rows[i].start));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autofree char *named = NULL, *named_code = NULL, *code = NULL;
        g_autofree char *mime = mime_of(old, refused[i], true, &code);

        g_assert_null(mime);
        g_assert_cmpstr(code, ==, "ErrorUnsupportedMimeConversion");
        /* one that this kind has not, among those of all kinds */
        named = mime_of(old, refused[i], false, &named_code);
        g_assert_null(named);
        g_assert_cmpstr(named_code, ==, "NoError");
    }
}

/* ---- ids ------------------------------------------------------------- */

static void test_ids(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);
    g_autofree char *id = fixture_add_mail(f, f->user1, "inbox", "plain");
    g_autofree char *one = attachment_id_format(id, 7);
    g_autofree char *two = attachment_id_format(one, 0x01020304);
    g_auto(attachment_id) parsed = { 0 };
    struct problem p;

    g_assert_cmpint(attachment_id_parse(two, &parsed, &p), ==, 0);
    g_assert_cmpstr(parsed.item_id, ==, id);
    g_assert_cmpuint(parsed.levels, ==, 2);
    g_assert_cmpuint(parsed.numbers[0], ==, 7);
    g_assert_cmpuint(parsed.numbers[1], ==, 0x01020304);
    /* cut anywhere it is none */
    for (size_t n = strlen(one); n < strlen(two); n++) {
        g_autofree char *cut = g_strndup(two, n);
        g_auto(attachment_id) ignored = { 0 };

        if (n > strlen(one))
            g_assert_cmpint(attachment_id_parse(cut, &ignored, &p), <, 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/op-attachment/ids", test_ids);
    g_test_add_func("/op-attachment/list", test_list);
    g_test_add_func("/op-attachment/old-list", test_old_list);
    g_test_add_func("/op-attachment/get-file", test_get_file);
    g_test_add_func("/op-attachment/three-levels", test_three_levels);
    g_test_add_func("/op-attachment/mime-of-one", test_mime_of_one);
    g_test_add_func("/op-attachment/bad-ids", test_bad_ids);
    g_test_add_func("/op-attachment/create-file", test_create_file);
    g_test_add_func("/op-attachment/create-two", test_create_two);
    g_test_add_func("/op-attachment/create-inline", test_create_inline);
    g_test_add_func("/op-attachment/create-item", test_create_item);
    g_test_add_func("/op-attachment/create-from-mime", test_create_from_mime);
    g_test_add_func("/op-attachment/photo", test_photo);
    g_test_add_func("/op-attachment/refusals", test_refusals);
    g_test_add_func("/op-attachment/nest-limit", test_nest_limit);
    g_test_add_func("/op-attachment/delete", test_delete);
    g_test_add_func("/op-attachment/delete-inside", test_delete_inside);
    g_test_add_func("/op-attachment/delete-all", test_delete_all);
    g_test_add_func("/op-attachment/mime", test_mime);
    return g_test_run();
}
