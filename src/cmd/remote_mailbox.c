#include <string.h>

#include "base/word.h"
#include "cmd/remote.h"
#include "fleet/member.h"
#include "store/jobs.h"

static void free_mailbox(void *data)
{
    struct remote_mailbox *b = data;

    g_free(b->m.source_address);
    g_free(b->m.destination_address);
    g_free(b->m.reason);
    g_free(b->m.remedy);
    g_free(b->job_reason);
    g_free(b->job_remedy);
    standing_clear(&b->at);
    g_free(b);
}

static const char *mailbox_word(int i)
{
    return mailbox_state_name((enum mailbox_state)i);
}

static const char *job_word(int i)
{
    return job_state_name((enum job_state)i);
}

static bool read_job(const json_t *json, struct remote_mailbox *b)
{
    b->job = -1;
    if (!json_is_object(json))
        return true;
    b->job = word_find(member_text(json, "state"), job_word, JOB_N_STATES);
    b->job_reason = g_strdup(member_text(json, "reason"));
    b->job_remedy = g_strdup(member_text(json, "remedy"));
    return b->job >= 0;
}

static bool read_names(const json_t *json, struct remote_mailbox *b)
{
    int state =
        word_find(member_text(json, "state"), mailbox_word, MAILBOX_N_STATES);

    b->m.id = json_integer_value(json_object_get(json, "id"));
    b->m.source_address = g_strdup(member_text(json, "source"));
    b->m.destination_address = g_strdup(member_text(json, "destination"));
    b->m.reason = g_strdup(member_text(json, "reason"));
    b->m.remedy = g_strdup(member_text(json, "remedy"));
    b->m.state = (enum mailbox_state)MAX(state, 0);
    return state >= 0 && b->m.id > 0 && b->m.source_address != NULL &&
           b->m.destination_address != NULL;
}

static bool read_mailbox(const json_t *json, struct remote_mailbox *b)
{
    b->items = member_number(json, "items");
    b->waiting = member_number(json, "waiting");
    b->copied = member_number(json, "copied");
    b->bytes = member_number(json, "bytes");
    b->failed = member_number(json, "failed");
    return read_job(json_object_get(json, "job"), b) && read_names(json, b);
}

static bool read_standing(const json_t *json, struct remote_mailbox *b)
{
    standing_parse(json, &b->at);
    return read_names(json, b);
}

static int read_all(struct remote *r, const char *path,
                    bool (*read)(const json_t *json, struct remote_mailbox *b),
                    GPtrArray **ret, struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_mailbox);
    json_t *items = NULL, *item;
    size_t i;
    bool good = true;

    if (remote_list(r, path, &items, err) < 0)
        return -1;
    json_array_foreach(items, i, item)
    {
        struct remote_mailbox *b = g_new0(struct remote_mailbox, 1);

        g_ptr_array_add(all, b);
        good = good && read(item, b);
    }
    json_decref(items);
    if (!good) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "service \"%s\" tells of mailboxes in words that this program "
                "does not know",
                remote_url(r));
        return err_remedy(err, "use a program of the service's version");
    }
    *ret = g_steal_pointer(&all);
    return 0;
}

int remote_mailboxes(struct remote *r, int64_t migration_id, GPtrArray **ret,
                     struct err *err)
{
    g_autofree char *path = g_strdup_printf(
        "/migrations/%" G_GINT64_FORMAT "/mailboxes", migration_id);

    return read_all(r, path, read_mailbox, ret, err);
}

int remote_standing(struct remote *r, int64_t migration_id, GPtrArray **ret,
                    struct err *err)
{
    g_autofree char *path = g_strdup_printf(
        "/migrations/%" G_GINT64_FORMAT "/standing", migration_id);

    return read_all(r, path, read_standing, ret, err);
}
