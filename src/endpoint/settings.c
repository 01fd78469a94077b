#include "endpoint/settings.h"

#include <string.h>

int endpoint_not_offered(struct err *err, const char *what)
{
    err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0, "the server does not offer %s",
            what);
    err->name = "not-offered";
    return -1;
}

bool endpoint_is_not_offered(const struct err *err)
{
    return g_strcmp0(err->name, "not-offered") == 0;
}

/* ---- people ---------------------------------------------------------- */

void endpoint_person_clear(struct endpoint_person *p)
{
    g_free(p->address);
    g_free(p->name);
    g_free(p->sid);
    g_free(p->external);
    *p = (struct endpoint_person){ 0 };
}

struct endpoint_person endpoint_person_dup(const struct endpoint_person *p)
{
    return (struct endpoint_person){
        .address = g_strdup(p->address),
        .name = g_strdup(p->name),
        .sid = g_strdup(p->sid),
        .external = g_strdup(p->external),
    };
}

static bool is_address(const char *a, const char *b)
{
    return a != NULL && b != NULL && g_ascii_strcasecmp(a, b) == 0;
}

/* ---- levels ---------------------------------------------------------- */

#define FREEBUSY_BITS                                                          \
    (ENDPOINT_RIGHT_FREEBUSY | ENDPOINT_RIGHT_FREEBUSY_DETAILS)
#define AUTHOR                                                                 \
    (ENDPOINT_RIGHT_READ | ENDPOINT_RIGHT_CREATE | ENDPOINT_RIGHT_EDIT_OWN |   \
     ENDPOINT_RIGHT_DELETE_OWN | ENDPOINT_RIGHT_VISIBLE)
#define EDITOR (AUTHOR | ENDPOINT_RIGHT_EDIT_ALL | ENDPOINT_RIGHT_DELETE_ALL)

/*
 * [MS-OXWSFOLD] 2.2.5.6 PermissionLevelType, 2.2.5.2
 * CalendarPermissionLevelType; what each stands for:
 * https://learn.microsoft.com/exchange/client-developer/web-service-reference/
 * permissionlevel
 */
static const struct {
    const char *name;
    unsigned int rights;
    bool calendar; /* of calendars alone */
} levels[] = {
    { "None", 0, false },
    { "Owner",
      EDITOR | ENDPOINT_RIGHT_SUBFOLDERS | ENDPOINT_RIGHT_OWNER |
          ENDPOINT_RIGHT_CONTACT,
      false },
    { "PublishingEditor", EDITOR | ENDPOINT_RIGHT_SUBFOLDERS, false },
    { "Editor", EDITOR, false },
    { "PublishingAuthor", AUTHOR | ENDPOINT_RIGHT_SUBFOLDERS, false },
    { "Author", AUTHOR, false },
    { "NoneditingAuthor", AUTHOR & ~(unsigned int)ENDPOINT_RIGHT_EDIT_OWN,
      false },
    { "Reviewer", ENDPOINT_RIGHT_READ | ENDPOINT_RIGHT_VISIBLE, false },
    { "Contributor", ENDPOINT_RIGHT_CREATE | ENDPOINT_RIGHT_VISIBLE, false },
    { "FreeBusyTimeOnly", ENDPOINT_RIGHT_FREEBUSY, true },
    { "FreeBusyTimeAndSubjectAndLocation", FREEBUSY_BITS, true },
};

unsigned int endpoint_rights_plain(unsigned int rights, bool calendar)
{
    /* An action on all items holds the one on one's own. */
    if ((rights & ENDPOINT_RIGHT_EDIT_ALL) != 0)
        rights |= ENDPOINT_RIGHT_EDIT_OWN;
    if ((rights & ENDPOINT_RIGHT_DELETE_ALL) != 0)
        rights |= ENDPOINT_RIGHT_DELETE_OWN;
    if (!calendar || (rights & ENDPOINT_RIGHT_READ) != 0)
        return rights & ~(unsigned int)FREEBUSY_BITS;
    return rights;
}

const char *endpoint_level_name(unsigned int rights, bool calendar)
{
    unsigned int plain = endpoint_rights_plain(rights, calendar);

    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++)
        if (plain == levels[i].rights && (calendar || !levels[i].calendar))
            return levels[i].name;
    return "Custom";
}

bool endpoint_level_rights(const char *level, bool calendar, unsigned int *ret)
{
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++)
        if (strcmp(levels[i].name, level) == 0 &&
            (calendar || !levels[i].calendar)) {
            *ret = levels[i].rights;
            return true;
        }
    return false;
}

/* ---- permissions ----------------------------------------------------- */

static void permission_clear(void *p)
{
    endpoint_person_clear(&((struct endpoint_permission *)p)->person);
}

void endpoint_permissions_init(struct endpoint_permissions *p, bool calendar)
{
    *p = (struct endpoint_permissions){ .calendar = calendar };
    p->entries = g_array_new(FALSE, FALSE, sizeof(struct endpoint_permission));
    g_array_set_clear_func(p->entries, permission_clear);
    p->unknown = g_ptr_array_new_with_free_func(g_free);
}

void endpoint_permissions_clear(struct endpoint_permissions *p)
{
    g_clear_pointer(&p->entries, g_array_unref);
    g_clear_pointer(&p->unknown, g_ptr_array_unref);
    *p = (struct endpoint_permissions){ 0 };
}

void endpoint_permissions_add(struct endpoint_permissions *p,
                              const struct endpoint_permission *entry)
{
    struct endpoint_permission copy = *entry;

    copy.person = endpoint_person_dup(&entry->person);
    g_array_append_val(p->entries, copy);
}

struct endpoint_permission *
endpoint_permissions_find(const struct endpoint_permissions *p,
                          const struct endpoint_permission *like)
{
    for (guint i = 0; i < p->entries->len; i++) {
        struct endpoint_permission *entry =
            &g_array_index(p->entries, struct endpoint_permission, i);

        if (entry->member == like->member &&
            (entry->member != ENDPOINT_MEMBER_PERSON ||
             is_address(entry->person.address, like->person.address)))
            return entry;
    }
    return NULL;
}

/* ---- delegates ------------------------------------------------------- */

const char *endpoint_delegate_level_name(enum endpoint_delegate_level level)
{
    static const char *const names[ENDPOINT_DELEGATE_N_LEVELS] = {
        [ENDPOINT_DELEGATE_UNTOLD] = "",
        [ENDPOINT_DELEGATE_NONE] = "None",
        [ENDPOINT_DELEGATE_REVIEWER] = "Reviewer",
        [ENDPOINT_DELEGATE_AUTHOR] = "Author",
        [ENDPOINT_DELEGATE_EDITOR] = "Editor",
        [ENDPOINT_DELEGATE_CUSTOM] = "Custom",
    };

    g_assert(level < ENDPOINT_DELEGATE_N_LEVELS);
    return names[level];
}

const char *endpoint_delegate_folder_name(enum endpoint_delegate_folder folder)
{
    static const char *const names[ENDPOINT_DELEGATE_N_FOLDERS] = {
        [ENDPOINT_DELEGATE_CALENDAR] = "Calendar",
        [ENDPOINT_DELEGATE_TASKS] = "Tasks",
        [ENDPOINT_DELEGATE_INBOX] = "Inbox",
        [ENDPOINT_DELEGATE_CONTACTS] = "Contacts",
        [ENDPOINT_DELEGATE_NOTES] = "Notes",
        [ENDPOINT_DELEGATE_JOURNAL] = "Journal",
    };

    g_assert(folder < ENDPOINT_DELEGATE_N_FOLDERS);
    return names[folder];
}

const char *endpoint_delivery_name(enum endpoint_delivery delivery)
{
    static const char *const names[ENDPOINT_DELIVER_N] = {
        [ENDPOINT_DELIVER_UNTOLD] = "",
        [ENDPOINT_DELIVER_DELEGATES] = "DelegatesOnly",
        [ENDPOINT_DELIVER_BOTH] = "DelegatesAndMe",
        [ENDPOINT_DELIVER_BOTH_INFORMED] = "DelegatesAndSendInformationToMe",
        [ENDPOINT_DELIVER_OWNER] = "NoForward",
    };

    g_assert(delivery < ENDPOINT_DELIVER_N);
    return names[delivery];
}

static void delegate_clear(void *p)
{
    endpoint_person_clear(&((struct endpoint_delegate *)p)->person);
}

void endpoint_delegates_init(struct endpoint_delegates *d)
{
    *d = (struct endpoint_delegates){ 0 };
    d->list = g_array_new(FALSE, FALSE, sizeof(struct endpoint_delegate));
    g_array_set_clear_func(d->list, delegate_clear);
}

void endpoint_delegates_clear(struct endpoint_delegates *d)
{
    g_clear_pointer(&d->list, g_array_unref);
    *d = (struct endpoint_delegates){ 0 };
}

void endpoint_delegates_add(struct endpoint_delegates *d,
                            const struct endpoint_delegate *one)
{
    struct endpoint_delegate copy = *one;

    copy.person = endpoint_person_dup(&one->person);
    g_array_append_val(d->list, copy);
}

struct endpoint_delegate *
endpoint_delegates_find(const struct endpoint_delegates *d, const char *address)
{
    for (guint i = 0; i < d->list->len; i++) {
        struct endpoint_delegate *one =
            &g_array_index(d->list, struct endpoint_delegate, i);

        if (is_address(one->person.address, address))
            return one;
    }
    return NULL;
}

/* ---- checked wrappers ------------------------------------------------ */

int endpoint_resolve(struct endpoint *ep, const char *address,
                     struct endpoint_person *ret, struct err *err)
{
    int found;

    g_assert(ep != NULL && address != NULL && ret != NULL && err != NULL);
    if (ep->ops->resolve == NULL)
        return endpoint_not_offered(err, "a directory of people");
    found = ep->ops->resolve(ep, address, ret, err);
    if (found < 0)
        return err_in(err, "\"%s\" in the directory", address);
    g_assert(found == 0 || ret->address != NULL);
    return found;
}

int endpoint_own_name(struct endpoint *ep, char **ret, struct err *err)
{
    g_assert(ep != NULL && ret != NULL && err != NULL);
    if (ep->ops->own_name == NULL)
        return endpoint_not_offered(err, "the directory's name of a mailbox");
    return ep->ops->own_name(ep, ret, err);
}

int endpoint_get_permissions(struct endpoint *ep, const char *const *folder_ids,
                             size_t n, struct endpoint_permissions *ret,
                             struct err *err)
{
    g_assert(ep != NULL && err != NULL);
    g_assert(n == 0 || (folder_ids != NULL && ret != NULL));
    if (ep->ops->permissions == NULL)
        return endpoint_not_offered(err, "folder permissions");
    if (n == 0)
        return 0;
    if (ep->ops->permissions(ep, folder_ids, n, ret, err) < 0)
        return err_in(err, "permissions of %zu folder%s", n, n == 1 ? "" : "s");
    for (size_t i = 0; i < n; i++)
        g_assert((ret[i].status == 0) == (ret[i].entries != NULL));
    return 0;
}

int endpoint_set_permissions(struct endpoint *ep, const char *folder_id,
                             const struct endpoint_permissions *all,
                             struct err *err)
{
    g_assert(ep != NULL && folder_id != NULL && all != NULL && err != NULL);
    g_assert(all->entries != NULL && all->unknown->len == 0);
    if (ep->ops->set_permissions == NULL)
        return endpoint_not_offered(err, "folder permissions");
    return ep->ops->set_permissions(ep, folder_id, all, err);
}

int endpoint_get_delegates(struct endpoint *ep, struct endpoint_delegates *ret,
                           struct err *err)
{
    g_assert(ep != NULL && ret != NULL && err != NULL);
    if (ep->ops->delegates == NULL)
        return endpoint_not_offered(err, "delegates");
    if (ep->ops->delegates(ep, ret, err) < 0)
        return err_in(err, "list of delegates");
    g_assert(ret->list != NULL);
    return 0;
}

int endpoint_add_delegate(struct endpoint *ep,
                          const struct endpoint_delegate *one, struct err *err)
{
    g_assert(ep != NULL && one != NULL && err != NULL);
    g_assert(one->person.address != NULL);
    if (ep->ops->add_delegate == NULL)
        return endpoint_not_offered(err, "delegates");
    return ep->ops->add_delegate(ep, one, err);
}

int endpoint_update_delegate(struct endpoint *ep,
                             const struct endpoint_delegate *one,
                             struct err *err)
{
    g_assert(ep != NULL && one != NULL && err != NULL);
    g_assert(one->person.address != NULL);
    if (ep->ops->update_delegate == NULL)
        return endpoint_not_offered(err, "delegates");
    return ep->ops->update_delegate(ep, one, err);
}

int endpoint_set_delivery(struct endpoint *ep, enum endpoint_delivery delivery,
                          struct err *err)
{
    g_assert(ep != NULL && err != NULL);
    g_assert(delivery > ENDPOINT_DELIVER_UNTOLD);
    g_assert(delivery < ENDPOINT_DELIVER_N);
    if (ep->ops->set_delivery == NULL)
        return endpoint_not_offered(err, "delegates");
    return ep->ops->set_delivery(ep, delivery, err);
}
