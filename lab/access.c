#include "lab/access.h"

#include "lab/store_directory.h"

#include "lab/fts_read.h"
#include "lab/mapi_tags.h"
#include "lab/store_occurrence.h"

void caller_clear(struct caller *c)
{
    g_clear_pointer(&c->address, g_free);
    g_clear_pointer(&c->name, g_free);
    g_clear_pointer(&c->budget, g_free);
}

void place_clear(struct place *at)
{
    lab_folder_clear(&at->folder);
}

static int store_fault(struct problem *p, const struct err *err)
{
    problem_from_err(p, err);
    p->fault = true;
    return -1;
}

/* ---- who ----------------------------------------------------------- */

static int own_mailbox(struct lab *lab, struct caller *c, int64_t mailbox,
                       struct problem *p)
{
    g_auto(lab_mailbox) m = { 0 };
    struct err err;

    c->mailbox = mailbox;
    if (mailbox == 0)
        return 0;
    if (lab_store_get_mailbox(lab->store, mailbox, &m, &err) < 0)
        return store_fault(p, &err);
    c->address = g_strdup(m.address);
    return 0;
}

static int find_account(struct lab *lab, const char *login,
                        struct lab_account *ret, struct problem *p)
{
    struct err err;
    int found = lab_store_find_account(lab->store, NULL, login, ret, &err);

    if (found < 0)
        return store_fault(p, &err);
    return found;
}

/* The mailbox of the account with that SID: 1, or 0 when there is none. */
static int find_by_sid(struct lab *lab, const char *sid,
                       struct lab_mailbox *ret, struct err *err)
{
    g_auto(lab_account) account = { 0 };
    int found = lab_store_find_sid(lab->store, sid, &account, err);

    if (found <= 0 || account.mailbox == 0)
        return MIN(found, 0);
    return lab_store_get_mailbox(lab->store, account.mailbox, ret, err) < 0 ? -1
                                                                            : 1;
}

/* The mailbox that ConnectingSID names; -1 with the fault when none. */
static int find_target(struct lab *lab, const struct soap_request *request,
                       struct lab_mailbox *ret, struct problem *p)
{
    const char *name = request->sid != NULL ? request->sid : "";
    g_auto(lab_mailbox) m = { 0 };
    struct err err;
    int found = 0;

    found = request->sid_kind == SID_SID
                ? find_by_sid(lab, name, &m, &err)
                : lab_store_find_mailbox(lab->store, name, &m, &err);
    if (found < 0)
        return store_fault(p, &err);
    if (found == 0) {
        problem_fault(p, "ErrorNonExistentMailbox");
        return problem_value(p, "SmtpAddress", name);
    }
    if (request->sid_kind == SID_PRIMARY_SMTP &&
        g_ascii_strcasecmp(m.address, name) != 0) {
        problem_fault(p, "ErrorNonPrimarySmtpAddress");
        return problem_value(p, "Primary", m.address);
    }
    *ret = m;
    m = (struct lab_mailbox){ 0 };
    return 0;
}

static int impersonate(struct lab *lab, const struct lab_account *account,
                       const struct soap_request *request, struct caller *c,
                       struct problem *p)
{
    bool old = lab->version->release == EXCHANGE2007_SP1;
    g_auto(lab_mailbox) target = { 0 };
    g_auto(lab_account) owner = { 0 };
    struct err err;
    int found, may;

    if (find_target(lab, request, &target, p) < 0)
        return -1;
    may = lab->impersonation ? lab_store_may_impersonate(
                                   lab->store, account->key, target.key, &err)
                             : 0;
    if (may < 0)
        return store_fault(p, &err);
    if (may == 0)
        return problem_fault(p, old ? "ErrorImpersonationDenied"
                                    : "ErrorImpersonateUserDenied");
    found = find_account(lab, target.address, &owner, p);
    if (found < 0)
        return -1;
    c->account = found > 0 ? owner.key : 0;
    c->name = g_strdup(target.display_name);
    c->budget = g_strdup(lab->version->budget_per_target ? target.address
                                                         : account->address);
    c->impersonated = true;
    return own_mailbox(lab, c, target.key, p);
}

#define SEE    (LAB_RIGHT_VISIBLE | LAB_RIGHT_READ | LAB_RIGHT_OWNER)
#define EDIT   (LAB_RIGHT_EDIT_ALL | LAB_RIGHT_EDIT_OWN)
#define DELETE (LAB_RIGHT_DELETE_ALL | LAB_RIGHT_DELETE_OWN)

/* clang-format off */
static const struct access_need needs[] = {
    { "CopyFolder", LAB_RIGHT_SUBFOLDERS, 0,
      "ErrorCreateSubfolderAccessDenied" },
    { "CopyItem", LAB_RIGHT_CREATE, LAB_RIGHT_READ, "ErrorAccessDenied" },
    { "CreateAttachment", SEE, EDIT, "ErrorAccessDenied" },
    { "CreateFolder", LAB_RIGHT_SUBFOLDERS, 0,
      "ErrorCreateSubfolderAccessDenied" },
    { "CreateFolderPath", LAB_RIGHT_SUBFOLDERS, 0,
      "ErrorCreateSubfolderAccessDenied" },
    { "CreateItem", LAB_RIGHT_CREATE, LAB_RIGHT_READ,
      "ErrorCreateItemAccessDenied" },
    { "DeleteAttachment", SEE, EDIT, "ErrorAccessDenied" },
    { "DeleteFolder", LAB_RIGHT_OWNER, 0, "ErrorCannotDeleteObject" },
    { "DeleteItem", SEE, DELETE, "ErrorAccessDenied" },
    { "EmptyFolder", LAB_RIGHT_OWNER, 0, "ErrorCannotEmptyFolder" },
    { "FindItem", LAB_RIGHT_READ, 0, "ErrorAccessDenied" },
    { "MarkAllItemsAsRead", EDIT, EDIT, "ErrorAccessDenied" },
    { "MoveFolder", LAB_RIGHT_OWNER, 0, "ErrorAccessDenied" },
    { "MoveItem", LAB_RIGHT_CREATE, DELETE, "ErrorAccessDenied" },
    { "SendItem", LAB_RIGHT_CREATE, EDIT, "ErrorAccessDenied" },
    { "SyncFolderItems", LAB_RIGHT_READ, 0, "ErrorAccessDenied" },
    { "UpdateFolder", LAB_RIGHT_OWNER, 0, "ErrorAccessDenied" },
    { "UpdateItem", SEE, EDIT, "ErrorAccessDenied" },
    { "UploadItems", LAB_RIGHT_CREATE, EDIT, "ErrorCreateItemAccessDenied" },
    { NULL, SEE, LAB_RIGHT_READ, "ErrorAccessDenied" },
};
/* clang-format on */

static const struct access_need *need_of(const char *operation)
{
    const struct access_need *need = needs;

    while (need->operation != NULL &&
           g_strcmp0(need->operation, operation) != 0)
        need++;
    return need;
}

int access_identify(struct lab *lab, const char *login,
                    const struct soap_request *request, struct caller *ret,
                    struct problem *p)
{
    g_auto(lab_account) account = { 0 };
    g_auto(caller) c = { 0 };
    int found = find_account(lab, login, &account, p);

    if (found <= 0)
        return found < 0 ? -1 : problem_fault(p, "ErrorAccessDenied");
    if (request->sid_kind != SID_NONE) {
        if (impersonate(lab, &account, request, &c, p) < 0)
            return -1;
    } else if (g_str_has_prefix(account.address, "app:")) {
        /* an application's own token opens nothing in its own name */
        return problem_fault(p, "ErrorImpersonationRequired");
    } else {
        c.account = account.key;
        c.name = g_strdup(account.display_name);
        c.budget = g_strdup(login);
        if (own_mailbox(lab, &c, account.mailbox, p) < 0)
            return -1;
    }
    c.need = need_of(request->name);
    *ret = c;
    c = (struct caller){ 0 };
    return 0;
}

/* ---- what ---------------------------------------------------------- */

static int may_open(struct lab *lab, const struct caller *c, int64_t mailbox,
                    struct problem *p)
{
    int64_t archive = 0;
    struct err err;
    int may;

    if (mailbox == c->mailbox)
        return 1;
    /* An impersonated mailbox may be without a login, and has its archive. */
    if (c->mailbox != 0 &&
        lab_store_archive(lab->store, c->mailbox, &archive, &err) < 0)
        return problem_from_err(p, &err);
    if (archive != 0 && mailbox == archive)
        return 1;
    if (c->account == 0 || !lab->full_access)
        return 0;
    may = lab_store_may_open(lab->store, c->account, mailbox, &err);
    return may < 0 ? problem_from_err(p, &err) : may;
}

/* Who <t:Mailbox> names, whatever the caller may do there. */
static int named_mailbox(struct lab *lab, const xmlNode *node, int64_t *ret,
                         struct problem *p)
{
    const xmlNode *address = soap_child(node, NS_TYPES, "EmailAddress");
    g_autofree char *name = soap_text_dup(address);
    g_auto(lab_mailbox) m = { 0 };
    struct err err;
    int found;

    if (name == NULL)
        return problem_set(p, "ErrorNonExistentMailbox");
    found = lab_store_find_mailbox(lab->store, name, &m, &err);
    if (found < 0)
        return problem_from_err(p, &err);
    if (found == 0) {
        problem_set(p, "ErrorNonExistentMailbox");
        return problem_value(p, "SmtpAddress", name);
    }
    if (g_ascii_strcasecmp(name, m.address) != 0) {
        problem_set(p, "ErrorNonPrimarySmtpAddress");
        return problem_value(p, "Primary", m.address);
    }
    *ret = m.key;
    return 0;
}

/*
 * Whoever has no rights gets as far as the store and then does not see the
 * folder: that is what Exchange says from 2010 on.
 */
static int unseen(const struct lab *lab, struct problem *p)
{
    return problem_set(p, lab->version->release == EXCHANGE2007_SP1
                              ? "ErrorAccessDenied"
                              : "ErrorItemNotFound");
}

/* ---- rights on folders --------------------------------------------- */

bool access_visible(uint32_t rights)
{
    return (rights & SEE) != 0;
}

int access_rights(struct lab *lab, const struct caller *c, int64_t mailbox,
                  int64_t folder, uint32_t *ret, struct problem *p)
{
    int may = may_open(lab, c, mailbox, p);
    struct err err;

    if (may < 0)
        return -1;
    if (may > 0) {
        *ret = LAB_RIGHTS_ALL;
        return 0;
    }
    if (lab_store_rights(lab->store, c->mailbox, folder, ret, &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

/* Seen, and what the operation needs beside that. */
static int check_need(const struct lab *lab, const struct caller *c,
                      const struct place *at, bool by_name, struct problem *p)
{
    if (!access_visible(at->rights))
        return by_name ? unseen(lab, p) : problem_set(p, "ErrorAccessDenied");
    if (c->need != NULL && (at->rights & c->need->folder) == 0)
        return problem_set(p, c->need->refused);
    return 0;
}

/*
 * The mailbox's GUID in an Exchange id: compression 0, kind 3 (by GUID), a
 * length of 36 and the GUID as text.
 */
static bool id_guid(const char *id, char ret[37])
{
    static const uint8_t head[] = { 0, 3, 36, 0 };
    g_autofree uint8_t *bytes = NULL;
    gsize n = 0;

    bytes = g_base64_decode(id, &n);
    if (n < sizeof(head) + 36 || memcmp(bytes, head, sizeof(head)) != 0)
        return false;
    memcpy(ret, bytes + sizeof(head), 36);
    ret[36] = '\0';
    return g_uuid_string_is_valid(ret);
}

/* An id of no mailbox here: foreign, or no id at all. */
static int unknown_id(const char *id, struct problem *p)
{
    char guid[37];

    if (id[0] == '\0')
        return problem_set(p, "ErrorInvalidIdEmpty");
    if (!id_guid(id, guid))
        return problem_set(p, "ErrorInvalidIdMalformed");
    problem_set(p, "ErrorNonExistentMailbox");
    p->text = "No mailbox with such guid.";
    return problem_value(p, "MailboxGuid", guid);
}

static int mailbox_of_id(struct lab *lab, const char *id, int64_t *ret,
                         struct problem *p)
{
    struct err err;
    int found = lab_store_id_mailbox(lab->store, id, ret, &err);

    if (found < 0)
        return problem_from_err(p, &err);
    return found > 0 ? 0 : unknown_id(id, p);
}

int access_id(struct lab *lab, const struct caller *c, const char *id,
              int64_t *ret, struct problem *p)
{
    int64_t mailbox = 0;
    int may;

    if (mailbox_of_id(lab, id, &mailbox, p) < 0)
        return -1;
    may = may_open(lab, c, mailbox, p);
    if (may < 0)
        return -1;
    if (may == 0)
        return problem_set(p, "ErrorAccessDenied");
    *ret = mailbox;
    return 0;
}

/*
 * Distinguished folder ids by the release that brought them (types.xsd of
 * each).  The lab's mailboxes do not have all of them.
 */
/* clang-format off */
static const struct {
    enum release since;
    const char *names;
} distinguished[] = {
    { EXCHANGE2007_SP1, " calendar contacts deleteditems drafts inbox journal "
        "notes outbox sentitems tasks msgfolderroot publicfoldersroot root "
        "junkemail searchfolders voicemail " },
    { EXCHANGE2010_SP1, " recoverableitemsroot recoverableitemsdeletions "
        "recoverableitemsversions recoverableitemspurges archiveroot "
        "archivemsgfolderroot archivedeleteditems archiverecoverableitemsroot "
        "archiverecoverableitemsdeletions archiverecoverableitemsversions "
        "archiverecoverableitemspurges " },
    { EXCHANGE2013, " syncissues conflicts localfailures serverfailures "
        "recipientcache quickcontacts conversationhistory todosearch "
        "adminauditlogs mycontacts imcontactlist peopleconnect favorites " },
    /* as clients ask for them: the Managed API, exchangelib */
    { EXCHANGE2013_SP1, " directory " },
    { EXCHANGE2016, " archiveinbox " },
};
/* clang-format on */

bool access_distinguished_known(enum release release, const char *name)
{
    g_autofree char *word = g_strconcat(" ", name, " ", NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(distinguished); i++)
        if (strchr(name, ' ') == NULL && name[0] != '\0' &&
            strstr(distinguished[i].names, word) != NULL)
            return distinguished[i].since <= release;
    return false;
}

static int missing_folder(struct problem *p, const struct err *err,
                          const char *missing)
{
    problem_from_err(p, err);
    return problem_is(p, "ErrorFolderNotFound") ? problem_set(p, missing) : -1;
}

/* From its owner's mailbox to the one that an archive's name means. */
static int to_archive(struct lab *lab, const char *name, int64_t *mailbox,
                      struct problem *p)
{
    struct err err;
    int found;

    if (!g_str_has_prefix(name, "archive"))
        return 0;
    found = lab_store_archive(lab->store, *mailbox, mailbox, &err);
    if (found < 0)
        return problem_from_err(p, &err);
    if (found > 0)
        return 0;
    problem_set(p, "ErrorFolderNotFound");
    p->text = "Archive mailbox is not enabled for this user.";
    return -1;
}

static int distinguished_folder(struct lab *lab, const struct caller *c,
                                const xmlNode *node, const char *missing,
                                struct place *ret, struct problem *p)
{
    const xmlNode *owner = soap_child(node, NS_TYPES, "Mailbox");
    g_autofree char *name = soap_attr_dup(node, "Id");
    struct err err;

    if (name == NULL)
        return problem_set(p, missing);
    ret->mailbox = c->mailbox;
    if (owner != NULL) {
        if (named_mailbox(lab, owner, &ret->mailbox, p) < 0)
            return -1;
    } else if (c->mailbox == 0) {
        return problem_set(p, "ErrorMissingEmailAddress");
    }
    if (to_archive(lab, name, &ret->mailbox, p) < 0)
        return -1;
    if (lab_store_distinguished(lab->store, ret->mailbox, name, &ret->folder,
                                &err) == 0)
        return 0;
    /* Who sees nothing of a mailbox does not see what it lacks. */
    if (may_open(lab, c, ret->mailbox, p) == 0)
        return unseen(lab, p);
    return missing_folder(p, &err, missing);
}

static int folder_by_id(struct lab *lab, const struct caller *c, const char *id,
                        const char *missing, struct place *ret,
                        struct problem *p)
{
    struct err err;

    if (mailbox_of_id(lab, id, &ret->mailbox, p) < 0)
        return -1;
    if (lab_store_folder(lab->store, ret->mailbox, id, &ret->folder, &err) == 0)
        return 0;
    if (may_open(lab, c, ret->mailbox, p) == 0)
        return problem_set(p, "ErrorAccessDenied");
    return missing_folder(p, &err, missing);
}

int access_folder(struct lab *lab, const struct caller *c, const xmlNode *node,
                  const char *missing, struct place *ret, struct problem *p)
{
    bool by_name = soap_is(node, NS_TYPES, "DistinguishedFolderId");
    g_autofree char *id = NULL;
    g_auto(place) found = { 0 };

    if (by_name) {
        if (distinguished_folder(lab, c, node, missing, &found, p) < 0)
            return -1;
    } else {
        id = soap_attr_dup(node, "Id");
        if (folder_by_id(lab, c, id != NULL ? id : "", missing, &found, p) < 0)
            return -1;
    }
    if (access_rights(lab, c, found.mailbox, found.folder.key, &found.rights,
                      p) < 0 ||
        check_need(lab, c, &found, by_name, p) < 0)
        return -1;
    *ret = found;
    found = (struct place){ 0 };
    return 0;
}

/* What a change key is, cannot be told from outside; that it is none, can. */
static bool is_change_key(const char *text)
{
    g_autofree uint8_t *bytes = NULL;
    g_autofree char *again = NULL;
    gsize n = 0;

    if (text[0] == '\0')
        return false;
    bytes = g_base64_decode(text, &n);
    again = g_base64_encode(bytes, n);
    return strcmp(again, text) == 0;
}

/* One's own is what one has made; that is told by the name it carries. */
static int made_by(struct lab *lab, int64_t mailbox, const char *id,
                   const char *name, struct problem *p)
{
    g_autoptr(GBytes) payload = NULL;
    g_autoptr(mapi_item) tree = NULL;
    g_autofree char *creator = NULL;
    struct err err;
    const void *data;
    gsize n;

    if (lab_store_export(lab->store, mailbox, id, &payload, NULL, &err) < 0)
        return problem_from_err(p, &err);
    data = g_bytes_get_data(payload, &n);
    if (lab_fts_read(data, n, &tree, &err) < 0)
        return 0;
    creator = mapi_dup_text(
        mapi_find(&tree->message.props, PROP_ID(PR_CREATOR_NAME)));
    return g_strcmp0(creator, name) == 0;
}

static int check_item(struct lab *lab, const struct caller *c, const char *id,
                      int64_t mailbox, struct problem *p)
{
    static const uint32_t any = LAB_RIGHT_READ | LAB_RIGHT_EDIT_ALL |
                                LAB_RIGHT_DELETE_ALL | LAB_RIGHT_OWNER;
    uint32_t rights = 0, need = c->need != NULL ? c->need->item : any;
    int64_t folder = 0;
    struct err err;
    int own;

    if (lab_store_id_folder(lab->store, id, &folder, &err) < 0)
        return problem_from_err(p, &err);
    if (access_rights(lab, c, mailbox, folder, &rights, p) < 0)
        return -1;
    if ((rights & need & any) != 0)
        return 0;
    if ((rights & need) == 0)
        return problem_set(p, "ErrorAccessDenied");
    own = made_by(lab, mailbox, id, c->name, p);
    if (own < 0)
        return -1;
    return own > 0 ? 0 : problem_set(p, "ErrorAccessDenied");
}

/* The attribute that names the item; NULL for an element that names none. */
static const char *id_attribute(const xmlNode *node)
{
    if (soap_is(node, NS_TYPES, "ItemId") ||
        soap_is(node, NS_TYPES, "ReferenceItemId"))
        return "Id";
    if (soap_is(node, NS_TYPES, "OccurrenceItemId"))
        return "RecurringMasterId";
    if (soap_is(node, NS_TYPES, "RecurringMasterItemId"))
        return "OccurrenceId";
    return NULL;
}

/* The n-th of a series, or the series of an occurrence. */
static int follow_series(struct lab *lab, const xmlNode *node, int64_t mailbox,
                         char **id, struct problem *p)
{
    g_autofree char *index = NULL, *found = NULL;
    guint64 n = 0;
    struct err err;

    if (soap_is(node, NS_TYPES, "RecurringMasterItemId")) {
        found = lab_occurrence_master(*id);
        if (found == NULL)
            return problem_set(p, "ErrorCalendarCannotUseIdForOccurrenceId");
    } else if (soap_is(node, NS_TYPES, "OccurrenceItemId")) {
        index = soap_attr_dup(node, "InstanceIndex");
        if (index == NULL ||
            !g_ascii_string_to_unsigned(index, 10, 1, INT32_MAX, &n, NULL))
            return problem_set(
                p, "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange");
        if (lab_occurrence_by_index(lab->store, mailbox, *id, (uint32_t)n,
                                    &found, &err) < 0)
            return problem_from_err(p, &err);
    } else {
        return 0;
    }
    g_free(*id);
    *id = g_steal_pointer(&found);
    return 0;
}

int access_item(struct lab *lab, const struct caller *c, const xmlNode *node,
                char **ret_id, int64_t *ret_mailbox, struct problem *p)
{
    const char *attribute = id_attribute(node);
    g_autofree char *id = NULL, *change_key = NULL;

    if (attribute == NULL)
        return problem_set(p, "ErrorInvalidOperation");
    id = soap_attr_dup(node, attribute);
    change_key = soap_attr_dup(node, "ChangeKey");
    if (mailbox_of_id(lab, id != NULL ? id : "", ret_mailbox, p) < 0 ||
        check_item(lab, c, id, *ret_mailbox, p) < 0 ||
        follow_series(lab, node, *ret_mailbox, &id, p) < 0)
        return -1;
    if (change_key != NULL && !is_change_key(change_key))
        return problem_set(p, "ErrorInvalidChangeKey");
    *ret_id = g_steal_pointer(&id);
    return 0;
}
