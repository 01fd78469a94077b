#include "cmd/mail_server.h"

void mail_server_clear(struct mail_server *m)
{
    g_free(m->ca_file);
    secret_free(m->password);
    *m = (struct mail_server){ 0 };
}

/* What no value can tell alone. */
static int check(const struct config *c, enum config_key *ret_key,
                 struct err *err)
{
    if (config_text(c, CONFIG_DESK_ADDRESS) == NULL) {
        *ret_key = CONFIG_MAIL_SERVER;
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "it is not known whom its mails come from");
        return err_remedy(err, "give desk.address too");
    }
    if ((config_text(c, CONFIG_MAIL_USER) != NULL) !=
        (config_text(c, CONFIG_MAIL_PASSWORD) != NULL)) {
        *ret_key = CONFIG_MAIL_SERVER;
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "a user without a password, or the other way round");
        return err_remedy(err, "give mail.user and mail.password-file, or "
                               "neither");
    }
    return 0;
}

/* A fault that shows only once nobody looks any more. */
static int check_ca_file(const char *path, struct err *err)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    if (path == NULL || g_file_get_contents(path, &text, NULL, &error))
        return 0;
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", error->message);
}

static int read_parts(const struct config *c, struct mail_server *m,
                      enum config_key *ret_key, struct err *err)
{
    g_autofree char *password = config_path(c, CONFIG_MAIL_PASSWORD);

    *ret_key = CONFIG_MAIL_PASSWORD;
    if (password != NULL && secret_from_file(password, &m->password, err) < 0)
        return -1;
    *ret_key = CONFIG_MAIL_CA_FILE;
    m->ca_file = config_path(c, CONFIG_MAIL_CA_FILE);
    if (check_ca_file(m->ca_file, err) < 0)
        return -1;
    m->server = (struct smtp_server){
        .url = config_text(c, CONFIG_MAIL_SERVER),
        .tls = (enum smtp_tls)config_word(c, CONFIG_MAIL_TLS),
        .user = config_text(c, CONFIG_MAIL_USER),
        .password = m->password,
        .ca_file = m->ca_file,
        .deadline_ms = (uint32_t)(config_us(c, CONFIG_MAIL_TIME) / 1000),
    };
    *ret_key = CONFIG_MAIL_SERVER;
    return smtp_check(&m->server, err);
}

int mail_server_read(const struct config *c, struct mail_server *ret,
                     enum config_key *ret_key, struct err *err)
{
    g_auto(mail_server) m = { 0 };

    if (config_text(c, CONFIG_MAIL_SERVER) == NULL)
        return 0;
    if (check(c, ret_key, err) < 0 || read_parts(c, &m, ret_key, err) < 0)
        return -1;
    *ret = m;
    m = (struct mail_server){ 0 };
    return 1;
}
