#include "ews/call.h"
#include "ews/portable_gather_priv.h"

/* Attachments in one request: they are read beside one another. */
#define ATTACHMENTS_A_CALL 20u

/* ---- GetAttachment ------------------------------------------------------- */

struct fetching {
    struct mailbox *mb;
    struct item_reading *r;
    struct blob_pool *pool;
    unsigned int depth;
    /* of one call */
    size_t first, n;
    bool class_only;         /* of an item among them: which kind is it? */
    enum portable_kind kind; /* then this one */
};

static struct item_piece *piece_at(const struct fetching *f, size_t i)
{
    return g_ptr_array_index(f->r->attachments, i);
}

static void write_attachments(struct xml_writer *w, const struct core *core,
                              const void *data)
{
    const struct fetching *f = data;
    const struct item_shape shape = {
        .level = (enum ews_level)atomic_load(&core->level),
        .kind = f->kind,
    };

    if (f->class_only)
        gather_write_class_shape(w, "m:AttachmentShape");
    else if (piece_at(f, f->first)->is_item)
        item_write_shape(w, "m:AttachmentShape", &shape);
    xml_open(w, "m:AttachmentIds");
    for (size_t i = f->first; i < f->first + f->n; i++)
        call_attachment_id(w, piece_at(f, i)->id);
    xml_close(w);
}

static const struct xml_node *attachment_of(const struct xml_node *message,
                                            struct err *err)
{
    const struct xml_node *a;

    if (soap_message_status(message, err) < 0)
        return NULL;
    a = xml_first(xml_child(message, "Attachments"));
    if (a != NULL)
        return a;
    err_set(err, ERR_ITEM, ERR_RETRY_WAIT, 0,
            "the server calls the reading a success and gives no attachment");
    err->name = "OddAnswer";
    err->wait_ms = 5000;
    return NULL;
}

/* Among what describes the attachment, the element of the item in it. */
static const struct xml_node *inner_item(const struct xml_node *attachment)
{
    const struct xml_node *child = xml_first(attachment);

    for (; child != NULL; child = xml_next(child)) {
        if (xml_child(child, "ItemClass") != NULL)
            return child;
    }
    return NULL;
}

/* 1: now its kind is known, ask for all of it; 0; -1. */
static int read_inner(struct fetching *f, struct call_answer *a,
                      const struct xml_node *node,
                      struct portable_attachment *about, struct err *err)
{
    const struct xml_node *item = inner_item(node);
    g_auto(item_reading) inner = { 0 };

    if (item == NULL) {
        err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                "attachment \"%s\": there is no item in it",
                about->name != NULL ? about->name : "");
        err->name = "OddAnswer";
        return -1;
    }
    if (f->class_only || item_read_kind(item) != f->kind) {
        f->class_only = false;
        f->kind = item_read_kind(item);
        return 1;
    }
    item_read(a->doc, item, &inner);
    if (gather_rest(f->mb, &inner, f->depth + 1, f->pool, err) < 0)
        return -1;
    about->item = g_steal_pointer(&inner.p);
    return 0;
}

static int read_attachment(struct fetching *f, struct call_answer *a, size_t i,
                           struct err *err)
{
    struct item_piece *piece = piece_at(f, f->first + i);
    const struct xml_node *node = attachment_of(a->messages[i], err);
    struct portable_attachment about = piece->about;
    int rc;

    if (node == NULL)
        return -1;
    if (!piece->is_item) {
        about.content = xml_take_payload(a->doc, xml_child(node, "Content"));
    } else {
        rc = read_inner(f, a, node, &about, err);
        if (rc != 0)
            return rc;
    }
    portable_add_attachment(f->r->p, &about);
    return 0;
}

static int fetch_some(struct fetching *f, struct err *err)
{
    static const char *const names[] = { "Content", "MimeContent", NULL };
    const struct reply_payloads payloads = { .names = names, .pool = f->pool };
    const struct call call = {
        .element = "m:GetAttachment",
        .write = write_attachments,
        .data = f,
        .n = f->n,
        .deadline_ms = DEADLINE_MS,
        .answer_max_bytes = ANSWER_MAX_BYTES,
        .payloads = &payloads,
    };
    g_auto(call_answer) a = { 0 };
    int rc = 0;

    if (call_make(f->mb, &call, &a, NULL, err) < 0)
        return -1;
    for (size_t i = 0; rc == 0 && i < f->n; i++)
        rc = read_attachment(f, &a, i, err);
    return rc;
}

/*
 * Items one by one, since each kind is asked for what it has: MIME of a task,
 * say, is refused with the whole answer.
 */
static int fetch_item(struct fetching *f, struct err *err)
{
    int rc;

    if (f->depth >= PORTABLE_DEPTH_MAX) {
        err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                "items lie inside items more than %u deep", PORTABLE_DEPTH_MAX);
        return -1;
    }
    f->n = 1;
    f->class_only = true;
    rc = fetch_some(f, err);
    if (rc > 0)
        rc = fetch_some(f, err);
    if (rc > 0)
        return err_set(err, ERR_ITEM, ERR_RETRY_WAIT, 0,
                       "an attached item changes its class while it is read");
    return rc;
}

static size_t files_from(const struct fetching *f, size_t first)
{
    size_t n = 0;

    while (first + n < f->r->attachments->len && n < ATTACHMENTS_A_CALL &&
           !piece_at(f, first + n)->is_item)
        n++;
    return n;
}

static bool has_items(const struct item_reading *r)
{
    for (guint i = 0; i < r->attachments->len; i++) {
        const struct item_piece *piece = g_ptr_array_index(r->attachments, i);

        if (piece->is_item)
            return true;
    }
    return false;
}

/* It is in the MIME nevertheless, as far as MIME goes. */
static int fetch_beside_mime(struct fetching *f, struct err *err)
{
    if (fetch_item(f, err) == 0)
        return 0;
    if (err->scope != ERR_ITEM || err->retry != ERR_RETRY_NEVER)
        return -1;
    portable_add_attachment(f->r->p, &piece_at(f, f->first)->about);
    return 0;
}

/* Files are named beside the items, so that those can be told from them. */
static int fetch_attached(struct fetching *f, struct err *err)
{
    size_t items = 0;

    if (f->depth >= ATTACHED_DEPTH_MAX || !has_items(f->r))
        return 0;
    for (f->first = 0; f->first < f->r->attachments->len; f->first++) {
        struct portable_attachment file = piece_at(f, f->first)->about;

        file.in_mime = true;
        if (!piece_at(f, f->first)->is_item)
            portable_add_attachment(f->r->p, &file);
        else if (items++ < ATTACHED_MAX && fetch_beside_mime(f, err) < 0)
            return -1;
    }
    return 0;
}

static int fetch_attachments(struct fetching *f, struct err *err)
{
    if (kind_has_mime(portable_kind(f->r->p)))
        return fetch_attached(f, err);
    for (f->first = 0; f->first < f->r->attachments->len; f->first += f->n) {
        f->n = files_from(f, f->first);
        if ((f->n > 0 ? fetch_some(f, err) : fetch_item(f, err)) < 0)
            return -1;
    }
    return 0;
}

int gather_attachments(struct mailbox *mb, struct item_reading *r,
                       unsigned int depth, struct blob_pool *pool,
                       struct err *err)
{
    struct fetching f = { .mb = mb, .r = r, .pool = pool, .depth = depth };

    return fetch_attachments(&f, err);
}

/* ---- what became of attached items --------------------------------------- */

struct outlines {
    enum portable_kind kind;
    const char *const *ids;
    size_t n;
};

static void write_outlines(struct xml_writer *w, const struct core *core,
                           const void *data)
{
    const struct outlines *o = data;
    const struct item_shape shape = {
        .level = (enum ews_level)atomic_load(&core->level),
        .kind = o->kind,
        .outline = true,
    };

    item_write_shape(w, "m:AttachmentShape", &shape);
    call_attachment_ids(w, o->ids, o->n);
}

static void read_outline(struct call_answer *a, const struct xml_node *message,
                         enum portable_kind kind, struct gathered *ret)
{
    const struct xml_node *node = attachment_of(message, &ret->why);
    const struct xml_node *item = node != NULL ? inner_item(node) : NULL;

    if (node == NULL) {
        ret->status = -1;
        return;
    }
    ret->kind = item != NULL ? item_read_kind(item) : PORTABLE_N_KINDS;
    ret->other = ret->kind != kind;
    if (!ret->other)
        item_read(a->doc, item, &ret->item);
}

int gather_attached(struct mailbox *mb, enum portable_kind kind,
                    const char *const *ids, size_t n, struct gathered *ret,
                    struct err *err)
{
    const struct outlines o = { kind, ids, n };
    const struct call call = {
        .element = "m:GetAttachment",
        .write = write_outlines,
        .data = &o,
        .n = n,
    };
    g_auto(call_answer) a = { 0 };

    if (call_make(mb, &call, &a, NULL, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        read_outline(&a, a.messages[i], kind, &ret[i]);
    return 0;
}
