#include "base/timestamp.h"
#include "endpoint/mem_priv.h"

/* ---- items ------------------------------------------------------------- */

int mem_op_mark_read(struct endpoint *ep, const struct endpoint_ref *refs,
                     size_t n, bool read, struct endpoint_done *ret,
                     struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_MARK_READ, n);

    (void)err;
    for (size_t i = 0; i < n; i++) {
        struct mem_entry *e = mem_find(m, refs[i].id);

        if (e == NULL) {
            ret[i].status = mem_no_item(&ret[i].why);
        } else if (e->read != read) {
            e->read = read;
            e->marked = ++m->position;
        }
    }
    mem_unlock(m);
    return 0;
}

static int move_one(struct mem *m, const char *id, struct mem_folder *to,
                    struct endpoint_done *ret)
{
    struct mem_entry *e = mem_find(m, id);

    if (e == NULL)
        return mem_no_item(&ret->why);
    mem_relocate(m, e, to);
    ret->id = g_strdup(e->id);
    ret->change_key = mem_change_key(e);
    return 0;
}

int mem_op_move(struct endpoint *ep, const struct endpoint_ref *refs, size_t n,
                const char *to_folder_id, struct endpoint_done *ret,
                bool *ret_maybe, struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_MOVE, n);
    struct mem_folder *to = mem_find_folder(m, to_folder_id);
    int rc = to == NULL ? mem_no_folder(err) : 0;

    (void)ret_maybe; /* what happens here is certain */
    for (size_t i = 0; i < n && rc == 0; i++)
        ret[i].status = move_one(m, refs[i].id, to, &ret[i]);
    mem_unlock(m);
    return rc;
}

static bool is_empty(const struct endpoint_page *page)
{
    return page->n == 0;
}

int mem_op_hidden(struct endpoint *ep, const char *folder_id,
                  struct endpoint_page *ret, struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_HIDDEN, 0);
    const struct mem_folder *f = mem_find_folder(m, folder_id);

    g_assert(is_empty(ret));
    if (f == NULL) {
        mem_unlock(m);
        return mem_no_folder(err);
    }
    ret->changes = g_new0(struct endpoint_change, f->entries->len + 1);
    for (guint i = 0; i < f->entries->len; i++) {
        const struct mem_entry *e = g_ptr_array_index(f->entries, i);
        struct endpoint_change *c = &ret->changes[ret->n];

        if (!e->associated)
            continue;
        *c = (struct endpoint_change){
            .kind = ENDPOINT_CREATED,
            .id = g_strdup(e->id),
        };
        mem_change_fill(c, e);
        g_clear_pointer(&c->search_key, g_free);
        c->received_us = TIMESTAMP_NONE;
        ret->n++;
    }
    mem_unlock(m);
    return 0;
}

/* ---- folders ----------------------------------------------------------- */

bool mem_is_parent(struct mem *m, const char *id)
{
    for (enum endpoint_root r = 0; r < ENDPOINT_N_ROOTS; r++)
        if (g_strcmp0(m->roots[r], id) == 0)
            return true;
    return mem_find_folder(m, id) != NULL;
}

/* Whether a folder is the one of that id, or above it. */
static bool is_above(struct mem *m, const struct mem_folder *f, const char *id)
{
    while (id != NULL && strcmp(f->id, id) != 0) {
        const struct mem_folder *at = mem_find_folder(m, id);

        id = at != NULL ? at->parent_id : NULL;
    }
    return id != NULL;
}

static const char *lasting(struct mem *m, const char *text)
{
    return g_string_chunk_insert(m->strings, text);
}

static int change_locked(struct mem *m, const char *folder_id,
                         const char *parent_id, const char *name,
                         struct err *err)
{
    struct mem_folder *f = mem_find_folder(m, folder_id);
    const struct mem_folder *taken;

    if (f == NULL || (parent_id != NULL && !mem_is_parent(m, parent_id)))
        return mem_no_folder(err);
    if (name != NULL && (name[0] == '\0' || strlen(name) > 255))
        return mem_refuse(err, ERR_FOLDER, "ErrorInvalidFolderName",
                          "the name is refused");
    if (parent_id != NULL && is_above(m, f, parent_id))
        return mem_refuse(err, ERR_FOLDER, "ErrorMoveCopyFailed",
                          "a folder cannot be moved into itself");
    taken = mem_child_called(m, parent_id != NULL ? parent_id : f->parent_id,
                             name != NULL ? name : f->name);
    if (taken != NULL && taken != f)
        return mem_refuse(err, ERR_FOLDER, "ErrorFolderExists",
                          "there is a folder of that name");
    if (parent_id != NULL)
        f->parent_id = lasting(m, parent_id);
    if (name != NULL)
        f->name = lasting(m, name);
    return 0;
}

int mem_op_change_folder(struct endpoint *ep, const char *folder_id,
                         const char *parent_id, const char *name,
                         struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_CHANGE_FOLDER, 1);
    int rc = change_locked(m, folder_id, parent_id, name, err);

    mem_unlock(m);
    return rc;
}

static int delete_folder(struct mem *m, const char *folder_id, bool to_dumpster,
                         struct err *err)
{
    struct mem_folder *f = mem_find_folder(m, folder_id);
    int rc = 0;

    if (f != NULL && f->well_known != NULL)
        rc = mem_refuse(err, ERR_FOLDER, "ErrorDeleteDistinguishedFolder",
                        "a well-known folder cannot be deleted");
    else if (f != NULL)
        mem_delete_tree(m, f, to_dumpster);
    mem_unlock(m);
    return rc;
}

int mem_op_remove_folder(struct endpoint *ep, const char *folder_id,
                         struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_REMOVE_FOLDER, 1);

    return delete_folder(m, folder_id, true, err);
}

int mem_op_purge_folder(struct endpoint *ep, const char *folder_id,
                        struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_PURGE_FOLDER, 1);

    return delete_folder(m, folder_id, false, err);
}

int mem_op_tree(struct endpoint *ep, enum endpoint_root root,
                char **ret_root_id, struct endpoint_tree *ret, struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_TREE, 0);

    (void)err;
    if (m->roots[root] == NULL) {
        mem_unlock(m);
        return 0;
    }
    *ret_root_id = g_strdup(m->roots[root]);
    ret->folders = g_ptr_array_new();
    for (guint i = 0; i < m->folders->len; i++) {
        const struct mem_folder *f = g_ptr_array_index(m->folders, i);

        if (f->root == root)
            g_ptr_array_add(ret->folders, mem_folder_copy(m, f));
    }
    mem_unlock(m);
    return 1;
}

/* As a server's: exact for what was sent, a hint for the rest. */
static void key_of(const struct mem_entry *e, struct endpoint_key *ret)
{
    static const char view[] = "IPM.Microsoft.FolderDesign.NamedView";
    bool mail =
        e->item_class == NULL || g_str_has_prefix(e->item_class, "IPM.Note");

    if (e->subject == NULL) { /* a mailbox that looks into nothing */
        ret->key = g_strdup_printf("%u", g_bytes_hash(e->payload));
        return;
    }
    if (g_strcmp0(e->item_class, view) == 0) {
        /* Up to a colon, so that tests can edit what is behind it. */
        ret->exact = true;
        ret->key = g_strndup(e->subject, strcspn(e->subject, ":"));
        return;
    }
    ret->exact = mail && e->received_us != TIMESTAMP_NONE;
    ret->key = ret->exact ? g_strdup_printf("%" G_GINT64_FORMAT " %s",
                                            e->received_us, e->subject)
                          : g_strdup(e->subject);
}

int mem_op_keys(struct endpoint *ep, const char *const *ids, size_t n,
                struct endpoint_key *ret, struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_KEYS, n);

    (void)err; /* memory is always there */
    for (size_t i = 0; i < n; i++) {
        const struct mem_entry *e = mem_find(m, ids[i]);

        if (e != NULL)
            key_of(e, &ret[i]);
    }
    mem_unlock(m);
    return 0;
}
