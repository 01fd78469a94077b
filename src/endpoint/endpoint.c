#include "endpoint/endpoint.h"

#include "base/timestamp.h"
#include "endpoint/endpoint_priv.h"
#include "portable/portable.h"

const char *endpoint_rights_name(enum endpoint_rights rights)
{
    static const char *const names[] = {
        [ENDPOINT_RIGHTS_UNKNOWN] = "unknown",
        [ENDPOINT_RIGHTS_OWN] = "own password",
        [ENDPOINT_RIGHTS_IMPERSONATION] = "impersonation",
        [ENDPOINT_RIGHTS_FULL_ACCESS] = "full access",
    };

    return (unsigned int)rights < G_N_ELEMENTS(names) ? names[rights]
                                                      : "unknown";
}

const char *endpoint_root_name(enum endpoint_root root)
{
    static const char *const names[] = {
        [ENDPOINT_ROOT_MAIN] = "mailbox",
        [ENDPOINT_ROOT_ARCHIVE] = "archive",
        [ENDPOINT_ROOT_RECOVERABLE] = "recoverable items",
        [ENDPOINT_ROOT_ARCHIVE_RECOVERABLE] = "archive's recoverable items",
    };

    return (unsigned int)root < G_N_ELEMENTS(names) ? names[root] : "unknown";
}

const char *payload_format_name(enum payload_format format)
{
    return format == PAYLOAD_FTS ? "fts" : "portable";
}

/* ---- what the calls return ------------------------------------------- */

void endpoint_facts_clear(struct endpoint_facts *facts)
{
    g_free(facts->scheme);
    g_free(facts->server_version);
    g_free(facts->primary_address);
    g_free(facts->root_id);
    g_free(facts->mailbox_identity);
    *facts = (struct endpoint_facts){ 0 };
}

void endpoint_folder_free(struct endpoint_folder *f)
{
    if (f == NULL)
        return;
    g_free(f->id);
    g_free(f->parent_id);
    g_free(f->name);
    g_free(f->well_known);
    g_free(f->folder_class);
    g_free(f);
}

void endpoint_tree_clear(struct endpoint_tree *tree)
{
    for (guint i = 0; tree->folders != NULL && i < tree->folders->len; i++)
        endpoint_folder_free(g_ptr_array_index(tree->folders, i));
    if (tree->folders != NULL) {
        /* Whether or not the maker set a free function: freed once. */
        g_ptr_array_set_free_func(tree->folders, NULL);
        g_ptr_array_unref(tree->folders);
    }
    *tree = (struct endpoint_tree){ 0 };
}

static void change_clear(struct endpoint_change *c)
{
    g_free(c->id);
    g_free(c->change_key);
    g_free(c->item_class);
    g_free(c->search_key);
    g_free(c->stamp);
}

void endpoint_page_clear(struct endpoint_page *page)
{
    for (size_t i = 0; i < page->n; i++)
        change_clear(&page->changes[i]);
    g_free(page->changes);
    *page = (struct endpoint_page){ 0 };
}

void endpoint_items_free(struct endpoint_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (items[i].payload != NULL)
            blob_free(items[i].payload);
        portable_unref(items[i].portable);
        g_free(items[i].change_key);
        items[i] = (struct endpoint_item){ 0 };
    }
}

void endpoint_done_free(struct endpoint_done *done, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g_free(done[i].id);
        g_free(done[i].change_key);
        g_free(done[i].lost);
        done[i] = (struct endpoint_done){ 0 };
    }
}

void endpoint_findings_clear(struct endpoint_findings *f)
{
    for (size_t i = 0; i < f->n; i++) {
        g_free(f->items[i].id);
        g_free(f->items[i].item_class);
        g_free(f->items[i].subject);
    }
    g_free(f->items);
    *f = (struct endpoint_findings){ 0 };
}

void endpoint_description_clear(struct endpoint_description *d)
{
    g_free(d->subject);
    g_free(d->sender);
    *d = (struct endpoint_description){ 0 };
}

/* ---- the calls, checked ---------------------------------------------- */

int endpoint_open(struct endpoint *ep, struct endpoint_facts *ret,
                  struct err *err)
{
    g_assert(ep != NULL && ret != NULL && err != NULL);
    if (ep->ops->open(ep, ret, err) < 0)
        return -1;
    g_free(ep->root_id);
    ep->root_id = g_strdup(ret->root_id);
    return 0;
}

const char *endpoint_root_id(const struct endpoint *ep)
{
    return ep->root_id;
}

struct endpoint *endpoint_clone(struct endpoint *ep)
{
    struct endpoint *twin;

    g_assert(ep != NULL);
    twin = ep->ops->clone(ep);
    g_assert(twin != NULL && twin->caps == ep->caps);
    return twin;
}

int endpoint_folders(struct endpoint *ep, struct endpoint_tree *ret,
                     struct err *err)
{
    g_assert(ep != NULL && ret != NULL && err != NULL);
    if (ep->ops->folders(ep, ret, err) < 0)
        return err_in(err, "folder tree");
    return 0;
}

int endpoint_make_folder(struct endpoint *ep, const char *parent_id,
                         const char *name, const char *folder_class,
                         char **ret_id, struct err *err)
{
    g_assert(ep != NULL && parent_id != NULL && name != NULL);
    g_assert(ret_id != NULL && err != NULL);
    if (ep->ops->make_folder(ep, parent_id, name, folder_class, ret_id, err) <
        0)
        return err_in(err, "folder \"%s\"", name);
    g_assert(*ret_id != NULL);
    return 0;
}

int endpoint_make_folders(struct endpoint *ep, const char *parent_id,
                          const struct endpoint_new_folder *folders, size_t n,
                          char **ids, struct err *err)
{
    g_assert(ep != NULL && parent_id != NULL && ids != NULL && err != NULL);
    g_assert(n > 0 && n <= ENDPOINT_NEW_FOLDERS_MAX);
    for (size_t i = 0; i < n; i++)
        g_assert(folders[i].name != NULL && ids[i] == NULL);
    if (ep->ops->make_folders(ep, parent_id, folders, n, ids, err) < 0)
        return err_in(err, "%zu folders", n);
    return 0;
}

int endpoint_changes(struct endpoint *ep, const char *folder_id, size_t max,
                     char **token, struct endpoint_page *ret, struct err *err)
{
    int more;

    g_assert(ep != NULL && folder_id != NULL && max > 0);
    g_assert(token != NULL && *token != NULL && ret != NULL && err != NULL);
    more = ep->ops->changes(ep, folder_id, max, token, ret, err);
    if (more < 0)
        return err_in(err, "list of changes");
    g_assert(*token != NULL && **token != '\0');
    return more;
}

int endpoint_fetch(struct endpoint *ep, const struct endpoint_ref *refs,
                   size_t n, struct blob_pool *pool, struct endpoint_item *ret,
                   struct err *err)
{
    g_assert(ep != NULL && pool != NULL && err != NULL);
    g_assert(n == 0 || (refs != NULL && ret != NULL));
    if (n == 0)
        return 0;
    if (ep->ops->fetch(ep, refs, n, pool, ret, err) < 0)
        return err_in(err, "export of %zu item%s", n, n == 1 ? "" : "s");
    for (size_t i = 0; i < n; i++)
        g_assert((ret[i].status == 0) ==
                 (ret[i].payload != NULL || ret[i].portable != NULL));
    return 0;
}

int endpoint_put(struct endpoint *ep, const struct endpoint_put *puts, size_t n,
                 struct endpoint_done *ret, bool *ret_maybe, struct err *err)
{
    g_assert(ep != NULL && ret_maybe != NULL && err != NULL);
    g_assert(n == 0 || (puts != NULL && ret != NULL));
    *ret_maybe = false;
    if (n == 0)
        return 0;
    if (puts[0].over_by_us != 0 &&
        timestamp_monotonic() >= puts[0].over_by_us) {
        err_set(err, ERR_MAILBOX, ERR_RETRY_WAIT, 0, "it is too late to send");
        err->wait_ms = 1000;
        err->name = "too-late";
        return -1;
    }
    if (ep->ops->put(ep, puts, n, ret, ret_maybe, err) < 0)
        return err_in(err, "upload of %zu item%s", n, n == 1 ? "" : "s");
    for (size_t i = 0; i < n; i++)
        g_assert((ret[i].status == 0) == (ret[i].id != NULL));
    return 0;
}

int endpoint_remove(struct endpoint *ep, const struct endpoint_ref *refs,
                    size_t n, struct endpoint_done *ret, struct err *err)
{
    g_assert(ep != NULL && err != NULL);
    g_assert(n == 0 || (refs != NULL && ret != NULL));
    if (n == 0)
        return 0;
    if (ep->ops->remove(ep, refs, n, ret, err) < 0)
        return err_in(err, "deletion of %zu item%s", n, n == 1 ? "" : "s");
    return 0;
}

int endpoint_describe(struct endpoint *ep, const char *id,
                      struct endpoint_description *ret, struct err *err)
{
    g_assert(ep != NULL && id != NULL && ret != NULL && err != NULL);
    if (ep->ops->describe(ep, id, ret, err) < 0)
        return err_in(err, "item \"%s\"", id);
    return 0;
}

int endpoint_mark_read(struct endpoint *ep, const struct endpoint_ref *refs,
                       size_t n, bool read, struct endpoint_done *ret,
                       struct err *err)
{
    g_assert(ep != NULL && err != NULL);
    g_assert(n == 0 || (refs != NULL && ret != NULL));
    if (n == 0)
        return 0;
    if (ep->ops->mark_read(ep, refs, n, read, ret, err) < 0)
        return err_in(err, "read mark of %zu item%s", n, n == 1 ? "" : "s");
    return 0;
}

int endpoint_move(struct endpoint *ep, const struct endpoint_ref *refs,
                  size_t n, const char *to_folder_id, struct endpoint_done *ret,
                  bool *ret_maybe, struct err *err)
{
    g_assert(ep != NULL && to_folder_id != NULL);
    g_assert(ret_maybe != NULL && err != NULL);
    g_assert(n == 0 || (refs != NULL && ret != NULL));
    *ret_maybe = false;
    if (n == 0)
        return 0;
    if (ep->ops->move(ep, refs, n, to_folder_id, ret, ret_maybe, err) < 0)
        return err_in(err, "move of %zu item%s", n, n == 1 ? "" : "s");
    for (size_t i = 0; i < n; i++)
        g_assert((ret[i].status == 0) == (ret[i].id != NULL));
    return 0;
}

int endpoint_change_folder(struct endpoint *ep, const char *folder_id,
                           const char *parent_id, const char *name,
                           struct err *err)
{
    g_assert(ep != NULL && folder_id != NULL && err != NULL);
    if (ep->ops->change_folder(ep, folder_id, parent_id, name, err) < 0)
        return name != NULL ? err_in(err, "folder \"%s\"", name) : -1;
    return 0;
}

int endpoint_remove_folder(struct endpoint *ep, const char *folder_id,
                           struct err *err)
{
    g_assert(ep != NULL && folder_id != NULL && err != NULL);
    return ep->ops->remove_folder(ep, folder_id, err);
}

int endpoint_purge_folder(struct endpoint *ep, const char *folder_id,
                          struct err *err)
{
    g_assert(ep != NULL && folder_id != NULL && err != NULL);
    return ep->ops->purge_folder(ep, folder_id, err);
}

int endpoint_get_tree(struct endpoint *ep, enum endpoint_root root,
                      char **ret_root_id, struct endpoint_tree *ret,
                      struct err *err)
{
    int there;

    g_assert(ep != NULL && ret_root_id != NULL && ret != NULL && err != NULL);
    g_assert(root > ENDPOINT_ROOT_MAIN && root < ENDPOINT_N_ROOTS);
    there = ep->ops->tree(ep, root, ret_root_id, ret, err);
    if (there < 0)
        return err_in(err, "folder tree of the %s", endpoint_root_name(root));
    g_assert((there == 1) == (*ret_root_id != NULL));
    return there;
}

int endpoint_hidden(struct endpoint *ep, const char *folder_id,
                    struct endpoint_page *ret, struct err *err)
{
    g_assert(ep != NULL && folder_id != NULL && ret != NULL && err != NULL);
    if (ep->ops->hidden(ep, folder_id, ret, err) < 0)
        return err_in(err, "list of hidden items");
    return 0;
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = ((const struct endpoint_found *)a)->size_bytes;
    uint64_t y = ((const struct endpoint_found *)b)->size_bytes;

    return (x < y) - (x > y);
}

int endpoint_large(struct endpoint *ep, const char *folder_id,
                   uint64_t over_bytes, size_t max,
                   struct endpoint_findings *ret, struct err *err)
{
    struct endpoint_findings found = { 0 };

    g_assert(ep != NULL && folder_id != NULL && ret != NULL && err != NULL);
    g_assert(max > 0);
    if (ep->ops->large(ep, folder_id, over_bytes, max, &found, err) < 0)
        return err_in(err, "search for large items");
    g_assert(found.n <= max && found.n <= found.total);
    if (found.n > 0)
        qsort(found.items, found.n, sizeof(*found.items), by_size);
    *ret = found;
    return 0;
}

int endpoint_quota(struct endpoint *ep, uint64_t *ret_bytes, struct err *err)
{
    int told;

    g_assert(ep != NULL && ret_bytes != NULL && err != NULL);
    told = ep->ops->quota(ep, ret_bytes, err);
    if (told < 0)
        return err_in(err, "quota");
    return told;
}

int endpoint_keys(struct endpoint *ep, const char *const *ids, size_t n,
                  struct endpoint_key *ret, struct err *err)
{
    g_assert(ep != NULL && ids != NULL && ret != NULL && err != NULL);
    if (n == 0)
        return 0;
    return ep->ops->keys(ep, ids, n, ret, err);
}

void endpoint_keys_clear(struct endpoint_key *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g_free(keys[i].key);
        keys[i] = (struct endpoint_key){ 0 };
    }
}

void endpoint_stats(struct endpoint *ep, struct endpoint_stats *ret)
{
    g_assert(ep != NULL && ret != NULL);
    ep->ops->stats(ep, ret);
}

void endpoint_free(struct endpoint *ep)
{
    if (ep == NULL)
        return;
    g_free(ep->root_id);
    ep->ops->free(ep);
}

int endpoint_read_blob(const struct blob *b, GBytes **ret, struct err *err)
{
    gsize len = (gsize)blob_size(b);
    g_autofree char *data = g_malloc(len + 1);
    gsize have = 0;

    while (have < len) {
        ssize_t n = blob_read_at(b, have, data + have, len - have, err);

        if (n < 0)
            return -1;
        g_assert(n > 0);
        have += (gsize)n;
    }
    *ret = g_bytes_new_take(g_steal_pointer(&data), len);
    return 0;
}
