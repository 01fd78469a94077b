#include <string.h>

#include "base/timestamp.h"
#include "desk/desk_priv.h"

/* Contacts of one account that are looked through for one to write to. */
#define CONTACTS_MAX 200

static const char *const paths[REQUEST_N_PURPOSES] = {
    [REQUEST_TO_APPROVE] = "approve",
    [REQUEST_TO_SUPPLY] = "supply",
    [REQUEST_TO_CUT_OVER] = "cutover",
    [REQUEST_TO_READ] = "certificate",
};

char *desk_link(const struct desk *d, enum request_purpose purpose,
                const char *token)
{
    return g_strdup_printf("%s/%s/%s", d->public_url, paths[purpose], token);
}

/* ---- the desk ------------------------------------------------------------ */

bool desk_is_configured(const struct config *c)
{
    return config_text(c, CONFIG_DESK_ADDRESS) != NULL;
}

/* That an address comes with a public URL, the configuration sees to. */
static int check(const struct config *c, struct err *err)
{
    if (desk_is_configured(c) && config_text(c, CONFIG_HTTP_PUBLIC_URL) != NULL)
        return 0;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "there is no desk in this configuration");
    return err_remedy(err, "set desk.address to the address of the support "
                           "mailbox, and http.public-url");
}

/* Of a file with several faults the first is told, and how many follow. */
static int refuse_prices(const char *path, const GPtrArray *faults,
                         struct err *err)
{
    const struct price_fault *f = faults->pdata[0];

    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s:%u: %s", path, f->line,
            f->text);
    return err_remedy(err, f->remedy);
}

static int read_prices(const struct config *c, struct price_list **ret,
                       struct err *err)
{
    g_autofree char *path = config_path(c, CONFIG_DESK_PRICE_LIST);
    g_autofree char *text = NULL;
    g_autoptr(GPtrArray) faults = NULL;
    GError *error = NULL;
    gsize n;

    if (path == NULL)
        return 0;
    if (!g_file_get_contents(path, &text, &n, &error)) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "price list: %s",
                error->message);
        g_error_free(error);
        return -1;
    }
    *ret = price_list_read(text, n, &faults);
    return *ret != NULL ? 0 : refuse_prices(path, faults, err);
}

static char *without_slash(const char *url)
{
    return g_strndup(url, strlen(url) - (g_str_has_suffix(url, "/") ? 1 : 0));
}

int desk_open(const struct config *c, const struct desk_stores *stores,
              struct desk **ret, struct err *err)
{
    g_autofree char *folder = config_path(c, CONFIG_DESK_TEMPLATES);
    g_autoptr(desk) d = g_new0(struct desk, 1);

    if (check(c, err) < 0 || letters_load(folder, &d->letters, err) < 0 ||
        read_prices(c, &d->prices, err) < 0)
        return -1;
    d->stores = *stores;
    d->requests = requests_new(stores->database, stores->keys);
    d->address = g_strdup(config_text(c, CONFIG_DESK_ADDRESS));
    d->name = g_strdup(config_text(c, CONFIG_DESK_NAME));
    d->alerts = g_strdup(config_text(c, CONFIG_DESK_ALERTS));
    d->public_url = without_slash(config_text(c, CONFIG_HTTP_PUBLIC_URL));
    d->minded = config_text(c, CONFIG_DESK_DESTINATION) != NULL;
    d->wait_us = config_us(c, CONFIG_DESK_WAIT);
    d->owner_us = config_us(c, CONFIG_DESK_OWNER_TIME);
    d->sweep_us = config_us(c, CONFIG_DESK_SWEEP);
    d->every_us = config_us(c, CONFIG_DESK_SWEEP_EVERY);
    d->a_day = config_number(c, CONFIG_DESK_A_DAY);
    *ret = g_steal_pointer(&d);
    return 0;
}

void desk_close(struct desk *d)
{
    if (d == NULL)
        return;
    requests_free(d->requests);
    letters_free(d->letters);
    price_list_free(d->prices);
    g_free(d->address);
    g_free(d->name);
    g_free(d->alerts);
    g_free(d->public_url);
    g_free(d);
}

/* ---- who is written to --------------------------------------------------- */

/* The lower the better; 0: not at all. */
static unsigned int rank(const struct roster_contact *k, const char *writer,
                         const char *opened_by)
{
    if (k->disabled_us != 0 || (k->roles & CONTACT_MAY_ASK) == 0)
        return 0;
    if (writer != NULL && g_ascii_strcasecmp(k->address, writer) == 0)
        return 1;
    if (g_ascii_strcasecmp(k->address, opened_by) == 0)
        return 2;
    return (k->roles & (1u << CONTACT_PRIMARY)) != 0 ? 3 : 4;
}

int desk_contact(struct desk *d, const struct request *r,
                 struct roster_contact **ret, struct err *err)
{
    return desk_contact_for(d, r, NULL, ret, err);
}

int desk_contact_for(struct desk *d, const struct request *r,
                     const char *writer, struct roster_contact **ret,
                     struct err *err)
{
    const struct contact_filter filter = { .account_id = r->account_id };
    const struct roster_page page = { .limit = CONTACTS_MAX };
    g_autoptr(GPtrArray) all = NULL;
    unsigned int best = 0;
    guint at = 0;

    if (roster_contacts(d->stores.roster, &filter, &page, &all, err) < 0)
        return -1;
    for (guint i = 0; i < all->len; i++) {
        unsigned int this = rank(all->pdata[i], writer, r->opened_by);

        if (this != 0 && (best == 0 || this < best)) {
            best = this;
            at = i;
        }
    }
    if (best == 0)
        return 0;
    *ret = g_ptr_array_steal_index(all, at);
    return 1;
}
