#include "base/timestamp.h"
#include "endpoint/endpoint_priv.h"
#include "endpoint/mem_priv.h"

struct mem *mem_begin(struct endpoint *ep, enum mem_op op, size_t n)
{
    struct mem_handle *h = (struct mem_handle *)ep;

    g_assert(h->opened || op == MEM_OPEN);
    mem_lock(h->mem);
    h->mem->calls[op]++;
    h->mem->asked[op] += n;
    if (op != MEM_CLONE)
        h->family->stats.requests++;
    if (op == MEM_FETCH || op == MEM_PUT) {
        h->family->stats.working_us += h->mem->takes_us;
        h->own_us += h->mem->takes_us;
    }
    return h->mem;
}

static void count_bytes(struct endpoint *ep, uint64_t up, uint64_t down)
{
    struct mem_handle *h = (struct mem_handle *)ep;

    mem_lock(h->mem);
    h->family->stats.bytes_up += up;
    h->family->stats.bytes_down += down;
    mem_unlock(h->mem);
}

int mem_refuse(struct err *err, enum err_scope scope, const char *name,
               const char *what)
{
    err_set(err, scope, ERR_RETRY_NEVER, 0, "%s", what);
    err->name = name;
    return -1;
}

int mem_no_item(struct err *err)
{
    return mem_refuse(err, ERR_ITEM, "ErrorItemNotFound", "no such item");
}

int mem_no_folder(struct err *err)
{
    return mem_refuse(err, ERR_FOLDER, "ErrorFolderNotFound", "no such folder");
}

static int no_operation(struct err *err)
{
    return mem_refuse(err, ERR_MAILBOX, "ErrorInvalidOperation",
                      "this server does not know the operation");
}

/* ---- the mailbox and its folders ------------------------------------- */

static int mem_op_open(struct endpoint *ep, struct endpoint_facts *ret,
                       struct err *err)
{
    struct mem_handle *h = (struct mem_handle *)ep;
    struct mem *m;

    (void)err; /* memory is always there */
    g_assert(!h->opened);
    m = mem_begin(ep, MEM_OPEN, 0);
    *ret = (struct endpoint_facts){
        .rights = ENDPOINT_RIGHTS_OWN,
        .scheme = g_strdup("none"),
        .server_version = g_strdup("15.0.1 (memory)"),
        .primary_address = g_strdup(m->address),
        .root_id = g_strdup(m->root_id),
        .mailbox_identity = g_strdup_printf("%p/%s", (void *)m, m->root_id),
        .request_max_bytes = m->request_max_bytes,
    };
    ep->caps = m->caps;
    h->opened = true;
    mem_unlock(m);
    return 0;
}

static struct endpoint *handle_new(struct mem *m, struct mem_family *family);

static struct endpoint *mem_op_clone(struct endpoint *ep)
{
    struct mem_handle *h = (struct mem_handle *)ep;
    struct mem *m = mem_begin(ep, MEM_CLONE, 0);
    struct endpoint *twin = handle_new(m, h->family);

    twin->caps = ep->caps;
    ((struct mem_handle *)twin)->opened = true;
    mem_unlock(m);
    return twin;
}

struct endpoint_folder *mem_folder_copy(const struct mem *m,
                                        const struct mem_folder *f)
{
    struct endpoint_folder *copy = g_new0(struct endpoint_folder, 1);

    copy->id = g_strdup(f->id);
    copy->parent_id = g_strdup(f->parent_id);
    copy->name = g_strdup(f->name);
    copy->well_known = g_strdup(f->well_known);
    copy->folder_class = g_strdup(f->folder_class);
    copy->search = f->search;
    copy->changed_us = 0; /* positions do as well as times */
    for (guint i = 0; i < f->entries->len; i++) {
        const struct mem_entry *e = g_ptr_array_index(f->entries, i);

        copy->changed_us = MAX(copy->changed_us, (int64_t)e->created);
        copy->changed_us = MAX(copy->changed_us, (int64_t)e->edited);
        if (e->associated) {
            copy->n_hidden++;
            continue;
        }
        copy->n_items++;
        copy->size_bytes += mem_size(e);
    }
    if (m->changed_us != 0)
        copy->changed_us = m->changed_us;
    return copy;
}

static int mem_op_folders(struct endpoint *ep, struct endpoint_tree *ret,
                          struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_FOLDERS, 0);

    (void)err;
    ret->folders = g_ptr_array_new();
    for (guint i = 0; i < m->folders->len; i++) {
        const struct mem_folder *f = g_ptr_array_index(m->folders, i);

        if (f->root == ENDPOINT_ROOT_MAIN)
            g_ptr_array_add(ret->folders, mem_folder_copy(m, f));
    }
    mem_unlock(m);
    return 0;
}

struct mem_folder *mem_child_called(struct mem *m, const char *parent_id,
                                    const char *name)
{
    g_autofree char *folded = g_utf8_casefold(name, -1);

    for (guint i = 0; i < m->folders->len; i++) {
        struct mem_folder *f = g_ptr_array_index(m->folders, i);
        g_autofree char *other = g_utf8_casefold(f->name, -1);

        /* Exchange takes folder names of one parent without case. */
        if (strcmp(f->parent_id, parent_id) == 0 && strcmp(other, folded) == 0)
            return f;
    }
    return NULL;
}

static int make_folder_locked(struct mem *m, const struct mem_folder_init *init,
                              char **ret_id, struct err *err)
{
    struct mem_folder *f;

    if (!mem_is_parent(m, init->parent_id))
        return mem_no_folder(err);
    if (init->name[0] == '\0' || strlen(init->name) > 255)
        return mem_refuse(err, ERR_FOLDER, "ErrorInvalidFolderName",
                          "the name is refused");
    f = mem_child_called(m, init->parent_id, init->name);
    if (f == NULL)
        f = mem_folder_new(m, init);
    *ret_id = g_strdup(f->id);
    return 0;
}

static int mem_op_make_folder(struct endpoint *ep, const char *parent_id,
                              const char *name, const char *folder_class,
                              char **ret_id, struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_MAKE_FOLDER, 0);
    struct mem_folder_init init = {
        .parent_id = parent_id,
        .name = name,
        .folder_class = folder_class,
    };
    int r = make_folder_locked(m, &init, ret_id, err);

    mem_unlock(m);
    return r;
}

static int make_new(struct mem *m, const struct mem_folder_init *init,
                    char **ret_id)
{
    struct err why; /* make_folder() says it again */

    if (init->name[0] != '\0' &&
        mem_child_called(m, init->parent_id, init->name) != NULL)
        return -1;
    return make_folder_locked(m, init, ret_id, &why);
}

static int mem_op_make_folders(struct endpoint *ep, const char *parent_id,
                               const struct endpoint_new_folder *folders,
                               size_t n, char **ids, struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_MAKE_FOLDER, 0);
    bool known = mem_is_parent(m, parent_id);

    for (size_t i = 0; i < n && known; i++)
        (void)make_new(m,
                       &(struct mem_folder_init){
                           .parent_id = parent_id,
                           .name = folders[i].name,
                           .folder_class = folders[i].folder_class,
                       },
                       &ids[i]);
    mem_unlock(m);
    return known ? 0 : mem_no_folder(err);
}

/* ---- items ----------------------------------------------------------- */

static int mem_op_changes(struct endpoint *ep, const char *folder_id,
                          size_t max, char **token, struct endpoint_page *ret,
                          struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_CHANGES, 0);
    struct mem_folder *f = mem_find_folder(m, folder_id);
    int r = f == NULL ? mem_no_folder(err)
                      : mem_changes(m, f, max, token, ret, err);

    mem_unlock(m);
    return r;
}

/* An item that came as MIME and properties is no stream. */
static int no_stream(struct err *err)
{
    return mem_refuse(err, ERR_ITEM, "ErrorItemCorrupt",
                      "the item cannot be exported");
}

static int read_stream(GBytes *payload, struct blob_pool *pool,
                       struct endpoint_item *ret, struct err *err)
{
    g_autoptr(blob) b = blob_new(pool);
    const void *data;
    gsize len;

    data = g_bytes_get_data(payload, &len);
    if (blob_append(b, data, len, err) < 0)
        return -1;
    blob_seal(b);
    ret->payload = g_steal_pointer(&b);
    return 0;
}

static int fetch_one(struct mem *m, const struct endpoint_ref *ref,
                     struct blob_pool *pool, struct endpoint_item *ret,
                     struct err *err)
{
    g_autoptr(GBytes) payload = NULL;
    struct mem_entry *e;

    mem_lock(m);
    e = mem_find(m, ref->id);
    ret->format = ref->format;
    if (e == NULL)
        ret->status = mem_no_item(&ret->why);
    else if (ref->format == PAYLOAD_PORTABLE)
        ret->portable = mem_shown(m, e);
    else if (e->portable != NULL)
        ret->status = no_stream(&ret->why);
    else
        payload = g_bytes_ref(e->payload);
    if (ret->status == 0) {
        ret->change_key = mem_change_key(e);
        ret->untouched =
            ref->format == PAYLOAD_PORTABLE && e->edited <= e->created;
    }
    mem_unlock(m);
    return payload == NULL ? 0 : read_stream(payload, pool, ret, err);
}

static bool may_fetch(const struct endpoint *ep, enum payload_format format)
{
    return (ep->caps & (format == PAYLOAD_FTS ? ENDPOINT_CAP_EXPORT
                                              : ENDPOINT_CAP_PORTABLE)) != 0;
}

static int mem_op_fetch(struct endpoint *ep, const struct endpoint_ref *refs,
                        size_t n, struct blob_pool *pool,
                        struct endpoint_item *ret, struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_FETCH, n);
    uint64_t bytes = 0;

    mem_unlock(m);
    if (!may_fetch(ep, refs[0].format))
        return no_operation(err);
    for (size_t i = 0; i < n; i++) {
        if (fetch_one(m, &refs[i], pool, &ret[i], err) < 0) {
            endpoint_items_free(ret, i + 1);
            return -1;
        }
        if (ret[i].payload != NULL)
            bytes += blob_size(ret[i].payload);
    }
    count_bytes(ep, 0, bytes);
    return 0;
}

/* What the server makes of the payload: its own copy, and the columns. */
static GBytes *take_in(struct mem *m, GBytes *payload, struct mem_columns *c)
{
    const void *data;
    GBytes *own;
    gsize len;

    if (m->intake == NULL)
        return g_bytes_ref(payload);
    data = g_bytes_get_data(payload, &len);
    own = m->intake(m->intake_data, data, len, c);
    return own != NULL ? own : g_bytes_ref(payload);
}

static int put_locked(struct mem *m, const struct endpoint_put *put,
                      GBytes *payload, struct endpoint_done *ret)
{
    struct mem_folder *f = mem_find_folder(m, put->folder_id);
    struct mem_columns columns = { .associated = put->associated };
    struct mem_entry *e;

    if (f == NULL)
        return mem_no_folder(&ret->why);
    if (put->replace_id == NULL) {
        GBytes *own = take_in(m, payload, &columns);

        columns.associated = put->associated;
        e = mem_store(m, f, own, &columns);
    } else {
        e = mem_find(m, put->replace_id);
        if (e == NULL)
            return mem_no_item(&ret->why);
        if ((m->caps & ENDPOINT_CAP_UPDATE) == 0)
            return no_operation(&ret->why);
        columns.item_class = e->item_class;
        mem_replace(m, e, take_in(m, payload, &columns),
                    m->intake != NULL ? &columns : NULL);
    }
    ret->id = g_strdup(e->id);
    ret->change_key = mem_change_key(e);
    return 0;
}

static int put_portable(struct endpoint *ep, const struct endpoint_put *puts,
                        size_t n, struct endpoint_done *ret, struct err *err)
{
    struct mem *m;

    if ((ep->caps & ENDPOINT_CAP_PORTABLE) == 0)
        return no_operation(err);
    m = mem_begin(ep, MEM_PUT, n);
    for (size_t i = 0; i < n; i++)
        ret[i].status = mem_put_portable(m, &puts[i], &ret[i]);
    mem_unlock(m);
    return 0;
}

static int mem_op_put(struct endpoint *ep, const struct endpoint_put *puts,
                      size_t n, struct endpoint_done *ret, bool *ret_maybe,
                      struct err *err)
{
    g_autoptr(GPtrArray) payloads =
        g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    uint64_t bytes = 0;
    struct mem *m;

    (void)ret_maybe; /* what happens here is certain */
    if (puts[0].format == PAYLOAD_PORTABLE)
        return put_portable(ep, puts, n, ret, err);
    if ((ep->caps & ENDPOINT_CAP_UPLOAD) == 0)
        return no_operation(err);
    for (size_t i = 0; i < n; i++) {
        GBytes *payload;

        if (endpoint_read_blob(puts[i].payload, &payload, err) < 0)
            return -1;
        bytes += g_bytes_get_size(payload);
        g_ptr_array_add(payloads, payload);
    }
    m = mem_begin(ep, MEM_PUT, n);
    if (m->request_max_bytes != 0 && bytes > m->request_max_bytes) {
        mem_unlock(m);
        return mem_refuse(err, ERR_ITEM, "request-too-large",
                          "the request is too large");
    }
    for (size_t i = 0; i < n; i++)
        ret[i].status =
            put_locked(m, &puts[i], g_ptr_array_index(payloads, i), &ret[i]);
    mem_unlock(m);
    count_bytes(ep, bytes, 0);
    return 0;
}

static int mem_op_remove(struct endpoint *ep, const struct endpoint_ref *refs,
                         size_t n, struct endpoint_done *ret, struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_REMOVE, n);

    (void)err;
    for (size_t i = 0; i < n; i++) {
        struct mem_entry *e = mem_find(m, refs[i].id);

        ret[i].status = 0;
        if (e != NULL && e->associated != refs[i].associated)
            ret[i].status =
                mem_refuse(&ret[i].why, ERR_ITEM, "ErrorInvalidOperation",
                           "what is hidden is deleted for good, or not at all");
        else if (e != NULL)
            mem_take_out(m, e, true);
    }
    mem_unlock(m);
    return 0;
}

static int mem_op_describe(struct endpoint *ep, const char *id,
                           struct endpoint_description *ret, struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_DESCRIBE, 1);
    struct mem_entry *e = mem_find(m, id);

    if (e != NULL)
        *ret = (struct endpoint_description){
            .subject = g_strdup(e->subject),
            .sender = g_strdup(e->sender),
            .received_us = e->received_us,
        };
    mem_unlock(m);
    return e != NULL ? 0 : mem_no_item(err);
}

/* ---- handles --------------------------------------------------------- */

void mem_be_quiet(struct mem *m, int64_t us)
{
    mem_lock(m);
    m->quiet_us += us;
    mem_unlock(m);
}

void mem_be_slow(struct mem *m, int64_t us)
{
    mem_lock(m);
    m->takes_us = us;
    mem_unlock(m);
}

void mem_keep_account(struct mem *m)
{
    mem_lock(m);
    m->paced = true;
    mem_unlock(m);
}

void mem_tell_changed(struct mem *m, int64_t us)
{
    mem_lock(m);
    m->changed_us = us;
    mem_unlock(m);
}

static void mem_op_stats(struct endpoint *ep, struct endpoint_stats *ret)
{
    struct mem_handle *h = (struct mem_handle *)ep;

    mem_lock(h->mem);
    *ret = h->family->stats;
    ret->own_us = h->own_us;
    ret->quiet_us = h->mem->quiet_us;
    ret->paced = h->mem->paced;
    mem_unlock(h->mem);
}

static void mem_op_free(struct endpoint *ep)
{
    struct mem_handle *h = (struct mem_handle *)ep;
    struct mem *m = h->mem;

    mem_lock(m);
    if (--h->family->n_handles == 0)
        g_free(h->family);
    mem_unlock(m);
    g_free(h);
}

static const struct endpoint_ops mem_ops = {
    .name = "mem",
    .open = mem_op_open,
    .clone = mem_op_clone,
    .folders = mem_op_folders,
    .make_folder = mem_op_make_folder,
    .make_folders = mem_op_make_folders,
    .changes = mem_op_changes,
    .fetch = mem_op_fetch,
    .put = mem_op_put,
    .remove = mem_op_remove,
    .describe = mem_op_describe,
    .mark_read = mem_op_mark_read,
    .move = mem_op_move,
    .change_folder = mem_op_change_folder,
    .remove_folder = mem_op_remove_folder,
    .purge_folder = mem_op_purge_folder,
    .tree = mem_op_tree,
    .hidden = mem_op_hidden,
    .large = mem_op_large,
    .quota = mem_op_quota,
    .keys = mem_op_keys,
    .resolve = mem_op_resolve,
    .own_name = mem_op_own_name,
    .permissions = mem_op_permissions,
    .set_permissions = mem_op_set_permissions,
    .delegates = mem_op_delegates,
    .add_delegate = mem_op_add_delegate,
    .update_delegate = mem_op_update_delegate,
    .set_delivery = mem_op_set_delivery,
    .rules = mem_op_rules,
    .put_rule = mem_op_put_rule,
    .remove_rule = mem_op_remove_rule,
    .auto_reply = mem_op_auto_reply,
    .set_auto_reply = mem_op_set_auto_reply,
    .options = mem_op_options,
    .put_options = mem_op_put_options,
    .categories = mem_op_categories,
    .add_categories = mem_op_add_categories,
    .photo = mem_op_photo,
    .set_photo = mem_op_set_photo,
    .stats = mem_op_stats,
    .free = mem_op_free,
};

/* Under the lock. */
static struct endpoint *handle_new(struct mem *m, struct mem_family *family)
{
    struct mem_handle *h = g_new0(struct mem_handle, 1);

    h->base.ops = &mem_ops;
    h->mem = m;
    h->family = family;
    family->n_handles++;
    return &h->base;
}

struct endpoint *mem_endpoint(struct mem *m)
{
    struct endpoint *ep;

    mem_lock(m);
    ep = handle_new(m, g_new0(struct mem_family, 1));
    mem_unlock(m);
    return ep;
}
