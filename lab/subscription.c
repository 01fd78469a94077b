#include "lab/subscription.h"

#include <pthread.h>
#include <string.h>
#include <sys/random.h>

#include "base/timestamp.h"

const char *const subscription_events[N_SUBSCRIPTION_EVENTS] = {
    [EVENT_COPIED] = "t:CopiedEvent",
    [EVENT_CREATED] = "t:CreatedEvent",
    [EVENT_DELETED] = "t:DeletedEvent",
    [EVENT_MODIFIED] = "t:ModifiedEvent",
    [EVENT_MOVED] = "t:MovedEvent",
    [EVENT_NEW_MAIL] = "t:NewMailEvent",
    [EVENT_FREE_BUSY] = "t:FreeBusyChangedEvent",
};

struct entry {
    struct subscription *one;
    int64_t ends_at; /* monotonic */
};

struct subscriptions {
    pthread_mutex_t entries_lock;
    GHashTable *entries; /* id to struct entry */
    uint8_t epoch[4];    /* of this process, in its watermarks */
};

void subscription_free(struct subscription *one)
{
    if (one == NULL)
        return;
    g_free(one->id);
    g_free(one->owner);
    g_clear_pointer(&one->folders, g_array_unref);
    g_free(one);
}

static void entry_free(gpointer data)
{
    struct entry *e = data;

    subscription_free(e->one);
    g_free(e);
}

struct subscriptions *subscriptions_new(void)
{
    struct subscriptions *s = g_new0(struct subscriptions, 1);

    pthread_mutex_init(&s->entries_lock, NULL);
    s->entries =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
    if (getrandom(s->epoch, sizeof(s->epoch), 0) != (ssize_t)sizeof(s->epoch))
        g_error("no random bytes");
    return s;
}

void subscriptions_free(struct subscriptions *s)
{
    if (s == NULL)
        return;
    g_hash_table_unref(s->entries);
    pthread_mutex_destroy(&s->entries_lock);
    g_free(s);
}

static gboolean has_ended(gpointer key, gpointer value, gpointer now)
{
    const struct entry *e = value;

    (void)key;
    return e->ends_at <= *(const int64_t *)now;
}

static unsigned int count_of(const struct subscriptions *s, const char *owner)
{
    GHashTableIter iter;
    gpointer value;
    unsigned int n = 0;

    g_hash_table_iter_init(&iter, s->entries);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        n += strcmp(((const struct entry *)value)->one->owner, owner) == 0;
    return n;
}

char *subscriptions_add(struct subscriptions *s, struct subscription *one,
                        unsigned int max)
{
    struct entry *e = g_new0(struct entry, 1);
    int64_t now = timestamp_monotonic();
    char *id = g_uuid_string_random();

    one->id = g_strdup(id);
    e->one = one;
    e->ends_at = now + one->timeout_us;
    pthread_mutex_lock(&s->entries_lock);
    g_hash_table_foreach_remove(s->entries, has_ended, &now);
    if (count_of(s, one->owner) < max) {
        g_hash_table_insert(s->entries, one->id, e);
        e = NULL;
    }
    pthread_mutex_unlock(&s->entries_lock);
    if (e == NULL)
        return id;
    entry_free(e);
    g_free(id);
    return NULL;
}

static struct subscription *copy_of(const struct subscription *one)
{
    struct subscription *copy = g_new(struct subscription, 1);

    *copy = *one;
    copy->id = g_strdup(one->id);
    copy->owner = g_strdup(one->owner);
    copy->folders = g_array_copy(one->folders);
    return copy;
}

struct subscription *subscriptions_use(struct subscriptions *s, const char *id)
{
    int64_t now = timestamp_monotonic();
    struct subscription *copy = NULL;
    struct entry *e;

    pthread_mutex_lock(&s->entries_lock);
    g_hash_table_foreach_remove(s->entries, has_ended, &now);
    e = g_hash_table_lookup(s->entries, id);
    if (e != NULL) {
        e->ends_at = now + e->one->timeout_us;
        copy = copy_of(e->one);
    }
    pthread_mutex_unlock(&s->entries_lock);
    return copy;
}

void subscriptions_move_on(struct subscriptions *s, const char *id,
                           int64_t position)
{
    struct entry *e;

    pthread_mutex_lock(&s->entries_lock);
    e = g_hash_table_lookup(s->entries, id);
    if (e != NULL && e->one->position < position)
        e->one->position = position;
    pthread_mutex_unlock(&s->entries_lock);
}

bool subscriptions_remove(struct subscriptions *s, const char *id)
{
    bool there;

    pthread_mutex_lock(&s->entries_lock);
    there = g_hash_table_remove(s->entries, id);
    pthread_mutex_unlock(&s->entries_lock);
    return there;
}

/* ---- watermarks ---------------------------------------------------- */

/* 13 bytes, as Exchange's: four, a number of eight, and one. */
struct mark {
    uint8_t bytes[13];
};

char *subscriptions_watermark(const struct subscriptions *s, int64_t seq)
{
    struct mark mark = { { 0 } };

    memcpy(mark.bytes, s->epoch, sizeof(s->epoch));
    for (int i = 0; i < 8; i++)
        mark.bytes[4 + i] = (uint8_t)((uint64_t)seq >> (8 * i));
    mark.bytes[12] = 1;
    return g_base64_encode(mark.bytes, sizeof(mark.bytes));
}

int subscriptions_read_watermark(const struct subscriptions *s,
                                 const char *text, int64_t *ret)
{
    g_autofree uint8_t *raw = NULL;
    uint64_t seq = 0;
    gsize n = 0;

    if (strlen(text) > 2 * sizeof(struct mark))
        return -1;
    raw = g_base64_decode(text, &n);
    if (n != sizeof(struct mark) ||
        memcmp(raw, s->epoch, sizeof(s->epoch)) != 0)
        return -1;
    for (int i = 7; i >= 0; i--)
        seq = seq << 8 | raw[4 + i];
    if (seq > INT64_MAX)
        return -1;
    *ret = (int64_t)seq;
    return 0;
}
