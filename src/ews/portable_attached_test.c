#include <string.h>

#include "base/check.h"
#include "ews/portable_field.h"
#include "ews/portable_samples.h"
#include "ews/script.h"
#include "portable/portable.h"

#define CREATE "CreateItem"
#define GET    "GetItem"
#define LOOK   "GetAttachment"
#define ATTACH "CreateAttachment"
#define DROP   "DeleteAttachment"
#define UPDATE "UpdateItem"

#define DONE(operation, content) ANSWER(RESPONSE(operation, content))
#define MADE                                                                   \
    DONE(CREATE, SUCCESS(CREATE, "<m:Items><t:Message>" SAMPLE_ID(             \
                                     "N") "</t:Message></m:Items>"))
#define BACK(pieces)                                                           \
    DONE(GET, SUCCESS(GET, "<m:Items><t:Message>" SAMPLE_ID(                   \
                               "N") "<t:ItemClass>IPM.Note</t:ItemClass>"      \
                                    "<t:Attachments>" pieces                   \
                                    "</t:Attachments></t:Message></m:Items>"))
#define PIECE(type, id, name)                                                  \
    "<t:" type "Attachment><t:AttachmentId Id=\"" id "\"/><t:Name>" name       \
    "</t:Name></t:" type "Attachment>"
#define LOOKED(messages) DONE(LOOK, messages)
#define OUTLINE(element, class, more)                                          \
    SUCCESS(LOOK,                                                              \
            "<m:Attachments><t:ItemAttachment><t:AttachmentId "                \
            "Id=\"x\"/><t:Name>x</t:Name><t:" element                          \
            "><t:ItemClass>" class "</t:ItemClass>" more "</t:" element        \
                                   "></t:ItemAttachment></m:Attachments>")
#define CARD(given)                                                            \
    OUTLINE("Contact", "IPM.Contact",                                          \
            "<t:DisplayName>Bo</t:DisplayName><t:GivenName>" given             \
            "</t:GivenName>")
#define HOLDING(pieces) "<t:Attachments>" pieces "</t:Attachments>"
#define MAIL(importance, holding)                                              \
    OUTLINE("Message", "IPM.Note",                                             \
            holding "<t:Importance>" importance "</t:Importance>")
#define ATTACHED                                                               \
    DONE(ATTACH,                                                               \
         SUCCESS(ATTACH, "<m:Attachments><t:ItemAttachment><t:AttachmentId "   \
                         "Id=\"new\"/></t:ItemAttachment></m:Attachments>"))
#define REFUSED                                                                \
    DONE(ATTACH, FAILURE(ATTACH, "ErrorVirusDetected", "<m:Attachments/>"))
#define DROPPED                                                                \
    DONE(DROP, SUCCESS(DROP, "<m:RootItemId RootItemId=\"N\" "                 \
                             "RootItemChangeKey=\"k\"/>"))
#define KEPT DONE(DROP, FAILURE(DROP, "ErrorCannotDeleteObject", ""))
#define STAMPED                                                                \
    DONE(UPDATE, SUCCESS(UPDATE, "<m:Items><t:Message>" SAMPLE_ID(             \
                                     "N") "</t:Message></m:Items>"))

/* ---- what is to be written ----------------------------------------------- */

static void set_text(struct portable *p, const char *key, const char *text)
{
    const struct field *f = field_of(key);
    const struct portable_label label = { key, f->part, f->out };
    const struct portable_value v = { PORTABLE_TEXT, { .text = text } };

    portable_set(p, &label, &v);
}

static struct portable *mail(void)
{
    struct portable *p = portable_new(PORTABLE_MAIL, "IPM.Note");

    portable_take_mime(p, blob_from_bytes(SAMPLE_MIME, strlen(SAMPLE_MIME)));
    return p;
}

static struct portable *card(void)
{
    struct portable *p = portable_new(PORTABLE_CONTACT, "IPM.Contact");

    set_text(p, "contacts:DisplayName", "Bo");
    set_text(p, "contacts:GivenName", "Bo");
    return p;
}

static void attach(struct portable *p, const char *name, struct portable *item)
{
    const struct portable_attachment a = { .name = name, .item = item };

    portable_seal(item);
    portable_add_attachment(p, &a);
}

static void name_file(struct portable *p, const char *name)
{
    const struct portable_attachment a = { .name = name, .in_mime = true };

    portable_add_attachment(p, &a);
}

static struct portable *with_card(void)
{
    struct portable *p = mail();

    name_file(p, "a.txt");
    attach(p, "Bo", card());
    return p;
}

/* An important one in it, which holds another item, or nothing. */
static struct portable *with_mail(struct portable *in_it)
{
    struct portable *p = mail(), *inner = mail();

    set_text(inner, "item:Importance", "High");
    if (in_it != NULL)
        attach(inner, "Bo", in_it);
    attach(p, "inner", inner);
    return p;
}

static struct portable *card_in_mail(void)
{
    return with_mail(card());
}

static struct portable *only_mail(void)
{
    return with_mail(NULL);
}

static struct portable *with_unreadable(void)
{
    const struct portable_attachment a = { .name = "odd" };
    struct portable *p = mail();

    portable_add_attachment(p, &a);
    return p;
}

static struct portable *with_file(void)
{
    struct portable *p = mail();

    name_file(p, "a.txt");
    return p;
}

/* ---- the rows ------------------------------------------------------------ */

#define FILE_A       PIECE("File", "f", "a.txt")
#define OLD_BO       PIECE("Item", "old", "Bo")
#define NEW_BO       PIECE("Item", "new", "Bo")
#define IN_THE_INNER PIECE("Item", "inner", "inner")
/* Without anything else, as one that arrived by MIME. */
#define AS_MIME OUTLINE("Message", "IPM.Note", "")

#define N_ASKED_MAX 16

struct step {
    const char *operation; /* NULL: the last */
    const char *answer;
    const char *has; /* in the request; or NULL */
};

/* clang-format off */
static const struct {
    const char *name;
    struct portable *(*item)(void);
    struct step steps[N_ASKED_MAX];
    const char *lost; /* NULL: nothing */
} rows[] = {
    { "no item in it: not a request more", with_file,
      { { CREATE, MADE, "<t:Value>key</t:Value>" },
        { GET, BACK(FILE_A), NULL } }, NULL },
    { "a card of MIME becomes a contact", with_card,
      { { CREATE, MADE, "unfinished:key" },
        { GET, BACK(FILE_A OLD_BO), NULL },
        { ATTACH, ATTACHED, "<t:GivenName>Bo</t:GivenName>" },
        { DROP, DROPPED, "<t:AttachmentId Id=\"old\"/></m" },
        { GET, BACK(FILE_A NEW_BO), NULL },
        { LOOK, LOOKED(CARD("Bo")), "Id=\"new\"" },
        { UPDATE, STAMPED, "<t:Value>key</t:Value>" } }, NULL },
    { "a card's file of MIME goes", with_card,
      { { CREATE, MADE, NULL },
        { GET, BACK(FILE_A PIECE("File", "vcf", "Bo.vcf")), NULL },
        { ATTACH, ATTACHED, NULL },
        { DROP, DROPPED, "Id=\"vcf\"" },
        { GET, BACK(FILE_A NEW_BO), NULL },
        { LOOK, LOOKED(CARD("Bo")), NULL },
        { UPDATE, STAMPED, NULL } }, NULL },
    { "two such files: none is taken for it", with_card,
      { { CREATE, MADE, NULL },
        { GET, BACK(PIECE("File", "1", "Bo.vcf") PIECE("File", "2", "Bo.vcf")), NULL },
        { ATTACH, ATTACHED, NULL },
        { GET, BACK(NEW_BO PIECE("File", "1", "Bo.vcf") PIECE("File", "2", "Bo.vcf")), NULL },
        { LOOK, LOOKED(CARD("Bo")), NULL },
        { UPDATE, STAMPED, NULL } }, NULL },
    { "MIME calls it by its subject", with_card,
      { { CREATE, MADE, NULL },
        { GET, BACK(FILE_A PIECE("Item", "old", "Dr. Bo")), NULL },
        { ATTACH, ATTACHED, NULL },
        { DROP, DROPPED, "Id=\"old\"" },
        { GET, BACK(FILE_A NEW_BO), NULL },
        { LOOK, LOOKED(CARD("Bo")), NULL },
        { UPDATE, STAMPED, NULL } }, NULL },
    { "refused: it stays as it is", with_card,
      { { CREATE, MADE, NULL },
        { GET, BACK(FILE_A OLD_BO), NULL },
        { ATTACH, REFUSED, NULL },
        { GET, BACK(FILE_A OLD_BO), NULL },
        { LOOK, LOOKED(AS_MIME), NULL },
        { UPDATE, STAMPED, NULL } },
      "class of attachment \"Bo\" (ErrorVirusDetected" },
    { "the old one cannot be taken away", with_card,
      { { CREATE, MADE, NULL },
        { GET, BACK(OLD_BO), NULL },
        { ATTACH, ATTACHED, NULL },
        { DROP, KEPT, NULL },
        { GET, BACK(NEW_BO OLD_BO), NULL },
        { LOOK, LOOKED(CARD("Bo")), NULL },
        { UPDATE, STAMPED, NULL } },
      "what MIME made of it is there beside attachment \"Bo\"" },
    { "a property does not arrive", with_card,
      { { CREATE, MADE, NULL },
        { GET, BACK(OLD_BO), NULL },
        { ATTACH, ATTACHED, NULL },
        { DROP, DROPPED, NULL },
        { GET, BACK(NEW_BO), NULL },
        { LOOK, LOOKED(CARD("")), NULL },
        { UPDATE, STAMPED, NULL } },
      "given name of attachment \"Bo\"" },
    { "a mail that is whole stays", only_mail,
      { { CREATE, MADE, NULL },
        { GET, BACK(IN_THE_INNER), NULL },
        { LOOK, LOOKED(MAIL("High", "")), "item:Importance" },
        { UPDATE, STAMPED, NULL } }, NULL },
    { "a mail that lost something is attached anew", only_mail,
      { { CREATE, MADE, NULL },
        { GET, BACK(IN_THE_INNER), NULL },
        { LOOK, LOOKED(MAIL("Normal", "")), NULL },
        { ATTACH, ATTACHED, SAMPLE_MIME },
        { DROP, DROPPED, "Id=\"inner\"" },
        { GET, BACK(IN_THE_INNER), NULL },
        { LOOK, LOOKED(MAIL("High", "")), NULL },
        { UPDATE, STAMPED, NULL } }, NULL },
    { "inside of a mail, the same", card_in_mail,
      { { CREATE, MADE, NULL },
        { GET, BACK(IN_THE_INNER), NULL },
        { LOOK, LOOKED(MAIL("High", HOLDING(OLD_BO))), NULL },
        { ATTACH, ATTACHED, "<m:ParentItemId Id=\"inner\"/>" },
        { DROP, DROPPED, "Id=\"old\"" },
        { LOOK, LOOKED(MAIL("High", HOLDING(NEW_BO))), "Id=\"inner\"" },
        { LOOK, LOOKED(CARD("")), "Id=\"new\"" },
        { UPDATE, STAMPED, NULL } },
      "given name of attachment \"Bo\" in attachment \"inner\"" },
    { "one that the source could not read", with_unreadable,
      { { CREATE, MADE, NULL },
        { GET, BACK(PIECE("Item", "o", "odd")), NULL },
        { UPDATE, STAMPED, NULL } },
      "what MIME has no room for (unreadable) of attachment \"odd\"" },
};
/* clang-format on */

static void check_requests(struct script *script, const struct step *steps,
                           size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *body = script_request(script, i + 1)->body;
        g_autofree char *element = g_strconcat("<m:", steps[i].operation, NULL);

        CHECK_ROW(steps[i].operation, strstr(body, element) != NULL);
        CHECK_ROW(steps[i].has != NULL ? steps[i].has : "",
                  steps[i].has == NULL || strstr(body, steps[i].has) != NULL);
    }
}

static void check_row(size_t i)
{
    struct portable *p = rows[i].item();
    const struct endpoint_put one = { .folder_id = "F",
                                      .format = PAYLOAD_PORTABLE,
                                      .portable = p,
                                      .stamp = "key" };
    struct endpoint_done done = { 0 };
    struct stage st;
    struct err err;
    bool maybe = false;
    size_t n = 0;

    portable_seal(p);
    stage_init(&st);
    stage_open_2016(&st);
    for (; rows[i].steps[n].operation != NULL; n++)
        script_say(st.script, rows[i].steps[n].answer);
    CHECK_OK(endpoint_put(st.ep, &one, 1, &done, &maybe, &err), &err);
    CHECK_ROW(rows[i].name, done.status == 0);
    CHECK_ROW(rows[i].name, script_n(st.script) == n + 1);
    check_requests(st.script, rows[i].steps, n);
    if (rows[i].lost == NULL
            ? done.lost != NULL
            : done.lost == NULL || strstr(done.lost, rows[i].lost) == NULL)
        g_error("row \"%s\": lost \"%s\"", rows[i].name, done.lost);
    endpoint_done_free(&done, 1);
    portable_unref(p);
    stage_release(&st);
}

static void test_rows(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        check_row(i);
}

/* What is not done for certain leaves the stamp as it is, and says "maybe". */
static void test_no_answer(void)
{
    const struct script_line lost = { .lost = "connection-lost",
                                      .lost_scope = ERR_MAILBOX,
                                      .lost_retry = ERR_RETRY_NOW,
                                      .body_sent = true };
    struct portable *p = with_card();
    const struct endpoint_put one = { .folder_id = "F",
                                      .format = PAYLOAD_PORTABLE,
                                      .portable = p,
                                      .stamp = "key" };
    struct endpoint_done done = { 0 };
    struct stage st;
    struct err err;
    bool maybe = false;

    portable_seal(p);
    stage_init(&st);
    stage_open_2016(&st);
    script_say(st.script, MADE);
    script_say(st.script, BACK(OLD_BO));
    script_add(st.script, &lost);
    g_assert_cmpint(endpoint_put(st.ep, &one, 1, &done, &maybe, &err), ==, -1);
    g_assert_true(maybe);
    g_assert_cmpuint(script_n(st.script), ==, 4);
    portable_unref(p);
    stage_release(&st);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/portable-attached/rows", test_rows);
    g_test_add_func("/portable-attached/no-answer", test_no_answer);
    return g_test_run();
}
