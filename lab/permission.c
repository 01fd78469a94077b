#include "lab/permission.h"

#include "lab/store_directory.h"

/* Beside the right to read, which holds them. */
#define FREEBUSY_BITS (LAB_RIGHT_FREEBUSY | LAB_RIGHT_FREEBUSY_DETAILS)

#define AUTHOR                                                                 \
    (LAB_RIGHT_READ | LAB_RIGHT_CREATE | LAB_RIGHT_EDIT_OWN |                  \
     LAB_RIGHT_DELETE_OWN | LAB_RIGHT_VISIBLE)
#define EDITOR (AUTHOR | LAB_RIGHT_EDIT_ALL | LAB_RIGHT_DELETE_ALL)

/* [MS-OXWSFOLD] PermissionLevelType; the bits: [MS-OXCPERM] 2.2.7. */
static const struct {
    const char *name;
    uint32_t rights;
    bool calendar; /* of calendars alone */
} levels[] = {
    { "None", 0, false },
    { "Owner",
      EDITOR | LAB_RIGHT_SUBFOLDERS | LAB_RIGHT_OWNER | LAB_RIGHT_CONTACT,
      false },
    { "PublishingEditor", EDITOR | LAB_RIGHT_SUBFOLDERS, false },
    { "Editor", EDITOR, false },
    { "PublishingAuthor", AUTHOR | LAB_RIGHT_SUBFOLDERS, false },
    { "Author", AUTHOR, false },
    { "NoneditingAuthor", AUTHOR & ~(uint32_t)LAB_RIGHT_EDIT_OWN, false },
    { "Reviewer", LAB_RIGHT_READ | LAB_RIGHT_VISIBLE, false },
    { "Contributor", LAB_RIGHT_CREATE | LAB_RIGHT_VISIBLE, false },
    { "FreeBusyTimeOnly", LAB_RIGHT_FREEBUSY, true },
    { "FreeBusyTimeAndSubjectAndLocation", FREEBUSY_BITS, true },
};

/* Without bits that say nothing of their own. */
static uint32_t plain(uint32_t rights, bool calendar)
{
    if (!calendar || (rights & LAB_RIGHT_READ) != 0)
        return rights & ~(uint32_t)FREEBUSY_BITS;
    return rights;
}

const char *permission_level(uint32_t rights, bool calendar)
{
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++)
        if (plain(rights, calendar) == levels[i].rights &&
            (calendar || !levels[i].calendar))
            return levels[i].name;
    return "Custom";
}

int permission_rights(const char *level, bool calendar, uint32_t *ret)
{
    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++)
        if (strcmp(levels[i].name, level) == 0 &&
            (calendar || !levels[i].calendar)) {
            *ret = levels[i].rights;
            return 0;
        }
    return -1;
}

/* ---- single rights --------------------------------------------------- */

static const struct {
    const char *element;
    uint32_t right;
} switches[] = {
    { "CanCreateItems", LAB_RIGHT_CREATE },
    { "CanCreateSubFolders", LAB_RIGHT_SUBFOLDERS },
    { "IsFolderOwner", LAB_RIGHT_OWNER },
    { "IsFolderVisible", LAB_RIGHT_VISIBLE },
    { "IsFolderContact", LAB_RIGHT_CONTACT },
};

static const struct {
    const char *element;
    uint32_t own, all;
} actions[] = {
    { "EditItems", LAB_RIGHT_EDIT_OWN, LAB_RIGHT_EDIT_ALL },
    { "DeleteItems", LAB_RIGHT_DELETE_OWN, LAB_RIGHT_DELETE_ALL },
};

/* PermissionReadAccessType, CalendarPermissionReadAccessType; best first. */
static const struct {
    const char *name;
    uint32_t bits;
    bool calendar;
} reads[] = {
    { "FullDetails", LAB_RIGHT_READ, false },
    { "TimeAndSubjectAndLocation", FREEBUSY_BITS, true },
    { "TimeOnly", LAB_RIGHT_FREEBUSY, true },
    { "None", 0, false },
};

/* ---- writing --------------------------------------------------------- */

static void write_person(struct op_call *call, const struct lab_permission *p)
{
    struct xmlout *x = &call->reply.x;
    g_auto(lab_account) account = { 0 };
    g_autofree char *sid = NULL;
    struct err err;

    if (lab_store_find_account(call->lab->store, NULL, p->address, &account,
                               &err) > 0) {
        sid = lab_store_sid(call->lab->store, account.key);
        xml_text(x, "t:SID", sid);
    }
    xml_text(x, "t:PrimarySmtpAddress", p->address);
    xml_text(x, "t:DisplayName", p->name);
}

static void write_user(struct op_call *call, const struct lab_permission *p)
{
    struct xmlout *x = &call->reply.x;

    xml_open(x, "t:UserId");
    if (p->member > 0)
        write_person(call, p);
    else
        xml_text(x, "t:DistinguishedUser",
                 p->member == LAB_MEMBER_DEFAULT ? "Default" : "Anonymous");
    xml_close(x, "t:UserId");
}

static const char *read_name(uint32_t rights, bool calendar)
{
    size_t i = 0;

    while ((reads[i].calendar && !calendar) ||
           (rights & reads[i].bits) != reads[i].bits)
        i++;
    return reads[i].name;
}

static void write_rights(struct xmlout *x, uint32_t rights, bool calendar)
{
    for (size_t i = 0; i < G_N_ELEMENTS(switches); i++) {
        g_autofree char *name = g_strconcat("t:", switches[i].element, NULL);

        xml_bool(x, name, (rights & switches[i].right) != 0);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++) {
        g_autofree char *name = g_strconcat("t:", actions[i].element, NULL);

        xml_text(x, name,
                 (rights & actions[i].all) != 0   ? "All"
                 : (rights & actions[i].own) != 0 ? "Owned"
                                                  : "None");
    }
    xml_text(x, "t:ReadItems", read_name(rights, calendar));
    xml_text(x, calendar ? "t:CalendarPermissionLevel" : "t:PermissionLevel",
             permission_level(rights, calendar));
}

static void write_unknown(struct xmlout *x, const GPtrArray *all)
{
    bool open = false;

    for (guint i = 0; i < all->len; i++) {
        const struct lab_permission *p = g_ptr_array_index(all, i);

        if (p->member != LAB_MEMBER_UNKNOWN)
            continue;
        if (!open)
            xml_open(x, "t:UnknownEntries");
        open = true;
        xml_text(x, "t:UnknownEntry", p->name);
    }
    if (open)
        xml_close(x, "t:UnknownEntries");
}

void permission_write_set(struct op_call *call, const GPtrArray *all,
                          bool calendar)
{
    const char *list = calendar ? "t:CalendarPermissions" : "t:Permissions";
    const char *one = calendar ? "t:CalendarPermission" : "t:Permission";
    struct xmlout *x = &call->reply.x;

    xml_open(x, "t:PermissionSet");
    xml_open(x, list);
    for (guint i = 0; i < all->len; i++) {
        const struct lab_permission *p = g_ptr_array_index(all, i);

        if (p->member == LAB_MEMBER_UNKNOWN)
            continue;
        xml_open(x, one);
        write_user(call, p);
        write_rights(x, p->rights, calendar);
        xml_close(x, one);
    }
    xml_close(x, list);
    write_unknown(x, all);
    xml_close(x, "t:PermissionSet");
}

void permission_write_effective(struct xmlout *x, uint32_t rights,
                                enum release release)
{
    static const struct {
        const char *element;
        uint32_t any;
    } rows[] = {
        { "t:CreateAssociated", LAB_RIGHT_OWNER },
        { "t:CreateContents", LAB_RIGHT_CREATE },
        { "t:CreateHierarchy", LAB_RIGHT_SUBFOLDERS },
        { "t:Delete", LAB_RIGHT_OWNER },
        { "t:Modify", LAB_RIGHT_OWNER },
        { "t:Read", LAB_RIGHT_READ },
    };

    xml_open(x, "t:EffectiveRights");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        xml_bool(x, rows[i].element, (rights & rows[i].any) != 0);
    if (release >= EXCHANGE2010)
        xml_bool(x, "t:ViewPrivateItems", rights == LAB_RIGHTS_ALL);
    xml_close(x, "t:EffectiveRights");
}

/* ---- reading --------------------------------------------------------- */

static void permission_free(gpointer p)
{
    lab_permission_free(p);
}

static int distinguished_user(const char *name, bool alone, int64_t *ret,
                              struct problem *p)
{
    if (!alone)
        return problem_set(p, "ErrorInvalidUserInfo");
    if (strcmp(name, "Default") != 0 && strcmp(name, "Anonymous") != 0)
        return problem_fault(p, "ErrorSchemaValidation");
    *ret = strcmp(name, "Default") == 0 ? LAB_MEMBER_DEFAULT
                                        : LAB_MEMBER_ANONYMOUS;
    return 0;
}

static int user_by_sid(struct op_call *call, const char *sid, int64_t *ret,
                       struct problem *p)
{
    g_auto(lab_account) account = { 0 };
    struct err err;
    int found = lab_store_find_sid(call->lab->store, sid, &account, &err);

    if (found < 0)
        return problem_from_err(p, &err);
    if (found == 0 || account.mailbox == 0)
        return problem_set(p, "ErrorInvalidUserSid");
    *ret = account.mailbox;
    return 0;
}

static int user_by_address(struct op_call *call, const char *address,
                           int64_t *ret, struct problem *p)
{
    g_auto(lab_mailbox) m = { 0 };
    struct err err;
    int found = lab_store_find_mailbox(call->lab->store, address, &m, &err);

    if (found < 0)
        return problem_from_err(p, &err);
    if (found == 0)
        return problem_set(p, "ErrorDelegateNoUser");
    *ret = m.key;
    return 0;
}

static char *user_text(const xmlNode *user, const char *name)
{
    char *text = soap_text_dup(soap_child(user, NS_TYPES, name));

    if (text != NULL && *text == '\0')
        g_clear_pointer(&text, g_free);
    return text;
}

static int read_user(struct op_call *call, const xmlNode *user, int64_t *ret,
                     struct problem *p)
{
    g_autofree char *known = user_text(user, "DistinguishedUser");
    g_autofree char *sid = user_text(user, "SID");
    g_autofree char *address = user_text(user, "PrimarySmtpAddress");
    g_autofree char *name = user_text(user, "DisplayName");
    int64_t by_sid = 0;

    if (known != NULL)
        return distinguished_user(
            known, sid == NULL && address == NULL && name == NULL, ret, p);
    if (sid == NULL && address == NULL)
        return problem_set(p, "ErrorMissingUserIdInformation");
    if (address != NULL && user_by_address(call, address, ret, p) < 0)
        return -1;
    if (sid == NULL)
        return 0;
    if (user_by_sid(call, sid, &by_sid, p) < 0)
        return -1;
    if (address != NULL && by_sid != *ret)
        return problem_set(p, "ErrorInvalidUserInfo");
    *ret = by_sid;
    return 0;
}

/* What is said one by one; *ret_said: bits that something is said of. */
static int read_single(const xmlNode *node, bool calendar, uint32_t *ret,
                       uint32_t *ret_said, struct problem *p)
{
    for (size_t i = 0; i < G_N_ELEMENTS(switches); i++) {
        if (soap_child(node, NS_TYPES, switches[i].element) == NULL)
            continue;
        *ret_said |= switches[i].right;
        if (soap_child_bool(node, NS_TYPES, switches[i].element))
            *ret |= switches[i].right;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++) {
        g_autofree char *text = user_text(node, actions[i].element);

        if (text == NULL)
            continue;
        *ret_said |= actions[i].own | actions[i].all;
        if (strcmp(text, "All") == 0)
            *ret |= actions[i].own | actions[i].all;
        else if (strcmp(text, "Owned") == 0)
            *ret |= actions[i].own;
    }
    g_autofree char *text = user_text(node, "ReadItems");
    size_t i = 0;

    if (text == NULL)
        return 0;
    while (i < G_N_ELEMENTS(reads) && strcmp(reads[i].name, text) != 0)
        i++;
    if (i == G_N_ELEMENTS(reads) || (reads[i].calendar && !calendar))
        return problem_fault(p, "ErrorSchemaValidation");
    *ret |= reads[i].bits;
    *ret_said |= LAB_RIGHT_READ | (calendar ? FREEBUSY_BITS : 0);
    return 0;
}

/* A level that is not Custom says all; what stands beside it must agree. */
static int read_rights(const xmlNode *node, bool calendar, uint32_t *ret,
                       struct problem *p)
{
    g_autofree char *level = user_text(
        node, calendar ? "CalendarPermissionLevel" : "PermissionLevel");
    uint32_t single = 0, said = 0, whole = 0;

    if (level == NULL)
        return problem_fault(p, "ErrorSchemaValidation");
    if (read_single(node, calendar, &single, &said, p) < 0)
        return -1;
    if (strcmp(level, "Custom") == 0) {
        *ret = single;
        return said != 0 ? 0 : problem_set(p, "ErrorInvalidPermissionSettings");
    }
    if (permission_rights(level, calendar, &whole) < 0)
        return problem_fault(p, "ErrorSchemaValidation");
    if ((plain(single, calendar) & said) != (whole & said))
        return problem_set(p, "ErrorInvalidPermissionSettings");
    *ret = whole;
    return 0;
}

static bool is_member(const GPtrArray *all, int64_t member)
{
    for (guint i = 0; i < all->len; i++) {
        const struct lab_permission *p = g_ptr_array_index(all, i);

        if (p->member == member)
            return true;
    }
    return false;
}

static int read_one(struct op_call *call, const xmlNode *node, bool calendar,
                    GPtrArray *all, struct problem *p)
{
    const xmlNode *user = soap_child(node, NS_TYPES, "UserId");
    struct lab_permission *one;
    uint32_t rights = 0;
    int64_t member = 0;

    if (user == NULL)
        return problem_set(p, "ErrorMissingUserIdInformation");
    if (read_user(call, user, &member, p) < 0 ||
        read_rights(node, calendar, &rights, p) < 0)
        return -1;
    if (is_member(all, member))
        return problem_set(p, "ErrorDuplicateUserIdsSpecified");
    one = g_new0(struct lab_permission, 1);
    one->member = member;
    one->rights = rights;
    g_ptr_array_add(all, one);
    return 0;
}

int permission_read_set(struct op_call *call, const xmlNode *set, bool calendar,
                        GPtrArray **ret, struct problem *p)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(permission_free);
    const xmlNode *plain_list = soap_child(set, NS_TYPES, "Permissions");
    const xmlNode *own_list = soap_child(set, NS_TYPES, "CalendarPermissions");
    const xmlNode *node =
        soap_first(calendar && own_list != NULL ? own_list : plain_list);

    if (calendar && own_list == NULL)
        return problem_set(
            p, "ErrorCannotSetNonCalendarPermissionOnCalendarFolder");
    if (!calendar && own_list != NULL)
        return problem_set(
            p, "ErrorCannotSetCalendarPermissionOnNonCalendarFolder");
    if (soap_first(soap_child(set, NS_TYPES, "UnknownEntries")) != NULL)
        return problem_set(p, "ErrorCannotSetPermissionUnknownEntries");
    for (; node != NULL; node = soap_next(node))
        if (read_one(call, node, calendar, all, p) < 0)
            return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}
