#include "ews/portable_gather_priv.h"

#include <string.h>

#include "ews/call.h"
#include "ews/match.h"

void gathered_clear(struct gathered *g, size_t n)
{
    for (size_t i = 0; i < n; i++)
        item_reading_clear(&g[i].item);
}

/* ---- GetItem ------------------------------------------------------------ */

struct asking {
    const struct gather *what;
    bool class_only;
};

void gather_write_class_shape(struct xml_writer *w, const char *element)
{
    xml_open(w, element);
    if (strcmp(element, "m:ItemShape") == 0)
        xml_element(w, "t:BaseShape", "IdOnly");
    xml_open(w, "t:AdditionalProperties");
    call_field_uri(w, "item:ItemClass");
    xml_close(w);
    xml_close(w);
}

static void write_get(struct xml_writer *w, const struct core *core,
                      const void *data)
{
    const struct asking *a = data;
    const struct item_shape shape = {
        .level = (enum ews_level)atomic_load(&core->level),
        .kind = a->what->kind,
        .outline = a->what->outline,
        .times = !a->what->outline,
    };

    if (a->class_only)
        gather_write_class_shape(w, "m:ItemShape");
    else
        item_write_shape(w, "m:ItemShape", &shape);
    xml_open(w, "m:ItemIds");
    for (size_t i = 0; i < a->what->n; i++)
        call_item_id(w, a->what->ids[i]);
    xml_close(w);
}

/* The item of a message, of any element; NULL and why: there is none. */
static const struct xml_node *item_of(const struct xml_node *message,
                                      struct err *err)
{
    const struct xml_node *item;

    if (soap_message_status(message, err) < 0)
        return NULL;
    item = xml_first(xml_child(message, "Items"));
    if (item != NULL && xml_child(item, "ItemId") != NULL)
        return item;
    err_set(err, ERR_ITEM, ERR_RETRY_WAIT, 0,
            "the server calls the reading a success and gives no item");
    err->name = "OddAnswer";
    err->wait_ms = 5000;
    return NULL;
}

static int match(const struct gather *what, const struct call_answer *a,
                 size_t *ret_place, struct err *err)
{
    g_autofree const char **given = g_new(const char *, what->n);

    for (size_t i = 0; i < what->n; i++)
        given[i] = xml_attr(
            xml_child(xml_first(xml_child(a->messages[i], "Items")), "ItemId"),
            "Id");
    return match_answers(what->ids, given, what->n, ret_place, err);
}

static void read_one(struct call_answer *a, const struct xml_node *message,
                     const struct asking *asking, struct gathered *ret)
{
    const struct xml_node *item = item_of(message, &ret->why);

    if (item == NULL) {
        ret->status = -1;
        return;
    }
    ret->kind = item_read_kind(item);
    ret->other = ret->kind != asking->what->kind;
    if (!asking->class_only && !ret->other)
        item_read(a->doc, item, &ret->item);
}

static int ask(struct mailbox *mb, const struct asking *asking,
               struct gathered *ret, struct err *err)
{
    static const char *const names[] = { "MimeContent", NULL };
    const struct gather *what = asking->what;
    const struct reply_payloads payloads = { .names = names,
                                             .pool = what->pool };
    const struct call call = {
        .element = "m:GetItem",
        .write = write_get,
        .data = asking,
        .n = what->n,
        .deadline_ms = DEADLINE_MS,
        .answer_max_bytes = ANSWER_MAX_BYTES,
        .payloads = what->pool != NULL ? &payloads : NULL,
    };
    g_autofree size_t *place = g_new(size_t, what->n);
    g_auto(call_answer) a = { 0 };

    if (call_make(mb, &call, &a, NULL, err) < 0 ||
        match(what, &a, place, err) < 0)
        return -1;
    for (size_t i = 0; i < what->n; i++)
        read_one(&a, a.messages[i], asking, &ret[place[i]]);
    return 0;
}

int gather_items(struct mailbox *mb, const struct gather *what,
                 struct gathered *ret, struct err *err)
{
    const struct asking asking = { .what = what };

    return ask(mb, &asking, ret, err);
}

int gather_kinds(struct mailbox *mb, const char *const *ids, size_t n,
                 struct gathered *ret, struct err *err)
{
    const struct gather what = { .ids = ids, .n = n };
    const struct asking asking = { .what = &what, .class_only = true };

    return ask(mb, &asking, ret, err);
}

/* ---- changed occurrences ------------------------------------------------- */

static int take_occurrence(struct mailbox *mb, struct item_reading *r,
                           const struct item_piece *piece, struct gathered *got,
                           struct blob_pool *pool, unsigned int depth,
                           struct err *err)
{
    if (got->status < 0) {
        *err = got->why;
        return -1;
    }
    if (got->other)
        return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                       "a changed occurrence is no appointment");
    if (gather_rest(mb, &got->item, depth + 1, pool, err) < 0)
        return -1;
    portable_add_exception(r->p, piece->original_us,
                           g_steal_pointer(&got->item.p));
    return 0;
}

/* An answer of full appointments is no larger than a batch of mails. */
#define OCCURRENCES_A_CALL 50u

static int fetch_occurrences(struct mailbox *mb, struct item_reading *r,
                             size_t first, struct blob_pool *pool,
                             unsigned int depth, struct err *err)
{
    size_t n = MIN(r->occurrences->len - first, OCCURRENCES_A_CALL);
    g_autofree const char **ids = g_new(const char *, n);
    g_autofree struct gathered *got = g_new0(struct gathered, n);
    const struct gather what = {
        .kind = PORTABLE_APPOINTMENT, .ids = ids, .n = n, .pool = pool
    };
    int rc;

    for (size_t i = 0; i < n; i++) {
        const struct item_piece *piece =
            g_ptr_array_index(r->occurrences, first + i);

        ids[i] = piece->id;
    }
    rc = gather_items(mb, &what, got, err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc =
            take_occurrence(mb, r, g_ptr_array_index(r->occurrences, first + i),
                            &got[i], pool, depth, err);
    gathered_clear(got, n);
    return rc;
}

int gather_rest(struct mailbox *mb, struct item_reading *r, unsigned int depth,
                struct blob_pool *pool, struct err *err)
{
    if (gather_attachments(mb, r, depth, pool, err) < 0)
        return -1;
    for (size_t i = 0; i < r->occurrences->len; i += OCCURRENCES_A_CALL) {
        if (fetch_occurrences(mb, r, i, pool, depth, err) < 0)
            return -1;
    }
    portable_seal(r->p);
    return 0;
}

void gather_outline(struct item_reading *r)
{
    bool named = !kind_has_mime(portable_kind(r->p));

    for (guint i = 0; named && i < r->attachments->len; i++) {
        const struct item_piece *piece = g_ptr_array_index(r->attachments, i);

        portable_add_attachment(r->p, &piece->about);
    }
    for (guint i = 0; i < r->occurrences->len; i++) {
        const struct item_piece *piece = g_ptr_array_index(r->occurrences, i);
        struct portable *there = portable_new(PORTABLE_APPOINTMENT, NULL);

        portable_seal(there);
        portable_add_exception(r->p, piece->original_us, there);
    }
    portable_seal(r->p);
}
