#include "lab/fault.h"

#include <pthread.h>

/* Nobody needs more; a rule costs at every event. */
#define RULES_MAX 1000

/* clang-format off */
static const struct {
    const char *name, *counter;
    const char *code;    /* default of code= */
    unsigned int status; /* default of status= */
    const char *help;
} kinds[N_FAULT_KINDS] = {
    [FAULT_DROP_BEFORE] = { "drop-before", "fault.drop-before", "", 0,
        "close the connection, nothing done" },
    [FAULT_DROP_AFTER] = { "drop-after", "fault.drop-after", "", 0,
        "do it, then close the connection without an answer" },
    [FAULT_CLOSE_KEPT] = { "close-kept", "fault.close-kept", "", 0,
        "the same, but only on a connection that has answered before" },
    [FAULT_BREAK] = { "break", "fault.break", "", 0,
        "do it, send half of the answer, close the connection" },
    [FAULT_HTTP] = { "http", "fault.http", "", 503,
        "answer with this HTTP status (503), nothing done" },
    [FAULT_BUSY] = { "busy", "fault.busy", "ErrorServerBusy", 500,
        "a fault ErrorServerBusy with ms= as BackOffMilliseconds" },
    [FAULT_BUSY_INSIDE] = { "busy-inside", "fault.busy-inside",
        "ErrorServerBusy", 200,
        "the same inside an HTTP 200, for each item" },
    [FAULT_SOAP] = { "soap", "fault.soap", "ErrorInternalServerError", 500,
        "a SOAP fault with this code; bare=1: without a detail" },
    [FAULT_INSIDE] = { "inside", "fault.inside",
        "ErrorInternalServerTransientError", 200,
        "every item fails with this code, nothing done" },
    [FAULT_EMPTY] = { "empty", "fault.empty", "", 200,
        "do it, and answer without any response message" },
    [FAULT_SLOW] = { "slow", "fault.slow", "", 0,
        "wait ms= before the answer" },
    [FAULT_LATE] = { "late", "fault.late", "", 0,
        "close the connection at once, do it ms= later" },
    [FAULT_TWICE] = { "twice", "fault.twice", "", 0,
        "do it twice, answer once" },
    [FAULT_TRUNCATED_DATA] = { "truncated-data", "fault.truncated-data", "", 0,
        "an exported item ends in === Truncated Data ===" },
    [FAULT_DAMAGED_DATA] = { "damaged-data", "fault.damaged-data", "", 0,
        "an exported item lacks its last bytes" },
    [FAULT_EXPORT] = { "export", "fault.export", "ErrorItemCorrupt", 0,
        "an item's export is refused with this code" },
    [FAULT_UPLOAD] = { "upload", "fault.upload", "ErrorCorruptData", 0,
        "an item's upload is refused with this code" },
    [FAULT_EXPIRE_SYNC] = { "expire-sync", "fault.expire-sync",
        "ErrorInvalidSyncStateData", 0,
        "a SyncState that is not empty is refused" },
};
/* clang-format on */

struct rule {
    enum fault_kind kind;
    char *text;
    char *op, *mailbox, *match;
    uint64_t skip, every, times;
    struct fault_hit hit;
    uint64_t met, fired;
};

struct faults {
    pthread_mutex_t lock;
    GPtrArray *rules;
};

static void rule_free(void *data)
{
    struct rule *r = data;

    g_free(r->text);
    g_free(r->op);
    g_free(r->mailbox);
    g_free(r->match);
    g_free(r);
}

struct faults *faults_new(void)
{
    struct faults *f = g_new0(struct faults, 1);

    pthread_mutex_init(&f->lock, NULL);
    f->rules = g_ptr_array_new_with_free_func(rule_free);
    return f;
}

void faults_free(struct faults *f)
{
    if (f == NULL)
        return;
    g_ptr_array_unref(f->rules);
    pthread_mutex_destroy(&f->lock);
    g_free(f);
}

/* ---- reading a rule ------------------------------------------------ */

enum key_type { KEY_TEXT, KEY_NUMBER, KEY_MS, KEY_CODE, KEY_STATUS, KEY_BARE };

static const struct {
    const char *name;
    enum key_type type;
    size_t offset;
} keys[] = {
    { "op", KEY_TEXT, offsetof(struct rule, op) },
    { "mailbox", KEY_TEXT, offsetof(struct rule, mailbox) },
    { "match", KEY_TEXT, offsetof(struct rule, match) },
    { "skip", KEY_NUMBER, offsetof(struct rule, skip) },
    { "every", KEY_NUMBER, offsetof(struct rule, every) },
    { "times", KEY_NUMBER, offsetof(struct rule, times) },
    { "ms", KEY_MS, 0 },
    { "code", KEY_CODE, 0 },
    { "status", KEY_STATUS, 0 },
    { "bare", KEY_BARE, 0 },
};

static int bad_value(struct err *err, const char *name, const char *value)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   "fault: \"%s\" is no value for %s", value, name);
}

static int set_number(struct rule *r, size_t key, const char *value,
                      struct err *err)
{
    guint64 n = 0;

    if (!g_ascii_string_to_unsigned(value, 10, 0, UINT32_MAX, &n, NULL))
        return bad_value(err, keys[key].name, value);
    if (keys[key].type == KEY_NUMBER)
        *(uint64_t *)((char *)r + keys[key].offset) = n;
    else if (keys[key].type == KEY_MS)
        r->hit.ms = (uint32_t)n;
    else if (keys[key].type == KEY_BARE)
        r->hit.bare = n != 0;
    else if (n >= 200 && n <= 599)
        r->hit.status = (unsigned int)n;
    else
        return bad_value(err, keys[key].name, value);
    return 0;
}

static int set_key(struct rule *r, size_t key, const char *value,
                   struct err *err)
{
    if (keys[key].type == KEY_TEXT) {
        char **text = (char **)((char *)r + keys[key].offset);

        g_free(*text);
        *text = g_strdup(value);
        return 0;
    }
    if (keys[key].type == KEY_CODE) {
        if (value[0] == '\0' || strlen(value) >= sizeof(r->hit.code))
            return bad_value(err, keys[key].name, value);
        g_strlcpy(r->hit.code, value, sizeof(r->hit.code));
        return 0;
    }
    return set_number(r, key, value, err);
}

static int read_key(struct rule *r, const char *text, struct err *err)
{
    const char *equals = strchr(text, '=');
    size_t n = equals != NULL ? (size_t)(equals - text) : 0;

    for (size_t i = 0; n > 0 && i < G_N_ELEMENTS(keys); i++)
        if (strlen(keys[i].name) == n && strncmp(keys[i].name, text, n) == 0)
            return set_key(r, i, equals + 1, err);
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   "fault: \"%s\" is no condition", text);
}

static int find_kind(const char *name, enum fault_kind *ret, struct err *err)
{
    for (int i = 0; i < N_FAULT_KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0) {
            *ret = (enum fault_kind)i;
            return 0;
        }
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   "fault: there is no kind \"%s\"", name);
}

/* NULL and *err when the text is no rule. */
static struct rule *rule_new(const char *text, struct err *err)
{
    g_auto(GStrv) halves = g_strsplit(text, ":", 2);
    g_auto(GStrv) parts = NULL;
    enum fault_kind kind = 0;
    struct rule *r;

    if (find_kind(halves[0] != NULL ? halves[0] : "", &kind, err) < 0)
        return NULL;
    r = g_new0(struct rule, 1);
    r->kind = kind;
    r->text = g_strdup(text);
    r->every = 1;
    r->times = UINT64_MAX;
    r->hit.status = kinds[kind].status;
    g_strlcpy(r->hit.code, kinds[kind].code, sizeof(r->hit.code));
    parts = g_strsplit(halves[1] != NULL ? halves[1] : "", ",", -1);
    for (size_t i = 0; parts[i] != NULL; i++)
        if (read_key(r, parts[i], err) < 0) {
            rule_free(r);
            return NULL;
        }
    r->every = MAX(r->every, 1);
    return r;
}

int faults_add(struct faults *f, const char *rule, struct err *err)
{
    struct rule *r = rule_new(rule, err);

    if (r == NULL)
        return -1;
    pthread_mutex_lock(&f->lock);
    g_ptr_array_add(f->rules, r);
    pthread_mutex_unlock(&f->lock);
    return 0;
}

int faults_replace(struct faults *f, const char *rules, struct err *err)
{
    g_auto(GStrv) lines = g_strsplit(rules, "\n", -1);
    g_autoptr(GPtrArray) made = g_ptr_array_new_with_free_func(rule_free);
    GPtrArray *old;

    for (size_t i = 0; lines[i] != NULL; i++) {
        const char *line = g_strstrip(lines[i]);
        struct rule *r;

        if (line[0] == '\0' || line[0] == '#')
            continue;
        if (made->len >= RULES_MAX)
            return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                           "fault: more than %d rules", RULES_MAX);
        r = rule_new(line, err);
        if (r == NULL)
            return -1;
        g_ptr_array_add(made, r);
    }
    pthread_mutex_lock(&f->lock);
    old = f->rules;
    f->rules = g_steal_pointer(&made);
    pthread_mutex_unlock(&f->lock);
    g_ptr_array_unref(old);
    return 0;
}

/* ---- firing -------------------------------------------------------- */

static bool applies(const struct rule *r, const struct fault_event *event)
{
    if (r->op != NULL && strcmp(r->op, event->operation) != 0)
        return false;
    if (r->mailbox != NULL &&
        (event->mailbox == NULL ||
         g_ascii_strcasecmp(r->mailbox, event->mailbox) != 0))
        return false;
    return r->match == NULL ||
           (event->subject != NULL && strstr(event->subject, r->match) != NULL);
}

static bool fires(struct rule *r)
{
    r->met++;
    if (r->met <= r->skip || (r->met - r->skip) % r->every != 0 ||
        r->fired >= r->times)
        return false;
    r->fired++;
    return true;
}

bool faults_due(struct faults *f, enum fault_kind kind,
                const struct fault_event *event, struct fault_hit *ret)
{
    bool due = false;

    pthread_mutex_lock(&f->lock);
    for (guint i = 0; i < f->rules->len && !due; i++) {
        struct rule *r = f->rules->pdata[i];

        if (r->kind != kind || !applies(r, event) || !fires(r))
            continue;
        *ret = r->hit;
        due = true;
    }
    pthread_mutex_unlock(&f->lock);
    return due;
}

bool faults_want_subject(struct faults *f, enum fault_kind kind)
{
    bool want = false;

    pthread_mutex_lock(&f->lock);
    for (guint i = 0; i < f->rules->len && !want; i++) {
        const struct rule *r = f->rules->pdata[i];

        want = r->kind == kind && r->match != NULL;
    }
    pthread_mutex_unlock(&f->lock);
    return want;
}

const char *fault_counter(enum fault_kind kind)
{
    return kinds[kind].counter;
}

char *faults_text(struct faults *f)
{
    GString *out = g_string_new(NULL);

    pthread_mutex_lock(&f->lock);
    for (guint i = 0; i < f->rules->len; i++) {
        const struct rule *r = f->rules->pdata[i];

        g_string_append_printf(
            out, "%s met=%" G_GUINT64_FORMAT " fired=%" G_GUINT64_FORMAT "\n",
            r->text, r->met, r->fired);
    }
    pthread_mutex_unlock(&f->lock);
    return g_string_free(out, FALSE);
}

char *faults_help(void)
{
    GString *out = g_string_new(NULL);

    for (int i = 0; i < N_FAULT_KINDS; i++)
        g_string_append_printf(out, "  %-16s%s\n", kinds[i].name,
                               kinds[i].help);
    return g_string_free(out, FALSE);
}
