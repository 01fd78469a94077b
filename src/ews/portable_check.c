#include "ews/portable_check.h"

#include <string.h>

#include "base/timestamp.h"
#include "ews/portable_attached.h"
#include "ews/portable_field.h"
#include "ews/portable_gather.h"

/* ---- what is missing ----------------------------------------------------- */

/* Names of what is compared that are no keys of the bag. */
static const struct {
    const char *prefix, *uri;
} keys_of_names[] = {
    { "class", "item:ItemClass" },
    { "recurrence", "calendar:Recurrence" },
    { "bcc ", "message:BccRecipients" },
};

static const char *key_of(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys_of_names); i++) {
        if (g_str_has_prefix(name, keys_of_names[i].prefix))
            return keys_of_names[i].uri;
    }
    return name;
}

#define READ_MARK "message:IsRead"

/*
 * Up to 2013 an UpdateItem that marks an item as read may send a receipt:
 * that has an operation of its own.
 */
static bool is_loud(const struct making *m, const char *key)
{
    return strcmp(key, READ_MARK) == 0 && m->how.level < EWS_2013_SP1 &&
           portable_flag(m->put->portable, READ_MARK);
}

/* The keys among them that one more write may set right. */
static GPtrArray *correctable(const struct making *m, const GPtrArray *missing)
{
    const struct portable *p = m->put->portable;
    GPtrArray *keys = g_ptr_array_new();

    for (guint i = 0; i < missing->len; i++) {
        char *name = g_ptr_array_index(missing, i);
        const char *key = key_of(name);

        if (!item_can_change(p, key, m->how.level) || is_loud(m, key) ||
            g_ptr_array_find_with_equal_func(keys, key, g_str_equal, NULL))
            continue;
        g_ptr_array_add(keys, GSIZE_TO_POINTER(GPOINTER_TO_SIZE(key)));
    }
    return keys;
}

/*
 * The read mark is looked at by itself: false is as good as not there to
 * portable_missing(), and a mark is no content.
 */
static void add_read_mark(const struct portable *p, const struct portable *got,
                          GPtrArray *missing)
{
    struct portable_value v;

    if (portable_get(p, READ_MARK, PORTABLE_BOOL, &v) &&
        v.boolean != portable_flag(got, READ_MARK) &&
        !g_ptr_array_find_with_equal_func(missing, READ_MARK, g_str_equal,
                                          NULL))
        g_ptr_array_add(missing, g_strdup(READ_MARK));
}

/* What a week begins on came with 2010 SP1, and tells in some series only. */
static bool loses_week(const struct making *m)
{
    const struct portable_recurrence *r = portable_recurrence(m->put->portable);

    return m->how.level < EWS_2010_SP1 && r != NULL &&
           portable_week_start(r) != 0;
}

/*
 * That is named once, by itself: the rest of the pattern is compared, and not
 * written again for a day that the server cannot keep.
 */
static void take_week(const struct making *m, struct portable *got)
{
    const struct portable_recurrence *is = portable_recurrence(got);
    struct portable_recurrence r;

    if (is == NULL || !loses_week(m))
        return;
    r = *is;
    r.first_day = portable_recurrence(m->put->portable)->first_day;
    portable_set_recurrence(got, &r);
}

static GPtrArray *missing_of(const struct making *m, struct gathered *got)
{
    GPtrArray *missing;

    if (got->other || got->item.p == NULL) {
        missing = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(missing, g_strdup("class"));
        return missing;
    }
    take_week(m, got->item.p);
    gather_outline(&got->item);
    missing = portable_missing(m->put->portable, got->item.p);
    add_read_mark(m->put->portable, got->item.p, missing);
    return missing;
}

/* ---- in words ------------------------------------------------------------ */

static void lose_all(struct making *m, const GPtrArray *missing)
{
    for (guint i = 0; i < missing->len; i++) {
        const char *name = g_ptr_array_index(missing, i);
        g_autofree char *words = strcmp(name, READ_MARK) == 0 &&
                                         !portable_flag(m->put->portable, name)
                                     ? g_strdup("unread mark")
                                     : field_words(name);

        /* What was refused has been named already, with the reason. */
        if (m->lost == NULL || strstr(m->lost->str, words) == NULL)
            making_lose(m, words, NULL);
    }
}

/* What a server of that version has no place for is not looked for there. */
static void lose_by_version(struct making *m)
{
    const struct portable *p = m->put->portable;
    const struct portable_zone *start = portable_zone(p, false),
                               *end = portable_zone(p, true);

    if (m->how.level < EWS_2010 && start != NULL && end != NULL &&
        g_strcmp0(start->id, end->id) != 0)
        making_lose(m, "time zone of the end (this server has one for both)",
                    NULL);
    if (loses_week(m))
        making_lose(m, "first day of the week (Sunday on this server)", NULL);
}

/* ---- the organiser --------------------------------------------------- */

static bool lost_organiser(const GPtrArray *missing)
{
    for (guint i = 0; i < missing->len; i++) {
        if (g_str_has_prefix(g_ptr_array_index(missing, i), "organiser "))
            return true;
    }
    return false;
}

/*
 * Somebody else's meeting that the server takes for this mailbox's own would
 * send cancellations to its attendees when it is deleted: it is kept as an
 * appointment, and who was invited is said.
 */
static int detach(struct mailbox *mb, struct making *m, struct err *err)
{
    const struct change change = { .target = { m->id, 0 },
                                   .p = m->put->portable,
                                   .how = &m->how,
                                   .stamp = m->how.stamp != NULL,
                                   .detach = true };
    int rc = make_change(mb, &change, NULL, err);

    if (rc == 0)
        making_lose(m, "organiser (kept as an appointment, without attendees)",
                    NULL);
    else if (rc > 0)
        making_lose(m, "organiser", err);
    return MIN(rc, 0);
}

/* ---- occurrences --------------------------------------------------------- */

static const struct portable *exception_of(const struct portable *p,
                                           int64_t original_us)
{
    for (size_t i = 0; i < portable_n_exceptions(p); i++) {
        int64_t us;
        const struct portable *x = portable_exception_at(p, i, &us);

        if (us == original_us)
            return x;
    }
    return NULL;
}

/*
 * A CreateAttachment that is carried out twice, as by a proxy which repeats it,
 * leaves more of them than were put, and no others.
 */
static bool attached_twice(const struct portable *p,
                           const struct item_reading *got)
{
    size_t n = portable_n_attachments(p);

    if (n == 0 || got->attachments->len <= n)
        return false;
    for (guint i = 0; i < got->attachments->len; i++) {
        const struct item_piece *piece = g_ptr_array_index(got->attachments, i);
        size_t k = 0;

        while (k < n && g_strcmp0(portable_attachment_at(p, k)->name,
                                  piece->about.name) != 0)
            k++;
        if (k == n)
            return false;
    }
    return true;
}

/* Once: a server that keeps doing it has the last word. */
static void see_double(struct making *m, const struct portable *p,
                       const struct item_reading *got)
{
    if (!attached_twice(p, got))
        return;
    if (m->remade)
        making_lose(m, "single attachments (the server stores them twice)",
                    NULL);
    else
        m->doubled = true;
}

/* Only what has been written: MAPI's part is the server's. */
static void lose_of_occurrence(struct making *m, int64_t original_us,
                               struct gathered *got)
{
    const struct portable *x = exception_of(m->put->portable, original_us);
    g_autofree char *when = timestamp_format(original_us);
    g_autoptr(GPtrArray) missing = NULL;

    if (x == NULL || got->status < 0 || got->item.p == NULL)
        return;
    see_double(m, x, &got->item);
    gather_outline(&got->item);
    missing = portable_missing(x, got->item.p);
    for (guint i = 0; i < missing->len; i++) {
        const char *key = g_ptr_array_index(missing, i);
        g_autofree char *words = field_words(key);
        g_autofree char *what =
            g_strdup_printf("%s of the occurrence of %s", words, when);

        if (field_of(key) != NULL)
            making_lose(m, what, NULL);
    }
}

/* What became of the changed occurrences of a series, by the series' list. */
static int check_occurrences(struct mailbox *mb, struct making *m,
                             const struct item_reading *series, struct err *err)
{
    size_t n = series->occurrences->len;
    g_autofree const char **ids = g_new(const char *, n + 1);
    g_autofree struct gathered *got = g_new0(struct gathered, n + 1);
    const struct gather what = {
        .kind = PORTABLE_APPOINTMENT, .outline = true, .ids = ids, .n = n
    };
    int rc;

    if (n == 0 || portable_n_exceptions(m->put->portable) == 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        const struct item_piece *piece =
            g_ptr_array_index(series->occurrences, i);

        ids[i] = piece->id;
    }
    rc = gather_items(mb, &what, got, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        const struct item_piece *piece =
            g_ptr_array_index(series->occurrences, i);

        lose_of_occurrence(m, piece->original_us, &got[i]);
    }
    gathered_clear(got, n);
    return rc;
}

/* ---- the last write -------------------------------------------------- */

/* 1: something was corrected: look again; 0; -1. */
static int correct(struct mailbox *mb, struct making *m,
                   const GPtrArray *missing, struct err *err)
{
    g_autoptr(GPtrArray) keys = correctable(m, missing);
    bool stamp = m->how.unfinished && m->how.stamp != NULL;
    struct change change = { .target = { m->id, 0 },
                             .p = m->put->portable,
                             .keys = keys,
                             .how = &m->how,
                             .stamp = stamp };
    int rc;

    m->how.unfinished = false;
    if (lost_organiser(missing))
        return detach(mb, m, err);
    if (keys->len == 0 && !stamp)
        return 0;
    rc = make_change(mb, &change, NULL, err);
    /* Refused as a whole: the stamp at least. */
    if (rc > 0 && stamp && keys->len > 0) {
        change.keys = NULL;
        rc = make_change(mb, &change, NULL, err);
        return MIN(rc, 0);
    }
    if (rc < 0)
        return -1;
    return rc == 0 && keys->len > 0 ? 1 : 0;
}

static int look(struct mailbox *mb, struct making *const *items, size_t n,
                struct gathered *ret, struct err *err)
{
    g_autofree const char **ids = g_new(const char *, n);
    const struct gather what = {
        .kind = portable_kind(items[0]->put->portable),
        .outline = true,
        .ids = ids,
        .n = n,
    };

    for (size_t i = 0; i < n; i++)
        ids[i] = items[i]->id;
    return gather_items(mb, &what, ret, err);
}

static void keep_change_key(struct making *m, struct gathered *got)
{
    if (got->item.change_key == NULL)
        return;
    g_free(m->change_key);
    m->change_key = g_steal_pointer(&got->item.change_key);
}

static int look_again(struct mailbox *mb, struct making *m, struct err *err)
{
    struct gathered got = { 0 };
    g_autoptr(GPtrArray) missing = NULL;
    int rc = look(mb, &m, 1, &got, err);

    if (rc == 0 && got.status == 0) {
        missing = missing_of(m, &got);
        lose_all(m, missing);
        keep_change_key(m, &got);
    }
    gathered_clear(&got, 1);
    return rc;
}

static bool wants_mark(const struct making *m, const GPtrArray *missing)
{
    bool wanted = false;

    for (guint i = 0; i < missing->len; i++)
        wanted = wanted || is_loud(m, g_ptr_array_index(missing, i));
    return wanted;
}

/*
 * One that takes two writes more is not whole between them: its stamp says so
 * before, as of any item that takes several requests.
 */
static int unfinish(struct mailbox *mb, struct making *m, struct err *err)
{
    const struct change change = { .target = { m->id, 0 },
                                   .p = m->put->portable,
                                   .how = &m->how,
                                   .stamp = true };
    int rc;

    if (m->how.unfinished || m->how.stamp == NULL)
        return 0;
    m->how.unfinished = true;
    rc = make_change(mb, &change, NULL, err);
    m->how.unfinished = rc == 0; /* else it keeps the one it has */
    return MIN(rc, 0);
}

/* 1: marked as read without a word to anybody; 0; -1. */
static int mark_read(struct mailbox *mb, struct making *m, struct err *err)
{
    const struct endpoint_ref ref = { .id = m->id,
                                      .item_class =
                                          portable_class(m->put->portable) };
    struct endpoint_done done = { 0 };
    int rc;

    rc = mark_items_read(&mb->base, &ref, 1, true, &done, err);
    if (rc == 0 && done.status == 0)
        rc = 1;
    endpoint_done_free(&done, 1);
    return rc;
}

/* What hangs on the item, of which its outline has the ids. */
static int check_rest(struct mailbox *mb, struct making *m,
                      struct item_reading *got, struct err *err)
{
    const struct portable *p = m->put->portable;

    if (got->p == NULL)
        return 0;
    if (attached_holds_items(p) && attached_check(mb, m, got, err) < 0)
        return -1;
    see_double(m, p, got);
    return check_occurrences(mb, m, got, err);
}

static int check_one(struct mailbox *mb, struct making *m, struct gathered *got,
                     struct err *err)
{
    g_autoptr(GPtrArray) missing = NULL;
    int marked = 0, rc;

    lose_by_version(m);
    if (got->status < 0) {
        making_lose(m, "what was written could not be read again", &got->why);
        missing = g_ptr_array_new();
    } else {
        missing = missing_of(m, got);
        if (check_rest(mb, m, &got->item, err) < 0)
            return -1;
        keep_change_key(m, got);
    }
    if (m->doubled)
        return 0;
    if (wants_mark(m, missing)) {
        if (unfinish(mb, m, err) < 0)
            return -1;
        marked = mark_read(mb, m, err);
    }
    if (marked < 0)
        return -1;
    rc = correct(mb, m, missing, err);
    if (rc < 0)
        return -1;
    if (rc > 0 || marked > 0)
        return look_again(mb, m, err);
    lose_all(m, missing);
    return 0;
}

int check_items(struct mailbox *mb, struct making *const *items, size_t n,
                struct err *err)
{
    g_autofree struct gathered *got = g_new0(struct gathered, n);
    int rc = look(mb, items, n, got, err);

    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = check_one(mb, items[i], &got[i], err);
    gathered_clear(got, n);
    return rc;
}
