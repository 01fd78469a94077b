#include "lab/script.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "base/timestamp.h"
#include "lab/fault_priv.h"

/* More than a day of anybody's rehearsal needs. */
#define ACTIONS_MAX 1000

struct action {
    char *what;
    int64_t at_us, until_us; /* until_us 0: no end */
    int64_t every_us;        /* 0: once */
    bool over;
};

struct script {
    struct faults *faults;
    script_do_fn *act;
    void *data;
    pthread_mutex_t lock; /* actions, epoch, ending */
    pthread_cond_t changed;
    pthread_t thread;
    bool started, ending;
    GPtrArray *actions;
    int64_t epoch_us;
};

static void action_free(void *data)
{
    struct action *a = data;

    g_free(a->what);
    g_free(a);
}

struct script *script_new(struct faults *rules, script_do_fn *act, void *data)
{
    struct script *s = g_new0(struct script, 1);
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&s->lock, NULL);
    s->faults = rules;
    s->act = act;
    s->data = data;
    s->actions = g_ptr_array_new_with_free_func(action_free);
    return s;
}

void script_free(struct script *s)
{
    if (s == NULL)
        return;
    pthread_mutex_lock(&s->lock);
    s->ending = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    if (s->started)
        pthread_join(s->thread, NULL);
    g_ptr_array_unref(s->actions);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->changed);
    g_free(s);
}

/* ---- reading ------------------------------------------------------- */

/* The words of a line, as far as they are about time. */
struct clauses {
    const char *at, *until, *length, *every;
    const char *rest;
};

static int bad_line(struct err *err, const char *line)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   "fault: \"%s\" is no line of a script", line);
}

/* Cuts a word off; NULL at the end. */
static char *next_word(char **text)
{
    char *word = g_strchug(*text);
    char *end = word + strcspn(word, " \t");

    if (*word == '\0')
        return NULL;
    *text = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return word;
}

/* A word about time: where its value goes; NULL when it is none. */
static const char **clause_of(struct clauses *c, const char *text)
{
    const struct {
        const char *word;
        const char **value;
    } words[] = {
        { "at ", &c->at },
        { "until ", &c->until },
        { "for ", &c->length },
        { "every ", &c->every },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_str_has_prefix(text, words[i].word))
            return words[i].value;
    return NULL;
}

/* Takes line apart, in place. */
static int read_clauses(char *line, struct clauses *c, const char *whole,
                        struct err *err)
{
    const char **value;

    while ((value = clause_of(c, line)) != NULL) {
        next_word(&line);
        *value = next_word(&line);
        if (*value == NULL || fault_read_time(*value) < 0)
            return bad_line(err, whole);
        line = g_strchug(line);
    }
    c->rest = line;
    return *line != '\0' ? 0 : bad_line(err, whole);
}

static void append_condition(GString *rule, const char *key, const char *value)
{
    if (value == NULL)
        return;
    g_string_append_printf(rule, "%c%s=%s",
                           strchr(rule->str, ':') != NULL ? ',' : ':', key,
                           value);
}

static void append_rule(GString *rules, const struct clauses *c)
{
    g_autoptr(GString) rule = g_string_new(c->rest);

    append_condition(rule, "after", c->at);
    append_condition(rule, "until", c->until);
    append_condition(rule, "for", c->length);
    append_condition(rule, "period", c->every);
    g_string_append_printf(rules, "%s\n", rule->str);
}

static int64_t time_of(const char *text)
{
    return text != NULL ? fault_read_time(text) : 0;
}

static int add_action(GPtrArray *actions, const struct clauses *c,
                      const char *whole, struct err *err)
{
    struct action *a;

    if (c->length != NULL || c->rest[strlen("do ")] == '\0' ||
        actions->len >= ACTIONS_MAX ||
        (c->every != NULL && time_of(c->every) == 0))
        return bad_line(err, whole);
    a = g_new0(struct action, 1);
    a->what = g_strdup(c->rest + strlen("do "));
    a->at_us = time_of(c->at);
    a->until_us = time_of(c->until);
    a->every_us = time_of(c->every);
    g_ptr_array_add(actions, a);
    return 0;
}

static int read_lines(const char *text, GString *rules, GPtrArray *actions,
                      struct err *err)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (size_t i = 0; lines[i] != NULL; i++) {
        g_autofree char *words = g_strdup(g_strstrip(lines[i]));
        struct clauses c = { .rest = "" };

        if (words[0] == '\0' || words[0] == '#')
            continue;
        if (read_clauses(words, &c, lines[i], err) < 0)
            return -1;
        if (!g_str_has_prefix(c.rest, "do "))
            append_rule(rules, &c);
        else if (add_action(actions, &c, lines[i], err) < 0)
            return -1;
    }
    return 0;
}

/* ---- carrying out -------------------------------------------------- */

/* Takes what is due out of turn; NULL, and when the next is due. */
static char *take_due(struct script *s, int64_t at_us, int64_t *ret_next)
{
    *ret_next = INT64_MAX;
    for (guint i = 0; i < s->actions->len; i++) {
        struct action *a = s->actions->pdata[i];

        if (a->over || (a->until_us > 0 && a->at_us >= a->until_us))
            continue;
        if (a->at_us > at_us) {
            *ret_next = MIN(*ret_next, a->at_us);
            continue;
        }
        a->over = a->every_us == 0;
        /* rounds that were slept through are not made up for */
        while (a->every_us > 0 && a->at_us <= at_us)
            a->at_us += a->every_us;
        return g_strdup(a->what);
    }
    return NULL;
}

int64_t script_run(struct script *s, int64_t at_us)
{
    int64_t next = 0;
    char *what;

    do {
        pthread_mutex_lock(&s->lock);
        what = take_due(s, at_us, &next);
        pthread_mutex_unlock(&s->lock);
        if (what != NULL)
            s->act(s->data, what);
        g_free(what);
    } while (what != NULL);
    return next;
}

/* With the lock held, until then or until something changes. */
static void wait_until(struct script *s, int64_t us)
{
    const struct timespec when = { .tv_sec = us / 1000000,
                                   .tv_nsec = us % 1000000 * 1000 };

    if (us == INT64_MAX)
        pthread_cond_wait(&s->changed, &s->lock);
    else
        pthread_cond_timedwait(&s->changed, &s->lock, &when);
}

static void *run_thread(void *data)
{
    struct script *s = data;

    pthread_mutex_lock(&s->lock);
    while (!s->ending) {
        int64_t epoch = s->epoch_us, next;

        pthread_mutex_unlock(&s->lock);
        next = script_run(s, timestamp_monotonic() - epoch);
        pthread_mutex_lock(&s->lock);
        if (!s->ending && epoch == s->epoch_us)
            wait_until(s, next == INT64_MAX ? next : epoch + next);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* With the lock held. */
static int start_thread(struct script *s, struct err *err)
{
    int failed;

    if (s->started || s->actions->len == 0)
        return 0;
    failed = pthread_create(&s->thread, NULL, run_thread, s);
    if (failed != 0)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, failed,
                       "cannot start a script: %s", g_strerror(failed));
    s->started = true;
    return 0;
}

int script_load(struct script *s, const char *text, struct err *err)
{
    g_autoptr(GPtrArray) actions = g_ptr_array_new_with_free_func(action_free);
    g_autoptr(GString) rules = g_string_new(NULL);
    int status;

    if (read_lines(text, rules, actions, err) < 0 ||
        faults_replace(s->faults, rules->str, err) < 0)
        return -1;
    pthread_mutex_lock(&s->lock);
    g_ptr_array_unref(s->actions);
    s->actions = g_steal_pointer(&actions);
    s->epoch_us = timestamp_monotonic();
    status = start_thread(s, err);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return status;
}
