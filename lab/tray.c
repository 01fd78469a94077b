#include "lab/tray.h"

#include "lab/mapi_tags.h"

static const char *const counted[N_LAB_SENT] = {
    [LAB_SENT_MAIL] = "sent.mails",
    [LAB_SENT_RECEIPT] = "sent.receipts",
    [LAB_SENT_INVITATION] = "sent.invitations",
    [LAB_SENT_CANCELLATION] = "sent.cancellations",
    [LAB_SENT_RESPONSE] = "sent.responses",
};

int tray_put(struct op_call *call, enum lab_sent kind, int64_t mailbox,
             const char *recipients, const char *subject, struct problem *p)
{
    g_autofree char *to = g_strdup(recipients);
    g_autofree char *about = g_strdup(subject);
    const struct lab_sending s = {
        .kind = kind,
        .mailbox = mailbox,
        .recipients = to,
        .subject = about,
        .at_us = timestamp_now(),
    };
    struct err err;

    if (lab_store_tray_add(call->lab->store, &s, &err) < 0)
        return problem_from_err(p, &err);
    counters_note(call->lab->counters, counted[kind]);
    return 0;
}

/* The best there is of a recipient: SMTP address, address, name. */
static char *address_of(const struct mapi_props *r)
{
    static const uint32_t tags[] = { PR_SMTP_ADDRESS, PR_EMAIL_ADDRESS,
                                     PR_DISPLAY_NAME };

    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
        char *text = mapi_dup_text(mapi_find(r, PROP_ID(tags[i])));

        if (text != NULL && text[0] != '\0')
            return text;
        g_free(text);
    }
    return g_strdup("?");
}

char *tray_recipients(const struct mapi_message *m)
{
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < m->n_recipients; i++) {
        g_autofree char *address = address_of(&m->recipients[i]);

        g_string_append_printf(out, "%s%s", i > 0 ? "; " : "", address);
    }
    return g_string_free(out, FALSE);
}

int tray_send(struct op_call *call, enum lab_sent kind, int64_t mailbox,
              const struct mapi_message *m, struct problem *p)
{
    g_autofree char *to = tray_recipients(m);
    g_autofree char *subject =
        mapi_dup_text(mapi_find(&m->props, PROP_ID(PR_SUBJECT)));

    if (to[0] == '\0')
        return 0;
    return tray_put(call, kind, mailbox, to, subject, p);
}

/* A tab or a line's end in a subject would be one of the table. */
static void append_cell(GString *out, const char *text)
{
    g_string_append_c(out, '\t');
    for (const char *p = text != NULL ? text : ""; *p != '\0'; p++)
        g_string_append_c(out, g_ascii_iscntrl(*p) ? ' ' : *p);
}

int tray_text(struct lab *lab, GString *out, struct err *err)
{
    g_autoptr(GPtrArray) all = NULL;

    if (lab_store_tray(lab->store, &all, err) < 0)
        return -1;
    for (guint i = 0; i < all->len; i++) {
        const struct lab_sending *s = all->pdata[i];
        g_autofree char *at = timestamp_format(s->at_us);

        g_string_append(out, at);
        append_cell(out, lab_sent_name(s->kind));
        append_cell(out, s->from);
        append_cell(out, s->recipients);
        append_cell(out, s->subject);
        g_string_append_c(out, '\n');
    }
    return 0;
}
