#include <string.h>

#include "cmd/request.h"

enum action {
    ACTION_LIST,
    ACTION_SHOW,
    ACTION_NOTE,
    ACTION_APPROVE,
    ACTION_REFUSE,
    ACTION_CANCEL,
    ACTION_SCHEDULE,
    ACTION_ASK_OWNERS,
    ACTION_INVOICE,
    ACTION_TRAY,
    ACTION_MAIL,
    ACTION_PLACE,
    ACTION_DONE,
};

/* What an action needs beside its name. */
enum need {
    NEED_ID = 1,
    NEED_TEXT = 2,
    NEED_REQUEST = 4,
    NEED_REASON = 8,
    NEED_START = 16,
};

static const struct {
    request_action *run;
    unsigned int needs; /* enum need, or'ed */
} table[] = {
    [ACTION_LIST] = { request_run_list, 0 },
    [ACTION_SHOW] = { request_run_show, NEED_ID },
    [ACTION_NOTE] = { request_run_note, NEED_ID | NEED_TEXT },
    [ACTION_APPROVE] = { request_run_approve, NEED_ID | NEED_REASON },
    [ACTION_REFUSE] = { request_run_refuse, NEED_ID | NEED_REASON },
    [ACTION_CANCEL] = { request_run_cancel, NEED_ID },
    [ACTION_SCHEDULE] = { request_run_schedule, NEED_ID | NEED_START },
    [ACTION_ASK_OWNERS] = { request_run_ask_owners, NEED_ID },
    [ACTION_INVOICE] = { request_run_invoice, NEED_ID },
    [ACTION_TRAY] = { request_run_tray, 0 },
    [ACTION_MAIL] = { request_run_mail, NEED_ID },
    [ACTION_PLACE] = { request_run_place, NEED_ID | NEED_REQUEST },
    [ACTION_DONE] = { request_run_done, NEED_ID },
};

enum cmd_status request_fail(const struct request_work *w,
                             const struct err *err)
{
    return cmd_give_up(w->ctx, err);
}

struct request *request_find(const struct request_work *w)
{
    struct request *r = NULL;
    struct err err;
    int found = requests_get(w->requests, w->id, &r, &err);

    if (found == 0) {
        err_set(&err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "there is no request %" G_GINT64_FORMAT, w->id);
        err_remedy(&err, "mailferry request list names all");
    }
    if (found <= 0)
        request_fail(w, &err);
    return r;
}

/* NULL: nothing is missing. */
static const char *lacks(const struct request_options *o)
{
    unsigned int needs = table[o->action].needs;

    if ((needs & NEED_ID) != 0 && o->id == NULL)
        return "argument ID is missing";
    if ((needs & NEED_TEXT) != 0 && o->text == NULL)
        return "argument TEXT is missing";
    if ((needs & NEED_TEXT) == 0 && o->text != NULL)
        return "a text is for \"note\" alone";
    if ((needs & NEED_REQUEST) != 0 && o->request == 0)
        return "--request is missing: to which the mail belongs";
    if ((needs & NEED_REASON) != 0 && o->reason == NULL)
        return "--reason is missing: it stands on the audit trail";
    if ((needs & NEED_START) != 0 && o->start == NULL)
        return "--start is missing: the day on which it begins";
    return NULL;
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct request_options *o = options;
    struct service_data d;
    struct request_work w = { .ctx = ctx, .o = o, .data = &d };
    const char *missing = lacks(o);
    guint64 id = 0;
    enum cmd_status status;

    if (missing != NULL)
        return cmd_usage(ctx, &cmd_request, "%s", missing);
    if (o->id != NULL &&
        !g_ascii_string_to_unsigned(o->id, 10, 1, G_MAXINT64, &id, NULL))
        return cmd_usage(ctx, &cmd_request, "\"%s\" is no number", o->id);
    w.id = (int64_t)id;
    status = service_data_open(&d, SERVICE_BESIDE, ctx, o->config, NULL);
    if (status == CMD_OK) {
        w.requests = d.requests;
        status = table[o->action].run(&w);
    }
    service_data_close(&d);
    return status;
}

/* clang-format off */
#define STATE(word, state) { word, 1 << REQUEST_##state, NULL }
static const struct opt_word states[] = {
    STATE("received", RECEIVED),
    STATE("awaiting-information", AWAITING_INFORMATION),
    STATE("quoted", QUOTED),
    STATE("approved", APPROVED),
    STATE("scheduled", SCHEDULED),
    STATE("running", RUNNING),
    STATE("ready-for-cutover", READY_FOR_CUTOVER),
    STATE("cut-over", CUT_OVER),
    STATE("completed", COMPLETED),
    STATE("refused", REFUSED),
    STATE("cancelled", CANCELLED),
    STATE("expired", EXPIRED),
    { NULL },
};
#undef STATE

#define WITH(action) (1u << ACTION_##action)
#define O(field) offsetof(struct request_options, field)
static const struct opt rows[] = {
    { .long_name = "state", .type = OPT_WORDS, .offset = O(states),
      .arg = "STATES", .words = states, .help = "in one of these",
      .with = WITH(LIST) },
    { .long_name = "account", .type = OPT_STR, .offset = O(account),
      .arg = "PARTNER", .help = "of that Partner ID's account",
      .with = WITH(LIST) },
    { .long_name = "find", .type = OPT_STR, .offset = O(find), .arg = "TEXT",
      .help = "in domain, Partner ID or who opened it",
      .with = WITH(LIST) },
    { .long_name = "reason", .type = OPT_STR, .offset = O(reason),
      .arg = "TEXT", .help = "why, for the audit trail",
      .with = WITH(APPROVE) | WITH(REFUSE) | WITH(CANCEL) | WITH(SCHEDULE) |
              WITH(PLACE) | WITH(DONE) },
    { .long_name = "remedy", .type = OPT_STR, .offset = O(remedy),
      .arg = "TEXT", .help = "what they can do instead",
      .with = WITH(REFUSE) },
    { .long_name = "start", .type = OPT_STR, .offset = O(start), .arg = "DATE",
      .help = "the day on which it begins, as in 2026-12-01",
      .with = WITH(SCHEDULE) },
    { .long_name = "cutover", .type = OPT_STR, .offset = O(cutover),
      .arg = "DATE", .help = "the day on which users move",
      .with = WITH(SCHEDULE) },
    { .long_name = "request", .type = OPT_UINT, .offset = O(request),
      .arg = "ID", .min = 1, .help = "to which the mail belongs",
      .with = WITH(PLACE) },
    { .long_name = "mailbox", .type = OPT_UINT, .offset = O(mailbox),
      .arg = "ID", .min = 1,
      .help = "of this one, whose link may still work",
      .with = WITH(ASK_OWNERS) },
    { .long_name = "json", .type = OPT_FLAG, .offset = O(json),
      .help = "JSON, as the API has it",
      .with = WITH(LIST) | WITH(SHOW) | WITH(INVOICE) | WITH(TRAY) },
    SERVICE_CONFIG_ROW(O(config)),
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Request", rows, 0 },
    { NULL },
};
static const struct opt_word actions[] = {
    { "list", ACTION_LIST, "all requests, a line each" },
    { "show", ACTION_SHOW, "one: what is known, what is missing, and its history" },
    { "note", ACTION_NOTE, "write something into its history" },
    { "approve-by-hand", ACTION_APPROVE, "its quote, for a contact who has agreed to it elsewhere" },
    { "refuse", ACTION_REFUSE, "and tell its contact why" },
    { "cancel", ACTION_CANCEL, "before cutover; what was copied stays" },
    { "schedule", ACTION_SCHEDULE, "choose its days, or others" },
    { "ask-owners", ACTION_ASK_OWNERS, "a new link for owners whose own is used up or too old" },
    { "invoice", ACTION_INVOICE, "the lines of its approved quote, as CSV" },
    { "tray", ACTION_TRAY, "mails that could not be placed, a line each" },
    { "mail", ACTION_MAIL, "one mail as it came in" },
    { "place", ACTION_PLACE, "a mail of the tray belongs to a request" },
    { "done", ACTION_DONE, "a mail of the tray is of no consequence" },
    { NULL },
};
static const struct opt_arg args[] = {
    { "ACTION", OPT_WORD, O(action), true, "what to do", actions },
    { "ID", OPT_STR, O(id), false, "of the request; with mail, place and done, of the mail", NULL },
    { "TEXT", OPT_STR, O(text), false, "with note: what is to be noted", NULL },
    { NULL },
};
#undef O
#undef WITH
/* clang-format on */

static const struct cmd_example examples[] = {
    { "mailferry request list --state quoted,awaiting-information",
      "what waits for a partner" },
    { "mailferry request show 1001", "everything about one" },
    { "mailferry request note 1001 \"called them; the file comes tomorrow\"",
      "for whoever looks at it next" },
    { "mailferry request refuse 1001 --reason \"contoso.example is not yours\"",
      "the reason stands in the mail" },
    { "mailferry request schedule 1001 --start 2027-01-11", "when it begins" },
    { "mailferry request ask-owners 1001",
      "who has not given a password in time, or a wrong one" },
    { "mailferry request tray", "mails that somebody has to look at" },
    { "mailferry request place 7 --request 1001", "which one it is about" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "done" },
    { CMD_NOTHING_DONE, "nothing was changed" },
    { CMD_USAGE, "the command line was not understood" },
    { 0, NULL },
};

const struct cmd cmd_request = {
    .name = "request",
    .summary = "see to the requests for managed migrations",
    .description =
        "Works on the service's database, also while the service runs.  Each "
        "change is on the audit trail, with who made it.",
    .spec = { groups, args },
    .options_size = sizeof(struct request_options),
    .examples = examples,
    .exits = exits,
    .dies_at_once = true,
    .run = run,
};
