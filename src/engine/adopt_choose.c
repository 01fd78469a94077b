/*
 * Both sides are multisets: mailboxes hold copies, here as there.  No item of
 * the destination is given out twice, and equal content comes before all
 * else, in whatever order items come: who only had the key of an item gives
 * it up to who equals it.
 */
#include "engine/adopt.h"

static bool may_have(const struct search *s, const struct lead *l,
                     enum grade grade)
{
    const struct there *t = l->there;

    if (t->as[s->format].end == READING_GONE)
        return false;
    if (t->holder == 0)
        return true;
    return grade == GRADE_EQUAL && t->loosely &&
           t->holder != s->cargo->item->id;
}

static enum digest_compare compare(const struct search *s, const struct lead *l,
                                   unsigned int *ret_parts)
{
    *ret_parts = 0;
    if (!s->readable || l->there->as[s->format].end != READING_DONE)
        return DIGEST_UNKNOWN;
    return digest_compare(&s->digest, &l->there->as[s->format].digest,
                          ret_parts);
}

static bool fits(const struct search *s, const struct lead *l, enum grade grade,
                 unsigned int *ret_parts)
{
    enum digest_compare is = compare(s, l, ret_parts);
    bool read = l->there->as[s->format].end == READING_DONE;

    switch (grade) {
    case GRADE_EQUAL:
        return is == DIGEST_EQUAL;
    case GRADE_LIKELY:
        return is == DIGEST_UNKNOWN && read && s->readable &&
               (s->exact || l->stamped);
    case GRADE_SAME_KEY:
        return s->exact || l->stamped;
    case GRADE_NONE:
        break;
    }
    return false;
}

bool adopt_is_open(struct adopting *a, const struct search *s)
{
    bool open = false;

    pthread_mutex_lock(&a->lane->copy->pass.lock);
    for (guint i = 0; i < s->leads->len && !open; i++)
        open =
            may_have(s, &g_array_index(s->leads, struct lead, i), GRADE_EQUAL);
    pthread_mutex_unlock(&a->lane->copy->pass.lock);
    return open;
}

/* With the lock held. */
static void choose(struct search *s, enum grade grade)
{
    for (guint i = 0; i < s->leads->len && s->grade == GRADE_NONE; i++) {
        const struct lead *l = &g_array_index(s->leads, struct lead, i);
        unsigned int parts;

        if (!may_have(s, l, grade) || !fits(s, l, grade, &parts))
            continue;
        s->grade = grade;
        s->hit = *l;
        s->parts = parts;
        s->taken_from = l->there->holder;
        l->there->holder = s->cargo->item->id;
        l->there->loosely = grade == GRADE_SAME_KEY;
    }
}

void adopt_choose(struct adopting *a, enum grade grade)
{
    pthread_mutex_lock(&a->lane->copy->pass.lock);
    for (size_t i = 0; i < a->n; i++)
        if (a->all[i].grade == GRADE_NONE)
            choose(&a->all[i], grade);
    pthread_mutex_unlock(&a->lane->copy->pass.lock);
}

const struct lead *adopt_forsaken(const struct search *s)
{
    for (guint i = 0; s->grade == GRADE_NONE && i < s->leads->len; i++) {
        const struct lead *l = &g_array_index(s->leads, struct lead, i);
        unsigned int parts;

        if (l->stamped && l->there->holder == 0 &&
            l->there->as[s->format].untouched &&
            compare(s, l, &parts) == DIGEST_DIFFERENT)
            return l;
    }
    return NULL;
}

/* Whose it is, the ledger knows: it is offered to nobody any more. */
void adopt_give_back(struct adopting *a, struct search *s)
{
    pthread_mutex_lock(&a->lane->copy->pass.lock);
    s->hit.there->loosely = false;
    pthread_mutex_unlock(&a->lane->copy->pass.lock);
    s->grade = GRADE_NONE;
}

char *adopt_reason(const struct search *s)
{
    g_autofree char *names = digest_part_names(s->parts);
    const char *what = s->hit.stamped
                           ? "copied by an earlier run, and changed since on "
                             "one side"
                           : "there already in another shape";

    if (s->parts == 0)
        return g_strdup_printf("%s: it could not be read", what);
    return g_strdup_printf("%s: %s differ%s", what, names,
                           strchr(names, ',') == NULL ? "s" : "");
}
