#include "cmd/desk_files.h"

#include "base/ini.h"
#include "cmd/mail_server.h"
#include "desk/letter.h"
#include "desk/price.h"

/* Takes over where. */
static void add(GPtrArray *faults, char *where, const struct err *why)
{
    struct config_fault *f = g_new(struct config_fault, 1);

    *f = (struct config_fault){ where, *why };
    g_ptr_array_add(faults, f);
}

static void add_key(GPtrArray *faults, const struct config *c,
                    enum config_key key, struct err *why)
{
    const struct config_row *row = &config_rows[key];

    err_in(why, "%s.%s", row->section, row->key);
    add(faults, g_strdup(config_origin(c, key)), why);
}

static void add_price(GPtrArray *faults, const char *path,
                      const struct price_fault *p)
{
    struct err why;

    err_set(&why, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", p->text);
    err_remedy(&why, p->remedy);
    add(faults,
        p->line != 0 ? g_strdup_printf("%s:%u", path, p->line) : g_strdup(path),
        &why);
}

static void check_prices(const struct config *c, GPtrArray *faults)
{
    g_autofree char *path = config_path(c, CONFIG_DESK_PRICE_LIST);
    g_autoptr(GPtrArray) found = NULL;
    g_autoptr(price_list) prices = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    struct err why;
    gsize n;

    if (path == NULL)
        return;
    if (!g_file_get_contents(path, &text, &n, &error)) {
        err_set(&why, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", error->message);
        add_key(faults, c, CONFIG_DESK_PRICE_LIST, &why);
        return;
    }
    if (n > INI_FILE_MAX) {
        err_set(&why, ERR_RUN, ERR_RETRY_NEVER, 0,
                "file \"%s\" is larger than %d bytes", path, INI_FILE_MAX);
        add_key(faults, c, CONFIG_DESK_PRICE_LIST, &why);
        return;
    }
    prices = price_list_read(text, n, &found);
    for (guint i = 0; i < found->len; i++)
        add_price(faults, path, found->pdata[i]);
}

static void check_templates(const struct config *c, GPtrArray *faults)
{
    g_autofree char *folder = config_path(c, CONFIG_DESK_TEMPLATES);
    g_autoptr(letters) templates = NULL;
    struct err why;

    if (folder == NULL)
        return;
    if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
        err_set(&why, ERR_RUN, ERR_RETRY_NEVER, 0, "there is no folder \"%s\"",
                folder);
    else if (letters_load(folder, &templates, &why) == 0)
        return;
    add_key(faults, c, CONFIG_DESK_TEMPLATES, &why);
}

static void check_mail_server(const struct config *c, GPtrArray *faults)
{
    g_auto(mail_server) m = { 0 };
    enum config_key key;
    struct err why;

    if (mail_server_read(c, &m, &key, &why) < 0)
        add_key(faults, c, key, &why);
}

void desk_files_check(const struct config *c, GPtrArray *faults)
{
    check_prices(c, faults);
    check_templates(c, faults);
    check_mail_server(c, faults);
}
