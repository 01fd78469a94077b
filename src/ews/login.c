/*
 * login - find out whose rights open the mailbox, and which server it is on.
 *
 *   a password of its own --> OWN --------- the user's mailbox is this one
 *                              |
 *   no, or no such password    v
 *                         IMPERSONATION --- accepted
 *                              |
 *   denied                     v
 *                         FULL_ACCESS ----- the folder opens
 *                              |
 *                              v
 *                         refused, and why
 *
 * An application's token is good for impersonation alone (EWS-QUIRKS 27).
 * A side may have several accounts: whoever is refused hands on to the next.
 * Each step is one GetFolder of msgfolderroot.  Whatever opens, it is the
 * mailbox of the address: own rights are believed only when the account's own
 * root and the address's root are one folder.
 */
#include <string.h>

#include "ews/call.h"
#include "ews/scheme.h"

#define GRANT                                                                  \
    "give the account the right to impersonate the mailbox or full access to " \
    "it (docs/exchange-permissions.md)"

/* What a look at the root showed. */
struct root_look {
    bool plain;     /* ask for the root without naming the mailbox */
    bool named;     /* and with naming it */
    char *plain_id; /* NULL: did not open */
    char *named_id;
    char *identity; /* the root's entry id; NULL: not told */
    struct err why; /* of the one that counts, when it did not open */
    enum ews_code code;
    struct ews_version version;
    bool has_version;
};

static void look_clear(struct root_look *look)
{
    g_clear_pointer(&look->plain_id, g_free);
    g_clear_pointer(&look->named_id, g_free);
    g_clear_pointer(&look->identity, g_free);
}
typedef struct root_look root_look;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(root_look, look_clear)

static void write_root(struct xml_writer *w, const char *address)
{
    xml_open(w, "t:DistinguishedFolderId");
    xml_attribute(w, "Id", "msgfolderroot");
    if (address != NULL) {
        xml_open(w, "t:Mailbox");
        xml_element(w, "t:EmailAddress", address);
        xml_close(w);
    }
    xml_close(w);
}

/*
 * The entry id tells mailboxes apart where ids do not: those are made anew
 * for each way to a mailbox (EWS-QUIRKS 79).
 */
static void write_shape(struct xml_writer *w)
{
    xml_open(w, "m:FolderShape");
    xml_element(w, "t:BaseShape", "IdOnly");
    xml_open(w, "t:AdditionalProperties");
    xml_open(w, "t:ExtendedFieldURI");
    xml_attribute(w, "PropertyTag", "0x0FFF"); /* PidTagEntryId */
    xml_attribute(w, "PropertyType", "Binary");
    xml_close(w);
    xml_close(w);
    xml_close(w);
}

static void write_look(struct xml_writer *w, const struct core *core,
                       const void *data)
{
    const struct root_look *look = data;

    write_shape(w);
    xml_open(w, "m:FolderIds");
    if (look->plain)
        write_root(w, NULL);
    if (look->named)
        write_root(w, core->address);
    xml_close(w);
}

static const char *folder_id_of(const struct xml_node *message)
{
    const struct xml_node *folder = xml_first(xml_child(message, "Folders"));

    return xml_attr(xml_child(folder, "FolderId"), "Id");
}

/* It was the only extended property that was asked for. */
static void take_identity(const struct xml_node *message,
                          struct root_look *look)
{
    const struct xml_node *folder = xml_first(xml_child(message, "Folders"));
    const char *value =
        xml_child_text(xml_child(folder, "ExtendedProperty"), "Value");

    g_free(look->identity);
    look->identity = value != NULL && value[0] != '\0' ? g_strdup(value) : NULL;
}

/* The id that a message holds; NULL with look's reason when it has none. */
static char *read_id(const struct xml_node *message, struct root_look *look,
                     char **ret_primary)
{
    struct soap_problem problem;
    const char *id = folder_id_of(message);

    if (soap_message_problem(message, &problem)) {
        /* Of what was not looked at the one before it tells why. */
        if (problem.code == EWS_ErrorBatchProcessingStopped &&
            look->code != EWS_OTHER)
            return NULL;
        look->code = problem.code;
        soap_problem_err(&problem, &look->why);
        if (problem.primary_address != NULL) {
            g_free(*ret_primary);
            *ret_primary = g_strdup(problem.primary_address);
        }
        return NULL;
    }
    if (id == NULL) {
        look->code = EWS_OTHER;
        err_set(&look->why, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
                "the server gives the root folder no id");
        look->why.name = "OddAnswer";
    }
    take_identity(message, look);
    return g_strdup(id);
}

/*
 * One request.  0: there was an answer, as look says; -1: none.  *ret_primary
 * is the address that the server would rather have; or stays.
 */
static int ask(struct mailbox *mb, struct root_look *look, char **ret_primary,
               struct err *err)
{
    const struct call call = {
        .element = "m:GetFolder",
        .write = write_look,
        .data = look,
        .n = (look->plain ? 1u : 0u) + (look->named ? 1u : 0u),
    };
    g_auto(call_answer) a = { 0 };
    size_t i = 0;

    if (call_make(mb, &call, &a, NULL, &look->why) < 0) {
        look->code = a.code;
        if (a.primary_address != NULL) {
            g_free(*ret_primary);
            *ret_primary = g_steal_pointer(&a.primary_address);
        }
        if (a.code != EWS_NO_ERROR)
            return 0; /* a fault is an answer */
        *err = look->why;
        return call_widen(err, ERR_MAILBOX);
    }
    look->has_version = a.has_version;
    look->version = a.version;
    if (look->plain)
        look->plain_id = read_id(a.messages[i++], look, ret_primary);
    if (look->named)
        look->named_id = read_id(a.messages[i], look, ret_primary);
    return 0;
}

/* EWS-QUIRKS 12: an old server refuses the version, or the whole schema. */
static bool is_too_new(const struct core *core, const struct root_look *look)
{
    return atomic_load(&core->level) > (int)EWS_PROBE_OLD_LEVEL &&
           (look->code == EWS_ErrorInvalidServerVersion ||
            look->code == EWS_ErrorSchemaValidation);
}

static void set_level(struct core *core, enum ews_level level)
{
    core->probe_level = level;
    atomic_store(&core->level, (int)level);
}

static void set_address(struct core *core, const char *address)
{
    g_free(core->address);
    core->address = g_strdup(address);
    g_free(core->named_address);
    core->named_address = g_strdup(address);
    core_set_rights(core, core->rights); /* the budget is named after it */
}

/*
 * ask(), with what one answer may correct: a version that is too new, and an
 * address that is an alias (EWS-QUIRKS 21: import files hold aliases), each
 * at most once.
 */
static int look_at_root(struct mailbox *mb, struct root_look *look,
                        struct err *err)
{
    struct core *core = mb->core;
    const struct root_look fresh = { .plain = look->plain,
                                     .named = look->named };
    g_autofree char *primary = NULL;

    if (ask(mb, look, &primary, err) < 0)
        return -1;
    if (is_too_new(core, look)) {
        site_is_old(core->site);
        set_level(core, EWS_PROBE_OLD_LEVEL);
        look_clear(look);
        *look = fresh;
        if (ask(mb, look, &primary, err) < 0)
            return -1;
    }
    if (look->code != EWS_ErrorNonPrimarySmtpAddress || primary == NULL ||
        core->named_address != NULL || strchr(primary, '@') == NULL)
        return 0;
    set_address(core, primary);
    look_clear(look);
    *look = fresh;
    return ask(mb, look, &primary, err);
}

/* What no other rights would help against. */
static bool is_final(enum ews_code code)
{
    switch ((int)code) {
    case EWS_OTHER:
    case EWS_ErrorAccessDenied:
    case EWS_ErrorCallerIsInvalidADAccount:
    case EWS_ErrorFolderNotFound:
    case EWS_ErrorImpersonateUserDenied:
    case EWS_ErrorImpersonationDenied:
    case EWS_ErrorImpersonationFailed:
    case EWS_ErrorInvalidExchangeImpersonationHeaderData:
    case EWS_ErrorInvalidUserPrincipalName:
    case EWS_ErrorItemNotFound:
    case EWS_ErrorMissingEmailAddress:
        return false;
    default:
        return true;
    }
}

static int opened(struct mailbox *mb, struct root_look *look, char **id)
{
    struct core *core = mb->core;

    g_free(core->root_id);
    core->root_id = g_steal_pointer(id);
    g_free(core->identity);
    core->identity = g_steal_pointer(&look->identity);
    if (look->has_version) {
        core->version = look->version;
        atomic_store(&core->level, (int)MAX(ews_version_level(&look->version),
                                            core->probe_level));
    }
    core_set_rights(core, core->rights);
    return 1;
}

static int failed(const struct root_look *look, struct err *err)
{
    *err = look->why;
    return call_widen(err, ERR_MAILBOX);
}

/* Each try: 1 it opens, 0 other rights may, -1 nothing will. */
static int try_own(struct mailbox *mb, struct err *err)
{
    g_auto(root_look) look = { .plain = true, .named = true };

    core_set_rights(mb->core, ENDPOINT_RIGHTS_OWN);
    if (look_at_root(mb, &look, err) < 0)
        return -1;
    if (look.named_id != NULL && g_strcmp0(look.plain_id, look.named_id) == 0)
        return opened(mb, &look, &look.named_id);
    if (look.named_id == NULL && is_final(look.code))
        return failed(&look, err);
    return 0;
}

static int try_impersonation(struct mailbox *mb, struct err *ret_why,
                             struct err *err)
{
    g_auto(root_look) look = { .plain = true };

    core_set_rights(mb->core, ENDPOINT_RIGHTS_IMPERSONATION);
    if (look_at_root(mb, &look, err) < 0)
        return -1;
    if (look.plain_id != NULL)
        return opened(mb, &look, &look.plain_id);
    if (is_final(look.code))
        return failed(&look, err);
    *ret_why = look.why;
    return 0;
}

static int try_full_access(struct mailbox *mb, struct err *ret_why,
                           struct err *err)
{
    g_auto(root_look) look = { .named = true };

    core_set_rights(mb->core, ENDPOINT_RIGHTS_FULL_ACCESS);
    if (look_at_root(mb, &look, err) < 0)
        return -1;
    if (look.named_id != NULL)
        return opened(mb, &look, &look.named_id);
    if (is_final(look.code))
        return failed(&look, err);
    *ret_why = look.why;
    return 0;
}

static const char *name_of(const struct err *why)
{
    return why->name != NULL ? why->name : "refused";
}

/* EWS-QUIRKS 27: an application opens nothing but by impersonation. */
static int no_grant(const struct core *core, const struct err *why,
                    struct err *err)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, why->code,
            "application \"%s\" does not open mailbox \"%s\" by impersonation "
            "(%s)",
            credential_user(core->credential), core->address, name_of(why));
    err->name = why->name;
    return err_remedy(
        err, "grant the application full_access_as_app, or limit its scope to "
             "mailboxes that include this one (docs/exchange-permissions.md)");
}

static int no_rights(const struct core *core, const struct err *impersonation,
                     const struct err *access, struct err *err)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, impersonation->code,
            "account \"%s\" opens mailbox \"%s\" neither as its own nor by "
            "impersonation (%s) nor by full access (%s)",
            credential_user(core->credential), core->address,
            name_of(impersonation), name_of(access));
    err->name = impersonation->name;
    return err_remedy(err, GRANT);
}

/*
 * *ret_denied: it was asked for in every way, and another may have the right.
 */
static int find_rights(struct mailbox *mb, bool *ret_denied, struct err *err)
{
    struct core *core = mb->core;
    struct err impersonation = { 0 }, access = { 0 };
    int rc = core->own_login ? try_own(mb, err) : 0;

    if (rc == 0)
        rc = try_impersonation(mb, &impersonation, err);
    if (rc == 0 && credential_oauth(core->credential) != NULL)
        return no_grant(core, &impersonation, err);
    if (rc == 0)
        rc = try_full_access(mb, &access, err);
    *ret_denied = rc == 0 ||
                  (rc < 0 && g_strcmp0(err->name, "ErrorAccountDisabled") == 0);
    if (rc == 0)
        return no_rights(core, &impersonation, &access, err);
    return rc < 0 ? -1 : 0;
}

/* Another of the side's accounts. */
static void change_account(struct mailbox *mb, const char *address)
{
    struct core *core = mb->core;
    struct accounts *all = core->site->accounts;

    accounts_leave(all, core->credential);
    core->credential = accounts_take(all, address);
    core_set_rights(core, ENDPOINT_RIGHTS_UNKNOWN);
}

/* Accounts need not have the same rights: each is asked, one after another. */
static int find_account(struct mailbox *mb, struct err *err)
{
    struct core *core = mb->core;
    g_autofree char *address = g_strdup(core->address);
    bool denied = false;
    int rc;

    while ((rc = find_rights(mb, &denied, err)) < 0 && denied &&
           !core->own_login &&
           accounts_deny(core->site->accounts, address, core->credential))
        change_account(mb, address);
    if (rc < 0 && denied && !core->own_login &&
        accounts_n(core->site->accounts) > 1)
        return err_in(err, "none of the %u accounts may",
                      accounts_n(core->site->accounts));
    return rc;
}

static unsigned int caps_of(const struct core *core)
{
    /* [MS-OXWSBTRF] came with Exchange 2010 SP1. */
    if (!core_has(core, EWS_2010_SP1))
        return ENDPOINT_CAP_PORTABLE;
    return ENDPOINT_CAP_EXPORT | ENDPOINT_CAP_UPLOAD | ENDPOINT_CAP_UPDATE |
           ENDPOINT_CAP_PORTABLE;
}

int login_open(struct endpoint *ep, struct endpoint_facts *ret, struct err *err)
{
    struct mailbox *mb = mailbox_of(ep);
    struct core *core = mb->core;
    enum net_scheme scheme;

    set_level(core, site_probe_level(core->site));
    if (find_account(mb, err) < 0 || core_scheme(core, &scheme, err) < 0)
        return -1;
    ep->caps = caps_of(core);
    *ret = (struct endpoint_facts){
        .rights = core->rights,
        .scheme = g_strdup(scheme_name(scheme)),
        .server_version = ews_version_text(&core->version),
        .primary_address = g_strdup(core->named_address),
        .root_id = g_strdup(core->root_id),
        .mailbox_identity =
            g_strdup(core->identity != NULL ? core->identity : core->root_id),
        .request_max_bytes =
            ews_level_request_max((enum ews_level)atomic_load(&core->level)),
    };
    return 0;
}
