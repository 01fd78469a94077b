#include <string.h>

#include "lab/generate_calendar.h"
#include "lab/generate_priv.h"
#include "lab/mapi_tags.h"

#define DAY (INT64_C(86400) * TIMESTAMP_SECOND)

/* ---- contacts -------------------------------------------------------- */

static uint32_t address(struct lab_sketch *s, uint32_t id, uint16_t type)
{
    return mapi_named_id(s->item, PSETID_ADDRESS, id, type);
}

static void set_email(struct lab_sketch *s, const struct lab_person *p)
{
    GByteArray *id = lab_part_entry_id(p);

    mapi_set_text(s->item, s->props, address(s, 0x8080, PT_UNICODE), p->name);
    mapi_set_text(s->item, s->props, address(s, 0x8082, PT_UNICODE),
                  p->dn != NULL ? "EX" : "SMTP");
    mapi_set_text(s->item, s->props, address(s, 0x8083, PT_UNICODE),
                  p->dn != NULL ? p->dn : p->address);
    mapi_set_text(s->item, s->props, address(s, 0x8084, PT_UNICODE),
                  p->address);
    mapi_set(s->item, s->props, address(s, 0x8085, PT_BINARY), id->data,
             id->len);
    g_byte_array_unref(id);
}

static void set_numbers(struct lab_sketch *s)
{
    static const uint32_t tags[] = { PR_BUSINESS_TELEPHONE, PR_HOME_TELEPHONE,
                                     PR_MOBILE_TELEPHONE };

    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
        g_autofree char *number = g_strdup_printf(
            "+49 221 555%04u", lab_random_below(&s->random, 10000));

        if (lab_random_chance(&s->random, 60))
            mapi_set_text(s->item, s->props, tags[i], number);
    }
}

static void set_photo(struct lab_sketch *s)
{
    struct mapi_attachment *a =
        lab_part_attachment(s, &s->item->message, ATTACH_BY_VALUE);

    mapi_set_text(s->item, &a->props, PR_ATTACH_LONG_FILENAME,
                  "ContactPicture.jpg");
    mapi_set_bool(s->item, &a->props, PR_ATTACHMENT_CONTACTPHOTO, true);
    mapi_set_bool(s->item, &a->props, PR_ATTACHMENT_HIDDEN, true);
    lab_part_binary(s, &a->props, PR_ATTACH_DATA_BIN,
                    3000 + lab_random_below(&s->random, 8000));
    mapi_set_bool(s->item, s->props, address(s, 0x8015, PT_BOOLEAN), true);
}

void lab_kind_contact(struct lab_sketch *s)
{
    const struct lab_person *p = lab_someone(s);
    g_auto(GStrv) names = g_strsplit(p->name, " ", 2);
    g_autofree char *file_as = g_strdup_printf("%s, %s", names[1], names[0]);

    lab_part_head(s, "IPM.Contact", p->name);
    mapi_set_text(s->item, s->props, PR_DISPLAY_NAME, p->name);
    mapi_set_text(s->item, s->props, PR_GIVEN_NAME, names[0]);
    mapi_set_text(s->item, s->props, PR_SURNAME, names[1]);
    mapi_set_text(s->item, s->props, PR_COMPANY_NAME, "Contoso & Söhne");
    mapi_set_text(s->item, s->props, PR_TITLE, "");
    mapi_set_text(s->item, s->props, address(s, 0x8005, PT_UNICODE), file_as);
    mapi_set_text(s->item, s->props, address(s, 0x8045, PT_UNICODE),
                  "Domkloster 4");
    set_email(s, p);
    set_numbers(s);
    if (lab_random_chance(&s->random, 40))
        mapi_set_time(s->item, s->props, PR_BIRTHDAY,
                      -(int64_t)lab_random_below(&s->random, 7000) * DAY);
    if (lab_random_chance(&s->random, 40))
        set_photo(s);
}

enum { LIST_MAX = 12 };

void lab_kind_list(struct lab_sketch *s)
{
    GByteArray *members[LIST_MAX];
    uint32_t n = 2 + lab_random_below(&s->random, LIST_MAX - 2);

    lab_part_head(s, "IPM.DistList", "Team");
    mapi_set_text(s->item, s->props, PR_DISPLAY_NAME, "Team");
    mapi_set_text(s->item, s->props, address(s, 0x8053, PT_UNICODE), "Team");
    for (uint32_t i = 0; i < n; i++)
        members[i] = lab_part_entry_id(lab_someone(s));
    lab_part_binaries(s, address(s, 0x8055, MV_FLAG | PT_BINARY), members, n);
    lab_part_binaries(s, address(s, 0x8054, MV_FLAG | PT_BINARY), members, n);
    mapi_set_i32(s->item, s->props, address(s, 0x804C, PT_LONG),
                 (int32_t)lab_random_below(&s->random, 1u << 30));
    for (uint32_t i = 0; i < n; i++)
        g_byte_array_unref(members[i]);
}

/* ---- tasks ----------------------------------------------------------- */

static uint32_t task(struct lab_sketch *s, uint32_t id, uint16_t type)
{
    return mapi_named_id(s->item, PSETID_TASK, id, type);
}

void lab_kind_task(struct lab_sketch *s)
{
    g_autofree char *subject = lab_text_subject(&s->random);
    g_autofree char *text = lab_text_body(&s->random, 150);
    bool done = lab_random_chance(&s->random, 50);
    int64_t day = s->at_us / DAY * DAY;

    lab_part_head(s, "IPM.Task", subject);
    lab_part_body_rtf(s, text);
    mapi_set_i32(s->item, s->props, task(s, 0x8101, PT_LONG), done ? 2 : 1);
    mapi_set_double(s->item, s->props, task(s, 0x8102, PT_DOUBLE),
                    done ? 1.0 : lab_random_below(&s->random, 10) / 10.0);
    mapi_set_time(s->item, s->props, task(s, 0x8104, PT_SYSTIME), day);
    mapi_set_time(s->item, s->props, task(s, 0x8105, PT_SYSTIME),
                  day + 14 * DAY);
    if (done)
        mapi_set_time(s->item, s->props, task(s, 0x810F, PT_SYSTIME),
                      day + 9 * DAY);
    mapi_set_i32(s->item, s->props, task(s, 0x8110, PT_LONG), 240);
    mapi_set_bool(s->item, s->props, task(s, 0x811C, PT_BOOLEAN), done);
    mapi_set_text(s->item, s->props, task(s, 0x811F, PT_UNICODE),
                  s->scene->owner.name);
    mapi_set_bool(s->item, s->props, task(s, 0x8126, PT_BOOLEAN), false);
    if (lab_random_chance(&s->random, 25))
        lab_part_task_series(s, day);
}

/* ---- notes and journal ----------------------------------------------- */

void lab_kind_note(struct lab_sketch *s)
{
    g_autofree char *text = lab_text_body(&s->random, 80);
    g_autofree char *line = g_strndup(text, strcspn(text, "\r\n"));

    lab_part_head(s, "IPM.StickyNote", line);
    lab_part_body_plain(s, text);
    for (uint32_t id = 0x8B00; id <= 0x8B05; id++)
        mapi_set_i32(
            s->item, s->props, mapi_named_id(s->item, PSETID_NOTE, id, PT_LONG),
            (int32_t)lab_random_below(&s->random, id == 0x8B00 ? 5 : 400));
}

void lab_kind_journal(struct lab_sketch *s)
{
    g_autofree char *subject = lab_text_subject(&s->random);
    int32_t minutes = 5 + (int32_t)lab_random_below(&s->random, 55);
    struct mapi_item *item = s->item;

    lab_part_head(s, "IPM.Activity", subject);
    mapi_set_text(item, s->props,
                  mapi_named_id(item, PSETID_LOG, 0x8700, PT_UNICODE),
                  "Phone call");
    mapi_set_time(item, s->props,
                  mapi_named_id(item, PSETID_LOG, 0x8706, PT_SYSTIME),
                  s->at_us);
    mapi_set_i32(item, s->props,
                 mapi_named_id(item, PSETID_LOG, 0x8707, PT_LONG), minutes);
    mapi_set_time(item, s->props,
                  mapi_named_id(item, PSETID_LOG, 0x8708, PT_SYSTIME),
                  s->at_us + minutes * 60 * TIMESTAMP_SECOND);
    mapi_set_text(item, s->props,
                  mapi_named_id(item, PSETID_LOG, 0x8712, PT_UNICODE),
                  "Phone call");
}

/* ---- hidden ---------------------------------------------------------- */

/* PR_ROAMING_XMLSTREAM, [MS-OXOCFG] 2.2.2.3. */
#define ROAMING_XML PROP_TAG(0x7C08, PT_BINARY)

/* PidTagViewDescriptorName, [MS-OXOCFG] 2.2.6.2. */
#define VIEW_NAME PROP_TAG(0x7006, PT_UNICODE)

void lab_kind_configuration(struct lab_sketch *s, const char *item_class)
{
    static const char xml[] =
        "<?xml version=\"1.0\"?><categories default=\"Red Category\" "
        "xmlns=\"CategoryList.xsd\"><category name=\"Red Category\" "
        "color=\"0\" guid=\"{1b6a4f4e-0000-4000-8000-000000000001}\"/>"
        "</categories>";

    lab_part_head(s, item_class, item_class);
    if (strcmp(item_class, "IPM.Microsoft.FolderDesign.NamedView") == 0)
        mapi_set_text(s->item, s->props, VIEW_NAME, "By sender");
    mapi_set(s->item, s->props, ROAMING_XML, xml, sizeof(xml) - 1);
    lab_part_binary(s, s->props, PROP_TAG(0x7C07, PT_BINARY), 120);
}
