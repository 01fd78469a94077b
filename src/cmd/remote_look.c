#include "cmd/remote_look.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/timestamp.h"
#include "cmd/status_print.h"
#include "fleet/member.h"
#include "fleet/migration.h"

/* Whatever a look costs the service, most of the time it is left alone. */
#define WATCH_EVERY_US (2 * TIMESTAMP_SECOND)
#define WATCH_SHARE    10
/* Who watches has time. */
#define PATIENCE_US (3600 * TIMESTAMP_SECOND)

static int open_and_find(const struct cmd_context *ctx,
                         const struct remote_view *v, struct remote **ret,
                         int64_t *ret_id, struct err *err)
{
    g_autoptr(remote) r = NULL;

    if (remote_open(v->where, ctx, &r, err) < 0 ||
        remote_find(r, v->migration, v->state, v->file, ret_id, err) < 0)
        return -1;
    *ret = g_steal_pointer(&r);
    return 0;
}

/* ---- status -------------------------------------------------------------- */

/* The mailboxes of the lines are the array's. */
static int read_lines(struct remote *r, int64_t id, GPtrArray **ret_boxes,
                      struct status_lines *ret, struct err *err)
{
    if (remote_standing(r, id, ret_boxes, err) < 0)
        return -1;
    ret->all = g_new0(struct status_line, (*ret_boxes)->len + 1);
    for (ret->n = 0; ret->n < (*ret_boxes)->len; ret->n++) {
        struct remote_mailbox *b = (*ret_boxes)->pdata[ret->n];

        ret->all[ret->n] = (struct status_line){ &b->m, b->at };
        b->at = (struct standing){ 0 };
    }
    return 0;
}

/*
 * What is said of the source's server is for whoever may read the fleet;
 * others see all the rest.
 */
static int read_quiet(struct remote *r, const json_t *about, char **ret,
                      struct err *err)
{
    const char *url = json_string_value(
        json_object_get(json_object_get(about, "source"), "url"));
    g_autofree char *host = NULL, *path = NULL;
    json_t *answer = NULL;

    if (url == NULL || fleet_host(url, &host, err) < 0)
        return 0;
    path = g_strconcat("/hosts/", host, NULL);
    if (remote_ask(r, &(struct remote_call){ .path = path }, &answer, err) < 0)
        return g_strcmp0(err->name, "forbidden") == 0 ||
                       g_strcmp0(err->name, "not-found") == 0
                   ? 0
                   : -1;
    *ret = g_strdup(member_text(answer, "quiet"));
    json_decref(answer);
    return 0;
}

/* What is known of it as a whole: *ret_quiet: its source's hours, or NULL. */
static int read_whole(struct remote *r, int64_t id, struct status_lines *to,
                      char **ret_quiet, struct err *err)
{
    g_autofree char *path =
        g_strdup_printf("/migrations/%" G_GINT64_FORMAT, id);
    json_t *answer = NULL;
    int result =
        remote_ask(r, &(struct remote_call){ .path = path }, &answer, err);

    if (result == 0) {
        to->forecast = outlook_parse(json_object_get(answer, "forecast"));
        result = read_quiet(r, answer, ret_quiet, err);
    }
    json_decref(answer);
    return result;
}

static int show(const struct cmd_context *ctx, const struct remote_view *v,
                struct remote *r, int64_t id, struct err *err)
{
    g_autoptr(GPtrArray) boxes = NULL;
    g_autofree char *quiet = NULL;
    struct status_lines lines = { .verbose = v->verbose };
    int result;

    if (read_lines(r, id, &boxes, &lines, err) < 0 ||
        read_whole(r, id, &lines, &quiet, err) < 0) {
        status_lines_clear(&lines);
        return -1;
    }
    if (v->watch && !v->json && isatty(fileno(ctx->out)))
        fputs("\033[H\033[J", ctx->out);
    result = status_print_quiet(ctx->out, quiet, v->json, err);
    (v->json ? status_print_json : status_print)(ctx->out, &lines);
    status_lines_clear(&lines);
    fflush(ctx->out);
    return result;
}

int remote_status(const struct cmd_context *ctx, const struct remote_view *v,
                  struct err *err)
{
    g_autoptr(remote) r = NULL;
    int64_t id, pause_us;

    if (open_and_find(ctx, v, &r, &id, err) < 0)
        return -1;
    do {
        int64_t began = timestamp_monotonic();

        if (show(ctx, v, r, id, err) < 0)
            return cancel_level(ctx->cancel) != CANCEL_NONE ? 0 : -1;
        remote_be_patient(r, v->watch ? PATIENCE_US : 0);
        pause_us =
            MAX(WATCH_EVERY_US, WATCH_SHARE * (timestamp_monotonic() - began));
    } while (v->watch && !cancel_sleep(ctx->cancel, pause_us, CANCEL_DRAIN));
    return 0;
}

/* ---- report -------------------------------------------------------------- */

/* A name from outside becomes one of a file. */
static bool is_plain(const char *name)
{
    return name != NULL && g_ascii_isalnum(name[0]) && strlen(name) <= 64 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") ==
               strlen(name);
}

static int receive(struct remote *r, int64_t id, const char *name, FILE *to,
                   struct err *err)
{
    g_autofree char *path = g_strdup_printf(
        "/migrations/%" G_GINT64_FORMAT "/reports/%s", id, name);

    if (remote_ask(r, &(struct remote_call){ .path = path, .to = to }, NULL,
                   err) < 0)
        return -1;
    if (fflush(to) != 0 || ftruncate(fileno(to), ftell(to)) < 0)
        return err_errno(err, ERR_RUN, errno, "report \"%s\"", name);
    return 0;
}

/* Addresses and subjects are people's own: not for other users' eyes. */
static int save(struct remote *r, int64_t id, const char *dir, const char *name,
                struct err *err)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    g_autofree char *new = g_strconcat(path, ".XXXXXX", NULL);
    int fd = g_mkstemp_full(new, O_RDWR | O_CLOEXEC, 0600);
    FILE *to = fd >= 0 ? fdopen(fd, "w") : NULL;
    int result;

    if (to == NULL)
        return err_errno(err, ERR_RUN, errno, "report \"%s\"", path);
    result = receive(r, id, name, to, err);
    if (fclose(to) != 0 && result == 0)
        result = err_errno(err, ERR_RUN, errno, "report \"%s\"", path);
    if (result == 0 && g_rename(new, path) < 0)
        result = err_errno(err, ERR_RUN, errno, "report \"%s\"", path);
    if (result < 0)
        (void)g_unlink(new);
    return result;
}

static int save_all(const struct cmd_context *ctx, struct remote *r, int64_t id,
                    const char *dir, struct err *err)
{
    g_autofree char *path =
        g_strdup_printf("/migrations/%" G_GINT64_FORMAT "/reports", id);
    g_autoptr(GString) names = g_string_new(NULL);
    json_t *all = NULL;
    int result = 0;

    if (remote_list(r, path, &all, err) < 0)
        return -1;
    for (size_t i = 0; i < json_array_size(all) && result == 0; i++) {
        const char *name = member_text(json_array_get(all, i), "name");

        if (!is_plain(name))
            result = err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                             "the service names a report \"%.60s\"",
                             name != NULL ? name : "");
        else if ((result = save(r, id, dir, name, err)) == 0)
            g_string_append_printf(names, "%s %s", i > 0 ? "," : "", name);
    }
    json_decref(all);
    if (result == 0)
        fprintf(ctx->out, "%s:%s\n", dir, names->str);
    return result;
}

int remote_report(const struct cmd_context *ctx, const struct remote_view *v,
                  const char *dir, struct err *err)
{
    g_autoptr(remote) r = NULL;
    int64_t id;

    if (open_and_find(ctx, v, &r, &id, err) < 0)
        return -1;
    if (g_mkdir_with_parents(dir, 0700) < 0)
        return err_errno(err, ERR_RUN, errno, "report folder \"%s\"", dir);
    return save_all(ctx, r, id, dir, err);
}
