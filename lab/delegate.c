#include "lab/delegate.h"

#define SETTING   "delegates"
#define KEPT_TYPE "(sa(xbb))"

/* [MS-OXCPERM] 2.2.7: what each level means; the calendar adds free/busy. */
#define FREEBUSY (LAB_RIGHT_FREEBUSY | LAB_RIGHT_FREEBUSY_DETAILS)
#define REVIEWER (LAB_RIGHT_READ | LAB_RIGHT_VISIBLE)
#define AUTHOR                                                                 \
    (REVIEWER | LAB_RIGHT_CREATE | LAB_RIGHT_EDIT_OWN | LAB_RIGHT_DELETE_OWN)
#define EDITOR (AUTHOR | LAB_RIGHT_EDIT_ALL | LAB_RIGHT_DELETE_ALL)

static const struct {
    const char *name;
    uint32_t rights;
} levels[] = {
    { "None", 0 },
    { "Reviewer", REVIEWER },
    { "Author", AUTHOR },
    { "Editor", EDITOR },
};

/* In the order of the schema. */
static const struct {
    const char *name, *element, *folder;
} folders[] = {
    { "CalendarFolderPermissionLevel", "t:CalendarFolderPermissionLevel",
      "calendar" },
    { "TasksFolderPermissionLevel", "t:TasksFolderPermissionLevel", "tasks" },
    { "InboxFolderPermissionLevel", "t:InboxFolderPermissionLevel", "inbox" },
    { "ContactsFolderPermissionLevel", "t:ContactsFolderPermissionLevel",
      "contacts" },
    { "NotesFolderPermissionLevel", "t:NotesFolderPermissionLevel", "notes" },
    { "JournalFolderPermissionLevel", "t:JournalFolderPermissionLevel",
      "journal" },
};

void delegates_clear(struct delegates *d)
{
    lab_mailbox_clear(&d->of);
    g_free(d->deliver);
    g_clear_pointer(&d->all, g_array_unref);
}

/* ---- keeping ------------------------------------------------------- */

static void recall(GBytes *kept, struct delegates *d)
{
    g_autoptr(GVariant) value = g_variant_ref_sink(
        g_variant_new_from_bytes(G_VARIANT_TYPE(KEPT_TYPE), kept, FALSE));
    g_autoptr(GVariantIter) iter = NULL;
    gboolean copies = FALSE, private_items = FALSE;
    gint64 mailbox = 0;

    g_free(d->deliver);
    g_variant_get(value, KEPT_TYPE, &d->deliver, &iter);
    while (
        g_variant_iter_loop(iter, "(xbb)", &mailbox, &copies, &private_items)) {
        const struct delegate one = { mailbox, copies != FALSE,
                                      private_items != FALSE };

        g_array_append_val(d->all, one);
    }
}

/* The mailbox of the request and who its delegates are. */
int delegates_load(struct op_call *call, struct delegates *d, struct problem *p)
{
    g_autofree char *address = soap_text_dup(
        soap_child(op_child(call, "Mailbox"), NS_TYPES, "EmailAddress"));
    g_autoptr(GBytes) kept = NULL;
    struct err err;
    int found;

    if (directory_mailbox(call, address, &d->of, p) < 0)
        return -1;
    d->deliver = g_strdup("DelegatesAndSendInformationToMe");
    d->all = g_array_new(FALSE, FALSE, sizeof(struct delegate));
    found =
        lab_store_setting(call->lab->store, d->of.key, SETTING, &kept, &err);
    if (found < 0)
        return problem_from_err(p, &err);
    if (found > 0)
        recall(kept, d);
    return 0;
}

int delegates_save(struct op_call *call, const struct delegates *d,
                   struct problem *p)
{
    g_autoptr(GVariant) value = NULL;
    g_autoptr(GBytes) kept = NULL;
    GVariantBuilder all;
    struct err err;

    g_variant_builder_init(&all, G_VARIANT_TYPE("a(xbb)"));
    for (guint i = 0; i < d->all->len; i++) {
        const struct delegate *one = &g_array_index(d->all, struct delegate, i);

        g_variant_builder_add(&all, "(xbb)", (gint64)one->mailbox,
                              (gboolean)one->copies,
                              (gboolean)one->private_items);
    }
    value = g_variant_ref_sink(g_variant_new(KEPT_TYPE, d->deliver, &all));
    kept = g_variant_get_data_as_bytes(value);
    if (lab_store_set_setting(call->lab->store, d->of.key, SETTING, kept,
                              &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

struct delegate *delegates_find(const struct delegates *d, int64_t mailbox)
{
    for (guint i = 0; i < d->all->len; i++) {
        struct delegate *one = &g_array_index(d->all, struct delegate, i);

        if (one->mailbox == mailbox)
            return one;
    }
    return NULL;
}

/* ---- permissions --------------------------------------------------- */

static int read_folder(struct op_call *call, int64_t mailbox, size_t i,
                       struct lab_folder *ret, struct problem *p)
{
    struct err err;

    return lab_store_distinguished(call->lab->store, mailbox, folders[i].folder,
                                   ret, &err) < 0
               ? problem_from_err(p, &err)
               : 0;
}

static const char *level_of(uint32_t rights)
{
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++)
        if (levels[i].rights == (rights & ~(uint32_t)FREEBUSY))
            return levels[i].name;
    return "Custom";
}

static struct lab_permission *find_member(const GPtrArray *all, int64_t member)
{
    for (guint i = 0; i < all->len; i++) {
        struct lab_permission *permission = all->pdata[i];

        if (permission->member == member)
            return permission;
    }
    return NULL;
}

static int write_level(struct op_call *call, const struct delegates *d,
                       int64_t member, size_t i, struct problem *p)
{
    g_autoptr(GPtrArray) all = NULL;
    g_auto(lab_folder) folder = { 0 };
    const struct lab_permission *own;
    struct err err;

    if (read_folder(call, d->of.key, i, &folder, p) < 0)
        return -1;
    if (lab_store_permissions(call->lab->store, d->of.key, folder.id, &all,
                              &err) < 0)
        return problem_from_err(p, &err);
    own = find_member(all, member);
    xml_text(&call->reply.x, folders[i].element,
             level_of(own != NULL ? own->rights : 0));
    return 0;
}

/* In the list that the store gave, which then replaces it. */
static void set_member(GPtrArray *all, int64_t member, uint32_t rights)
{
    struct lab_permission *own = find_member(all, member);

    if (own == NULL && rights == 0)
        return;
    if (own == NULL) {
        own = g_new0(struct lab_permission, 1);
        own->member = member;
        g_ptr_array_add(all, own);
    }
    own->rights = rights;
    if (rights == 0)
        g_ptr_array_remove(all, own);
}

static int set_level(struct op_call *call, const struct delegates *d,
                     int64_t member, size_t i, uint32_t rights,
                     struct problem *p)
{
    g_autoptr(GPtrArray) all = NULL;
    g_auto(lab_folder) folder = { 0 };
    struct err err;

    if (read_folder(call, d->of.key, i, &folder, p) < 0)
        return -1;
    if (rights != 0 && strcmp(folders[i].folder, "calendar") == 0)
        rights |= FREEBUSY;
    if (lab_store_permissions(call->lab->store, d->of.key, folder.id, &all,
                              &err) < 0)
        return problem_from_err(p, &err);
    set_member(all, member, rights);
    if (lab_store_set_permissions(call->lab->store, d->of.key, folder.id, all,
                                  &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

/* "Custom" cannot be asked for, and so is nothing else that is no level. */
static int read_level(const xmlNode *node, uint32_t *ret, struct problem *p)
{
    g_autofree char *text = soap_text_dup(node);

    for (size_t i = 0; text != NULL && i < G_N_ELEMENTS(levels); i++)
        if (strcmp(levels[i].name, text) == 0) {
            *ret = levels[i].rights;
            return 0;
        }
    return problem_set(p, "ErrorInvalidDelegatePermission");
}

int delegates_set_levels(struct op_call *call, const struct delegates *d,
                         int64_t member, const xmlNode *user, struct problem *p)
{
    const xmlNode *wanted = soap_child(user, NS_TYPES, "DelegatePermissions");
    uint32_t rights = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        const xmlNode *node = soap_child(wanted, NS_TYPES, folders[i].name);

        if (node != NULL && read_level(node, &rights, p) < 0)
            return -1;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        const xmlNode *node = soap_child(wanted, NS_TYPES, folders[i].name);

        if (node == NULL)
            continue;
        if (read_level(node, &rights, p) < 0 ||
            set_level(call, d, member, i, rights, p) < 0)
            return -1;
    }
    return 0;
}

int delegates_write_levels(struct op_call *call, const struct delegates *d,
                           int64_t member, struct problem *p)
{
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++)
        if (write_level(call, d, member, i, p) < 0)
            return -1;
    return 0;
}

int delegates_clear_levels(struct op_call *call, const struct delegates *d,
                           int64_t member, struct problem *p)
{
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++)
        if (set_level(call, d, member, i, 0, p) < 0)
            return -1;
    return 0;
}
