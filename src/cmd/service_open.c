#include "cmd/service_open.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/config_file.h"

const struct roster_actor service_actor_here = { "command line", NULL };

static enum cmd_status fail(const struct cmd_context *ctx,
                            const struct err *err)
{
    return cmd_fail(ctx, CMD_NOTHING_DONE, err);
}

static int make_directory(const char *path, struct err *err)
{
    if (g_mkdir_with_parents(path, 0700) == 0)
        return 0;
    err_errno(err, ERR_RUN, errno, "data directory \"%s\"", path);
    return err_remedy(err, "give one that you may write to: "
                           "--data-directory DIR, or service.data-directory "
                           "in the configuration");
}

static int open_all(struct service_data *d, enum store_mode mode,
                    struct err *err)
{
    const char *directory = config_text(d->config, CONFIG_DATA_DIRECTORY);
    const char *where = config_text(d->config, CONFIG_STORE_DATABASE);
    g_autofree char *path = database_is_url(where)
                                ? g_strdup(where)
                                : config_path(d->config, CONFIG_STORE_DATABASE);
    g_autofree char *key = config_path(d->config, CONFIG_KEY_FILE);

    if (make_directory(directory, err) < 0 ||
        keyfile_load(key, true, &d->keys, &d->key_made, err) < 0 ||
        database_open(path, mode, &d->database, err) < 0)
        return -1;
    d->roster = roster_new(d->database);
    d->jobs = database_jobs(d->database);
    d->migrations = migrations_new(d->database, d->jobs, d->keys);
    return 0;
}

static enum cmd_status load(struct service_data *d,
                            const struct cmd_context *ctx,
                            const char *config_file, const char *const *given,
                            enum store_mode mode)
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
    return open_all(d, mode, &err) < 0 ? fail(ctx, &err) : CMD_OK;
}

enum cmd_status service_data_open(struct service_data *d,
                                  const struct cmd_context *ctx,
                                  const char *config_file,
                                  const char *const *given)
{
    return load(d, ctx, config_file, given, STORE_WRITE);
}

enum cmd_status service_data_open_beside(struct service_data *d,
                                         const struct cmd_context *ctx,
                                         const char *config_file)
{
    return load(d, ctx, config_file, NULL, STORE_BESIDE);
}

void service_data_close(struct service_data *d)
{
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
