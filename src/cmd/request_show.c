/*
 * One request: what is known, what is missing, its quote, its mails and files,
 * and all that was decided about it.
 */
#include "base/timestamp.h"
#include "cmd/request.h"
#include "desk/complete.h"
#include "desk/price.h"
#include "desk/request_json.h"
#include "desk/sign_in.h"
#include "desk/waits.h"

/* What belongs to a request beside its row. */
struct dossier {
    GPtrArray *mails; /* of struct request_mail * */
    GPtrArray *files; /* of struct request_file * */
    GPtrArray *lines; /* of struct audit_entry * */
};

static void dossier_clear(struct dossier *d)
{
    g_clear_pointer(&d->mails, g_ptr_array_unref);
    g_clear_pointer(&d->files, g_ptr_array_unref);
    g_clear_pointer(&d->lines, g_ptr_array_unref);
}

static int read_mails(const struct request_work *w,
                      const struct roster_page *page, GPtrArray **ret,
                      struct err *err)
{
    const struct request_mail_filter filter = { w->id, -1 };

    return requests_mails(w->requests, &filter, page, ret, err);
}

static int read_files(const struct request_work *w,
                      const struct roster_page *page, GPtrArray **ret,
                      struct err *err)
{
    return requests_files(w->requests, w->id, page, ret, err);
}

static int read_lines(const struct request_work *w,
                      const struct roster_page *page, GPtrArray **ret,
                      struct err *err)
{
    g_autofree char *subject = request_subject(w->id);

    return roster_audit_about(w->data->roster, subject, page, ret, err);
}

static int dossier_read(const struct request_work *w, struct dossier *d,
                        struct err *err)
{
    if (request_read_all(w, read_mails, &d->mails, err) < 0 ||
        request_read_all(w, read_files, &d->files, err) < 0)
        return -1;
    return request_read_all(w, read_lines, &d->lines, err);
}

/* ---- for programs -------------------------------------------------------- */

static void print_json(const struct request_work *w, const struct request *r,
                       const struct dossier *d)
{
    const struct waits_rules rules = waits_rules_of(w->data->config);
    const struct waits what = waits_of(r, &rules, timestamp_now());
    json_t *json = request_json(r), *mails = json_array(),
           *files = json_array(), *lines = json_array();

    for (guint i = 0; i < d->mails->len; i++)
        json_array_append_new(mails, request_mail_json(d->mails->pdata[i]));
    for (guint i = 0; i < d->files->len; i++)
        json_array_append_new(files, request_file_json(d->files->pdata[i]));
    for (guint i = 0; i < d->lines->len; i++)
        json_array_append_new(lines, request_line_json(d->lines->pdata[i]));
    json_object_set_new(json, "waits", request_waits_json(&what));
    json_object_set_new(json, "mails", mails);
    json_object_set_new(json, "files", files);
    json_object_set_new(json, "timeline", lines);
    json_dumpf(json, w->ctx->out, JSON_INDENT(2));
    fputc('\n', w->ctx->out);
    json_decref(json);
}

/* ---- for people ---------------------------------------------------------- */

static void print_field(FILE *out, const char *name, const char *text)
{
    if (text != NULL)
        fprintf(out, "  %-12s %s\n", name, text);
}

/* "sign-in      refused, 2026-12-01T08:00:00Z: the server refuses ..." */
static void print_sign_in(FILE *out, const struct request_try *t)
{
    const int64_t now_us = timestamp_now();
    const enum request_try_outcome outcome = sign_in_outcome(t, now_us);
    const char *detail = sign_in_detail(t, now_us);
    g_autofree char *at = timestamp_format(t->at_us);
    g_autofree char *text = g_strdup_printf(
        "%s, %s%s%s", request_try_name(outcome), at, detail != NULL ? ": " : "",
        detail != NULL ? detail : "");

    if (outcome != REQUEST_TRY_NONE)
        print_field(out, "sign-in", text);
}

static void print_known(FILE *out, const struct request *r)
{
    g_autofree char *opened = timestamp_format(r->created_us);
    g_autofree char *by = g_strdup_printf("%s, %s", r->opened_by, opened);
    g_autofree char *admin =
        r->admin == NULL ? NULL
                         : g_strdup_printf("%s (%s)", r->admin,
                                           r->has_password ? "with a password"
                                                           : "no password");
    g_autofree char *moved_by =
        r->migration_id == 0
            ? NULL
            : g_strdup_printf("%" G_GINT64_FORMAT, r->migration_id);

    fprintf(out, "Request %" G_GINT64_FORMAT ": %s\n", r->id,
            request_state_name(r->state));
    print_field(out, "opened by", by);
    print_field(out, "Partner ID", r->partner);
    print_field(out, "domain", r->domain);
    print_field(out, "OWA URL", r->owa_url);
    print_field(out, "account", admin);
    print_sign_in(out, &r->tried);
    print_field(out, "start", r->start);
    print_field(out, "cutover", r->cutover);
    print_field(out, "migration", moved_by);
}

/* "waits for    a price list, to quote it by (operator: set ...)" */
static void print_wait(const struct request_work *w, const struct request *r)
{
    const struct waits_rules rules = waits_rules_of(w->data->config);
    const struct waits what = waits_of(r, &rules, timestamp_now());
    g_autofree char *since = timestamp_format(what.since_us);
    g_autofree char *text = NULL;

    if (what.who == WAITS_NOBODY)
        return;
    text = g_strdup_printf(
        "%s (%s%s%s), since %s%s", what.text, waits_who_name(what.who),
        what.remedy != NULL ? ": " : "", what.remedy != NULL ? what.remedy : "",
        since, what.late ? ", overdue" : "");
    print_field(w->ctx->out, "waits for", text);
}

static void print_missing(FILE *out, const struct request *r)
{
    const struct complete_list list =
        complete_parse(r->missing != NULL ? r->missing : "");

    if (list.missing != 0)
        fputs("\nMissing:\n", out);
    for (int i = 0; i < COMPLETE_N_PIECES; i++)
        if ((list.missing & (1u << i)) != 0)
            fprintf(out, "  %s\n", complete_rule((enum complete_piece)i)->text);
}

static void print_quote(FILE *out, const struct quote *q, int64_t until_us)
{
    g_autofree char *total = price_amount(q->total, q->digits);
    g_autofree char *until = timestamp_format(until_us);
    g_autofree char *takes = quote_time_text(&q->time);

    fprintf(out, "\nQuote, valid until %s:\n", until);
    for (guint i = 0; i < q->lines->len; i++) {
        const struct price_line *l = q->lines->pdata[i];
        g_autofree char *each = price_amount(l->each, q->digits);
        g_autofree char *amount = price_amount(l->amount, q->digits);

        fprintf(out, "  %s: %" G_GUINT64_FORMAT " at %s = %s\n", l->text,
                l->count, each, amount);
    }
    fprintf(out, "  Total: %s %s%s%s\n", total, q->currency,
            *q->tax != '\0' ? ", " : "", q->tax);
    if (takes != NULL)
        fprintf(out, "  Until ready for cutover: %s\n", takes);
}

static void print_mails(FILE *out, const GPtrArray *mails)
{
    if (mails->len > 0)
        fputs("\nMails:\n", out);
    for (guint i = 0; i < mails->len; i++) {
        const struct request_mail *m = mails->pdata[i];
        g_autofree char *at = timestamp_format(m->received_us);

        fprintf(out, "  %" G_GINT64_FORMAT "  %s  %s  %s: %s%s\n", m->id, at,
                m->sender, m->verdict, m->subject,
                m->redacted ? " (passwords taken out)" : "");
    }
}

static void print_files(FILE *out, const struct request *r,
                        const GPtrArray *files)
{
    if (files->len > 0)
        fputs("\nFiles:\n", out);
    for (guint i = 0; i < files->len; i++) {
        const struct request_file *f = files->pdata[i];

        fprintf(out,
                "  %" G_GINT64_FORMAT "  %s, %" G_GUINT64_FORMAT " bytes%s\n",
                f->id, f->name, f->size,
                f->id == r->file_id ? " (the one that counts)" : "");
    }
}

static void print_lines(FILE *out, const GPtrArray *lines)
{
    fputs("\nTimeline:\n", out);
    for (guint i = 0; i < lines->len; i++) {
        const struct audit_entry *e = lines->pdata[i];
        g_autofree char *at = timestamp_format(e->at_us);

        fprintf(out, "  %s  %s  %s%s%s\n", at, e->actor, e->action,
                e->detail != NULL ? ": " : "",
                e->detail != NULL ? e->detail : "");
    }
}

static int print_text(const struct request_work *w, const struct request *r,
                      const struct dossier *d, struct err *err)
{
    FILE *out = w->ctx->out;
    g_autoptr(quote) q = NULL;

    if (r->quote != NULL && *r->quote != '\0' &&
        quote_parse(r->quote, &q, err) < 0)
        return -1;
    print_known(out, r);
    print_wait(w, r);
    print_missing(out, r);
    if (q != NULL)
        print_quote(out, q, r->quote_until_us);
    print_mails(out, d->mails);
    print_files(out, r, d->files);
    print_lines(out, d->lines);
    return 0;
}

enum cmd_status request_run_show(const struct request_work *w)
{
    g_autoptr(request) r = request_find(w);
    struct dossier d = { 0 };
    struct err err;
    int result;

    if (r == NULL)
        return CMD_NOTHING_DONE;
    result = dossier_read(w, &d, &err);
    if (result == 0 && w->o->json)
        print_json(w, r, &d);
    else if (result == 0)
        result = print_text(w, r, &d, &err);
    dossier_clear(&d);
    return result < 0 ? request_fail(w, &err) : CMD_OK;
}
