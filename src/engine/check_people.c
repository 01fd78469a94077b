/*
 * People who have rights in the mailbox, and whom the destination does not
 * know: the settings pass has nobody to give these rights to.
 */
#include <string.h>

#include "endpoint/settings.h"
#include "engine/check_priv.h"

/* Folders that are asked about in one request. */
#define FOLDERS_AT_ONCE 20
/* Of a mailbox: each may cost a request of the destination's directory. */
#define PEOPLE_MAX 100

/* Somebody with rights. */
struct holder {
    char *address;
    char *folder; /* the first; NULL: none */
    unsigned int n_folders;
    bool delegate;
};

struct gathering {
    struct looking *l;
    GPtrArray *holders;     /* of struct holder *, owned: as they came */
    GHashTable *by_address; /* in lower case */
    bool more;              /* than PEOPLE_MAX */
};

static void holder_free(void *p)
{
    struct holder *h = p;

    g_free(h->address);
    g_free(h->folder);
    g_free(h);
}

static struct holder *holder_of(struct gathering *g, const char *address)
{
    g_autofree char *key = g_ascii_strdown(address, -1);
    struct holder *h = g_hash_table_lookup(g->by_address, key);

    if (h != NULL)
        return h;
    if (g->holders->len == PEOPLE_MAX) {
        g->more = true;
        return NULL;
    }
    h = g_new0(struct holder, 1);
    h->address = g_strdup(address);
    g_ptr_array_add(g->holders, h);
    g_hash_table_insert(g->by_address, g_steal_pointer(&key), h);
    return h;
}

/*
 * Whether a call that failed is to be made once more; else *ret_over: the
 * check is; or what was asked for is not to be had, which is no news here.
 */
static bool endure(struct looking *l, enum side side, unsigned int *failures,
                   const struct err *why, bool *ret_over)
{
    if (pass_endure(l->pass, side, failures, why))
        return true;
    *ret_over = pass_is_over(l->pass) || why->scope > ERR_FOLDER ||
                why->retry == ERR_RETRY_REAUTH;
    return false;
}

/* ---- who has rights ---------------------------------------------------- */

static void add_entries(struct gathering *g, const char *path,
                        const struct endpoint_permissions *p)
{
    for (guint i = 0; p->status == 0 && i < p->entries->len; i++) {
        const struct endpoint_permission *e =
            &g_array_index(p->entries, struct endpoint_permission, i);
        struct holder *h;

        if (e->member != ENDPOINT_MEMBER_PERSON || e->person.address == NULL ||
            e->rights == 0)
            continue;
        h = holder_of(g, e->person.address);
        if (h == NULL)
            continue;
        h->n_folders++;
        if (h->folder == NULL)
            h->folder = g_strdup(path);
    }
}

static int look_at_some(struct gathering *g,
                        const struct plan_step *const *steps, size_t n,
                        struct err *err)
{
    struct endpoint *ep = g->l->pass->job->source;
    struct endpoint_permissions all[FOLDERS_AT_ONCE] = { 0 };
    const char *ids[FOLDERS_AT_ONCE];
    unsigned int failures = 0;
    bool over = false;
    struct err why;

    for (size_t i = 0; i < n; i++)
        ids[i] = steps[i]->source->id;
    while (endpoint_get_permissions(ep, ids, n, all, &why) < 0) {
        if (endure(g->l, SOURCE, &failures, &why, &over))
            continue;
        *err = why;
        return over ? err_in(err, "source") : 0;
    }
    for (size_t i = 0; i < n; i++) {
        add_entries(g, steps[i]->path, &all[i]);
        endpoint_permissions_clear(&all[i]);
    }
    return 0;
}

static int gather_permissions(struct gathering *g, struct err *err)
{
    const struct plan *all = &g->l->survey->plan;
    const struct plan_step *some[FOLDERS_AT_ONCE];
    size_t n = 0;

    for (size_t i = 0; i < all->n; i++) {
        if (all->steps[i].action == PLAN_SKIP ||
            all->steps[i].root != ENDPOINT_ROOT_MAIN)
            continue;
        some[n++] = &all->steps[i];
        if (n < G_N_ELEMENTS(some))
            continue;
        if (look_at_some(g, some, n, err) < 0)
            return -1;
        n = 0;
    }
    return n > 0 ? look_at_some(g, some, n, err) : 0;
}

static int gather_delegates(struct gathering *g, struct err *err)
{
    struct endpoint *ep = g->l->pass->job->source;
    g_auto(endpoint_delegates) all = { 0 };
    unsigned int failures = 0;
    bool over = false;
    struct err why;

    while (endpoint_get_delegates(ep, &all, &why) < 0) {
        if (endure(g->l, SOURCE, &failures, &why, &over))
            continue;
        *err = why;
        return over ? err_in(err, "source") : 0;
    }
    for (guint i = 0; i < all.list->len; i++) {
        const struct endpoint_delegate *one =
            &g_array_index(all.list, struct endpoint_delegate, i);
        struct holder *h = one->person.address != NULL
                               ? holder_of(g, one->person.address)
                               : NULL;

        if (h != NULL)
            h->delegate = true;
    }
    return 0;
}

/* ---- who is nobody there ------------------------------------------------ */

/* Whoever wrote the import file knows. */
static bool is_in_the_file(const struct engine_check_options *o,
                           const char *address)
{
    for (size_t i = 0; i < o->n_people; i++)
        if (g_ascii_strcasecmp(o->people[i].source, address) == 0)
            return true;
    return false;
}

static void tell(struct engine_check *check, const struct holder *h)
{
    GString *text = g_string_new(h->address);
    struct finding *f;

    if (h->delegate)
        g_string_append(text, " is a delegate");
    if (h->n_folders > 0)
        g_string_append_printf(text, "%s has rights in \"%s\"",
                               h->delegate ? " and" : "", h->folder);
    if (h->n_folders > 1)
        g_string_append_printf(text, " and %u more folder%s", h->n_folders - 1,
                               h->n_folders == 2 ? "" : "s");
    check_find(check, FINDING_PEOPLE, "%s", text->str);
    f = check->findings->pdata[check->findings->len - 1];
    f->alike = g_strdup(h->address);
    f->n = 1;
    g_string_free(text, TRUE);
}

/* 1: somebody of that address is there, or nobody can tell; 0; -1. */
static int is_there(struct looking *l, const char *address, struct err *err)
{
    g_auto(endpoint_person) who = { 0 };
    unsigned int failures = 0;
    bool over = false;
    struct err why;
    int found;

    while ((found = endpoint_resolve(l->pass->job->destination, address, &who,
                                     &why)) < 0) {
        if (endure(l, DESTINATION, &failures, &why, &over))
            continue;
        *err = why;
        return over ? err_in(err, "destination") : 1;
    }
    return found > 0;
}

static int map_all(struct gathering *g, struct err *err)
{
    for (guint i = 0; i < g->holders->len; i++) {
        const struct holder *h = g->holders->pdata[i];
        int there;

        if (is_in_the_file(g->l->options, h->address))
            continue;
        there = is_there(g->l, h->address, err);
        if (there < 0)
            return -1;
        if (there == 0)
            tell(g->l->check, h);
    }
    return 0;
}

int check_people(struct looking *l, struct err *err)
{
    struct gathering g = { .l = l };
    int r;

    g.holders = g_ptr_array_new_with_free_func(holder_free);
    g.by_address = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    r = gather_permissions(&g, err) < 0 || gather_delegates(&g, err) < 0 ||
                map_all(&g, err) < 0
            ? -1
            : 0;
    if (r == 0 && g.more)
        check_find(l->check, FINDING_PEOPLE,
                   "more than %d people have rights; the first of them were "
                   "looked for",
                   PEOPLE_MAX);
    g_hash_table_unref(g.by_address);
    g_ptr_array_unref(g.holders);
    return r;
}
