#include "lab/control.h"

#include "lab/change.h"
#include "lab/generate.h"
#include "lab/policy.h"
#include "lab/script.h"
#include "lab/tray.h"

/* More than any test wants at once; a slip of the keyboard ends here. */
#define ITEMS_MAX 1000000

/* What is asked of one control, over HTTP or by a script. */
struct control_call {
    const char *(*get)(const void *data, const char *name);
    const void *data;
    const char *body;
};

static const char *control_get(const struct control_call *call,
                               const char *name)
{
    return call->get(call->data, name);
}

static int bad_query(struct err *err, const char *name, const char *value)
{
    return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 400,
                   "\"%s\" is no value for %s", value, name);
}

/* A number of the query; left alone when it is not there. */
static int query_number(const struct control_call *call, const char *name,
                        uint64_t max, uint64_t *ret, struct err *err)
{
    const char *text = control_get(call, name);
    guint64 n = 0;

    if (text == NULL)
        return 0;
    if (!g_ascii_string_to_unsigned(text, 10, 0, max, &n, NULL))
        return bad_query(err, name, text);
    *ret = n;
    return 0;
}

/*
 * The mailboxes that ?mailbox= names: that one, or all of them.  NULL and an
 * error when there is none.
 */
static GPtrArray *query_mailboxes(struct lab *lab,
                                  const struct control_call *call,
                                  struct err *err)
{
    const char *address = control_get(call, "mailbox");
    g_autoptr(GPtrArray) all = NULL;

    if (lab_store_mailboxes(lab->store, &all, err) < 0)
        return NULL;
    for (guint i = all->len; address != NULL && i > 0; i--) {
        const struct lab_mailbox *m = all->pdata[i - 1];

        if (g_ascii_strcasecmp(m->address, address) != 0)
            g_ptr_array_remove_index(all, i - 1);
    }
    if (all->len > 0)
        return g_steal_pointer(&all);
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 404, "there is no such mailbox");
    return NULL;
}

/* ---- what can be asked --------------------------------------------- */

static int get_counters(struct lab *lab, const struct control_call *call,
                        GString *out, struct err *err)
{
    const char *format = control_get(call, "format");
    g_autofree char *text = NULL;

    (void)err;
    text = g_strcmp0(format, "json") == 0 ? counters_json(lab->counters)
                                          : counters_text(lab->counters);
    g_string_append(out, text);
    return 0;
}

static int reset_counters(struct lab *lab, const struct control_call *call,
                          GString *out, struct err *err)
{
    (void)call;
    (void)out;
    (void)err;
    counters_reset(lab->counters);
    return 0;
}

static int get_faults(struct lab *lab, const struct control_call *call,
                      GString *out, struct err *err)
{
    g_autofree char *text = faults_text(lab->faults);

    (void)call;
    (void)err;
    g_string_append(out, text);
    return 0;
}

static int set_faults(struct lab *lab, const struct control_call *call,
                      GString *out, struct err *err)
{
    (void)out;
    return script_load(lab->script, call->body, err);
}

static int add_items(struct lab *lab, const struct control_call *call,
                     GString *out, struct err *err)
{
    g_autoptr(GPtrArray) mailboxes = NULL;
    uint64_t items = 100, seed = 1;

    if (query_number(call, "items", ITEMS_MAX, &items, err) < 0 ||
        query_number(call, "seed", UINT32_MAX, &seed, err) < 0)
        return -1;
    mailboxes = query_mailboxes(lab, call, err);
    if (mailboxes == NULL)
        return -1;
    for (guint i = 0; i < mailboxes->len; i++) {
        const struct lab_mailbox *m = mailboxes->pdata[i];
        uint64_t share =
            items / mailboxes->len + (i < items % mailboxes->len ? 1 : 0);

        if (share > 0 && lab_generate_more(lab->store, m->key, share, seed + i,
                                           NULL, err) < 0)
            return -1;
        g_string_append_printf(out, "%s %" G_GUINT64_FORMAT "\n", m->address,
                               share);
    }
    return 0;
}

static int change_items(struct lab *lab, const struct control_call *call,
                        GString *out, struct err *err)
{
    g_autoptr(GPtrArray) mailboxes = NULL;
    struct change_wish wish = { 0 };
    uint64_t in_archive = 0;
    int64_t mailbox;

    if (query_number(call, "delete", ITEMS_MAX, &wish.delete, err) < 0 ||
        query_number(call, "edit", ITEMS_MAX, &wish.edit, err) < 0 ||
        query_number(call, "move", ITEMS_MAX, &wish.move, err) < 0 ||
        query_number(call, "read", ITEMS_MAX, &wish.read, err) < 0 ||
        query_number(call, "touch", ITEMS_MAX, &wish.touch, err) < 0 ||
        query_number(call, "archive", 1, &in_archive, err) < 0)
        return -1;
    mailboxes = query_mailboxes(lab, call, err);
    if (mailboxes == NULL)
        return -1;
    mailbox = ((const struct lab_mailbox *)mailboxes->pdata[0])->key;
    if (in_archive != 0) {
        int found = lab_store_archive(lab->store, mailbox, &mailbox, err);

        if (found <= 0)
            return found < 0 ? -1
                             : err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 404,
                                       "the mailbox has no archive");
    }
    return change_mailbox(lab->store, mailbox, &wish, out, err);
}

static int get_tray(struct lab *lab, const struct control_call *call,
                    GString *out, struct err *err)
{
    (void)call;
    return tray_text(lab, out, err);
}

static int empty_tray(struct lab *lab, const struct control_call *call,
                      GString *out, struct err *err)
{
    (void)call;
    (void)out;
    return lab_store_tray_empty(lab->store, err);
}

static int expire_sync(struct lab *lab, const struct control_call *call,
                       GString *out, struct err *err)
{
    g_autoptr(GPtrArray) mailboxes = query_mailboxes(lab, call, err);

    (void)out;
    if (mailboxes == NULL)
        return -1;
    for (guint i = 0; i < mailboxes->len; i++) {
        const struct lab_mailbox *m = mailboxes->pdata[i];

        if (lab_store_expire_sync(lab->store, m->key, err) < 0)
            return -1;
    }
    return 0;
}

static int unlock(struct lab *lab, const struct control_call *call,
                  GString *out, struct err *err)
{
    (void)call;
    (void)out;
    (void)err;
    auth_unlock(lab->auth);
    return 0;
}

/* ---- the throttle, by the names of its options --------------------- */

enum setting_type { SETTING_UINT, SETTING_MS, SETTING_BYTES };

static const struct {
    const char *name;
    enum setting_type type;
    size_t offset;
} settings[] = {
    { "max-concurrency", SETTING_UINT,
      offsetof(struct throttle_options, concurrency) },
    { "sync-calls", SETTING_UINT,
      offsetof(struct throttle_options, sync_calls) },
    { "burst", SETTING_MS, offsetof(struct throttle_options, burst_us) },
    { "recharge", SETTING_MS, offsetof(struct throttle_options, recharge_us) },
    { "cutoff", SETTING_MS, offsetof(struct throttle_options, cutoff_us) },
    { "delay", SETTING_MS, offsetof(struct throttle_options, delay_us) },
    { "find-count", SETTING_UINT,
      offsetof(struct throttle_options, find_count) },
    { "batch-limit", SETTING_MS, offsetof(struct throttle_options, batch_us) },
    { "batch-cut", SETTING_UINT, offsetof(struct throttle_options, batch_cut) },
    { "jitter", SETTING_MS, offsetof(struct throttle_options, jitter_us) },
    { "latency", SETTING_MS, offsetof(struct throttle_options, round_trip_us) },
    { "bandwidth", SETTING_BYTES,
      offsetof(struct throttle_options, bytes_per_second) },
};

static uint64_t get_setting(const struct throttle_options *o, size_t i)
{
    const char *field = (const char *)o + settings[i].offset;

    switch (settings[i].type) {
    case SETTING_UINT:
        return *(const unsigned int *)(const void *)field;
    case SETTING_MS:
        return (uint64_t)(*(const int64_t *)(const void *)field / 1000);
    case SETTING_BYTES:
    default:
        return *(const uint64_t *)(const void *)field;
    }
}

static void put_setting(struct throttle_options *o, size_t i, uint64_t n)
{
    char *field = (char *)o + settings[i].offset;

    if (settings[i].type == SETTING_UINT)
        *(unsigned int *)(void *)field = (unsigned int)n;
    else if (settings[i].type == SETTING_MS)
        *(int64_t *)(void *)field = (int64_t)n * 1000;
    else
        *(uint64_t *)(void *)field = n;
}

static int get_throttle(struct lab *lab, const struct control_call *call,
                        GString *out, struct err *err)
{
    struct throttle_options o;

    (void)call;
    (void)err;
    throttle_get(lab->throttle, &o);
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++)
        g_string_append_printf(out, "%s %" G_GUINT64_FORMAT "\n",
                               settings[i].name, get_setting(&o, i));
    return 0;
}

static int set_throttle(struct lab *lab, const struct control_call *call,
                        GString *out, struct err *err)
{
    const char *named = control_get(call, "policy");
    const struct policy *policy = named != NULL ? policy_find(named) : NULL;
    struct throttle_options o;

    throttle_get(lab->throttle, &o);
    if (named != NULL && policy == NULL)
        return bad_query(err, "policy", named);
    if (policy != NULL)
        policy_apply(policy, &o);
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        uint64_t n = get_setting(&o, i);

        if (query_number(call, settings[i].name, UINT32_MAX, &n, err) < 0)
            return -1;
        put_setting(&o, i, n);
    }
    throttle_set(lab->throttle, &o);
    return get_throttle(lab, call, out, err);
}

/* ---- the table ----------------------------------------------------- */

static const struct {
    const char *method, *path;
    int (*handle)(struct lab *lab, const struct control_call *call,
                  GString *out, struct err *err);
} controls[] = {
    { "GET", "/lab/counters", get_counters },
    { "POST", "/lab/reset-counters", reset_counters },
    { "GET", "/lab/faults", get_faults },
    { "POST", "/lab/faults", set_faults },
    { "GET", "/lab/throttle", get_throttle },
    { "POST", "/lab/throttle", set_throttle },
    { "POST", "/lab/add", add_items },
    { "POST", "/lab/change", change_items },
    { "POST", "/lab/expire-sync", expire_sync },
    { "POST", "/lab/unlock", unlock },
    { "GET", "/lab/tray", get_tray },
    { "POST", "/lab/empty-tray", empty_tray },
};

/* Code of an error: the path is none. */
#define NO_CONTROL 1

static int control_do(struct lab *lab, const char *method, const char *path,
                      const struct control_call *call, GString *out,
                      struct err *err)
{
    for (size_t i = 0; i < G_N_ELEMENTS(controls); i++)
        if (strcmp(controls[i].method, method) == 0 &&
            strcmp(controls[i].path, path) == 0)
            return controls[i].handle(lab, call, out, err);
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, NO_CONTROL,
                   "there is no such control");
}

static void refuse(struct http_answer *answer, unsigned int status,
                   const char *why)
{
    answer->status = status;
    g_string_printf(answer->body, "%s\n", why);
}

static const char *get_of_request(const void *data, const char *name)
{
    return http_query(data, name);
}

void control_handle(struct lab *lab, const struct http_request *request,
                    struct http_answer *answer)
{
    const struct control_call call = { get_of_request, request,
                                       request->body->str };
    struct err err = { .msg = "" };

    answer->content_type = "text/plain; charset=utf-8";
    if (!request->loopback)
        refuse(answer, 403, "only from this machine");
    else if (control_do(lab, request->method, request->path, &call,
                        answer->body, &err) < 0)
        refuse(answer, err.code == NO_CONTROL ? 404 : 400, err.msg);
}

static const char *get_of_table(const void *data, const char *name)
{
    /* GLib's tables are not const, though looking up changes nothing */
    return g_hash_table_lookup((GHashTable *)(uintptr_t)data, name);
}

int control_post(struct lab *lab, const char *action, struct err *err)
{
    g_auto(GStrv) halves = g_strsplit(action, "?", 2);
    g_autofree char *path = g_strconcat("/lab/", halves[0], NULL);
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GHashTable) words =
        g_uri_parse_params(halves[1] != NULL ? halves[1] : "", -1, "&",
                           G_URI_PARAMS_WWW_FORM, NULL);
    const struct control_call call = { get_of_table, words, "" };

    if (words == NULL)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 400,
                       "\"%s\" is no request", action);
    return control_do(lab, "POST", path, &call, out, err);
}
