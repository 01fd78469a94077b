#include "lab/access.h"

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

/* The mailbox that ConnectingSID names; -1 with the fault when none. */
static int find_target(struct lab *lab, const struct soap_request *request,
                       struct lab_mailbox *ret, struct problem *p)
{
    const char *name = request->sid != NULL ? request->sid : "";
    g_auto(lab_mailbox) m = { 0 };
    struct err err;
    int found = 0;

    /* the lab's accounts have no SIDs: none is ever found */
    if (request->sid_kind != SID_SID)
        found = lab_store_find_mailbox(lab->store, name, &m, &err);
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
    int found;

    if (find_target(lab, request, &target, p) < 0)
        return -1;
    if (!account->may_impersonate || !lab->impersonation)
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
    } else {
        c.account = account.key;
        c.name = g_strdup(account.display_name);
        c.budget = g_strdup(login);
        if (own_mailbox(lab, &c, account.mailbox, p) < 0)
            return -1;
    }
    *ret = c;
    c = (struct caller){ 0 };
    return 0;
}

/* ---- what ---------------------------------------------------------- */

static int may_open(struct lab *lab, const struct caller *c, int64_t mailbox,
                    struct problem *p)
{
    struct err err;
    int may;

    if (mailbox == c->mailbox)
        return 1;
    if (c->account == 0 || !lab->full_access)
        return 0;
    may = lab_store_may_open(lab->store, c->account, mailbox, &err);
    return may < 0 ? problem_from_err(p, &err) : may;
}

int access_mailbox(struct lab *lab, const struct caller *c, const xmlNode *node,
                   int64_t *ret, struct problem *p)
{
    const xmlNode *address = soap_child(node, NS_TYPES, "EmailAddress");
    g_autofree char *name = soap_text_dup(address);
    g_auto(lab_mailbox) m = { 0 };
    struct err err;
    int found, may;

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
    may = may_open(lab, c, m.key, p);
    if (may < 0)
        return -1;
    /*
     * Whoever has no rights gets as far as the store and then does not see
     * the folder: that is what Exchange says from 2010 on.
     */
    if (may == 0)
        return problem_set(p, lab->version->release == EXCHANGE2007_SP1
                                  ? "ErrorAccessDenied"
                                  : "ErrorItemNotFound");
    *ret = m.key;
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

int access_id(struct lab *lab, const struct caller *c, const char *id,
              int64_t *ret, struct problem *p)
{
    int64_t mailbox = 0;
    struct err err;
    int found = lab_store_id_mailbox(lab->store, id, &mailbox, &err);
    int may;

    if (found < 0)
        return problem_from_err(p, &err);
    if (found == 0)
        return unknown_id(id, p);
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
        "adminauditlogs " },
    { EXCHANGE2016, " archiveinbox mycontacts directory imcontactlist "
        "peopleconnect favorites " },
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

static int distinguished_folder(struct lab *lab, const struct caller *c,
                                const xmlNode *node, const char *missing,
                                struct place *ret, struct problem *p)
{
    const xmlNode *owner = soap_child(node, NS_TYPES, "Mailbox");
    g_autofree char *name = soap_attr_dup(node, "Id");
    struct err err;

    ret->mailbox = c->mailbox;
    if (owner != NULL) {
        if (access_mailbox(lab, c, owner, &ret->mailbox, p) < 0)
            return -1;
    } else if (c->mailbox == 0) {
        return problem_set(p, "ErrorMissingEmailAddress");
    }
    if (g_str_has_prefix(name, "archive")) {
        problem_set(p, "ErrorFolderNotFound");
        p->text = "Archive mailbox is not enabled for this user.";
        return -1;
    }
    if (lab_store_distinguished(lab->store, ret->mailbox, name, &ret->folder,
                                &err) < 0)
        return missing_folder(p, &err, missing);
    return 0;
}

int access_folder(struct lab *lab, const struct caller *c, const xmlNode *node,
                  const char *missing, struct place *ret, struct problem *p)
{
    g_autofree char *id = NULL;
    g_auto(place) found = { 0 };
    struct err err;

    if (soap_is(node, NS_TYPES, "DistinguishedFolderId")) {
        if (distinguished_folder(lab, c, node, missing, &found, p) < 0)
            return -1;
    } else {
        id = soap_attr_dup(node, "Id");
        if (access_id(lab, c, id != NULL ? id : "", &found.mailbox, p) < 0)
            return -1;
        if (lab_store_folder(lab->store, found.mailbox, id, &found.folder,
                             &err) < 0)
            return missing_folder(p, &err, missing);
    }
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

int access_item(struct lab *lab, const struct caller *c, const xmlNode *node,
                char **ret_id, int64_t *ret_mailbox, struct problem *p)
{
    g_autofree char *id = NULL, *change_key = NULL;

    if (!soap_is(node, NS_TYPES, "ItemId"))
        return problem_set(p, "ErrorInvalidOperation");
    id = soap_attr_dup(node, "Id");
    change_key = soap_attr_dup(node, "ChangeKey");
    if (access_id(lab, c, id != NULL ? id : "", ret_mailbox, p) < 0)
        return -1;
    if (change_key != NULL && !is_change_key(change_key))
        return problem_set(p, "ErrorInvalidChangeKey");
    *ret_id = g_steal_pointer(&id);
    return 0;
}
