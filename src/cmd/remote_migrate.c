#include "cmd/remote_migrate.h"

#include <string.h>

#include "base/token.h"
#include "cmd/accounts.h"
#include "cmd/password.h"
#include "cmd/progress.h"
#include "cmd/remote_follow.h"

/* What the steps hand on. */
struct handing {
    const struct cmd_context *ctx;
    const struct remote_wish *wish;
    struct job file; /* of which the import is read, and no more */
    struct remote *remote;
    remote_record record;
    json_t *sides[IMPORT_N_SIDES];
    GPtrArray *before; /* struct remote_mailbox * */
};

static void release(struct handing *h)
{
    for (int i = 0; i < IMPORT_N_SIDES; i++)
        json_decref(h->sides[i]);
    g_clear_pointer(&h->before, g_ptr_array_unref);
    remote_record_clear(&h->record);
    remote_free(h->remote);
    job_close(&h->file);
}

/* ---- what is told to the service ----------------------------------------- */

static int read_secret(const struct handing *h, enum password_side kind,
                       const char *file, const char *user, json_t *to,
                       const char *member, struct err *err)
{
    const struct password_request request = {
        .side = kind, .file = file, .user = user, .cancel = h->ctx->cancel
    };
    g_autoptr(secret) s = NULL;

    if (password_get(&request, &s, err) < 0)
        return -1;
    json_object_set_new(to, member, json_string(secret_peek(s)));
    return 0;
}

static int read_accounts(const char *path, json_t *to, struct err *err)
{
    g_auto(account_list) list = { 0 };
    json_t *all;

    if (account_list_read(&list, path, err) < 0)
        return -1;
    all = json_array();
    for (guint i = 0; i < list.logins->len; i++) {
        const struct ews_login *l =
            &g_array_index(list.logins, struct ews_login, i);

        json_array_append_new(all,
                              json_pack("{s:s, s:s}", "user", l->user,
                                        "password", secret_peek(l->password)));
    }
    json_object_set_new(to, "accounts", all);
    return 0;
}

static int read_oauth(const struct handing *h, enum import_side side,
                      const struct opt_oauth *o, json_t *to, struct err *err)
{
    g_autofree char *url = opt_oauth_token_url(o);
    json_t *json = json_pack("{s:s, s:s, s:s?}", "client", o->client,
                             "tokenUrl", url, "scope", o->scope);

    json_object_set_new(to, "oauth", json);
    return read_secret(h,
                       side == IMPORT_SOURCE ? PASSWORD_SOURCE_OAUTH
                                             : PASSWORD_DESTINATION_OAUTH,
                       o->secret_file, o->client, json, "secret", err);
}

/* Who is given now is there in the place of whoever was before. */
static int read_side(struct handing *h, enum import_side side, struct err *err)
{
    const struct job_options *o = h->wish->job;
    const bool source = side == IMPORT_SOURCE;
    const struct opt_side *from =
        source ? &o->sides.source : &o->sides.destination;
    json_t *to = json_pack("{s:s}", "url", from->url);

    h->sides[side] = to;
    if (!opt_side_has_admin(from))
        return 0;
    json_object_set_new(to, "user",
                        from->admin != NULL ? json_string(from->admin)
                                            : json_null());
    json_object_set_new(to, "accounts", json_null());
    json_object_set_new(to, "oauth", json_null());
    if (from->oauth.client != NULL)
        return read_oauth(h, side, &from->oauth, to, err);
    if (from->accounts_file != NULL &&
        read_accounts(from->accounts_file, to, err) < 0)
        return -1;
    return from->admin == NULL
               ? 0
               : read_secret(h, source ? PASSWORD_SOURCE : PASSWORD_DESTINATION,
                             source ? o->access.source_password_file
                                    : o->access.destination_password_file,
                             from->admin, to, "password", err);
}

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
    g_autofree char *name = g_path_get_basename(h->wish->job->file);
    json_t *body =
        json_pack("{s:s, s:s, s:O, s:O, s:O}", "name", name, "import", csv,
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
    json_t *body = json_pack("{s:O}", "options", h->wish->options);
    int result;

    for (int i = 0; i < IMPORT_N_SIDES; i++) {
        json_t *side = json_copy(h->sides[i]);

        json_object_del(side, "url");
        if (json_object_size(side) > 0)
            json_object_set(body, import_side_name((enum import_side)i), side);
        json_decref(side);
    }
    result = remote_ask(
        h->remote,
        &(struct remote_call){ .method = "PATCH", .path = path, .body = body },
        NULL, err);
    json_decref(body);
    if (result < 0 && g_strcmp0(err->name, "not-found") == 0)
        return err_remedy(err, "it was removed there; remove the record beside "
                               "the import file to have a new one made");
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

static int compare(const struct handing *h, struct err *err)
{
    const GPtrArray *rows = h->file.import->rows;
    g_autoptr(GHashTable) pairs = pairs_of(h->before);

    for (guint i = 0; i < rows->len; i++) {
        const struct import_row *row = rows->pdata[i];
        g_autofree char *key = pair_key(row->sides[IMPORT_SOURCE].address,
                                        row->sides[IMPORT_DESTINATION].address);

        if (g_hash_table_contains(pairs, key))
            continue;
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "line %u: \"%s\" is not in migration %" G_GINT64_FORMAT
                " of the service",
                row->line, row->sides[IMPORT_SOURCE].address, h->record.id);
        return err_remedy(err, "put new rows into a file of their own");
    }
    return 0;
}

/* ---- one after the other ------------------------------------------------- */

static int reach(struct handing *h, struct err *err)
{
    const struct job_options *o = h->wish->job;
    json_t *ignored = NULL;

    if (remote_open(h->wish->where, h->ctx, &h->remote, err) < 0 ||
        remote_record_read(o->state.file, o->file, h->remote, &h->record, err) <
            0)
        return -1;
    for (int i = 0; i < IMPORT_N_SIDES; i++)
        if (read_side(h, (enum import_side)i, err) < 0)
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
    g_autofree char *path = g_strdup_printf(
        "/migrations/%" G_GINT64_FORMAT "/actions", h->record.id);
    json_t *body = json_pack("{s:s, s:s}", "action", "start", "pass", "full");
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

static int hand_over(struct handing *h, struct err *err)
{
    if (reach(h, err) < 0 ||
        (h->record.id == 0 ? make(h, err) : change(h, err)) < 0 ||
        remote_mailboxes(h->remote, h->record.id, &h->before, err) < 0 ||
        compare(h, err) < 0)
        return -1;
    return start(h, err);
}

static int look_on(struct handing *h, struct fleet_summary *ret,
                   struct err *err)
{
    const struct opt_telling *how = &h->wish->job->output;
    FILE *out = how->json ? h->ctx->out : h->ctx->err;
    g_autofree struct fleet_mailbox *names =
        g_new0(struct fleet_mailbox, h->before->len + 1);
    struct progress_config config = {
        .style = progress_style_for(out, how->json),
        .out = out,
        .mailboxes = names,
        .n = h->before->len,
        .task = FLEET_MIGRATE,
        .verbose = how->verbose,
    };
    struct progress *progress;
    int result;

    for (guint i = 0; i < h->before->len; i++) {
        const struct remote_mailbox *b = h->before->pdata[i];

        names[i].source_address = b->m.source_address;
        names[i].destination_address = b->m.destination_address;
    }
    progress = progress_new(&config);
    result = remote_follow(
        &(struct remote_pass){ .remote = h->remote,
                               .cancel = h->ctx->cancel,
                               .migration_id = h->record.id,
                               .before = h->before,
                               .listener = progress_listener(progress) },
        ret, err);
    progress_free(progress);
    return result;
}

static enum cmd_status fail(const struct handing *h, const struct err *err)
{
    bool interrupted = cancel_level(h->ctx->cancel) != CANCEL_NONE;

    return cmd_fail(h->ctx, interrupted ? CMD_INTERRUPTED : CMD_NOTHING_DONE,
                    err);
}

enum cmd_status remote_migrate(const struct cmd_context *ctx,
                               const struct remote_wish *wish,
                               struct fleet_summary *ret, int64_t *ret_id)
{
    struct handing h = { .ctx = ctx, .wish = wish };
    enum cmd_status status = job_read(&h.file, ctx, wish->cmd, wish->job);
    struct err err;

    *ret = (struct fleet_summary){ 0 };
    *ret_id = 0;
    if (status == CMD_OK && hand_over(&h, &err) < 0)
        status = fail(&h, &err);
    if (status == CMD_OK) {
        *ret_id = h.record.id;
        status = look_on(&h, ret, &err) < 0
                     ? fail(&h, &err)
                     : (enum cmd_status)fleet_exit_status(ret);
    }
    release(&h);
    return status;
}
