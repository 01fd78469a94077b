/*
 * portable_attached - what became of attached items.
 *
 * MIME has room for mails only: a contact becomes a card's file in it
 * ([MS-OXCMAIL] 2.1.3.4.6 vCard Generation), anything else a mail with less in
 * it (2.1.3.4.4).  So what comes out of MIME otherwise than it went in is
 * attached once more by CreateAttachment, as the item that it is, and only
 * then what MIME made of it is taken away.  Inside of attached mails it goes
 * the same way: the parent of an attachment may be an item attachment
 * (CreateAttachment, ParentItemId).
 *
 * Until all of that is done the item's stamp says that it is unfinished.
 */
#include "ews/portable_attached.h"

#include <string.h>

#include "ews/portable_field.h"
#include "ews/portable_gather.h"

/* Outlines in one request. */
#define OUTLINES_A_CALL 20u
/* Of one attachment so many properties are named. */
#define NAMES_MAX 6u

/* One that was to be attached, and what there is of it. */
struct pair {
    const struct portable_attachment *want;
    const struct item_piece *piece; /* NULL: nothing that can be told for it */
    struct gathered got;            /* its outline, where it was looked at */
    bool looked;
    GPtrArray *missing; /* names; NULL: not looked at, or not readable */
};

/* What is attached at one place. */
struct level {
    const struct level *outer; /* NULL: to the item itself */
    const char *name;          /* of the attachment that it is in */
    const char *id;            /* of what they are attached to */
    unsigned int depth;
    const struct portable *want;
    struct item_reading *there;
    struct pair *pairs; /* as many as want has attachments */
    size_t n;
    GPtrArray *whys; /* of those refused to be attached anew; NULL: none */
};

struct looking {
    struct mailbox *mb;
    struct making *m;
};

bool attached_holds_items(const struct portable *p)
{
    for (size_t i = 0; i < portable_n_attachments(p); i++) {
        const struct portable_attachment *a = portable_attachment_at(p, i);

        if (a->item != NULL || (portable_mime(p) != NULL && !a->in_mime))
            return true;
    }
    return false;
}

/* ---- which is which ------------------------------------------------------ */

static const struct item_piece *piece_at(const struct level *l, guint i)
{
    return g_ptr_array_index(l->there->attachments, i);
}

static bool is_taken(const struct level *l, const struct item_piece *piece)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->pairs[i].piece == piece)
            return true;
    }
    return false;
}

static bool is_file(const struct portable_attachment *a)
{
    return a->in_mime || a->content != NULL;
}

static void pair_by_name(struct level *l)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct portable_attachment *want = l->pairs[i].want;

        for (guint k = 0; k < l->there->attachments->len; k++) {
            const struct item_piece *piece = piece_at(l, k);

            if (l->pairs[i].piece == NULL && piece->is_item != is_file(want) &&
                g_strcmp0(piece->about.name, want->name) == 0 &&
                !is_taken(l, piece))
                l->pairs[i].piece = piece;
        }
    }
}

/* The file that MIME has for a contact; NULL: none, or one of several. */
static const struct item_piece *card_of(const struct level *l, const char *name)
{
    g_autofree char *file = g_strconcat(name != NULL ? name : "", ".vcf", NULL);
    const struct item_piece *found = NULL;

    for (guint k = 0; k < l->there->attachments->len; k++) {
        const struct item_piece *piece = piece_at(l, k);

        if (piece->is_item || is_taken(l, piece) ||
            g_strcmp0(piece->about.name, file) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = piece;
    }
    return found;
}

static void pair_cards(struct level *l)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct portable_attachment *want = l->pairs[i].want;

        if (l->pairs[i].piece == NULL && want->item != NULL &&
            portable_kind(want->item) == PORTABLE_CONTACT)
            l->pairs[i].piece = card_of(l, want->name);
    }
}

/* MIME names them by their subjects: what is left on both sides, in order. */
static void pair_by_order(struct level *l)
{
    g_autoptr(GPtrArray) left = g_ptr_array_new();
    size_t wanted = 0, next = 0;

    for (guint k = 0; k < l->there->attachments->len; k++) {
        const struct item_piece *piece = piece_at(l, k);

        if (piece->is_item && !is_taken(l, piece))
            g_ptr_array_add(left, GSIZE_TO_POINTER(GPOINTER_TO_SIZE(piece)));
    }
    for (size_t i = 0; i < l->n; i++)
        wanted += l->pairs[i].piece == NULL && !is_file(l->pairs[i].want);
    for (size_t i = 0; wanted == left->len && i < l->n; i++) {
        if (l->pairs[i].piece == NULL && !is_file(l->pairs[i].want))
            l->pairs[i].piece = g_ptr_array_index(left, next++);
    }
}

static void pair_up(struct level *l)
{
    l->n = portable_n_attachments(l->want);
    l->pairs = g_new0(struct pair, l->n);
    for (size_t i = 0; i < l->n; i++)
        l->pairs[i].want = portable_attachment_at(l->want, i);
    pair_by_name(l);
    pair_cards(l);
    pair_by_order(l);
}

static void unpair(struct level *l)
{
    for (size_t i = 0; i < l->n; i++) {
        gathered_clear(&l->pairs[i].got, 1);
        g_clear_pointer(&l->pairs[i].missing, g_ptr_array_unref);
    }
    g_clear_pointer(&l->pairs, g_free);
    l->n = 0;
}

static void level_release(struct level *l)
{
    unpair(l);
    g_clear_pointer(&l->whys, g_ptr_array_unref);
}

/* ---- looking ------------------------------------------------------------- */

static bool is_to_see(const struct pair *p, enum portable_kind kind)
{
    return !p->looked && p->want->item != NULL && p->piece != NULL &&
           p->piece->is_item && portable_kind(p->want->item) == kind;
}

static void compare(struct pair *p)
{
    if (p->got.status < 0)
        return;
    if (p->got.other) {
        p->missing = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(p->missing, g_strdup("class"));
        return;
    }
    gather_outline(&p->got.item);
    p->missing = portable_missing(p->want->item, p->got.item.p);
}

/* 1: there may be more of that kind; 0; -1. */
static int look_at_some(const struct looking *x, struct level *l,
                        enum portable_kind kind, struct err *err)
{
    const char *ids[OUTLINES_A_CALL];
    struct pair *at[OUTLINES_A_CALL];
    struct gathered got[OUTLINES_A_CALL] = { 0 };
    size_t n = 0;

    for (size_t i = 0; i < l->n && n < OUTLINES_A_CALL; i++) {
        if (!is_to_see(&l->pairs[i], kind))
            continue;
        at[n] = &l->pairs[i];
        ids[n++] = l->pairs[i].piece->id;
    }
    if (n == 0)
        return 0;
    if (gather_attached(x->mb, kind, ids, n, got, err) < 0) {
        gathered_clear(got, n);
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        at[i]->looked = true;
        at[i]->got = got[i];
        compare(at[i]);
    }
    return n == OUTLINES_A_CALL ? 1 : 0;
}

/* A kind at a time: each is asked for what it has. */
static int look(const struct looking *x, struct level *l, bool mails_only,
                struct err *err)
{
    for (int k = 0; k < PORTABLE_N_KINDS; k++) {
        enum portable_kind kind = (enum portable_kind)k;
        int rc = mails_only && !kind_has_mime(kind) ? 0 : 1;

        while (rc > 0)
            rc = look_at_some(x, l, kind, err);
        if (rc < 0)
            return -1;
    }
    return 0;
}

/* ---- in words -------------------------------------------------------- */

/* 'attachment "a" in attachment "b"' */
static char *place_words(const struct level *l, const char *name)
{
    g_autoptr(GString) s = g_string_new(NULL);
    g_autofree char *inmost = attachment_words(name);

    g_string_append(s, inmost);
    for (; l->outer != NULL; l = l->outer) {
        g_autofree char *outer = attachment_words(l->name);

        g_string_append_printf(s, " in %s", outer);
    }
    return g_string_free(g_steal_pointer(&s), FALSE);
}

static char *names_words(const GPtrArray *missing)
{
    guint n = MIN(missing->len, NAMES_MAX);
    g_autoptr(GString) s = g_string_new(NULL);

    for (guint i = 0; i < n; i++) {
        g_autofree char *words = field_words(g_ptr_array_index(missing, i));

        g_string_append_printf(s, "%s%s", i > 0 ? " and " : "", words);
    }
    if (missing->len > n)
        g_string_append_printf(s, " and %u more", missing->len - n);
    return g_string_free(g_steal_pointer(&s), FALSE);
}

static void lose_of(const struct looking *x, const struct level *l,
                    const struct pair *p, const char *what)
{
    size_t i = (size_t)(p - l->pairs);
    const struct err *why =
        l->whys != NULL ? g_ptr_array_index(l->whys, i) : NULL;
    g_autofree char *place = place_words(l, p->want->name);
    g_autofree char *words = g_strdup_printf("%s%s", what, place);

    making_lose(x->m, words, why);
}

static void lose_pair(const struct looking *x, const struct level *l,
                      const struct pair *p)
{
    g_autofree char *names = NULL, *what = NULL;

    if (is_file(p->want))
        return;
    if (p->want->item == NULL) {
        lose_of(x, l, p, "what MIME has no room for (unreadable) of ");
    } else if (p->piece == NULL) {
        lose_of(x, l, p, "");
    } else if (p->looked && p->missing == NULL) {
        lose_of(x, l, p, "what was written could not be read again: ");
    } else if (!p->looked) {
        lose_of(x, l, p, "class of ");
    } else if (p->missing->len > 0) {
        names = names_words(p->missing);
        what = g_strdup_printf("%s of ", names);
        lose_of(x, l, p, what);
    }
}

/* ---- attaching anew ------------------------------------------------------ */

/* Whether MIME did not do for it. */
static bool is_bad(const struct pair *p)
{
    if (p->want->item == NULL)
        return false;
    return !p->looked || p->missing == NULL || p->missing->len > 0;
}

static bool any_bad(const struct level *l)
{
    for (size_t i = 0; i < l->n; i++) {
        if (is_bad(&l->pairs[i]))
            return true;
    }
    return false;
}

/* The new ones are there: whatever happens now, none is missing. */
static int drop_old(const struct looking *x, const struct level *l,
                    struct pair *const *old, size_t n, struct err *err)
{
    g_autofree const char **ids = g_new(const char *, n + 1);
    g_autofree bool *refused = g_new0(bool, n + 1);

    for (size_t i = 0; i < n; i++)
        ids[i] = old[i]->piece->id;
    if (n == 0)
        return 0;
    if (drop_attachments(x->mb, ids, n, refused, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (refused[i])
            lose_of(x, l, old[i], "what MIME made of it is there beside ");
    }
    return 0;
}

/* One that is refused stays as the MIME has it. */
static int attach_anew(const struct looking *x, struct level *l,
                       struct err *err)
{
    g_autofree struct pair **old = g_new(struct pair *, l->n);
    size_t n = 0;

    l->whys = g_ptr_array_new_full((guint)l->n, g_free);
    g_ptr_array_set_size(l->whys, (gint)l->n);

    for (size_t i = 0; i < l->n; i++) {
        struct pair *p = &l->pairs[i];
        int rc;

        if (!is_bad(p))
            continue;
        rc = make_attachment(x->mb, x->m, l->id, p->want, err);
        if (rc < 0)
            return -1;
        if (rc > 0)
            g_ptr_array_index(l->whys, i) = g_memdup2(err, sizeof(*err));
        else if (p->piece != NULL)
            old[n++] = p;
    }
    return drop_old(x, l, old, n, err);
}

static int read_again(const struct looking *x, struct level *l, struct err *err)
{
    struct gathered got = { 0 };
    const struct gather what = {
        .kind = portable_kind(l->want), .outline = true, .ids = &l->id, .n = 1
    };
    int rc = l->outer == NULL
                 ? gather_items(x->mb, &what, &got, err)
                 : gather_attached(x->mb, what.kind, &l->id, 1, &got, err);

    if (rc == 0 && (got.status < 0 || got.other)) {
        if (got.status < 0)
            *err = got.why;
        else
            err_set(err, ERR_ITEM, ERR_RETRY_WAIT, 0,
                    "the item changes its class while it is written");
        rc = -1;
    }
    if (rc == 0) {
        item_reading_clear(l->there);
        *l->there = got.item;
        got.item = (struct item_reading){ 0 };
    }
    gathered_clear(&got, 1);
    return rc;
}

/* ---- a level ------------------------------------------------------------- */

static int see_level(const struct looking *x, struct level *l, struct err *err);

static int see_inner(const struct looking *x, const struct level *l,
                     struct pair *p, struct err *err)
{
    struct level inner = { .outer = l,
                           .name = p->want->name,
                           .depth = l->depth + 1,
                           .want = p->want->item,
                           .there = &p->got.item };
    int rc;

    if (!p->looked || p->got.item.p == NULL || p->want->item == NULL ||
        inner.depth >= ATTACHED_DEPTH_MAX ||
        !attached_holds_items(p->want->item))
        return 0;
    inner.id = p->piece->id;
    rc = see_level(x, &inner, err);
    level_release(&inner);
    return rc;
}

static int mend(const struct looking *x, struct level *l, struct err *err)
{
    if (look(x, l, true, err) < 0)
        return -1;
    if (!any_bad(l))
        return 0;
    if (attach_anew(x, l, err) < 0)
        return -1;
    unpair(l);
    if (read_again(x, l, err) < 0)
        return -1;
    pair_up(l);
    return 0;
}

static int see_level(const struct looking *x, struct level *l, struct err *err)
{
    pair_up(l);
    if (portable_mime(l->want) != NULL && mend(x, l, err) < 0)
        return -1;
    if (look(x, l, false, err) < 0)
        return -1;
    for (size_t i = 0; i < l->n; i++) {
        lose_pair(x, l, &l->pairs[i]);
        if (see_inner(x, l, &l->pairs[i], err) < 0)
            return -1;
    }
    return 0;
}

int attached_check(struct mailbox *mb, struct making *m,
                   struct item_reading *there, struct err *err)
{
    const struct looking x = { mb, m };
    struct level top = { .id = m->id,
                         .want = m->put->portable,
                         .there = there };
    int rc = see_level(&x, &top, err);

    level_release(&top);
    return rc;
}
