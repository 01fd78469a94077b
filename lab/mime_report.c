/*
 * Reports: what became of a mail, RFC 3464 and RFC 8098, and Exchange's
 * classes for them ([MS-OXCMAIL] 2.1.3.2.10 and 2.2.2.3).
 */
#include <string.h>

#include "lab/mapi_tags.h"
#include "lab/mime_address.h"
#include "lab/mime_charset.h"
#include "lab/mime_priv.h"

/* Rows of one report: a list's worth of recipients. */
enum { REPORT_ROWS_MAX = 1000 };

bool mime_is_report(const char *item_class)
{
    return g_ascii_strncasecmp(item_class, "REPORT.", 7) == 0;
}

static bool has_suffix(const char *item_class, const char *suffix)
{
    size_t n = strlen(item_class), m = strlen(suffix);

    return n >= m && g_ascii_strcasecmp(item_class + n - m, suffix) == 0;
}

/* ---- in -------------------------------------------------------------- */

/* Worst first: one failure makes it a report of non-delivery. */
static const struct {
    const char *action, *item_class;
} actions[] = {
    { "failed", "REPORT.IPM.Note.NDR" },
    { "delayed", "REPORT.IPM.Note.DELAYED" },
    { "delivered", "REPORT.IPM.Note.DR" },
    { "relayed", "REPORT.IPM.Note.RELAYED" },
    { "expanded", "REPORT.IPM.Note.EXPANDED" },
};

/* "rfc822; a@b" without its type; takes it. */
static char *behind_type(char *raw)
{
    const char *semicolon = raw != NULL ? strchr(raw, ';') : NULL;
    char *value = g_strdup(semicolon != NULL ? semicolon + 1 : raw);

    g_free(raw);
    return value != NULL ? g_strstrip(value) : NULL;
}

/* "5.1.1" is 511 ([MS-OXOMSG] PidTagNonDeliveryReportStatusCode). */
static int32_t status_code(const char *text)
{
    int32_t code = 0;
    int digits = 0;

    for (const char *p = text; *p != '\0' && digits < 3; p++) {
        if (g_ascii_isdigit(*p)) {
            code = code * 10 + (*p - '0');
            digits++;
        } else if (*p != '.') {
            break;
        }
    }
    return digits == 3 ? code : 0;
}

/* One group of fields; its action's place in the table, or -1. */
static int recipient_in(const struct mime_in *in, const struct mime_part *group)
{
    g_autofree char *address =
        behind_type(mime_part_raw(group, "Final-Recipient"));
    g_autofree char *action = mime_part_raw(group, "Action");
    g_autofree char *status = mime_part_raw(group, "Status");
    g_autofree char *why =
        behind_type(mime_part_text(group, "Diagnostic-Code"));
    char unnamed[1] = "";
    struct mime_address a = { .name = unnamed, .smtp = address };
    struct mapi_props *r;
    int32_t code;

    if (address == NULL || action == NULL)
        return -1;
    r = mime_recipient_add(in->item, in->m, &a, 1);
    code = status != NULL ? status_code(status) : 0;
    if (code != 0)
        mapi_set_i32(in->item, r, PR_NDR_STATUS_CODE, code);
    if (why != NULL && *why != '\0')
        mapi_set_text(in->item, r, PR_SUPPLEMENTARY_INFO, why);
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
        if (g_ascii_strcasecmp(actions[i].action, action) == 0)
            return (int)i;
    return -1;
}

/* The fields of the whole report. */
static void mta_in(const struct mime_in *in, const struct mime_part *group)
{
    g_autofree char *mta = behind_type(mime_part_raw(group, "Reporting-MTA"));

    if (mta != NULL && *mta != '\0')
        mapi_set_text(in->item, &in->m->props, PR_REPORTING_MTA, mta);
}

static bool delivery_in(const struct mime_in *in, const struct mime_part *part)
{
    GByteArray *content = mime_part_content(part);
    size_t at = 0;
    int worst = G_MAXINT, rows = 0;

    /* Groups end with an empty line, as headers do: each is read as one. */
    while (at < content->len && rows++ < REPORT_ROWS_MAX) {
        g_autoptr(mime_part) group =
            mime_part_new(content->data + at, content->len - at);
        int action = recipient_in(in, group);

        mta_in(in, group);
        if (action >= 0)
            worst = MIN(worst, action);
        if (group->head_n == 0)
            break;
        at += group->head_n;
    }
    g_byte_array_unref(content);
    if (worst == G_MAXINT)
        return false;
    mapi_set_text(in->item, &in->m->props, PR_MESSAGE_CLASS,
                  actions[worst].item_class);
    return true;
}

static bool disposition_in(const struct mime_in *in,
                           const struct mime_part *part)
{
    GByteArray *content = mime_part_content(part);
    struct mime_part *fields = mime_part_new(content->data, content->len);
    g_autofree char *disposition = mime_part_raw(fields, "Disposition");
    g_autofree char *id = mime_part_raw(fields, "Original-Message-ID");
    bool read =
        disposition != NULL && g_strrstr(disposition, "deleted") == NULL;

    if (disposition != NULL)
        mapi_set_text(in->item, &in->m->props, PR_MESSAGE_CLASS,
                      read ? "REPORT.IPM.Note.IPNRN"
                           : "REPORT.IPM.Note.IPNNRN");
    if (disposition != NULL && id != NULL)
        mapi_set_text(in->item, &in->m->props, PR_ORIGINAL_MESSAGE_ID, id);
    mime_part_free(fields);
    g_byte_array_unref(content);
    return disposition != NULL;
}

/* Whom the report went to is no recipient of the mail that it is about. */
static void set_reader(const struct mime_in *in, const struct mime_part *part)
{
    g_autofree char *to = mime_part_raw(part, "To");
    g_autoptr(GPtrArray) all = to != NULL ? mime_addresses_parse(to) : NULL;

    if (all != NULL && all->len > 0)
        mime_address_set(in->item, &in->m->props, &mime_tags_received,
                         all->pdata[0]);
}

static void report_text_in(const struct mime_in *in,
                           const struct mime_part *part)
{
    GByteArray *content = mime_part_content(part);
    int32_t cpid;
    g_autofree char *text = mime_charset_decode(
        content->data, content->len,
        g_mime_content_type_get_parameter(part->type, "charset"), &cpid);

    mime_text_in(in, text);
    mapi_set_text(in->item, &in->m->props, PR_REPORT_TEXT, text);
    mapi_set_i32(in->item, &in->m->props, PR_INTERNET_CPID, cpid);
    g_byte_array_unref(content);
}

bool mime_report_in(const struct mime_in *in, const struct mime_part *report)
{
    const struct mime_part *text = report->children->pdata[0];
    const struct mime_part *part = report->children->pdata[1];
    bool delivery = mime_part_is(part, "message", "delivery-status");
    g_autofree char *date = NULL;
    size_t n = in->m->n_recipients;
    int64_t sent;

    if (!mime_part_is(text, "text", "plain") ||
        (!delivery &&
         !mime_part_is(part, "message", "disposition-notification")))
        return false;
    in->m->n_recipients = 0;
    if (!(delivery ? delivery_in(in, part) : disposition_in(in, part))) {
        in->m->n_recipients = n;
        return false;
    }
    set_reader(in, report);
    report_text_in(in, text);
    date = mime_part_raw(report, "Date");
    sent = mime_date_in(date);
    if (sent != TIMESTAMP_NONE)
        mapi_set_time(in->item, &in->m->props, PR_REPORT_TIME, sent);
    for (guint i = 2; i < report->children->len; i++)
        mime_beside_in(in, report->children->pdata[i]);
    return true;
}

/* ---- out ------------------------------------------------------------- */

static void recipient_out(struct mime_out *o, const struct mapi_props *r,
                          const char *action)
{
    struct mime_address *a = mime_address_get(r, &mime_tags_recipient);
    int32_t code = mapi_get_i32(mapi_find(r, PROP_ID(PR_NDR_STATUS_CODE)), 0);
    g_autofree char *why = mime_text_of(r, PR_SUPPLEMENTARY_INFO);

    if (a == NULL)
        return;
    g_string_append_printf(o->text, "\r\nFinal-Recipient: rfc822;%s\r\n",
                           a->smtp);
    g_string_append_printf(o->text, "Action: %s\r\n", action);
    if (code >= 200 && code <= 599)
        g_string_append_printf(o->text, "Status: %d.%d.%d\r\n", code / 100,
                               code / 10 % 10, code % 10);
    if (why != NULL) {
        g_autofree char *typed = g_strconcat("smtp;", why, NULL);

        mime_field_out(o, "Diagnostic-Code", typed);
    }
    mime_address_free(a);
}

static void delivery_out(struct mime_out *o, const struct mapi_message *m,
                         const char *action)
{
    g_autofree char *mta = mime_text_of(&m->props, PR_REPORTING_MTA);
    g_autofree char *typed =
        g_strconcat("dns;", mta != NULL ? mta : "localhost", NULL);

    g_string_append(o->text, "Content-Type: message/delivery-status\r\n\r\n");
    mime_raw_field_out(o, "Reporting-MTA", typed);
    for (size_t i = 0; i < m->n_recipients; i++)
        recipient_out(o, &m->recipients[i], action);
}

static void disposition_out(struct mime_out *o, const struct mapi_message *m,
                            bool read)
{
    g_autofree char *id = mime_text_of(&m->props, PR_ORIGINAL_MESSAGE_ID);
    struct mime_address *a =
        mime_address_get(&m->props, &mime_tags_representing);

    g_string_append(o->text,
                    "Content-Type: message/disposition-notification\r\n\r\n");
    if (a != NULL)
        g_string_append_printf(o->text, "Final-Recipient: rfc822;%s\r\n",
                               a->smtp);
    if (id != NULL)
        mime_raw_field_out(o, "Original-Message-ID", id);
    g_string_append_printf(o->text,
                           "Disposition: manual-action/MDN-sent-manually; "
                           "%s\r\n",
                           read ? "displayed" : "deleted");
    mime_address_free(a);
}

static const char *action_of(const char *item_class)
{
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
        if (has_suffix(item_class, strrchr(actions[i].item_class, '.')))
            return actions[i].action;
    return "failed";
}

static char *report_text(const struct mapi_props *props)
{
    char *text = mapi_dup_text(mapi_find(props, PROP_ID(PR_BODY)));

    if (text == NULL)
        text = mapi_dup_text(mapi_find(props, PROP_ID(PR_REPORT_TEXT)));
    return text != NULL ? text : g_strdup("");
}

void mime_report_out(struct mime_out *o, const struct mapi_message *m)
{
    g_autofree char *item_class = mime_text_of(&m->props, PR_MESSAGE_CLASS);
    g_autofree char *text = report_text(&m->props);
    g_autofree char *boundary = mime_boundary(o);
    bool read = has_suffix(item_class, ".IPNRN");
    bool disposition = read || has_suffix(item_class, ".IPNNRN");

    g_string_append_printf(
        o->text,
        "Content-Type: multipart/report; report-type=%s;"
        "\r\n\tboundary=\"%s\"\r\n",
        disposition ? "disposition-notification" : "delivery-status", boundary);
    mime_boundary_out(o, boundary, false);
    mime_text_part_out(
        o, "plain", text,
        mapi_get_i32(mapi_find(&m->props, PROP_ID(PR_INTERNET_CPID)),
                     CPID_UTF8));
    mime_boundary_out(o, boundary, false);
    if (disposition)
        disposition_out(o, m, read);
    else
        delivery_out(o, m, action_of(item_class));
    for (size_t i = 0; i < m->n_attachments; i++) {
        mime_boundary_out(o, boundary, false);
        mime_attachment_out(o, &m->attachments[i]);
    }
    mime_boundary_out(o, boundary, true);
}
