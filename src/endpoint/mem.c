#include "endpoint/mem.h"

#include "base/timestamp.h"
#include "endpoint/mem_priv.h"
#include "portable/portable.h"

void mem_lock(struct mem *m)
{
    pthread_mutex_lock(&m->lock);
}

void mem_unlock(struct mem *m)
{
    pthread_mutex_unlock(&m->lock);
}

/* ---- life ------------------------------------------------------------ */

/*
 * Two ids given out one after the other differ in case only, as Exchange's
 * base64 ids may: who compares without case fails at once.
 */
static const char *new_id(struct mem *m, const char *prefix)
{
    uint64_t n = ++m->n_ids;
    g_autoptr(GString) s = g_string_new(prefix);

    for (unsigned int bit = 0; bit < 10; bit++)
        g_string_append_c(s, (n >> bit & 1) != 0 ? 'K' : 'k');
    for (n >>= 10; n != 0; n /= 26)
        g_string_append_c(s, (char)('a' + n % 26));
    return g_string_chunk_insert(m->strings, s->str);
}

static void entry_free(void *p)
{
    struct mem_entry *e = p;

    g_bytes_unref(e->payload);
    portable_unref(e->portable);
    g_free(e->stamp);
    g_free(e->item_class);
    g_free(e->search_key);
    g_free(e->subject);
    g_free(e->sender);
    g_free(e);
}

static void folder_free(void *p)
{
    struct mem_folder *f = p;

    g_ptr_array_unref(f->entries);
    g_array_unref(f->gone);
    endpoint_permissions_clear(&f->permissions);
    g_free(f);
}

void mem_item_free(struct mem_item *item)
{
    if (item == NULL)
        return;
    g_free(item->id);
    g_free(item->change_key);
    g_free(item->folder_id);
    g_free(item->item_class);
    g_free(item->search_key);
    g_free(item->subject);
    g_free(item->sender);
    g_bytes_unref(item->payload);
    portable_unref(item->portable);
    g_free(item->stamp);
    g_free(item);
}

static void item_free(void *p)
{
    mem_item_free(p);
}

struct mem *mem_new(const struct mem_options *options)
{
    static const struct mem_options defaults = { 0 };
    struct mem *m = g_new0(struct mem, 1);

    if (options == NULL)
        options = &defaults;
    pthread_mutex_init(&m->lock, NULL);
    m->address = g_strdup(options->address != NULL ? options->address
                                                   : "user@example.com");
    m->caps = ENDPOINT_CAP_EXPORT | ENDPOINT_CAP_UPLOAD | ENDPOINT_CAP_UPDATE;
    if (options->show != NULL)
        m->caps |= ENDPOINT_CAP_PORTABLE;
    m->caps &= ~options->missing_caps;
    m->request_max_bytes = options->request_max_bytes;
    m->quota_bytes = options->quota_bytes;
    m->intake = options->intake;
    m->intake_data = options->intake_data;
    m->show = options->show;
    m->show_data = options->show_data;
    m->no_settings = options->no_settings;
    mem_settings_init(m);
    mem_user_init(m);
    m->strings = g_string_chunk_new(4096);
    m->folders = g_ptr_array_new_with_free_func(folder_free);
    m->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    m->dumpster = g_ptr_array_new_with_free_func(entry_free);
    m->root_id = new_id(m, "root-");
    m->roots[ENDPOINT_ROOT_MAIN] = m->root_id;
    mem_folder_permit(&m->top);
    return m;
}

void mem_free(struct mem *m)
{
    g_hash_table_unref(m->by_id);
    g_ptr_array_unref(m->folders);
    g_ptr_array_unref(m->dumpster);
    mem_settings_release(m);
    mem_user_release(m);
    g_string_chunk_free(m->strings);
    g_free(m->address);
    g_free(m->own_name);
    pthread_mutex_destroy(&m->lock);
    g_free(m);
}

/* ---- under the lock -------------------------------------------------- */

struct mem_folder *mem_find_folder(struct mem *m, const char *id)
{
    for (guint i = 0; i < m->folders->len; i++) {
        struct mem_folder *f = g_ptr_array_index(m->folders, i);

        if (strcmp(f->id, id) == 0)
            return f;
    }
    return NULL;
}

struct mem_entry *mem_find(struct mem *m, const char *id)
{
    return g_hash_table_lookup(m->by_id, id);
}

static const char *keep(struct mem *m, const char *text)
{
    return text == NULL ? NULL : g_string_chunk_insert(m->strings, text);
}

static enum endpoint_root root_of(struct mem *m, const char *parent_id)
{
    const struct mem_folder *parent = mem_find_folder(m, parent_id);

    if (parent != NULL)
        return parent->root;
    for (enum endpoint_root r = 0; r < ENDPOINT_N_ROOTS; r++)
        if (g_strcmp0(m->roots[r], parent_id) == 0)
            return r;
    return ENDPOINT_ROOT_MAIN;
}

struct mem_folder *mem_folder_new(struct mem *m,
                                  const struct mem_folder_init *init)
{
    struct mem_folder *f = g_new0(struct mem_folder, 1);

    f->id = new_id(m, "folder-");
    f->parent_id =
        init->parent_id != NULL ? keep(m, init->parent_id) : m->root_id;
    f->name = keep(m, init->name);
    f->well_known = keep(m, init->well_known);
    f->folder_class = keep(m, init->folder_class);
    f->search = init->search;
    f->root = root_of(m, f->parent_id);
    f->entries = g_ptr_array_new_with_free_func(entry_free);
    f->gone = g_array_new(FALSE, FALSE, sizeof(struct mem_gone));
    mem_folder_permit(f);
    g_ptr_array_add(m->folders, f);
    return f;
}

static void set_columns(struct mem_entry *e, const struct mem_columns *c)
{
    g_free(e->item_class);
    g_free(e->search_key);
    g_free(e->subject);
    g_free(e->sender);
    e->item_class =
        g_strdup(c->item_class != NULL ? c->item_class : "IPM.Note");
    e->search_key = g_strdup(c->search_key);
    e->subject = g_strdup(c->subject);
    e->sender = g_strdup(c->sender);
    e->received_us = c->received_us != 0 ? c->received_us : TIMESTAMP_NONE;
    e->read = c->read;
    e->associated = c->associated;
}

/* The item leaves its folder, and the folder's list of changes says so. */
static void unlist(struct mem *m, struct mem_entry *e)
{
    struct mem_gone gone = { e->id, e->created, ++m->position };
    guint at;

    if (!e->associated)
        g_array_append_val(e->folder->gone, gone);
    g_hash_table_remove(m->by_id, e->id);
    if (!g_ptr_array_find(e->folder->entries, e, &at))
        g_assert_not_reached();
    g_ptr_array_steal_index(e->folder->entries, at);
    e->folder = NULL;
}

static void enlist(struct mem *m, struct mem_entry *e,
                   struct mem_folder *folder)
{
    e->id = new_id(m, "item-");
    e->folder = folder;
    e->folder_id = folder->id;
    e->created = e->edited = ++m->position;
    e->marked = 0;
    g_ptr_array_add(folder->entries, e);
    g_hash_table_insert(m->by_id, (void *)(uintptr_t)e->id, e);
}

struct mem_entry *mem_store(struct mem *m, struct mem_folder *folder,
                            GBytes *payload, const struct mem_columns *columns)
{
    static const struct mem_columns none = { 0 };
    struct mem_entry *e = g_new0(struct mem_entry, 1);

    e->payload = payload;
    set_columns(e, columns != NULL ? columns : &none);
    enlist(m, e, folder);
    return e;
}

void mem_replace(struct mem *m, struct mem_entry *e, GBytes *payload,
                 const struct mem_columns *columns)
{
    bool associated = e->associated;

    g_bytes_unref(e->payload);
    e->payload = payload;
    if (columns != NULL)
        set_columns(e, columns);
    /* An item stays what it is: no operation makes a hidden one visible. */
    e->associated = associated;
    e->edited = ++m->position;
}

char *mem_change_key(const struct mem_entry *e)
{
    /* [MS-OXCFXICS] 2.2.1.1.4: read marks have change numbers of their own. */
    uint64_t at = GUINT64_TO_BE(e->edited);

    return g_base64_encode((const unsigned char *)&at, sizeof(at));
}

static struct mem_item *copy_of(const struct mem_entry *e)
{
    struct mem_item *item = g_new0(struct mem_item, 1);

    item->id = g_strdup(e->id);
    item->change_key = mem_change_key(e);
    item->folder_id = g_strdup(e->folder_id);
    item->item_class = g_strdup(e->item_class);
    item->search_key = g_strdup(e->search_key);
    item->subject = g_strdup(e->subject);
    item->sender = g_strdup(e->sender);
    item->received_us = e->received_us;
    item->read = e->read;
    item->associated = e->associated;
    item->payload = g_bytes_ref(e->payload);
    item->portable = e->portable != NULL ? portable_ref(e->portable) : NULL;
    item->stamp = g_strdup(e->stamp);
    item->unfinished = e->unfinished;
    return item;
}

void mem_take_out(struct mem *m, struct mem_entry *e, bool to_dumpster)
{
    unlist(m, e);
    if (to_dumpster)
        g_ptr_array_add(m->dumpster, e);
    else
        entry_free(e);
}

void mem_relocate(struct mem *m, struct mem_entry *e, struct mem_folder *to)
{
    unlist(m, e);
    enlist(m, e, to);
}

void mem_delete_tree(struct mem *m, struct mem_folder *f, bool to_dumpster)
{
    /*
     * From the end: removing one, and what is below it, moves only later ones.
     */
    for (guint i = m->folders->len; i-- > 0;) {
        struct mem_folder *child;

        if (i >= m->folders->len)
            continue;
        child = g_ptr_array_index(m->folders, i);
        if (strcmp(child->parent_id, f->id) == 0)
            mem_delete_tree(m, child, to_dumpster);
    }
    while (f->entries->len > 0)
        mem_take_out(m, g_ptr_array_index(f->entries, 0), to_dumpster);
    g_ptr_array_remove(m->folders, f);
}

/* ---- the user, the assistants and the administrator ------------------ */

const char *mem_root(struct mem *m)
{
    return m->root_id;
}

const char *mem_add_root(struct mem *m, enum endpoint_root root)
{
    mem_lock(m);
    if (m->roots[root] == NULL)
        m->roots[root] = new_id(m, "root-");
    mem_unlock(m);
    return m->roots[root];
}

void mem_lose_root(struct mem *m, enum endpoint_root root)
{
    mem_lock(m);
    m->roots[root] = NULL;
    mem_unlock(m);
}

const char *mem_add_folder(struct mem *m, const struct mem_folder_init *init)
{
    const char *id;

    mem_lock(m);
    id = mem_folder_new(m, init)->id;
    mem_unlock(m);
    return id;
}

void mem_add_usual_folders(struct mem *m, bool german)
{
    static const struct {
        const char *well_known, *english, *german, *folder_class;
    } usual[] = {
        /* clang-format off */
        { "inbox", "Inbox", "Posteingang", "IPF.Note" },
        { "drafts", "Drafts", "Entwürfe", "IPF.Note" },
        { "sentitems", "Sent Items", "Gesendete Elemente", "IPF.Note" },
        { "deleteditems", "Deleted Items", "Gelöschte Elemente", "IPF.Note" },
        { "outbox", "Outbox", "Postausgang", "IPF.Note" },
        { "junkemail", "Junk Email", "Junk-E-Mail", "IPF.Note" },
        { "calendar", "Calendar", "Kalender", "IPF.Appointment" },
        { "contacts", "Contacts", "Kontakte", "IPF.Contact" },
        { "tasks", "Tasks", "Aufgaben", "IPF.Task" },
        { "notes", "Notes", "Notizen", "IPF.StickyNote" },
        { "journal", "Journal", "Journal", "IPF.Journal" },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(usual); i++) {
        struct mem_folder_init init = {
            .name = german ? usual[i].german : usual[i].english,
            .well_known = usual[i].well_known,
            .folder_class = usual[i].folder_class,
        };

        mem_add_folder(m, &init);
    }
}

const char *mem_well_known(struct mem *m, const char *well_known)
{
    const char *id = NULL;

    mem_lock(m);
    for (guint i = 0; i < m->folders->len && id == NULL; i++) {
        struct mem_folder *f = g_ptr_array_index(m->folders, i);

        if (g_strcmp0(f->well_known, well_known) == 0)
            id = f->id;
    }
    mem_unlock(m);
    return id;
}

/* A name of nothing is the test's own mistake. */
static struct mem_folder *must_find_folder(struct mem *m, const char *id)
{
    struct mem_folder *f = mem_find_folder(m, id);

    g_assert(f != NULL);
    return f;
}

static struct mem_entry *must_find(struct mem *m, const char *id)
{
    struct mem_entry *e = mem_find(m, id);

    g_assert(e != NULL);
    return e;
}

void mem_rename_folder(struct mem *m, const char *folder_id, const char *name)
{
    mem_lock(m);
    must_find_folder(m, folder_id)->name = keep(m, name);
    mem_unlock(m);
}

void mem_delete_folder(struct mem *m, const char *folder_id)
{
    mem_lock(m);
    mem_delete_tree(m, must_find_folder(m, folder_id), false);
    mem_unlock(m);
}

const char *mem_add_item(struct mem *m, const char *folder_id,
                         const void *payload, size_t len,
                         const struct mem_columns *columns)
{
    const char *id;

    mem_lock(m);
    id = mem_store(m, must_find_folder(m, folder_id), g_bytes_new(payload, len),
                   columns)
             ->id;
    mem_unlock(m);
    return id;
}

void mem_edit_item(struct mem *m, const char *id, const void *payload,
                   size_t len, const struct mem_columns *columns)
{
    mem_lock(m);
    mem_replace(m, must_find(m, id), g_bytes_new(payload, len), columns);
    mem_unlock(m);
}

void mem_touch_item(struct mem *m, const char *id)
{
    mem_lock(m);
    must_find(m, id)->edited = ++m->position;
    mem_unlock(m);
}

void mem_set_read(struct mem *m, const char *id, bool read)
{
    struct mem_entry *e;

    mem_lock(m);
    e = must_find(m, id);
    e->read = read;
    e->marked = ++m->position;
    mem_unlock(m);
}

const char *mem_move_item(struct mem *m, const char *id, const char *folder_id)
{
    struct mem_entry *e;

    mem_lock(m);
    e = must_find(m, id);
    mem_relocate(m, e, must_find_folder(m, folder_id));
    id = e->id;
    mem_unlock(m);
    return id;
}

void mem_delete_item(struct mem *m, const char *id)
{
    mem_lock(m);
    mem_take_out(m, must_find(m, id), false);
    mem_unlock(m);
}

void mem_forget_tokens(struct mem *m)
{
    mem_lock(m);
    m->epoch++;
    mem_unlock(m);
}

/* ---- the oracle ------------------------------------------------------ */

GPtrArray *mem_items(struct mem *m, const char *folder_id)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(item_free);

    mem_lock(m);
    for (guint i = 0; i < m->folders->len; i++) {
        struct mem_folder *f = g_ptr_array_index(m->folders, i);

        if (folder_id != NULL && strcmp(f->id, folder_id) != 0)
            continue;
        for (guint k = 0; k < f->entries->len; k++)
            g_ptr_array_add(all, copy_of(g_ptr_array_index(f->entries, k)));
    }
    mem_unlock(m);
    return all;
}

GPtrArray *mem_dumpster(struct mem *m)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(item_free);

    mem_lock(m);
    for (guint i = 0; i < m->dumpster->len; i++)
        g_ptr_array_add(all, copy_of(g_ptr_array_index(m->dumpster, i)));
    mem_unlock(m);
    return all;
}

struct mem_item *mem_item(struct mem *m, const char *id)
{
    struct mem_item *item = NULL;
    struct mem_entry *e;

    mem_lock(m);
    e = mem_find(m, id);
    if (e != NULL)
        item = copy_of(e);
    mem_unlock(m);
    return item;
}

static uint64_t read_counter(struct mem *m, const uint64_t *counter)
{
    uint64_t n;

    mem_lock(m);
    n = *counter;
    mem_unlock(m);
    return n;
}

uint64_t mem_calls(struct mem *m, enum mem_op op)
{
    return read_counter(m, &m->calls[op]);
}

uint64_t mem_items_asked(struct mem *m, enum mem_op op)
{
    return read_counter(m, &m->asked[op]);
}
