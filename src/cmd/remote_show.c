#include "cmd/progress.h"
#include "cmd/remote_run.h"

/* ---- by their number ----------------------------------------------------- */

struct counting {
    const struct remote_watch *watch;
    size_t n, n_ended;
};

static void begun(void *data, size_t index)
{
    (void)data;
    (void)index;
}

static void event(void *data, size_t index, const struct engine_event *e)
{
    (void)data;
    (void)index;
    (void)e;
}

static void ended(void *data, size_t index, enum fleet_end end,
                  struct engine_check *check, const struct err *why)
{
    struct counting *c = data;

    (void)index;
    (void)end;
    (void)check;
    (void)why;
    c->watch->ended(c->watch->data, ++c->n_ended, c->n);
}

static int count(const struct remote_watch *watch,
                 const struct remote_pass *pass, struct fleet_summary *ret,
                 struct err *err)
{
    struct counting counting = { watch, pass->before->len, 0 };
    const struct fleet_listener listener = {
        .data = &counting, .begun = begun, .event = event, .ended = ended
    };
    struct remote_pass counted = *pass;

    counted.listener = &listener;
    return remote_follow(&counted, ret, err);
}

/* ---- by what they do ----------------------------------------------------- */

static int display(const struct cmd_context *ctx,
                   const struct remote_wish *wish,
                   const struct remote_pass *pass, struct fleet_summary *ret,
                   struct err *err)
{
    const struct opt_telling *how = &wish->wave->output;
    const guint n = pass->before->len;
    FILE *out = how->json ? ctx->out : ctx->err;
    g_autofree struct fleet_mailbox *names =
        g_new0(struct fleet_mailbox, n + 1);
    struct progress_config config = {
        .style = progress_style_for(out, how->json),
        .out = out,
        .mailboxes = names,
        .n = n,
        .task = wish->task,
        .verbose = how->verbose,
    };
    struct remote_pass shown = *pass;
    struct progress *progress;
    int result;

    for (guint i = 0; i < n; i++) {
        const struct remote_mailbox *b = pass->before->pdata[i];

        names[i].source_address = b->m.source_address;
        names[i].destination_address = b->m.destination_address;
    }
    progress = progress_new(&config);
    shown.listener = progress_listener(progress);
    result = remote_follow(&shown, ret, err);
    progress_free(progress);
    return result;
}

int remote_show(const struct cmd_context *ctx, const struct remote_wish *wish,
                const struct remote_pass *pass, struct fleet_summary *ret,
                struct err *err)
{
    return wish->watch != NULL && wish->watch->ended != NULL
               ? count(wish->watch, pass, ret, err)
               : display(ctx, wish, pass, ret, err);
}
