#include "desk/poll.h"

#include <string.h>

#include "desk/mail.h"
#include "portable/portable.h"

/* Listed at once. */
#define PAGE_MAX 100
/* Of base64 that is decoded at once. */
#define PIECE ((size_t)48 * 1024)

struct poll {
    const struct intake *in;
    struct endpoint *ep;
    struct blob_pool *pool;
    char *inbox, *folder;
    struct poll_done done;
};

/* ---- folders ------------------------------------------------------------- */

static const struct endpoint_folder *find_inbox(const struct endpoint_tree *t)
{
    for (guint i = 0; i < t->folders->len; i++) {
        const struct endpoint_folder *f = t->folders->pdata[i];

        if (g_strcmp0(f->well_known, "inbox") == 0)
            return f;
    }
    return NULL;
}

static const struct endpoint_folder *find_ours(const struct endpoint_tree *t,
                                               const char *parent_id)
{
    for (guint i = 0; i < t->folders->len; i++) {
        const struct endpoint_folder *f = t->folders->pdata[i];

        if (strcmp(f->name, POLL_FOLDER) == 0 && !f->search &&
            g_strcmp0(f->parent_id, parent_id) == 0)
            return f;
    }
    return NULL;
}

static int find_folders(struct poll *p, struct err *err)
{
    g_auto(endpoint_tree) tree = { 0 };
    const struct endpoint_folder *inbox, *ours;

    if (endpoint_folders(p->ep, &tree, err) < 0)
        return -1;
    inbox = find_inbox(&tree);
    if (inbox == NULL)
        return err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
                       "the mailbox has no inbox");
    p->inbox = g_strdup(inbox->id);
    ours = find_ours(&tree, inbox->parent_id);
    if (ours != NULL) {
        p->folder = g_strdup(ours->id);
        return 0;
    }
    if (endpoint_make_folder(p->ep, inbox->parent_id, POLL_FOLDER, "IPF.Note",
                             &p->folder, err) < 0)
        return err_in(err, "folder \"%s\"", POLL_FOLDER);
    return 0;
}

/* ---- one mail ------------------------------------------------------------ */

/* What is past the limit of a mail is left out, but for that there is more. */
static int decode(const struct blob *base64, GByteArray *to, struct err *err)
{
    g_autofree char *piece = g_malloc(PIECE);
    g_autofree guchar *bytes = g_malloc(PIECE);
    uint64_t at = 0;
    gint state = 0;
    guint save = 0;
    int result = 0;

    while (at < blob_size(base64) && to->len <= MAIL_BYTES_MAX) {
        ssize_t n = blob_read_at(base64, at, piece, PIECE, err);

        if (n <= 0) {
            result = (int)n;
            break;
        }
        g_byte_array_append(
            to, bytes,
            (guint)g_base64_decode_step(piece, (gsize)n, bytes, &state, &save));
        at += (uint64_t)n;
    }
    secret_wipe(piece, PIECE);
    secret_wipe(bytes, PIECE);
    return result;
}

/* -1: our own database fails, or the spool. */
static int take(struct poll *p, const struct blob *mime, struct err *err)
{
    g_autoptr(GByteArray) mail = g_byte_array_new();
    struct intake_done done;
    int result = decode(mime, mail, err);

    if (result == 0)
        result = intake_take(p->in, mail->data, mail->len, 0, &done, err);
    secret_wipe(mail->data, mail->len);
    return result;
}

static void leave(struct poll *p, const struct err *why)
{
    if (p->done.n_left++ == 0)
        p->done.why = *why;
}

static int move(struct poll *p, const char *id, const char *change_key,
                struct err *err)
{
    const struct endpoint_ref ref = { .id = id, .change_key = change_key };
    struct endpoint_done done = { 0 };
    bool maybe;

    if (endpoint_move(p->ep, &ref, 1, p->folder, &done, &maybe, err) < 0)
        return -1;
    if (done.status < 0)
        leave(p, &done.why);
    else
        p->done.n_taken++;
    endpoint_done_free(&done, 1);
    return 0;
}

static int take_item(struct poll *p, const struct endpoint_change *c,
                     struct endpoint_item *item, struct err *err)
{
    const struct blob *mime =
        item->status == 0 ? portable_mime(item->portable) : NULL;
    struct err why;

    if (item->status < 0) {
        leave(p, &item->why);
        return 0;
    }
    if (mime == NULL) {
        err_set(&why, ERR_ITEM, ERR_RETRY_NEVER, 0,
                "an item of class \"%s\" is no mail",
                c->item_class != NULL ? c->item_class : "");
        leave(p, &why);
        return 0;
    }
    return take(p, mime, err) < 0 ? -1 : move(p, c->id, item->change_key, err);
}

static int take_one(struct poll *p, const struct endpoint_change *c,
                    struct err *err)
{
    const struct endpoint_ref ref = { .id = c->id,
                                      .change_key = c->change_key,
                                      .format = PAYLOAD_PORTABLE,
                                      .item_class = c->item_class };
    struct endpoint_item item = { 0 };
    int result;

    if (c->kind != ENDPOINT_CREATED && c->kind != ENDPOINT_UPDATED)
        return 0;
    if (endpoint_fetch(p->ep, &ref, 1, p->pool, &item, err) < 0)
        return -1;
    result = take_item(p, c, &item, err);
    endpoint_items_free(&item, 1);
    return result;
}

/* ---- all of them --------------------------------------------------------- */

/* From the beginning each time: what was taken is not there any more. */
static int take_all(struct poll *p, struct err *err)
{
    g_autofree char *token = g_strdup("");
    int more = 1;

    while (more > 0) {
        g_auto(endpoint_page) page = { 0 };

        more = endpoint_changes(p->ep, p->inbox, PAGE_MAX, &token, &page, err);
        if (more < 0)
            return -1;
        for (size_t i = 0; i < page.n; i++)
            if (take_one(p, &page.changes[i], err) < 0)
                return -1;
    }
    return 0;
}

int poll_mailbox(const struct intake *in, struct endpoint *ep,
                 struct blob_pool *pool, struct poll_done *ret, struct err *err)
{
    struct poll p = { .in = in, .ep = ep, .pool = pool };
    int result = find_folders(&p, err);

    if (result == 0)
        result = take_all(&p, err);
    if (result == 0)
        *ret = p.done;
    g_free(p.inbox);
    g_free(p.folder);
    return result;
}
