#include "cmd/remote_run.h"

#include <string.h>

#include "base/token.h"
#include "cmd/remote_follow.h"

/* What the steps hand on. */
struct handing {
    const struct cmd_context *ctx;
    const struct remote_wish *wish;
    struct wave file; /* of which the import is read, and no more */
    struct remote *remote;
    remote_record record;
    json_t *sides[IMPORT_N_SIDES];
    GPtrArray *before; /* struct remote_mailbox * */
    GPtrArray *stood;  /* the same, by their ledgers */
};

static void release(struct handing *h)
{
    for (int i = 0; i < IMPORT_N_SIDES; i++)
        json_decref(h->sides[i]);
    g_clear_pointer(&h->before, g_ptr_array_unref);
    g_clear_pointer(&h->stood, g_ptr_array_unref);
    remote_record_clear(&h->record);
    remote_free(h->remote);
    wave_close(&h->file);
}

/* ---- what is told to the service ----------------------------------------- */

static int64_t id_of(const json_t *answer)
{
    return json_integer_value(json_object_get(answer, "id"));
}

static int explain(const struct handing *h, struct err *err)
{
    if (g_strcmp0(err->name, "key-reused") != 0)
        return -1;
    err_in(err,
           "what was begun with record \"%s\" was another file, or had "
           "other options",
           h->record.path);
    return err_remedy(err, "run it as it was run first, or remove the record "
                           "to have a new migration made");
}

/* The key is on record before anybody is asked. */
static int make(struct handing *h, struct err *err)
{
    char *csv = import_write(h->file.import);
    g_autofree char *name = g_path_get_basename(h->wish->wave->file);
    json_t *body =
        json_pack("{s:s, s:s, s:O, s:O, s:O*}", "name", name, "import", csv,
                  "source", h->sides[IMPORT_SOURCE], "destination",
                  h->sides[IMPORT_DESTINATION], "options", h->wish->options);
    const struct remote_call call = { .method = "POST",
                                      .path = "/migrations",
                                      .body = body,
                                      .key = h->record.key };
    json_t *answer = NULL;
    int result = remote_record_write(&h->record, err);

    if (result == 0 && remote_ask(h->remote, &call, &answer, err) < 0)
        result = explain(h, err);
    h->record.id = id_of(answer);
    json_decref(answer);
    json_decref(body);
    secret_wipe(csv, strlen(csv));
    g_free(csv);
    return result < 0 ? -1 : remote_record_write(&h->record, err);
}

/* One that is there: what was asked for now holds from now on. */
static int change(struct handing *h, struct err *err)
{
    g_autofree char *path =
        g_strdup_printf("/migrations/%" G_GINT64_FORMAT, h->record.id);
    json_t *body = json_pack("{s:O*}", "options", h->wish->options);
    int result = 0;

    for (int i = 0; i < IMPORT_N_SIDES; i++) {
        json_t *side = json_copy(h->sides[i]);

        json_object_del(side, "url");
        if (json_object_size(side) > 0)
            json_object_set(body, import_side_name((enum import_side)i), side);
        json_decref(side);
    }
    if (json_object_size(body) > 0)
        result = remote_ask(h->remote,
                            &(struct remote_call){
                                .method = "PATCH", .path = path, .body = body },
                            NULL, err);
    json_decref(body);
    return result;
}

/* ---- is it of this file? ------------------------------------------------- */

static char *pair_key(const char *source, const char *destination)
{
    g_autofree char *pair = g_strdup_printf("%s\n%s", source, destination);

    return g_ascii_strdown(pair, -1);
}

static GHashTable *pairs_of(const GPtrArray *boxes)
{
    GHashTable *pairs =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < boxes->len; i++) {
        const struct remote_mailbox *b = boxes->pdata[i];

        g_hash_table_add(
            pairs, pair_key(b->m.source_address, b->m.destination_address));
    }
    return pairs;
}

/*
 * The first row of the file that the migration does not have, NULL when it has
 * all; and how many it has.
 */
static const struct import_row *first_new(const struct handing *h,
                                          guint *ret_known)
{
    const GPtrArray *rows = h->file.import->rows;
    g_autoptr(GHashTable) pairs = pairs_of(h->before);
    const struct import_row *first = NULL;

    *ret_known = 0;
    for (guint i = 0; i < rows->len; i++) {
        const struct import_row *row = rows->pdata[i];
        g_autofree char *key = pair_key(row->sides[IMPORT_SOURCE].address,
                                        row->sides[IMPORT_DESTINATION].address);

        if (g_hash_table_contains(pairs, key))
            (*ret_known)++;
        else if (first == NULL)
            first = row;
    }
    return first;
}

/* Rows that it has are left as they are, so this may be asked for again. */
static int send_rows(struct handing *h, struct err *err)
{
    g_autofree char *path = g_strdup_printf(
        "/migrations/%" G_GINT64_FORMAT "/mailboxes", h->record.id);
    char *csv = import_write(h->file.import);
    json_t *body = json_pack("{s:s}", "import", csv), *answer = NULL;
    const struct remote_call call = { .method = "POST",
                                      .path = path,
                                      .body = body };
    int result = remote_ask(h->remote, &call, &answer, err);

    if (result == 0)
        fprintf(h->ctx->err,
                "service: %" JSON_INTEGER_FORMAT " rows are new; migration "
                "%" G_GINT64_FORMAT " has them now, too\n",
                json_integer_value(json_object_get(answer, "mailboxes")),
                h->record.id);
    json_decref(answer);
    json_decref(body);
    secret_wipe(csv, strlen(csv));
    g_free(csv);
    return result;
}

static int refuse_row(const struct handing *h, const struct import_row *row,
                      const char *remedy, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "line %u: \"%s\" is not in migration %" G_GINT64_FORMAT
            " of the service",
            row->line, row->sides[IMPORT_SOURCE].address, h->record.id);
    return err_remedy(err, remedy);
}

/*
 * Before anything is changed there: a file that has none of the migration's
 * rows is not the one that it was made of.  *ret_new: it has more.
 */
static int judge(const struct handing *h, bool *ret_new, struct err *err)
{
    guint known;
    const struct import_row *row = first_new(h, &known);

    *ret_new = row != NULL;
    if (row == NULL)
        return 0;
    if (known == 0)
        return refuse_row(h, row,
                          "the record beside the file is of another one of "
                          "that name: remove it, or name another by --state",
                          err);
    if (h->wish->task == FLEET_VERIFY || h->wish->task == FLEET_SETTINGS)
        return refuse_row(h, row,
                          "\"mailferry migrate\" with this file and --server "
                          "adds it and moves it",
                          err);
    return 0;
}

/* Knows the new mailboxes afterwards. */
static int extend(struct handing *h, struct err *err)
{
    if (send_rows(h, err) < 0)
        return -1;
    g_clear_pointer(&h->before, g_ptr_array_unref);
    return remote_mailboxes(h->remote, h->record.id, &h->before, err);
}

/* ---- one after the other ------------------------------------------------- */

static int reach(struct handing *h, struct err *err)
{
    const struct wave_options *o = h->wish->wave;
    json_t *ignored = NULL;

    if (remote_open(h->wish->where, h->ctx, &h->remote, err) < 0 ||
        remote_record_read(o->state.file, o->file, h->remote, &h->record, err) <
            0)
        return -1;
    for (int i = 0; i < IMPORT_N_SIDES; i++)
        if (remote_side_read(h->ctx, o, (enum import_side)i, &h->sides[i],
                             err) < 0)
            return -1;
    if (remote_ask(h->remote,
                   &(struct remote_call){ .path = "/migrations?limit=1" },
                   &ignored, err) < 0)
        return -1;
    json_decref(ignored);
    remote_be_patient(h->remote, h->wish->patience_us);
    return 0;
}

static int start(struct handing *h, struct err *err)
{
    static const char *const passes[] = {
        [FLEET_CHECK] = "check",
        [FLEET_MIGRATE] = "full",
        [FLEET_VERIFY] = "verify",
        [FLEET_SETTINGS] = "settings",
    };
    g_autofree char *path = g_strdup_printf(
        "/migrations/%" G_GINT64_FORMAT "/actions", h->record.id);
    json_t *body =
        json_pack("{s:s, s:s, s:O*}", "action", "start", "pass",
                  passes[h->wish->task], "options", h->wish->pass_options);
    char key[TOKEN_SIZE];
    int result;

    token_new(TOKEN_LINK, key, NULL);
    result = remote_ask(
        h->remote,
        &(struct remote_call){
            .method = "POST", .path = path, .body = body, .key = key },
        NULL, err);
    json_decref(body);
    return result;
}

/* One that is there becomes as it is wanted now. */
static int bring_up_to_date(struct handing *h, struct err *err)
{
    bool more = false;

    return judge(h, &more, err) < 0 || change(h, err) < 0 ||
                   (more && extend(h, err) < 0)
               ? -1
               : 0;
}

static int look_at_mailboxes(struct handing *h, struct err *err)
{
    if (remote_mailboxes(h->remote, h->record.id, &h->before, err) == 0)
        return 0;
    if (g_strcmp0(err->name, "not-found") == 0)
        err_remedy(err, "it was removed there; remove the record beside the "
                        "import file to have a new one made");
    return -1;
}

static int hand_over(struct handing *h, struct err *err)
{
    bool made;

    if (reach(h, err) < 0)
        return -1;
    made = h->record.id == 0;
    if ((made && make(h, err) < 0) || look_at_mailboxes(h, err) < 0 ||
        (!made && bring_up_to_date(h, err) < 0) ||
        remote_standing(h->remote, h->record.id, &h->stood, err) < 0)
        return -1;
    return start(h, err);
}

static int look_on(struct handing *h, struct fleet_summary *ret,
                   struct err *err)
{
    const struct remote_pass pass = { .remote = h->remote,
                                      .cancel = h->ctx->cancel,
                                      .migration_id = h->record.id,
                                      .before = h->before,
                                      .task = h->wish->task,
                                      .settings = h->wish->settings };

    return remote_show(h->ctx, h->wish, &pass, ret, err);
}

/* ---- what came of it ----------------------------------------------------- */

static void sum_passes(const GPtrArray *boxes, struct standing *ret)
{
    *ret = (struct standing){ 0 };
    for (guint i = 0; i < boxes->len; i++) {
        const struct remote_mailbox *b = boxes->pdata[i];

        for (const struct standing_number *n = standing_passes; n->name != NULL;
             n++)
            standing_add(ret, n, standing_get(&b->at, n));
        ret->hidden += b->at.hidden;
        for (int k = 0; k < VERIFY_N; k++)
            ret->verify[k] += b->at.verify[k];
    }
}

static void sum_settings(const GPtrArray *boxes, struct fleet_summary *to)
{
    for (guint i = 0; i < boxes->len; i++) {
        const struct remote_mailbox *b = boxes->pdata[i];
        struct tally sum = { 0 };

        if (b->at.tallies != NULL)
            sum = tally_sum(b->at.tallies);
        for (int k = 0; k < SETTING_N; k++)
            to->settings[k] += sum.by_outcome[k];
    }
}

/* Passes only add to what is on record, so this one's are the difference. */
static int sum_up(const struct handing *h, struct remote_outcome *ret,
                  struct err *err)
{
    g_autoptr(GPtrArray) now = NULL;
    struct fleet_summary *to = &ret->sum;
    struct standing before, after;

    if (remote_standing(h->remote, h->record.id, &now, err) < 0)
        return -1;
    sum_passes(h->stood, &before);
    sum_passes(now, &after);
#define SUM(field, from) to->field = after.from - before.from
    SUM(items_copied, passes.items_copied);
    SUM(bytes_copied, passes.bytes_copied);
    SUM(items_failed, passes.items_failed);
    SUM(doubles, passes.doubles);
    SUM(settled, passes.settled);
    SUM(hidden_copied, hidden);
    SUM(updated, passes.updated);
    SUM(marked, passes.marked);
    SUM(moved, passes.moved);
    SUM(removed, passes.removed);
    SUM(conflicts, passes.conflicts);
    SUM(adopted, passes.adopted);
    SUM(already_there, passes.already_there);
    SUM(unlike, passes.unlike);
#undef SUM
    if (h->wish->settings)
        sum_settings(now, to);
    memcpy(ret->verdicts, after.verify, sizeof(ret->verdicts));
    return 0;
}

/* While the service is there to be asked. */
static int read_more(const struct handing *h, struct err *err)
{
    const struct remote_watch *w = h->wish->watch;

    return w != NULL && w->read != NULL
               ? w->read(w->data, h->remote, h->record.id, err)
               : 0;
}

static enum cmd_status fail(const struct handing *h, const struct err *err)
{
    bool interrupted = cancel_level(h->ctx->cancel) != CANCEL_NONE;

    return cmd_fail(h->ctx, interrupted ? CMD_INTERRUPTED : CMD_NOTHING_DONE,
                    err);
}

static enum cmd_status follow(struct handing *h, struct remote_outcome *ret)
{
    struct err err;

    ret->id = h->record.id;
    if (look_on(h, &ret->sum, &err) < 0)
        return fail(h, &err);
    /* who has gone asks no more */
    if (cancel_level(h->ctx->cancel) == CANCEL_NONE &&
        (sum_up(h, ret, &err) < 0 || read_more(h, &err) < 0))
        return fail(h, &err);
    return (enum cmd_status)fleet_exit_status(&ret->sum);
}

enum cmd_status remote_run(const struct cmd_context *ctx,
                           const struct remote_wish *wish,
                           struct remote_outcome *ret)
{
    struct handing h = { .ctx = ctx, .wish = wish };
    enum cmd_status status = wave_read(&h.file, ctx, wish->cmd, wish->wave);
    struct err err;

    *ret = (struct remote_outcome){ 0 };
    if (status == CMD_OK)
        status = hand_over(&h, &err) < 0 ? fail(&h, &err) : follow(&h, ret);
    release(&h);
    return status;
}

void remote_print_where(const struct cmd_context *ctx,
                        const struct remote_wish *wish,
                        const struct remote_outcome *outcome,
                        enum cmd_status status)
{
    fprintf(ctx->out,
            "migration %" G_GINT64_FORMAT " of the service%s; reports: "
            "mailferry report \"%s\" --server %s\n",
            outcome->id,
            status == CMD_INTERRUPTED ? ", which goes on by itself" : "",
            wish->wave->file, wish->where->url);
}
