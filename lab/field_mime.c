#include <string.h>

#include "lab/attachment.h"
#include "lab/ical.h"
#include "lab/mapi_tags.h"
#include "lab/mime.h"
#include "lab/occurrence.h"
#include "lab/shape.h"

/* ---- out ------------------------------------------------------------- */

/* Exchange 2007 has it of mail, posts and appointments alone. */
static bool has_mime(const struct field_view *v)
{
    enum mime_form form = mime_form(v->item->item_class);

    return v->call->lab->version->release >= EXCHANGE2010 ||
           form == MIME_MAIL || form == MIME_CALENDAR;
}

void field_write_mime(struct field_view *v, const struct field *f)
{
    const struct mapi_message *m = view_message(v);
    g_autofree char *name = field_element(f);
    g_autoptr(GBytes) mime = NULL;
    gsize n = 0;
    const void *data;

    if (m == NULL)
        return;
    if (!has_mime(v)) {
        /* named among fields of all kinds, it is one that this has not */
        if (v->shape->mime)
            v->refused = "ErrorUnsupportedMimeConversion";
        return;
    }
    mime = mime_render(m);
    if (mime == NULL) {
        v->refused = "ErrorContentConversionFailed";
        return;
    }
    data = g_bytes_get_data(mime, &n);
    xml_begin(v->x, name);
    xml_attr(v->x, "CharacterSet", "UTF-8");
    xml_end(v->x);
    xml_base64_chars(v->x, data, n);
    xml_close(v->x, name);
}

/* ---- in -------------------------------------------------------------- */

static bool is_class(const struct mapi_prop *p)
{
    return PROP_ID(p->tag) == PROP_ID(PR_MESSAGE_CLASS) && p->name == NULL;
}

/* What the MIME says goes before what was there; bodies are one thing. */
static void take_over(struct field_edit *e, const struct mapi_message *from)
{
    static const uint32_t bodies[] = { PR_BODY, PR_HTML, PR_RTF_COMPRESSED,
                                       PR_RTF_IN_SYNC, PR_NATIVE_BODY_INFO };

    for (size_t i = 0; i < G_N_ELEMENTS(bodies); i++)
        mapi_remove(e->props, PROP_ID(bodies[i]));
    for (size_t i = 0; i < from->props.n; i++) {
        const struct mapi_prop *p = &from->props.v[i];
        struct mapi_prop *mine;

        if (is_class(p) && e->kind != KIND_MESSAGE)
            continue;
        mapi_set(e->item, e->props, p->tag, p->data, p->size);
        mine = mapi_find(e->props, PROP_ID(p->tag));
        mine->name = p->name;
        mine->count = p->count;
    }
    e->message->recipients = from->recipients;
    e->message->n_recipients = from->n_recipients;
    e->message->room_recipients = from->room_recipients;
    e->message->attachments = from->attachments;
    e->message->n_attachments = from->n_attachments;
    e->message->room_attachments = from->room_attachments;
}

/* What Exchange makes of MIME, by the element that it is given for. */
enum taking { TAKE_MAIL, TAKE_CALENDAR, TAKE_NOTHING, TAKE_NOT };

static enum taking taking_of(const struct field_edit *e)
{
    if (e->kind == KIND_CALENDAR)
        return TAKE_CALENDAR;
    /*
     * from 2010 on a card is taken, and its fields are dropped: EWS-QUIRKS 41
     */
    if (e->kind == KIND_CONTACT)
        return e->call->lab->version->release >= EXCHANGE2010 ? TAKE_NOTHING
                                                              : TAKE_NOT;
    if ((e->kind & (KIND_TASK | KIND_LIST)) != 0)
        return TAKE_NOT;
    return TAKE_MAIL;
}

static int take_mail(struct field_edit *e, GBytes *data, struct problem *p)
{
    struct mapi_message m = { 0 };
    struct err err;
    gsize n = 0;
    const void *bytes = g_bytes_get_data(data, &n);

    if (mime_parse_into(bytes, n, e->item, &m, &err) < 0)
        return problem_set(p, "ErrorMimeContentInvalid");
    take_over(e, &m);
    return 0;
}

static int take_calendar(struct field_edit *e, GBytes *data, struct problem *p)
{
    g_autoptr(mapi_item) item = NULL;
    enum ical_method method;
    gsize n = 0;
    const char *text = g_bytes_get_data(data, &n);

    if (ical_parse(text, n, &item, &method) < 0)
        return problem_set(p, "ErrorMimeContentConversionFailed");
    mapi_remove(&item->message.props, PROP_ID(PR_MESSAGE_CLASS));
    occurrence_copy_message(e->item, e->message, &item->message);
    return 0;
}

/* field_parse_binary() takes for a fault what is here a code of its own. */
static GBytes *decode(const xmlNode *node, struct problem *p)
{
    struct problem fault;
    GBytes *data = field_parse_binary(node, &fault);

    if (data == NULL)
        problem_set(p, "ErrorMimeContentInvalidBase64String");
    return data;
}

int field_set_mime(struct field_edit *e, const struct field *f,
                   const xmlNode *node, struct problem *p)
{
    g_autoptr(GBytes) data = NULL;

    (void)f;
    if (taking_of(e) == TAKE_NOT)
        return problem_set(p, "ErrorUnsupportedMimeConversion");
    data = decode(node, p);
    if (data == NULL)
        return -1;
    if (g_bytes_get_size(data) == 0)
        return problem_set(p, "ErrorMimeContentInvalid");
    switch (taking_of(e)) {
    case TAKE_MAIL:
        return take_mail(e, data, p);
    case TAKE_CALENDAR:
        return take_calendar(e, data, p);
    case TAKE_NOTHING:
    case TAKE_NOT:
        break;
    }
    return 0;
}
