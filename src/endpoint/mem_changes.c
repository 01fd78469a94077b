#include "base/timestamp.h"
#include "endpoint/mem_priv.h"

/*
 * How far a client is.  base: where its last drained list ended; at: how far
 * the present one has come; began: where the mailbox was when the present
 * one began (0: none is under way).
 */
struct token {
    uint64_t base, at, began;
};

static char *token_format(const struct mem *m, const struct mem_folder *f,
                          const struct token *t)
{
    return g_strdup_printf("mem:%u:%s:%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT
                           ":%" G_GUINT64_FORMAT,
                           m->epoch, f->id, t->base, t->at, t->began);
}

static bool token_parse(const struct mem *m, const struct mem_folder *f,
                        const char *text, struct token *ret)
{
    g_auto(GStrv) part = NULL;
    g_autofree char *epoch = g_strdup_printf("%u", m->epoch);
    guint64 n[3];

    if (text[0] == '\0') {
        *ret = (struct token){ 0 };
        return true;
    }
    part = g_strsplit(text, ":", 7);
    if (g_strv_length(part) != 6 || strcmp(part[0], "mem") != 0 ||
        strcmp(part[1], epoch) != 0 || strcmp(part[2], f->id) != 0)
        return false;
    for (int i = 0; i < 3; i++)
        if (!g_ascii_string_to_unsigned(part[3 + i], 10, 0, m->position, &n[i],
                                        NULL))
            return false;
    *ret = (struct token){ n[0], n[1], n[2] };
    return true;
}

struct due {
    uint64_t position;
    enum endpoint_change_kind kind;
    const struct mem_entry *entry; /* NULL: deleted */
    const char *id;
};

/*
 * Where in the list an item stands: as created, at its creation, in its
 * present state; or, when the client knows it, at its last change, unless
 * this very list has told it in that state.
 */
static bool entry_due(const struct mem_entry *e, const struct token *t,
                      struct due *ret)
{
    uint64_t last = MAX(e->edited, e->marked);

    *ret = (struct due){ e->created, ENDPOINT_CREATED, e, e->id };
    if (e->created > t->at)
        return true;
    if (last <= t->at || (e->created > t->base && last <= t->began))
        return false;
    ret->position = last;
    ret->kind = e->edited > t->at ? ENDPOINT_UPDATED : ENDPOINT_READ_FLAG;
    return true;
}

static bool gone_due(const struct mem_gone *g, const struct token *t)
{
    if (g->deleted <= t->at || g->created > t->at)
        return false;
    return g->created <= t->base || g->deleted > t->began;
}

static int by_position(const void *a, const void *b)
{
    const struct due *x = a, *y = b;

    return (x->position > y->position) - (x->position < y->position);
}

static GArray *all_due(const struct mem_folder *f, const struct token *t)
{
    GArray *due = g_array_new(FALSE, FALSE, sizeof(struct due));

    for (guint i = 0; i < f->entries->len; i++) {
        const struct mem_entry *e = g_ptr_array_index(f->entries, i);
        struct due d;

        if (!e->associated && entry_due(e, t, &d))
            g_array_append_val(due, d);
    }
    for (guint i = 0; i < f->gone->len; i++) {
        const struct mem_gone *g = &g_array_index(f->gone, struct mem_gone, i);
        struct due d = { g->deleted, ENDPOINT_DELETED, NULL, g->id };

        if (gone_due(g, t))
            g_array_append_val(due, d);
    }
    g_array_sort(due, by_position);
    return due;
}

void mem_change_fill(struct endpoint_change *c, const struct mem_entry *e)
{
    c->change_key = mem_change_key(e);
    c->item_class = g_strdup(e->item_class);
    c->search_key = g_strdup(e->search_key);
    c->stamp = g_strdup(e->stamp);
    c->unfinished = e->unfinished;
    c->received_us = e->received_us;
    c->size_bytes = mem_size(e);
    c->read = e->read;
}

static void change_fill(struct endpoint_change *c, const struct due *d)
{
    *c = (struct endpoint_change){
        .kind = d->kind,
        .id = g_strdup(d->id),
        .received_us = TIMESTAMP_NONE,
    };
    if (d->entry != NULL)
        mem_change_fill(c, d->entry);
}

static void page_add(struct endpoint_page *page, const GArray *due, size_t n)
{
    page->changes = g_renew(struct endpoint_change, page->changes, page->n + n);
    for (size_t i = 0; i < n; i++)
        change_fill(&page->changes[page->n + i],
                    &g_array_index(due, struct due, i));
    page->n += n;
}

static int stale(struct err *err)
{
    err_set(err, ERR_FOLDER, ERR_RETRY_NOW, 0, "the sync state is not valid");
    err->name = "ErrorInvalidSyncStateData";
    return -1;
}

int mem_changes(struct mem *m, const struct mem_folder *f, size_t max,
                char **token, struct endpoint_page *ret, struct err *err)
{
    struct token t;
    g_autoptr(GArray) due = NULL;
    bool more;

    if (!token_parse(m, f, *token, &t))
        return stale(err);
    if (t.began == 0)
        t.began = m->position;
    due = all_due(f, &t);
    more = due->len > max;
    page_add(ret, due, MIN(max, due->len));
    if (more)
        t.at = g_array_index(due, struct due, max - 1).position;
    else
        t = (struct token){ m->position, m->position, 0 };
    g_free(*token);
    *token = token_format(m, f, &t);
    return more ? 1 : 0;
}
