#include "ews/mailbox.h"

#include <string.h>

/* RFC 5321 4.5.3.1: 64 for the local part, 255 for the domain, and "@". */
#define ADDRESS_MAX 320

/*
 * Under impersonation the server charges the mailbox that is opened, where it
 * is new enough; in all other cases the account that signed in.
 */
static char *budget_of(const struct core *core)
{
    if (core->rights == ENDPOINT_RIGHTS_IMPERSONATION &&
        ews_version_charges_target(&core->version))
        return g_strconcat("mailbox ", core->address, NULL);
    return g_strconcat("account ", credential_user(core->credential), NULL);
}

void core_set_rights(struct core *core, enum endpoint_rights rights)
{
    core->rights = rights;
    g_free(core->budget);
    core->budget = budget_of(core);
}

int core_scheme(const struct core *core, enum net_scheme *ret, struct err *err)
{
    if (credential_oauth(core->credential) == NULL)
        return site_scheme(core->site, ret, err);
    *ret = NET_AUTH_BEARER;
    return 0;
}

bool core_has(const struct core *core, enum ews_level level)
{
    return atomic_load(&core->level) >= (int)level;
}

static struct core *core_new(struct ews_site *site, const char *address)
{
    struct core *core = g_new0(struct core, 1);

    atomic_init(&core->refs, 1);
    core->site = site;
    core->address = g_strdup(address);
    core->cookies = net_cookies_new();
    pthread_mutex_init(&core->stats_lock, NULL);
    return core;
}

static void core_unref(struct core *core)
{
    if (atomic_fetch_sub(&core->refs, 1) > 1)
        return;
    governor_tally_end(core->site->governor, &core->tally);
    pthread_mutex_destroy(&core->stats_lock);
    if (core->own_login) {
        conns_close(core->site->conns, core->credential);
        credential_unref(core->credential);
    } else {
        accounts_leave(core->site->accounts, core->credential);
    }
    net_cookies_unref(core->cookies);
    g_free(core->address);
    g_free(core->named_address);
    g_free(core->budget);
    g_free(core->root_id);
    g_free(core->identity);
    g_free(core);
}

static void mailbox_free(struct endpoint *ep)
{
    struct mailbox *mb = mailbox_of(ep);

    core_unref(mb->core);
    g_free(mb);
}

static void mailbox_stats(struct endpoint *ep, struct endpoint_stats *ret)
{
    struct mailbox *mb = mailbox_of(ep);
    struct core *core = mb->core;
    struct governor_held held;

    pthread_mutex_lock(&core->stats_lock);
    *ret = core->stats;
    pthread_mutex_unlock(&core->stats_lock);
    ret->own_us = atomic_load(&mb->own_us);
    governor_held(core->site->governor, core->site->host, &core->tally, &held);
    ret->throttled_us = held.throttled_us;
    ret->waiting_us += held.waited_us; /* beside those for a sync's turn */
    ret->quiet_us = held.quiet_us;
    ret->paced = held.paced;
}

static struct endpoint *handle_new(struct core *core, unsigned int caps);

static struct endpoint *mailbox_clone(struct endpoint *ep)
{
    struct core *core = mailbox_of(ep)->core;

    atomic_fetch_add(&core->refs, 1);
    return handle_new(core, ep->caps);
}

static const struct endpoint_ops mailbox_ops = {
    .name = "ews",
    .open = login_open,
    .clone = mailbox_clone,
    .folders = folders_list,
    .make_folder = folder_make,
    .make_folders = folder_make_some,
    .changes = changes_list,
    .fetch = fetch_items,
    .put = put_items,
    .remove = remove_items,
    .describe = describe_item,
    .mark_read = mark_items_read,
    .move = move_items,
    .change_folder = folder_change,
    .remove_folder = folder_remove,
    .purge_folder = folder_purge,
    .tree = folders_tree,
    .hidden = hidden_list,
    .large = large_find,
    .quota = quota_get,
    .keys = keys_get,
    .rules = rules_get,
    .put_rule = rule_put,
    .remove_rule = rule_remove,
    .auto_reply = auto_reply_get,
    .set_auto_reply = auto_reply_set,
    .options = options_get,
    .put_options = options_put,
    .categories = categories_get,
    .add_categories = categories_add,
    .photo = photo_get,
    .set_photo = photo_set,
    .resolve = resolve_address,
    .own_name = own_name_get,
    .permissions = permissions_get,
    .set_permissions = permissions_set,
    .delegates = delegates_get,
    .add_delegate = delegates_add,
    .update_delegate = delegates_update,
    .set_delivery = delegates_set_delivery,
    .stats = mailbox_stats,
    .free = mailbox_free,
};

static struct endpoint *handle_new(struct core *core, unsigned int caps)
{
    struct mailbox *mb = g_new0(struct mailbox, 1);

    mb->base.ops = &mailbox_ops;
    mb->base.caps = caps;
    mb->core = core;
    return &mb->base;
}

/* It goes into a header line and into XML: nothing but what is an address. */
static bool is_address(const char *address)
{
    const char *at = strrchr(address, '@');

    if (at == NULL || at == address || at[1] == '\0' ||
        strlen(address) > ADDRESS_MAX || !g_utf8_validate(address, -1, NULL))
        return false;
    for (const char *p = address; *p != '\0'; p++) {
        if ((unsigned char)*p <= ' ' || *p == 0x7f)
            return false;
    }
    return true;
}

int ews_mailbox_new(struct ews_site *site,
                    const struct ews_mailbox_config *config,
                    struct endpoint **ret, struct err *err)
{
    const struct ews_login *login = config->login;
    struct credential *account;
    struct core *core;

    if (!is_address(config->address))
        return err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
                       "\"%s\" is no mail address", config->address);
    account = login == NULL
                  ? accounts_take(site->accounts, config->address)
                  : site_credential(site,
                                    login->user != NULL ? login->user
                                                        : config->address,
                                    login->password);
    if (account == NULL)
        return err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
                       "mailbox \"%s\": there is neither a password of its own "
                       "nor an administrative account",
                       config->address);
    core = core_new(site, config->address);
    core->cancel = config->cancel != NULL ? config->cancel : site->cancel;
    core->own_login = login != NULL;
    core->credential = account;
    core_set_rights(core, ENDPOINT_RIGHTS_UNKNOWN);
    *ret = handle_new(core, 0);
    return 0;
}
