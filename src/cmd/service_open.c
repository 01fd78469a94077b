#include "cmd/service_open.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/config_file.h"
#include "desk/desk.h"
#include "store/requests.h"

const struct roster_actor service_actor_here = { "command line", NULL };

static int make_directory(const char *path, struct err *err)
{
    if (g_mkdir_with_parents(path, 0700) == 0)
        return 0;
    err_errno(err, ERR_RUN, errno, "data directory \"%s\"", path);
    return err_remedy(err, "give one that you may write to: "
                           "--data-directory DIR, or service.data-directory "
                           "in the configuration");
}

/* Of a file that must be there; a server says so itself. */
static int must_be_there(const char *where, struct err *err)
{
    if (database_is_url(where) || access(where, F_OK) == 0)
        return 0;
    err_errno(err, ERR_RUN, errno, "the service's database \"%s\"", where);
    return err_remedy(err, "name the service's configuration (--config); the "
                           "first operator of a new one is made by "
                           "\"mailferry operator add\"");
}

/*
 * A key made beside secrets that another has sealed would hide that that one
 * is missing, until the first mailbox is opened.
 */
static int make_key(struct service_data *d, const char *path, struct err *err)
{
    if (database_check_keys(d->database, NULL, err) == 0)
        return keyfile_load(path, true, &d->keys, &d->key_made, err);
    if (g_strcmp0(err->name, "seal-key") != 0)
        return -1;
    err_in(err, "key file \"%s\" is not there", path);
    return err_remedy(err, "copy it from the machine or the safe place where "
                           "it is; if it is lost, \"mailferry key new\" makes "
                           "another, and what was sealed has to be entered "
                           "again");
}

static int open_all(struct service_data *d, enum service_use use,
                    struct err *err)
{
    const bool beside = use == SERVICE_BESIDE || use == SERVICE_FIRST;
    const char *directory = config_text(d->config, CONFIG_DATA_DIRECTORY);
    const char *where = config_text(d->config, CONFIG_STORE_DATABASE);
    g_autofree char *path = database_is_url(where)
                                ? g_strdup(where)
                                : config_path(d->config, CONFIG_STORE_DATABASE);
    g_autofree char *key = config_path(d->config, CONFIG_KEY_FILE);
    bool no_key;

    if (use == SERVICE_BESIDE && must_be_there(path, err) < 0)
        return -1;
    if (make_directory(directory, err) < 0)
        return -1;
    no_key = keyfile_load(key, false, &d->keys, NULL, err) < 0;
    if (no_key && err->code != ENOENT)
        return -1;
    if (no_key && use == SERVICE_WORK)
        return err_remedy(err, "a worker needs a copy of the service's key "
                               "file (--key-file)");
    if (database_open(path, beside ? STORE_BESIDE : STORE_WRITE, &d->database,
                      err) < 0 ||
        (no_key && make_key(d, key, err) < 0) ||
        (use == SERVICE_WORK &&
         database_check_keys(d->database, d->keys, err) < 0))
        return -1;
    d->roster = roster_new(d->database);
    d->jobs = database_jobs(d->database);
    d->migrations = migrations_new(d->database, d->jobs, d->keys);
    d->requests = requests_new(d->database, d->keys);
    return 0;
}

enum cmd_status service_data_open(struct service_data *d, enum service_use use,
                                  const struct cmd_context *ctx,
                                  const char *config_file,
                                  const char *const *given)
{
    enum cmd_status status;
    struct err err;

    *d = (struct service_data){ 0 };
    status = config_file_load(
        ctx,
        &(struct config_sources){ config_file_choose(config_file),
                                  (const char *const *)environ, given },
        &d->config);
    if (status != CMD_OK)
        return status;
    return open_all(d, use, &err) < 0 ? cmd_give_up(ctx, &err) : CMD_OK;
}

enum cmd_status service_data_desk(struct service_data *d,
                                  const struct cmd_context *ctx)
{
    const struct desk_stores stores = { d->database, d->roster, d->jobs,
                                        d->migrations, d->keys };
    struct err err;

    return desk_open(d->config, &stores, &d->desk, &err) < 0
               ? cmd_give_up(ctx, &err)
               : CMD_OK;
}

void service_data_close(struct service_data *d)
{
    desk_close(d->desk);
    requests_free(d->requests);
    migrations_free(d->migrations);
    jobs_free(d->jobs);
    roster_free(d->roster);
    database_close(d->database);
    if (d->keys != NULL)
        keyring_free(d->keys);
    config_free(d->config);
}

struct log *service_log_new(const struct cmd_context *ctx,
                            const struct config *c)
{
    return log_new(ctx->err, (enum log_level)config_word(c, CONFIG_LOG_LEVEL),
                   config_word(c, CONFIG_LOG_FORMAT) == 1);
}

bool service_shows_password(const char *const *given)
{
    const char *url = given[CONFIG_STORE_DATABASE];
    g_autoptr(GUri) uri =
        url != NULL ? g_uri_parse(url, G_URI_FLAGS_HAS_PASSWORD, NULL) : NULL;

    return uri != NULL && g_uri_get_password(uri) != NULL;
}
