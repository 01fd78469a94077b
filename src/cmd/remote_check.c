#include "cmd/remote_check.h"

#include "base/timestamp.h"
#include "fleet/checked.h"
#include "fleet/member.h"
#include "store/jobs.h"

/* What is told of an error outlives it; this comes from outside. */
static void read_why(const json_t *job, struct err *ret)
{
    const char *reason = member_text(job, "reason");
    const char *remedy = member_text(job, "remedy");

    err_set(ret, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "%s",
            reason != NULL ? reason : "the service does not say why");
    ret->name = g_intern_string(member_text(job, "name"));
    if (remedy != NULL)
        (void)err_remedy(ret, g_intern_string(remedy));
}

static int read_found(const json_t *item, struct check_result *to,
                      struct err *err)
{
    if (checked_parse(json_object_get(item, "check"), &to->check, err) == 0)
        return 0;
    err_in(err, "mailbox \"%s\"", to->mailbox->source_address);
    return err_remedy(err, "use a program of the service's version");
}

static int read_one(const json_t *item, struct fleet_mailbox *names,
                    struct check_result *to, struct err *err)
{
    const json_t *job = json_object_get(item, "job");
    const char *state = member_text(job, "state");

    names->id = json_integer_value(json_object_get(item, "id"));
    names->source_address = g_strdup(member_text(item, "source"));
    names->destination_address = g_strdup(member_text(item, "destination"));
    to->mailbox = names;
    if (names->source_address == NULL || names->destination_address == NULL)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "the service tells of a mailbox without addresses");
    to->end = FLEET_NOT_STARTED;
    if (g_strcmp0(state, job_state_name(JOB_FAILED)) == 0) {
        to->end = FLEET_FAILED;
        read_why(job, &to->why);
    } else if (json_is_object(json_object_get(item, "check"))) {
        to->end = FLEET_DONE;
        return read_found(item, to, err);
    }
    return 0;
}

/* The same of one mailbox, with its folders. */
static int read_whole(struct remote *r, int64_t id, json_t **ret,
                      struct err *err)
{
    g_autofree char *path =
        g_strdup_printf("/mailboxes/%" G_GINT64_FORMAT "/check", id);

    return remote_ask(r, &(struct remote_call){ .path = path }, ret, err);
}

static int read_item(struct remote *r, const json_t *item,
                     struct fleet_mailbox *names, struct check_result *to,
                     bool folders, struct err *err)
{
    json_t *whole = NULL;
    int result;

    if (!folders)
        return read_one(item, names, to, err);
    if (read_whole(r, json_integer_value(json_object_get(item, "id")), &whole,
                   err) < 0)
        return -1;
    result = read_one(whole, names, to, err);
    json_decref(whole);
    return result;
}

static int read_items(struct remote *r, const json_t *items,
                      struct remote_checks *ret, struct err *err)
{
    const size_t n = json_array_size(items);

    ret->names = g_new0(struct fleet_mailbox, n + 1);
    ret->results.all = g_new0(struct check_result, n + 1);
    ret->results.n = n;
    for (size_t i = 0; i < n; i++)
        if (read_item(r, json_array_get(items, i), &ret->names[i],
                      &ret->results.all[i], ret->results.folders, err) < 0)
            return -1;
    return 0;
}

static int read_outlook(struct remote *r, int64_t migration_id,
                        struct check_results *ret, struct err *err)
{
    g_autofree char *path = g_strdup_printf(
        "/migrations/%" G_GINT64_FORMAT "/outlook", migration_id);
    struct store_forecast *f;
    json_t *answer = NULL;

    if (remote_ask(r, &(struct remote_call){ .path = path }, &answer, err) < 0)
        return -1;
    f = outlook_parse(json_object_get(answer, "forecast"));
    ret->at_once = (unsigned int)CLAMP(
        json_integer_value(json_object_get(answer, "mailboxesAtOnce")), 1,
        G_MAXINT);
    json_decref(answer);
    if (f == NULL)
        return 0;
    ret->at_us = f->at_us;
    ret->outlook = (struct outlook){ .known = true,
                                     .span = { f->p50_us, f->p90_us },
                                     .basis = g_strdup(f->basis) };
    store_forecast_free(f);
    return 0;
}

int remote_checks_read(struct remote *r, int64_t migration_id,
                       struct remote_checks *ret, struct err *err)
{
    g_autofree char *path = g_strdup_printf(
        "/migrations/%" G_GINT64_FORMAT "/checks", migration_id);
    json_t *items = NULL;
    int result;

    if (remote_list(r, path, &items, err) < 0)
        return -1;
    result = read_items(r, items, ret, err);
    json_decref(items);
    return result < 0 ? -1 : read_outlook(r, migration_id, &ret->results, err);
}

void remote_checks_clear(struct remote_checks *c)
{
    for (size_t i = 0; i < c->results.n; i++) {
        engine_check_clear(&c->results.all[i].check);
        g_free((char *)(uintptr_t)c->names[i].source_address);
        g_free((char *)(uintptr_t)c->names[i].destination_address);
    }
    outlook_clear(&c->results.outlook);
    g_free(c->results.all);
    g_free(c->names);
}
