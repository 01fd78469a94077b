#include "desk/invoice.h"

#include <string.h>

#include "desk/price.h"
#include "store/roster_accounts.h"

/* Of the trail: the migration has begun (desk.h). */
#define STARTED "request.start"
#define PAGE    500

static int refuse(const struct request *r, struct err *err)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "request %" G_GINT64_FORMAT " is %s: nothing of it is billed",
            r->id, request_state_name(r->state));
    err->name = "wrong-state";
    return err_remedy(err, r->state == REQUEST_CANCELLED
                               ? "it was cancelled before its migration began"
                               : "what is billed is what was approved");
}

/* 1, 0, -1. */
static int has_started(struct roster *p, const struct request *r,
                       struct err *err)
{
    g_autofree char *subject = request_subject(r->id);
    struct roster_page page = { .limit = PAGE };
    guint n = PAGE;

    while (n == PAGE) {
        g_autoptr(GPtrArray) lines = NULL;

        if (roster_audit_about(p, subject, &page, &lines, err) < 0)
            return -1;
        n = lines->len;
        for (guint i = 0; i < n; i++) {
            const struct audit_entry *e = lines->pdata[i];

            if (strcmp(e->action, STARTED) == 0)
                return 1;
            page.after = e->id;
        }
    }
    return 0;
}

/* 1, 0, -1. */
static int is_billed(struct roster *p, const struct request *r, struct err *err)
{
    switch (r->state) {
    case REQUEST_APPROVED:
    case REQUEST_SCHEDULED:
    case REQUEST_RUNNING:
    case REQUEST_READY_FOR_CUTOVER:
    case REQUEST_CUT_OVER:
    case REQUEST_COMPLETED:
        return 1;
    case REQUEST_CANCELLED:
        return has_started(p, r, err);
    case REQUEST_RECEIVED:
    case REQUEST_AWAITING_INFORMATION:
    case REQUEST_QUOTED:
    case REQUEST_REFUSED:
    case REQUEST_EXPIRED:
    case REQUEST_N_STATES:
        return 0;
    }
    return 0;
}

int invoice_make(struct roster *p, const struct request *r,
                 enum invoice_form form, char **ret, struct err *err)
{
    g_autoptr(roster_account) a = NULL;
    g_autoptr(quote) q = NULL;
    struct invoice_of of;
    int found = is_billed(p, r, err);

    if (found < 0)
        return -1;
    /* one that was approved by hand may have had no quote */
    if (found == 0 || r->quote == NULL || *r->quote == '\0')
        return refuse(r, err);
    if (quote_parse(r->quote, &q, err) < 0 ||
        roster_account_get(p, r->account_id, &a, err) < 0)
        return -1;
    of = (struct invoice_of){
        .request_id = r->id,
        .partner = r->partner != NULL ? r->partner
                   : a != NULL        ? a->partner
                                      : "",
        .account = a != NULL ? a->name : "",
        .domain = r->domain != NULL ? r->domain : "",
        .done_us = r->changed_us,
    };
    *ret = form == INVOICE_CSV ? invoice_csv(q, &of) : invoice_json(q, &of);
    return 0;
}
