/*
 * Delegates.  Their levels on the six folders are nothing but the folders'
 * permissions; what else there is to them is a setting of the mailbox.
 */
#include "lab/directory.h"

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

static const char *const deliveries[] = {
    "DelegatesOnly",
    "DelegatesAndMe",
    "DelegatesAndSendInformationToMe",
    "NoForward",
    NULL,
};

struct delegate {
    int64_t mailbox; /* the delegate's own */
    bool copies, private_items;
};

/* All of a mailbox. */
struct delegates {
    struct lab_mailbox of;
    char *deliver;
    GArray *all; /* of struct delegate */
};

static void delegates_clear(struct delegates *d)
{
    lab_mailbox_clear(&d->of);
    g_free(d->deliver);
    g_clear_pointer(&d->all, g_array_unref);
}
typedef struct delegates delegates;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(delegates, delegates_clear)

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
static int load(struct op_call *call, struct delegates *d, struct problem *p)
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

static int save(struct op_call *call, const struct delegates *d,
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

static struct delegate *find(const struct delegates *d, int64_t mailbox)
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

static int set_levels(struct op_call *call, const struct delegates *d,
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

/* ---- who ----------------------------------------------------------- */

static int by_sid(struct op_call *call, const char *sid,
                  struct lab_mailbox *ret, struct err *err)
{
    g_auto(lab_account) account = { 0 };
    int found = lab_store_find_sid(call->lab->store, sid, &account, err);

    if (found <= 0 || account.mailbox == 0)
        return MIN(found, 0);
    return lab_store_get_mailbox(call->lab->store, account.mailbox, ret, err) <
                   0
               ? -1
               : 1;
}

/* The mailbox that a <t:UserId> names. */
static int find_user(struct op_call *call, const xmlNode *id,
                     struct lab_mailbox *ret, struct problem *p)
{
    g_autofree char *address =
        soap_text_dup(soap_child(id, NS_TYPES, "PrimarySmtpAddress"));
    g_autofree char *sid = soap_text_dup(soap_child(id, NS_TYPES, "SID"));
    struct err err;
    int found;

    if (address != NULL && address[0] != '\0')
        found = lab_store_find_mailbox(call->lab->store, address, ret, &err);
    else if (sid != NULL && sid[0] != '\0')
        found = by_sid(call, sid, ret, &err);
    else
        return problem_set(p, "ErrorInvalidDelegateUserId");
    if (found < 0)
        return problem_from_err(p, &err);
    return found > 0 ? 0 : problem_set(p, "ErrorDelegateNoUser");
}

/* SID, address and name of a delegate, as Exchange tells all three. */
static int write_user_id(struct op_call *call, const struct lab_mailbox *m,
                         struct problem *p)
{
    struct xmlout *x = &call->reply.x;
    g_auto(lab_account) account = { 0 };
    g_autofree char *sid = NULL;
    struct err err;
    int found = lab_store_find_account(call->lab->store, NULL, m->address,
                                       &account, &err);

    if (found < 0)
        return problem_from_err(p, &err);
    xml_open(x, "t:UserId");
    if (found > 0) {
        sid = lab_store_sid(call->lab->store, account.key);
        xml_text(x, "t:SID", sid);
    }
    xml_text(x, "t:PrimarySmtpAddress", m->address);
    xml_text(x, "t:DisplayName", m->display_name);
    xml_close(x, "t:UserId");
    return 0;
}

/* <m:DelegateUser> of one; permissions where they are asked for. */
static int write_delegate(struct op_call *call, const struct delegates *d,
                          const struct delegate *one, bool permissions,
                          struct problem *p)
{
    struct xmlout *x = &call->reply.x;
    g_auto(lab_mailbox) m = { 0 };
    struct err err;

    if (lab_store_get_mailbox(call->lab->store, one->mailbox, &m, &err) < 0)
        return problem_from_err(p, &err);
    reply_named_begin(&call->reply, "m:DelegateUserResponseMessageType", NULL);
    xml_open(x, "m:DelegateUser");
    if (write_user_id(call, &m, p) < 0)
        return -1;
    if (permissions)
        xml_open(x, "t:DelegatePermissions");
    for (size_t i = 0; permissions && i < G_N_ELEMENTS(folders); i++)
        if (write_level(call, d, one->mailbox, i, p) < 0)
            return -1;
    if (permissions)
        xml_close(x, "t:DelegatePermissions");
    xml_bool(x, "t:ReceiveCopiesOfMeetingMessages", one->copies);
    xml_bool(x, "t:ViewPrivateItems", one->private_items);
    xml_close(x, "m:DelegateUser");
    xml_close(x, "m:DelegateUserResponseMessageType");
    return 0;
}

/* ---- one answer for each ------------------------------------------- */

/* Does its work for one <t:UserId> or <t:DelegateUser>, and writes it. */
typedef int each_fn(struct op_call *call, struct delegates *d,
                    const xmlNode *node, struct problem *p);

/* The messages within the message; none at all without a list. */
static int for_each(struct op_call *call, struct delegates *d,
                    const xmlNode *list, each_fn *each)
{
    struct xmlout *x = &call->reply.x;

    if (soap_first(list) == NULL)
        return 0;
    xml_open(x, "m:ResponseMessages");
    for (const xmlNode *n = soap_first(list); n != NULL; n = soap_next(n)) {
        gsize before = x->text->len;
        struct problem p;

        if (each(call, d, n, &p) == 0)
            continue;
        g_string_truncate(x->text, before);
        reply_named_begin(&call->reply, "m:DelegateUserResponseMessageType",
                          &p);
        xml_close(x, "m:DelegateUserResponseMessageType");
    }
    xml_close(x, "m:ResponseMessages");
    return 0;
}

/* ---- GetDelegate --------------------------------------------------- */

static bool wants_permissions(const struct op_call *call)
{
    return soap_attr_bool(call->request->operation, "IncludePermissions");
}

static int get_named(struct op_call *call, struct delegates *d,
                     const xmlNode *node, struct problem *p)
{
    g_auto(lab_mailbox) m = { 0 };
    const struct delegate *one;

    if (find_user(call, node, &m, p) < 0)
        return -1;
    one = find(d, m.key);
    if (one == NULL)
        return problem_set(p, "ErrorNotDelegate");
    return write_delegate(call, d, one, wants_permissions(call), p);
}

static int write_all(struct op_call *call, const struct delegates *d,
                     struct problem *p)
{
    if (d->all->len == 0)
        return 0;
    xml_open(&call->reply.x, "m:ResponseMessages");
    for (guint i = 0; i < d->all->len; i++)
        if (write_delegate(call, d, &g_array_index(d->all, struct delegate, i),
                           wants_permissions(call), p) < 0)
            return -1;
    xml_close(&call->reply.x, "m:ResponseMessages");
    return 0;
}

static int get_once(struct op_call *call, struct problem *p)
{
    const xmlNode *users = op_child(call, "UserIds");
    g_auto(delegates) d = { 0 };
    int status;

    if (load(call, &d, p) < 0)
        return -1;
    reply_message_begin(&call->reply, NULL);
    status = users != NULL ? for_each(call, &d, users, get_named)
                           : write_all(call, &d, p);
    if (status < 0)
        return -1;
    xml_text(&call->reply.x, "m:DeliverMeetingRequests", d.deliver);
    reply_message_end(&call->reply);
    return 0;
}

int op_get_delegate(struct op_call *call, struct problem *p)
{
    return op_one(call, get_once, p);
}

/* ---- Add, Update, Remove ------------------------------------------- */

static void read_flag(const xmlNode *user, const char *name, bool *to)
{
    if (soap_child(user, NS_TYPES, name) != NULL)
        *to = soap_child_bool(user, NS_TYPES, name);
}

static void read_flags(const xmlNode *user, struct delegate *one)
{
    read_flag(user, "ReceiveCopiesOfMeetingMessages", &one->copies);
    read_flag(user, "ViewPrivateItems", &one->private_items);
}

static int add_one(struct op_call *call, struct delegates *d,
                   const xmlNode *node, struct problem *p)
{
    g_auto(lab_mailbox) m = { 0 };
    struct delegate one = { 0 };

    if (find_user(call, soap_child(node, NS_TYPES, "UserId"), &m, p) < 0)
        return -1;
    if (m.key == d->of.key)
        return problem_set(p, "ErrorDelegateCannotAddOwner");
    if (find(d, m.key) != NULL)
        return problem_set(p, "ErrorDelegateAlreadyExists");
    if (set_levels(call, d, m.key, node, p) < 0)
        return -1;
    one.mailbox = m.key;
    read_flags(node, &one);
    g_array_append_val(d->all, one);
    return write_delegate(call, d, &one, false, p);
}

static int update_one(struct op_call *call, struct delegates *d,
                      const xmlNode *node, struct problem *p)
{
    g_auto(lab_mailbox) m = { 0 };
    struct delegate *one;

    if (find_user(call, soap_child(node, NS_TYPES, "UserId"), &m, p) < 0)
        return -1;
    one = find(d, m.key);
    if (one == NULL)
        return problem_set(p, "ErrorNotDelegate");
    if (set_levels(call, d, m.key, node, p) < 0)
        return -1;
    read_flags(node, one);
    return write_delegate(call, d, one, false, p);
}

static int remove_one(struct op_call *call, struct delegates *d,
                      const xmlNode *node, struct problem *p)
{
    g_auto(lab_mailbox) m = { 0 };
    const struct delegate *one;

    if (find_user(call, node, &m, p) < 0)
        return -1;
    one = find(d, m.key);
    if (one == NULL)
        return problem_set(p, "ErrorNotDelegate");
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++)
        if (set_level(call, d, m.key, i, 0, p) < 0)
            return -1;
    g_array_remove_index(
        d->all, (guint)(one - (const struct delegate *)(void *)d->all->data));
    reply_named_begin(&call->reply, "m:DelegateUserResponseMessageType", NULL);
    xml_close(&call->reply.x, "m:DelegateUserResponseMessageType");
    return 0;
}

static int read_delivery(const struct op_call *call, struct delegates *d,
                         struct problem *p)
{
    const xmlNode *node = op_child(call, "DeliverMeetingRequests");
    g_autofree char *text = soap_text_dup(node);

    if (node == NULL)
        return 0;
    if (text == NULL || !g_strv_contains(deliveries, text))
        return soap_violation(
            p, node, "The 'DeliverMeetingRequests' element is invalid.");
    g_free(d->deliver);
    d->deliver = g_steal_pointer(&text);
    return 0;
}

static int change(struct op_call *call, const char *list, each_fn *each,
                  struct problem *p)
{
    g_auto(delegates) d = { 0 };

    if (load(call, &d, p) < 0 || read_delivery(call, &d, p) < 0)
        return -1;
    reply_message_begin(&call->reply, NULL);
    if (for_each(call, &d, op_child(call, list), each) < 0 ||
        save(call, &d, p) < 0)
        return -1;
    reply_message_end(&call->reply);
    return 0;
}

static int add_once(struct op_call *call, struct problem *p)
{
    return change(call, "DelegateUsers", add_one, p);
}

static int update_once(struct op_call *call, struct problem *p)
{
    return change(call, "DelegateUsers", update_one, p);
}

static int remove_once(struct op_call *call, struct problem *p)
{
    return change(call, "UserIds", remove_one, p);
}

int op_add_delegate(struct op_call *call, struct problem *p)
{
    return op_one(call, add_once, p);
}

int op_update_delegate(struct op_call *call, struct problem *p)
{
    return op_one(call, update_once, p);
}

int op_remove_delegate(struct op_call *call, struct problem *p)
{
    return op_one(call, remove_once, p);
}
