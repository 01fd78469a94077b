/*
 * What is there to copy: folders, kinds, items that will not fit.
 *
 * By default the folders' classes and sizes are enough, and one search is made
 * in each folder that is large enough to hold an item which is too large.
 * Item by item costs a listing: a request for 512 items, as the copying pass
 * begins with.  (Counting by restriction, a request for each folder and kind,
 * is dearer for folders of up to 3,500 items and tells no bytes.)
 */
#include "engine/check_priv.h"

#include <string.h>

#include "base/size.h"

/* A page of a listing: Exchange gives no more. */
#define PAGE 512

/* More names help nobody; how many there are is told. */
#define LARGE_MAX 100u

/* ---- folders --------------------------------------------------------- */

/* [MS-OXOSFLD] 2.2.1: PidTagContainerClass. */
static enum item_kind kind_of_folder(const char *folder_class)
{
    static const struct {
        const char *prefix;
        enum item_kind kind;
    } rows[] = {
        { "IPF.Note", KIND_MAIL },
        { "IPF.Imap", KIND_MAIL },
        { "IPF.Appointment", KIND_CALENDAR },
        { "IPF.Contact", KIND_CONTACT },
        { "IPF.Task", KIND_TASK },
        { "IPF.StickyNote", KIND_NOTE },
        { "IPF.Journal", KIND_JOURNAL },
    };

    if (folder_class == NULL || folder_class[0] == '\0' ||
        g_ascii_strcasecmp(folder_class, "IPF") == 0)
        return KIND_MAIL;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_ascii_strncasecmp(folder_class, rows[i].prefix,
                                strlen(rows[i].prefix)) == 0)
            return rows[i].kind;
    return KIND_OTHER;
}

static struct engine_check_folder *add_folder(struct engine_check *check,
                                              const struct plan_step *step)
{
    struct engine_check_folder *f = g_new0(struct engine_check_folder, 1);

    f->path = g_strdup(step->path);
    f->well_known = g_strdup(step->source->well_known);
    f->folder_class = g_strdup(step->source->folder_class);
    f->kind = kind_of_folder(step->source->folder_class);
    f->n_items = step->source->n_items;
    f->size_bytes = step->source->size_bytes;
    f->skipped = step->action == PLAN_SKIP;
    f->root = step->root;
    f->left_out = step->action == PLAN_ABSENT ||
                  (check->skip_trees & 1u << step->root) != 0;
    g_ptr_array_add(check->folders, f);
    if (step->note != NULL)
        check_find(check, FINDING_RENAMED, "%s", step->note);
    return f;
}

static void find_skipped(struct engine_check *check)
{
    g_autoptr(GString) names = g_string_new(NULL);
    guint n = 0;

    for (guint i = 0; i < check->folders->len; i++) {
        const struct engine_check_folder *f = check->folders->pdata[i];

        if (f->skipped && ++n <= 5)
            g_string_append_printf(names, "%s\"%.80s\"", n > 1 ? ", " : "",
                                   f->path);
    }
    if (n > 5)
        g_string_append_printf(names, " and %u more", n - 5);
    if (n > 0)
        check_find(check, FINDING_SKIPPED, "%u folder%s: %s", n,
                   n == 1 ? "" : "s", names->str);
}

static void unseen(struct looking *l, const struct plan_step *step,
                   const struct err *why)
{
    check_find(l->check, FINDING_UNSEEN, "folder \"%.200s\": %s", step->path,
               why->msg);
}

/* ---- items that are too large ---------------------------------------- */

/* Takes the strings of found. */
static void add_large(struct looking *l, const struct plan_step *step,
                      struct endpoint_found *found)
{
    struct engine_check_item *item;

    if (l->check->large->len >= LARGE_MAX)
        return;
    item = g_new0(struct engine_check_item, 1);
    *item = (struct engine_check_item){
        .path = g_strdup(step->path),
        .item_class = g_steal_pointer(&found->item_class),
        .subject = g_steal_pointer(&found->subject),
        .received_us = found->received_us,
        .size_bytes = found->size_bytes,
    };
    g_ptr_array_add(l->check->large, item);
}

/* 0; -1 when the pass cannot go on. */
static int find_large(struct looking *l, const struct plan_step *step,
                      struct err *err)
{
    struct endpoint *ep = l->pass->job->source;
    g_auto(endpoint_findings) f = { 0 };
    unsigned int failures = 0;
    struct err why;

    while (endpoint_large(ep, step->source->id, l->check->item_max_bytes,
                          LARGE_MAX, &f, &why) < 0) {
        if (pass_endure(l->pass, SOURCE, &failures, &why))
            continue;
        if (why.scope >= ERR_MAILBOX || pass_is_over(l->pass)) {
            *err = why;
            return -1;
        }
        unseen(l, step, &why);
        return 0;
    }
    for (size_t i = 0; i < f.n; i++)
        add_large(l, step, &f.items[i]);
    l->check->n_large += f.total;
    return 0;
}

/* Servers of old do not tell how large a folder is. */
static bool may_hold_large(const struct looking *l,
                           const struct endpoint_folder *f)
{
    return l->check->item_max_bytes != 0 && f->n_items > 0 &&
           (f->size_bytes == 0 || f->size_bytes > l->check->item_max_bytes);
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = (*(struct engine_check_item *const *)a)->size_bytes;
    uint64_t y = (*(struct engine_check_item *const *)b)->size_bytes;

    return (x < y) - (x > y);
}

static void tell_large(struct engine_check *check)
{
    g_autofree char *max = size_text(check->item_max_bytes);

    g_ptr_array_sort(check->large, by_size);
    if (check->n_large > 0)
        check_find(check, FINDING_OVERSIZE,
                   "%" G_GUINT64_FORMAT " item%s over %s", check->n_large,
                   check->n_large == 1 ? "" : "s", max);
}

/* ---- item by item ------------------------------------------------------ */

static void count_item(struct looking *l, const struct plan_step *step,
                       const struct endpoint_change *c)
{
    enum item_kind kind = item_kind_of_class(c->item_class);
    struct endpoint_description d = { 0 };
    struct endpoint_found found = { 0 };
    struct err ignored;

    l->check->by_kind[kind].items++;
    l->check->by_kind[kind].bytes += c->size_bytes;
    if (l->check->item_max_bytes == 0 ||
        c->size_bytes <= l->check->item_max_bytes)
        return;
    l->check->n_large++;
    /* Without its subject it has its folder, date and size still. */
    if (l->check->large->len < LARGE_MAX &&
        endpoint_describe(l->pass->job->source, c->id, &d, &ignored) == 0)
        found.subject = g_steal_pointer(&d.subject);
    found.item_class = g_strdup(c->item_class);
    found.received_us = c->received_us;
    found.size_bytes = c->size_bytes;
    endpoint_description_clear(&d);
    add_large(l, step, &found);
    g_free(found.subject);
    g_free(found.item_class);
}

static int list_page(struct looking *l, const struct plan_step *step,
                     char **token, struct err *ret_why)
{
    g_auto(endpoint_page) page = { 0 };
    int more = endpoint_changes(l->pass->job->source, step->source->id, PAGE,
                                token, &page, ret_why);

    for (size_t i = 0; i < page.n; i++)
        if (page.changes[i].kind != ENDPOINT_DELETED)
            count_item(l, step, &page.changes[i]);
    return more;
}

/* 1; 0: out of reach, and counted by its class then; -1. */
static int list_folder(struct looking *l, const struct plan_step *step,
                       struct err *err)
{
    struct engine_amount before[KIND_N];
    g_autofree char *token = g_strdup("");
    unsigned int failures = 0;
    struct err why;
    int more = 1;

    memcpy(before, l->check->by_kind, sizeof(before));
    while (more != 0) {
        more = list_page(l, step, &token, &why);
        if (more >= 0 || pass_endure(l->pass, SOURCE, &failures, &why))
            continue;
        if (why.scope >= ERR_MAILBOX || pass_is_over(l->pass)) {
            *err = why;
            return -1;
        }
        unseen(l, step, &why);
        memcpy(l->check->by_kind, before, sizeof(before));
        return 0;
    }
    return pass_is_over(l->pass) ? pass_interrupted(l->pass, err) : 1;
}

/* ---- all folders ------------------------------------------------------- */

static int look_at(struct looking *l, const struct plan_step *step,
                   struct err *err)
{
    const struct engine_check_folder *f = add_folder(l->check, step);
    struct engine_amount *amount = &l->check->by_kind[f->kind];

    if (f->skipped || f->left_out)
        return 0;
    if (l->options->by_item) {
        int listed = f->n_items > 0 ? list_folder(l, step, err) : 1;

        if (listed != 0)
            return listed < 0 ? -1 : 0;
    } else if (may_hold_large(l, step->source) &&
               find_large(l, step, err) < 0) {
        return -1;
    }
    amount->items += f->n_items;
    amount->bytes += f->size_bytes;
    return 0;
}

int check_folders(struct looking *l, struct err *err)
{
    for (size_t i = 0; i < l->survey->plan.n; i++)
        if (look_at(l, &l->survey->plan.steps[i], err) < 0)
            return err_in(err, "source");
    l->check->by_item = l->options->by_item;
    find_skipped(l->check);
    tell_large(l->check);
    return 0;
}
