#include "web/relay.h"

#include <pthread.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "base/timestamp.h"

/* Between two tellings. */
#define APART_US (TIMESTAMP_SECOND / 2)
/* Kinds and subjects of which something waits. */
#define WAITING_MAX 100000

struct waiting {
    char *key;              /* kind and subject */
    struct relay_note note; /* its strings are owned, but for kind */
};

struct relay {
    struct database *database;
    struct log *log;
    struct relay_sink sink; /* post NULL: none */
    struct news *news;      /* NULL: none */
    char self[17];
    bool shared; /* the rest is for others */
    pthread_t thread;
    pthread_mutex_t lock; /* the rest */
    pthread_cond_t bell;
    GQueue queue;       /* of struct waiting *, owned */
    GHashTable *by_key; /* of the same */
    bool missed, ending;
};

static const char *const kinds[] = { "job", "mailbox", "progress", "migration",
                                     "audit" };

static const char *kind_of(const char *text)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i], text) == 0)
            return kinds[i];
    return NULL;
}

/* ---- as it travels ------------------------------------------------------- */

static char *line_of(const struct relay_note *note)
{
    json_t *json = json_pack(
        "{s:s, s:s, s:I, s:s}", "kind", note->kind, "subject", note->subject,
        "migration", (json_int_t)note->migration_id, "data", note->data);
    /* so that no encoding of the database's can matter */
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII);
    char *line = g_strconcat("\n", text != NULL ? text : "{}", NULL);

    free(text);
    json_decref(json);
    return line;
}

#define MISSED "\n{\"missed\":true}"

char **relay_pack(const char *from, const struct relay_note *const *notes,
                  size_t n, bool missed)
{
    GPtrArray *texts = g_ptr_array_new();
    GString *text = g_string_new(from);

    if (missed)
        g_string_append(text, MISSED);
    for (size_t i = 0; i < n; i++) {
        g_autofree char *line = line_of(notes[i]);
        const char *piece =
            strlen(from) + strlen(line) <= NEWS_BYTES_MAX ? line : MISSED;

        if (text->len + strlen(piece) > NEWS_BYTES_MAX) {
            g_ptr_array_add(texts, g_string_free(text, FALSE));
            text = g_string_new(from);
        }
        g_string_append(text, piece);
    }
    g_ptr_array_add(texts, g_string_free(text, FALSE));
    g_ptr_array_add(texts, NULL);
    return (char **)g_ptr_array_free(texts, FALSE);
}

static void unpack_line(const char *line, const struct relay_sink *sink)
{
    json_t *json = json_loads(line, 0, NULL);
    const char *kind = NULL;
    struct relay_note note = { 0 };
    json_int_t migration = 0;

    if (json_is_true(json_object_get(json, "missed")))
        sink->missed(sink->data);
    else if (json_unpack(json, "{s:s, s:s, s:I, s:s}", "kind", &kind, "subject",
                         &note.subject, "migration", &migration, "data",
                         &note.data) == 0 &&
             (note.kind = kind_of(kind)) != NULL) {
        note.migration_id = migration;
        sink->post(sink->data, &note);
    }
    json_decref(json);
}

void relay_unpack(const char *self, const char *text,
                  const struct relay_sink *sink)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    if (lines[0] == NULL || strcmp(lines[0], self) == 0)
        return;
    for (char **line = lines + 1; *line != NULL; line++)
        unpack_line(*line, sink);
}

static void heard(void *data, const char *text)
{
    struct relay *r = data;

    if (text == NULL)
        r->sink.missed(r->sink.data);
    else
        relay_unpack(r->self, text, &r->sink);
}

/* ---- what waits ---------------------------------------------------------- */

static void waiting_free(void *data)
{
    struct waiting *w = data;

    g_free(w->key);
    g_free((char *)(uintptr_t)w->note.subject);
    g_free((char *)(uintptr_t)w->note.data);
    g_free(w);
}

static struct waiting *waiting_new(char *key, const struct relay_note *note)
{
    struct waiting *w = g_new(struct waiting, 1);

    w->key = key;
    w->note = *note;
    w->note.subject = g_strdup(note->subject);
    w->note.data = g_strdup(note->data);
    return w;
}

/* A later one takes the place of the earlier; with the lock held. */
static void hold(struct relay *r, const struct relay_note *note)
{
    char *key = g_strconcat(note->kind, " ", note->subject, NULL);
    struct waiting *w = g_hash_table_lookup(r->by_key, key);

    if (w != NULL) {
        g_free((char *)(uintptr_t)w->note.data);
        w->note.data = g_strdup(note->data);
        g_free(key);
    } else if (r->queue.length >= WAITING_MAX) {
        r->missed = true;
        g_free(key);
    } else {
        w = waiting_new(key, note);
        g_queue_push_tail(&r->queue, w);
        g_hash_table_insert(r->by_key, w->key, w);
    }
}

void relay_post_here(struct relay *r, const struct relay_note *note)
{
    if (r->sink.post != NULL)
        r->sink.post(r->sink.data, note);
}

char *relay_text(const struct relay *r, const struct relay_note *note)
{
    g_auto(GStrv) texts =
        r->shared ? relay_pack(r->self, &note, 1, false) : NULL;

    return texts != NULL ? g_strdup(texts[0]) : NULL;
}

void relay_post(struct relay *r, const struct relay_note *note)
{
    relay_post_here(r, note);
    if (!r->shared)
        return;
    pthread_mutex_lock(&r->lock);
    hold(r, note);
    pthread_cond_signal(&r->bell);
    pthread_mutex_unlock(&r->lock);
}

/* ---- telling the others -------------------------------------------------- */

/* All that waits, in order; with the lock held. */
static GPtrArray *take(struct relay *r, bool *ret_missed)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(waiting_free);
    struct waiting *w;

    while ((w = g_queue_pop_head(&r->queue)) != NULL)
        g_ptr_array_add(all, w);
    g_hash_table_remove_all(r->by_key);
    *ret_missed = r->missed;
    r->missed = false;
    return all;
}

/* What has not been told goes before what came since; with the lock held. */
static void put_back(struct relay *r, GPtrArray *all, bool missed)
{
    r->missed = r->missed || missed;
    while (all->len > 0) {
        struct waiting *w = g_ptr_array_steal_index(all, all->len - 1);

        if (g_hash_table_contains(r->by_key, w->key)) {
            waiting_free(w);
            continue;
        }
        g_queue_push_head(&r->queue, w);
        g_hash_table_insert(r->by_key, w->key, w);
    }
}

static int tell(struct relay *r, const GPtrArray *all, bool missed,
                struct err *err)
{
    g_autoptr(GPtrArray) notes = g_ptr_array_new();
    g_auto(GStrv) texts = NULL;

    for (guint i = 0; i < all->len; i++)
        g_ptr_array_add(notes, &((struct waiting *)all->pdata[i])->note);
    texts = relay_pack(r->self, (const struct relay_note *const *)notes->pdata,
                       notes->len, missed);
    return news_tell(r->database, (const char *const *)texts, err);
}

/* False: at the end; with the lock held, which it lets go meanwhile. */
static bool wait_apart(struct relay *r)
{
    int64_t until_us = timestamp_monotonic() + APART_US;
    const struct timespec until = {
        .tv_sec = until_us / TIMESTAMP_SECOND,
        .tv_nsec = until_us % TIMESTAMP_SECOND * 1000,
    };

    while (!r->ending &&
           pthread_cond_timedwait(&r->bell, &r->lock, &until) == 0)
        ;
    while (!r->ending && r->queue.length == 0 && !r->missed)
        pthread_cond_wait(&r->bell, &r->lock);
    return !r->ending;
}

/* Once what waits now; with the lock held, which it lets go meanwhile. */
static void tell_all(struct relay *r, bool *away)
{
    bool missed, failed;
    g_autoptr(GPtrArray) all = take(r, &missed);
    struct err err;

    if (all->len == 0 && !missed)
        return;
    pthread_mutex_unlock(&r->lock);
    failed = tell(r, all, missed, &err) < 0;
    if (failed && !*away)
        log_err(r->log, LOG_WARNING, "telling other processes", &err);
    *away = failed;
    pthread_mutex_lock(&r->lock);
    if (failed)
        put_back(r, all, missed);
}

static void *work(void *data)
{
    struct relay *r = data;
    bool away = false;

    pthread_mutex_lock(&r->lock);
    do
        tell_all(r, &away);
    while (wait_apart(r));
    tell_all(r, &away);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* ---- beginning and end --------------------------------------------------- */

static void share(struct relay *r)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&r->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&r->bell, &attributes);
    pthread_condattr_destroy(&attributes);
    r->by_key = g_hash_table_new(g_str_hash, g_str_equal);
    if (r->sink.post != NULL)
        r->news = news_listen(r->database, heard, r);
    if (pthread_create(&r->thread, NULL, work, r) != 0)
        g_error("cannot start a thread");
}

struct relay *relay_new(struct database *d, struct log *log,
                        const struct relay_sink *sink)
{
    struct relay *r = g_new0(struct relay, 1);
    uint8_t self[(sizeof(r->self) - 1) / 2];

    if (sodium_init() < 0)
        g_error("libsodium cannot be initialised");
    randombytes_buf(self, sizeof(self));
    sodium_bin2hex(r->self, sizeof(r->self), self, sizeof(self));
    r->database = d;
    r->log = log;
    if (sink != NULL)
        r->sink = *sink;
    r->shared = news_are_told(d);
    if (r->shared)
        share(r);
    return r;
}

void relay_free(struct relay *r)
{
    if (r == NULL)
        return;
    if (r->shared) {
        news_free(r->news);
        pthread_mutex_lock(&r->lock);
        r->ending = true;
        pthread_cond_signal(&r->bell);
        pthread_mutex_unlock(&r->lock);
        pthread_join(r->thread, NULL);
        g_queue_clear_full(&r->queue, waiting_free);
        g_hash_table_unref(r->by_key);
        pthread_cond_destroy(&r->bell);
        pthread_mutex_destroy(&r->lock);
    }
    g_free(r);
}
