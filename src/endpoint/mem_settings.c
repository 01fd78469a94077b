#include <string.h>

#include "endpoint/mem_priv.h"

struct mem_person {
    char *address, *alias; /* alias: or NULL */
};

static void person_free(void *p)
{
    struct mem_person *person = p;

    g_free(person->address);
    g_free(person->alias);
    g_free(person);
}

void mem_settings_init(struct mem *m)
{
    m->people = g_ptr_array_new_with_free_func(person_free);
    endpoint_delegates_init(&m->delegates);
    m->delegates.delivery = ENDPOINT_DELIVER_OWNER;
}

void mem_settings_release(struct mem *m)
{
    g_ptr_array_unref(m->people);
    endpoint_delegates_clear(&m->delegates);
    endpoint_permissions_clear(&m->top.permissions);
}

/* ---- people ------------------------------------------------------------ */

static bool is(const char *a, const char *b)
{
    return a != NULL && g_ascii_strcasecmp(a, b) == 0;
}

static struct mem_person *find_person(struct mem *m, const char *address)
{
    for (guint i = 0; i < m->people->len; i++) {
        struct mem_person *p = m->people->pdata[i];

        if (is(p->address, address) || is(p->alias, address))
            return p;
    }
    return NULL;
}

void mem_add_person(struct mem *m, const char *address, const char *alias)
{
    struct mem_person *p = g_new0(struct mem_person, 1);

    p->address = g_strdup(address);
    p->alias = g_strdup(alias);
    mem_lock(m);
    g_ptr_array_add(m->people, p);
    mem_unlock(m);
}

static int refuse_all(struct mem *m, struct err *err)
{
    return m->no_settings ? endpoint_not_offered(err, "settings") : 0;
}

int mem_op_resolve(struct endpoint *ep, const char *address,
                   struct endpoint_person *ret, struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_RESOLVE, 1);
    const struct mem_person *p = find_person(m, address);
    int found = refuse_all(m, err);

    if (found == 0 && p != NULL) {
        *ret = (struct endpoint_person){ .address = g_strdup(p->address),
                                         .name = g_strdup(p->address) };
        found = 1;
    }
    mem_unlock(m);
    return found;
}

void mem_set_own_name(struct mem *m, const char *dn)
{
    mem_lock(m);
    g_free(m->own_name);
    m->own_name = g_strdup(dn);
    mem_unlock(m);
}

int mem_op_own_name(struct endpoint *ep, char **ret, struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_OWN_NAME, 1);
    int found = m->own_name != NULL;

    (void)err; /* memory always knows */
    if (found)
        *ret = g_strdup(m->own_name);
    mem_unlock(m);
    return found;
}

/* ---- permissions ------------------------------------------------------- */

static bool is_calendar(const struct mem_folder *f)
{
    return f->folder_class != NULL &&
           strncmp(f->folder_class, "IPF.Appointment", 15) == 0;
}

/* The main root too has a list of its own. */
static struct mem_folder *shared_folder(struct mem *m, const char *id)
{
    return strcmp(id, m->root_id) == 0 ? &m->top : mem_find_folder(m, id);
}

/* As a new mailbox of Exchange has them. */
void mem_folder_permit(struct mem_folder *f)
{
    const struct endpoint_permission usual[] = {
        { .member = ENDPOINT_MEMBER_DEFAULT,
          .rights = is_calendar(f) ? ENDPOINT_RIGHT_FREEBUSY : 0 },
        { .member = ENDPOINT_MEMBER_ANONYMOUS },
    };

    endpoint_permissions_init(&f->permissions, is_calendar(f));
    for (size_t i = 0; i < G_N_ELEMENTS(usual); i++)
        endpoint_permissions_add(&f->permissions, &usual[i]);
}

/* An entry like that, made where missing; rights 0: a person's goes. */
static void grant(struct mem_folder *f, const struct endpoint_permission *like)
{
    struct endpoint_permission *entry =
        endpoint_permissions_find(&f->permissions, like);
    GArray *all = f->permissions.entries;

    if (entry == NULL)
        endpoint_permissions_add(&f->permissions, like);
    else if (like->rights == 0 && like->member == ENDPOINT_MEMBER_PERSON)
        g_array_remove_index(
            all,
            (guint)(entry - (struct endpoint_permission *)(void *)all->data));
    else
        entry->rights = like->rights;
}

void mem_grant(struct mem *m, const char *folder_id, const char *address,
               unsigned int rights)
{
    struct endpoint_permission like = { .rights = rights };

    if (strcmp(address, "Default") == 0)
        like.member = ENDPOINT_MEMBER_DEFAULT;
    else if (strcmp(address, "Anonymous") == 0)
        like.member = ENDPOINT_MEMBER_ANONYMOUS;
    else
        like.person.address = (char *)(uintptr_t)address;
    mem_lock(m);
    grant(shared_folder(m, folder_id), &like);
    mem_unlock(m);
}

void mem_grant_unknown(struct mem *m, const char *folder_id, const char *sid)
{
    mem_lock(m);
    g_ptr_array_add(shared_folder(m, folder_id)->permissions.unknown,
                    g_strdup(sid));
    mem_unlock(m);
}

static void permissions_copy(const struct endpoint_permissions *from,
                             struct endpoint_permissions *to)
{
    endpoint_permissions_init(to, from->calendar);
    to->kind = from->kind;
    for (guint i = 0; i < from->entries->len; i++)
        endpoint_permissions_add(
            to, &g_array_index(from->entries, struct endpoint_permission, i));
    for (guint i = 0; i < from->unknown->len; i++)
        g_ptr_array_add(to->unknown, g_strdup(from->unknown->pdata[i]));
}

int mem_op_permissions(struct endpoint *ep, const char *const *folder_ids,
                       size_t n, struct endpoint_permissions *ret,
                       struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_PERMISSIONS, n);
    int rc = refuse_all(m, err);

    for (size_t i = 0; rc == 0 && i < n; i++) {
        const struct mem_folder *f = shared_folder(m, folder_ids[i]);

        if (f != NULL)
            permissions_copy(&f->permissions, &ret[i]);
        else
            ret[i].status = mem_no_folder(&ret[i].why);
    }
    mem_unlock(m);
    return rc;
}

static int check_entry(struct mem *m, const struct endpoint_permissions *all,
                       guint i, struct err *err)
{
    const struct endpoint_permission *entry =
        &g_array_index(all->entries, struct endpoint_permission, i);

    if (endpoint_permissions_find(all, entry) != entry)
        return mem_refuse(err, ERR_FOLDER, "ErrorDuplicateUserIdsSpecified",
                          "an entry is there twice");
    if (entry->member == ENDPOINT_MEMBER_PERSON &&
        find_person(m, entry->person.address) == NULL)
        return mem_refuse(err, ERR_FOLDER, "ErrorInvalidUserInfo",
                          "somebody in the list is not known here");
    return 0;
}

static int replace_all(struct mem *m, const char *folder_id,
                       const struct endpoint_permissions *all, struct err *err)
{
    struct mem_folder *f = shared_folder(m, folder_id);
    bool calendar;

    if (refuse_all(m, err) < 0)
        return -1;
    if (f == NULL)
        return mem_no_folder(err);
    for (guint i = 0; i < all->entries->len; i++)
        if (check_entry(m, all, i, err) < 0)
            return -1;
    calendar = f->permissions.calendar;
    endpoint_permissions_clear(&f->permissions);
    permissions_copy(all, &f->permissions);
    f->permissions.calendar = calendar;
    return 0;
}

int mem_op_set_permissions(struct endpoint *ep, const char *folder_id,
                           const struct endpoint_permissions *all,
                           struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_SET_PERMISSIONS, 1);
    int rc = replace_all(m, folder_id, all, err);

    mem_unlock(m);
    return rc;
}

static void add_entry(GString *text, const struct endpoint_permission *entry,
                      bool calendar)
{
    const char *level = endpoint_level_name(entry->rights, calendar);

    g_string_append(text, entry->member == ENDPOINT_MEMBER_DEFAULT ? "Default"
                          : entry->member == ENDPOINT_MEMBER_ANONYMOUS
                              ? "Anonymous"
                              : entry->person.address);
    g_string_append_printf(text, " %s", level);
    if (strcmp(level, "Custom") == 0)
        g_string_append_printf(text, "(%x)", entry->rights);
    g_string_append_c(text, ';');
}

char *mem_permissions(struct mem *m, const char *folder_id)
{
    GString *text = g_string_new(NULL);
    const struct endpoint_permissions *p;

    mem_lock(m);
    p = &shared_folder(m, folder_id)->permissions;
    for (guint i = 0; i < p->entries->len; i++)
        add_entry(text,
                  &g_array_index(p->entries, struct endpoint_permission, i),
                  p->calendar);
    mem_unlock(m);
    return g_string_free(text, FALSE);
}

/* ---- delegates --------------------------------------------------------- */

/*
 * A delegate's levels are the entries of the well-known folders, and nothing
 * beside them, as on a server.
 */
static struct mem_folder *delegate_folder(struct mem *m, size_t which)
{
    static const char *const ids[ENDPOINT_DELEGATE_N_FOLDERS] = {
        "calendar", "tasks", "inbox", "contacts", "notes", "journal",
    };

    for (guint i = 0; i < m->folders->len; i++) {
        struct mem_folder *f = m->folders->pdata[i];

        if (g_strcmp0(f->well_known, ids[which]) == 0)
            return f;
    }
    return NULL;
}

static enum endpoint_delegate_level level_of(const struct mem_folder *f,
                                             const char *address)
{
    const struct endpoint_permission like = {
        .person.address = (char *)(uintptr_t)address,
    };
    const struct endpoint_permission *entry;
    const char *name;

    if (f == NULL)
        return ENDPOINT_DELEGATE_NONE;
    entry = endpoint_permissions_find(&f->permissions, &like);
    name = entry != NULL
               ? endpoint_level_name(entry->rights, f->permissions.calendar)
               : "None";
    for (enum endpoint_delegate_level level = ENDPOINT_DELEGATE_NONE;
         level < ENDPOINT_DELEGATE_CUSTOM; level++)
        if (strcmp(endpoint_delegate_level_name(level), name) == 0)
            return level;
    return ENDPOINT_DELEGATE_CUSTOM;
}

static void show_delegates(struct mem *m, struct endpoint_delegates *ret)
{
    endpoint_delegates_init(ret);
    ret->delivery = m->delegates.delivery;
    for (guint i = 0; i < m->delegates.list->len; i++) {
        struct endpoint_delegate one =
            g_array_index(m->delegates.list, struct endpoint_delegate, i);

        for (size_t f = 0; f < ENDPOINT_DELEGATE_N_FOLDERS; f++)
            one.levels[f] = level_of(delegate_folder(m, f), one.person.address);
        endpoint_delegates_add(ret, &one);
    }
}

int mem_op_delegates(struct endpoint *ep, struct endpoint_delegates *ret,
                     struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_DELEGATES, 0);
    int rc = refuse_all(m, err);

    if (rc == 0)
        show_delegates(m, ret);
    mem_unlock(m);
    return rc;
}

static void set_levels(struct mem *m, const struct endpoint_delegate *one)
{
    for (size_t f = 0; f < ENDPOINT_DELEGATE_N_FOLDERS; f++) {
        struct mem_folder *folder = delegate_folder(m, f);
        struct endpoint_permission like = { .person = one->person };

        if (folder == NULL || one->levels[f] == ENDPOINT_DELEGATE_UNTOLD ||
            !endpoint_level_rights(endpoint_delegate_level_name(one->levels[f]),
                                   false, &like.rights))
            continue;
        if (like.rights != 0 ||
            endpoint_permissions_find(&folder->permissions, &like) != NULL)
            grant(folder, &like);
    }
}

static int change_delegate(struct mem *m, const struct endpoint_delegate *one,
                           bool add, struct err *err)
{
    struct endpoint_delegate *is =
        endpoint_delegates_find(&m->delegates, one->person.address);

    if (refuse_all(m, err) < 0)
        return -1;
    if (find_person(m, one->person.address) == NULL)
        return mem_refuse(err, ERR_ITEM, "ErrorDelegateNoUser",
                          "nobody is called so");
    if (add && is != NULL)
        return mem_refuse(err, ERR_ITEM, "ErrorDelegateAlreadyExists",
                          "he is one already");
    if (!add && is == NULL)
        return mem_refuse(err, ERR_ITEM, "ErrorNotDelegate", "he is none");
    set_levels(m, one);
    if (is == NULL) {
        endpoint_delegates_add(&m->delegates, one);
        return 0;
    }
    is->copies = one->copies;
    is->private_items = one->private_items;
    return 0;
}

int mem_op_add_delegate(struct endpoint *ep,
                        const struct endpoint_delegate *one, struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_ADD_DELEGATE, 1);
    int rc = change_delegate(m, one, true, err);

    mem_unlock(m);
    return rc;
}

int mem_op_update_delegate(struct endpoint *ep,
                           const struct endpoint_delegate *one, struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_UPDATE_DELEGATE, 1);
    int rc = change_delegate(m, one, false, err);

    mem_unlock(m);
    return rc;
}

int mem_op_set_delivery(struct endpoint *ep, enum endpoint_delivery delivery,
                        struct err *err)
{
    struct mem *m = mem_begin(ep, MEM_SET_DELIVERY, 1);
    int rc = refuse_all(m, err);

    if (rc == 0)
        m->delegates.delivery = delivery;
    mem_unlock(m);
    return rc;
}

void mem_set_delegates(struct mem *m, const struct endpoint_delegates *all)
{
    mem_lock(m);
    endpoint_delegates_clear(&m->delegates);
    endpoint_delegates_init(&m->delegates);
    m->delegates.delivery = all->delivery;
    for (guint i = 0; i < all->list->len; i++) {
        const struct endpoint_delegate *one =
            &g_array_index(all->list, struct endpoint_delegate, i);

        endpoint_delegates_add(&m->delegates, one);
        set_levels(m, one);
    }
    mem_unlock(m);
}

char *mem_delegates(struct mem *m)
{
    g_auto(endpoint_delegates) all = { 0 };
    GString *text = g_string_new(NULL);

    mem_lock(m);
    show_delegates(m, &all);
    mem_unlock(m);
    for (guint i = 0; i < all.list->len; i++) {
        const struct endpoint_delegate *one =
            &g_array_index(all.list, struct endpoint_delegate, i);

        g_string_append(text, one->person.address);
        for (size_t f = 0; f < ENDPOINT_DELEGATE_N_FOLDERS; f++)
            g_string_append_printf(
                text, "%c%s", f == 0 ? ' ' : '/',
                endpoint_delegate_level_name(one->levels[f]));
        g_string_append_printf(text, "%s%s;", one->copies ? " copies" : "",
                               one->private_items ? " private" : "");
    }
    g_string_append_printf(text, " %s", endpoint_delivery_name(all.delivery));
    return g_string_free(text, FALSE);
}
