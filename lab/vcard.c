#include "lab/vcard.h"

#include <string.h>

#include "lab/body.h"
#include "lab/ical_priv.h"
#include "lab/mapi_tags.h"

/*
 * Lines of one text each, [MS-OXVCARD] 2.1.3: by tag, or by id in
 * PSETID_ADDRESS.
 */
static const struct {
    const char *name;
    uint16_t tag;
    uint32_t lid;
} texts[] = {
    { "FN", 0x3001, 0 },
    { "NICKNAME", 0x3A4F, 0 },
    { "TITLE", 0x3A17, 0 },
    { "TEL;TYPE=WORK", 0x3A08, 0 },
    { "TEL;TYPE=WORK", 0x3A1B, 0 },
    { "TEL;TYPE=HOME", 0x3A09, 0 },
    { "TEL;TYPE=HOME", 0x3A2F, 0 },
    { "TEL;TYPE=CELL", 0x3A1C, 0 },
    { "TEL;TYPE=FAX,WORK", 0x3A24, 0 },
    { "TEL;TYPE=FAX,HOME", 0x3A25, 0 },
    { "TEL;TYPE=PAGER", 0x3A21, 0 },
    { "TEL;TYPE=CAR", 0x3A1E, 0 },
    { "EMAIL;TYPE=INTERNET", 0, 0x8084 },
    { "EMAIL;TYPE=INTERNET", 0, 0x8094 },
    { "EMAIL;TYPE=INTERNET", 0, 0x80A4 },
    { "URL;TYPE=WORK", 0x3A51, 0 },
    { "URL;TYPE=HOME", 0x3A50, 0 },
    { "X-MS-IMADDRESS", 0, 0x8062 },
    { "X-MS-SPOUSE", 0x3A48, 0 },
    { "X-MS-MANAGER", 0x3A4E, 0 },
    { "X-MS-ASSISTANT", 0x3A30, 0 },
};

static char *text_at(const struct mapi_props *props, uint16_t tag, uint32_t lid)
{
    char *text =
        mapi_dup_text(tag != 0 ? mapi_find(props, tag)
                               : mapi_find_id(props, PSETID_ADDRESS, lid));

    if (text != NULL && *text == '\0')
        g_clear_pointer(&text, g_free);
    return text;
}

/* Parts with semicolons between, each escaped; a part is a tag or an id. */
struct parts {
    const char *name;
    size_t n;
    uint32_t part[7]; /* ids of tags, or in PSETID_ADDRESS; 0: empty */
    bool named;
};

/* clang-format off */
static const struct parts structured[] = {
    { "N", 5, { 0x3A11, 0x3A06, 0x3A44, 0x3A45, 0x3A05 }, false },
    { "ORG", 2, { 0x3A16, 0x3A18 }, false },
    /* post box, suite, street, city, state, code, country */
    { "ADR;TYPE=WORK", 7,
      { 0x804A, 0, 0x8045, 0x8046, 0x8047, 0x8048, 0x8049 }, true },
    { "ADR;TYPE=HOME", 7,
      { 0x3A5E, 0, 0x3A5D, 0x3A59, 0x3A5C, 0x3A5B, 0x3A5A }, false },
    { "ADR", 7,
      { 0x3A64, 0, 0x3A63, 0x3A5F, 0x3A62, 0x3A61, 0x3A60 }, false },
};
/* clang-format on */

static void append_escaped(GString *s, const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\n')
            g_string_append(s, "\\n");
        else if (strchr("\\;,", *p) != NULL)
            g_string_append_printf(s, "\\%c", *p);
        else if ((unsigned char)*p >= 0x20)
            g_string_append_c(s, *p);
    }
}

static void write_parts(GString *to, const struct mapi_props *props,
                        const struct parts *parts)
{
    g_autoptr(GString) line = g_string_new(parts->name);
    bool any = strcmp(parts->name, "N") == 0; /* RFC 2426 3.1.2 wants it */

    for (size_t i = 0; i < parts->n; i++) {
        g_autofree char *text =
            parts->part[i] == 0 ? NULL
            : parts->named      ? text_at(props, 0, parts->part[i])
                                : text_at(props, (uint16_t)parts->part[i], 0);

        g_string_append_c(line, i == 0 ? ':' : ';');
        if (text == NULL)
            continue;
        append_escaped(line, text);
        any = true;
    }
    if (any)
        ical_line(to, line->str);
}

static void write_date(GString *to, const struct mapi_props *props,
                       const char *name, uint16_t tag)
{
    int64_t us = mapi_get_time(mapi_find(props, tag));
    g_autofree char *text = us != TIMESTAMP_NONE ? timestamp_format(us) : NULL;

    if (text != NULL)
        ical_linef(to, "%s;VALUE=DATE:%.10s", name, text);
}

static void write_photo(GString *to, const struct mapi_message *m)
{
    for (size_t i = 0; i < m->n_attachments; i++) {
        const struct mapi_props *props = &m->attachments[i].props;
        const struct mapi_prop *data =
            mapi_find(props, PROP_ID(PR_ATTACH_DATA_BIN));
        g_autofree char *text = NULL;

        if (data == NULL ||
            !mapi_get_bool(
                mapi_find(props, PROP_ID(PR_ATTACHMENT_CONTACTPHOTO)), false))
            continue;
        text = g_base64_encode(data->data, data->size);
        ical_linef(to, "PHOTO;ENCODING=B;TYPE=JPEG:%s", text);
        return;
    }
}

char *vcard_render(const struct mapi_message *m)
{
    const struct mapi_props *props = &m->props;
    GString *to = g_string_new("BEGIN:VCARD\r\nPROFILE:VCARD\r\n"
                               "VERSION:3.0\r\n"
                               "MAILER:Microsoft Exchange\r\n"
                               "PRODID:Microsoft Exchange\r\n");
    struct body body = { 0 };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *text = text_at(props, texts[i].tag, texts[i].lid);

        if (text != NULL)
            ical_text(to, texts[i].name, text);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(structured); i++)
        write_parts(to, props, &structured[i]);
    body_read(props, BODY_TEXT, &body);
    if (body.text != NULL && *body.text != '\0')
        ical_text(to, "NOTE", body.text);
    g_free(body.text);
    write_date(to, props, "BDAY", PROP_ID(PR_BIRTHDAY));
    write_date(to, props, "X-MS-ANNIVERSARY", 0x3A41);
    write_date(to, props, "REV", PROP_ID(PR_LAST_MODIFICATION_TIME));
    write_photo(to, m);
    ical_line(to, "END:VCARD");
    return g_string_free(to, FALSE);
}
