#include <unistd.h>

#include "base/keyfile.h"
#include "base/sign.h"
#include "cmd/cmd.h"
#include "cmd/config_file.h"
#include "cmd/service_open.h"

enum action {
    ACTION_NEW,
    ACTION_SHOW_ID,
    ACTION_SHOW,
    ACTION_ROTATE,
    ACTION_RESEAL,
    ACTION_RETIRE,
};

struct key_options {
    int action; /* enum action */
    const char *config, *file;
};

static enum cmd_status make(const struct cmd_context *ctx, const char *path)
{
    g_autoptr(keyring) k = keyring_new();
    char id[SEAL_ID_SIZE];
    struct err err;

    if (keyfile_make(path, k, &err) < 0)
        return cmd_give_up(ctx, &err);
    keyring_id(k, 0, id);
    fprintf(ctx->out, "%s: key %s\n", path, id);
    return CMD_OK;
}

static enum cmd_status show_id(const struct cmd_context *ctx, const char *path)
{
    g_autoptr(keyring) k = NULL;
    struct err err;

    if (keyfile_load(path, false, &k, NULL, &err) < 0)
        return cmd_give_up(ctx, &err);
    for (size_t i = 0; i < keyring_n(k); i++) {
        char id[SEAL_ID_SIZE] = "";

        keyring_id(k, i, id);
        fprintf(ctx->out, "%s %s\n", id, i == 0 ? "seals" : "opens only");
    }
    return CMD_OK;
}

/* What certificates are checked with, to be published apart from them. */
static enum cmd_status show(const struct cmd_context *ctx, const char *path)
{
    g_autoptr(keyring) k = NULL;
    g_autofree char *lines = NULL;
    struct err err;

    if (keyfile_load(path, false, &k, NULL, &err) < 0)
        return cmd_give_up(ctx, &err);
    lines = sign_keys_text(k);
    fputs(lines, ctx->out);
    return CMD_OK;
}

static enum cmd_status rotate(const struct cmd_context *ctx, const char *path)
{
    g_autoptr(keyring) k = NULL, both = NULL;
    char new[SEAL_ID_SIZE], old[SEAL_ID_SIZE] = "";
    struct err err;

    if (keyfile_load(path, false, &k, NULL, &err) < 0)
        return cmd_give_up(ctx, &err);
    if (keyring_n(k) == SEAL_KEYS_MAX) {
        keyring_id(k, 1, old);
        err_set(&err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "key file \"%s\": key %s has not been retired yet, and would "
                "be lost with what it sealed",
                path, old);
        return cmd_give_up(ctx, &err);
    }
    both = keyring_rotated(k);
    if (keyfile_replace(path, both, &err) < 0)
        return cmd_give_up(ctx, &err);
    keyring_id(both, 0, new);
    keyring_id(both, 1, old);
    fprintf(ctx->out,
            "%s: key %s seals from now on; key %s opens what it has sealed\n",
            path, new, old);
    return CMD_OK;
}

/* ---- what it has sealed -------------------------------------------------- */

static int reseal_all(const struct cmd_context *ctx, struct service_data *d,
                      struct err *err)
{
    uint64_t n = 0;

    if (migrations_reseal(d->migrations, &service_actor_here, &n, err) < 0)
        return -1;
    fprintf(ctx->out, "%" G_GUINT64_FORMAT " secrets sealed anew\n", n);
    return 0;
}

static int retire_old(const struct cmd_context *ctx, struct service_data *d,
                      struct err *err)
{
    g_autofree char *path = config_path(d->config, CONFIG_KEY_FILE);
    g_autoptr(keyring) one = NULL;
    char old[SEAL_ID_SIZE];

    if (keyring_n(d->keys) < SEAL_KEYS_MAX) {
        fprintf(ctx->out, "%s: there is no older key\n", path);
        return 0;
    }
    keyring_id(d->keys, 1, old);
    one = keyring_retired(d->keys);
    if (keyfile_replace(path, one, err) < 0)
        return -1;
    fprintf(ctx->out, "%s: key %s is gone\n", path, old);
    return 0;
}

/* The old key goes only when nothing is sealed with it any more. */
static enum cmd_status in_database(const struct cmd_context *ctx,
                                   const struct key_options *o)
{
    struct service_data d;
    enum cmd_status status =
        service_data_open(&d, SERVICE_BESIDE, ctx, o->config, NULL);
    struct err err;

    if (status == CMD_OK &&
        (reseal_all(ctx, &d, &err) < 0 ||
         (o->action == ACTION_RETIRE && retire_old(ctx, &d, &err) < 0)))
        status = cmd_give_up(ctx, &err);
    service_data_close(&d);
    return status;
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    static enum cmd_status (*const actions[])(const struct cmd_context *ctx,
                                              const char *path) = {
        [ACTION_NEW] = make,
        [ACTION_SHOW_ID] = show_id,
        [ACTION_SHOW] = show,
        [ACTION_ROTATE] = rotate,
    };
    const struct key_options *o = options;
    g_autoptr(config) c = NULL;
    g_autofree char *path = NULL;
    const char *given[CONFIG_N] = { [CONFIG_KEY_FILE] = o->file };
    enum cmd_status status;

    if (o->action >= ACTION_RESEAL && o->file != NULL)
        return cmd_usage(ctx, &cmd_key,
                         "the key file is that of the service: see --config");
    if (o->action >= ACTION_RESEAL)
        return in_database(ctx, o);
    status = config_file_load(
        ctx,
        &(struct config_sources){ config_file_choose(o->config),
                                  (const char *const *)environ, given },
        &c);

    if (status != CMD_OK)
        return status;
    path =
        o->file != NULL ? g_strdup(o->file) : config_path(c, CONFIG_KEY_FILE);
    return actions[o->action](ctx, path);
}

/* clang-format off */
#define O(field) offsetof(struct key_options, field)
static const struct opt rows[] = {
    { .long_name = "config", .type = OPT_FILE, .offset = O(config),
      .arg = "FILE", .env = "MAILFERRY_CONFIG",
      .help = "configuration of the service, which says where the key is" },
    { .long_name = "key-file", .type = OPT_FILE, .offset = O(file),
      .arg = "FILE",
      .help = "the key file, relative to where you are" },
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Key", rows, 0 },
    { NULL },
};
static const struct opt_word actions[] = {
    { "new", ACTION_NEW, "make a key file; one that is there stays" },
    { "show-id", ACTION_SHOW_ID, "which keys are in it" },
    { "show", ACTION_SHOW, "the public keys that certificates are checked "
      "with" },
    { "rotate", ACTION_ROTATE, "a new key seals, the old one still opens" },
    { "reseal", ACTION_RESEAL, "what the old key sealed in the database is "
      "sealed with the new one" },
    { "retire", ACTION_RETIRE, "the same, and then the old key goes" },
    { NULL },
};
static const struct opt_arg args[] = {
    { "ACTION", OPT_WORD, O(action), true, "what to do", actions },
    { NULL },
};
#undef O
/* clang-format on */

static const struct cmd_example examples[] = {
    { "mailferry key show-id", "which key a machine has: ids, never the key" },
    { "mailferry key show", "what to publish, so that anybody can check a "
                            "certificate" },
    { "mailferry key new --key-file sealing.key",
      "a key to be copied to every machine before its first start" },
    { NULL },
};

const struct cmd cmd_key = {
    .name = "key",
    .summary = "make, name or rotate the key that seals passwords at rest",
    .description =
        "The service seals every password that it keeps with one key.  It "
        "makes the key file on its first start; machines that work on one "
        "database need the same file.  Who has the database and the key has "
        "the passwords, so keep them apart in backups.\n"
        "\n"
        "The key may also come from MAILFERRY_SEALING_KEY or from the systemd "
        "credential sealing-key, which outrank the file.  Rotate after "
        "somebody may have read it, copy the file to the other machines and "
        "start the service and its workers again: from then on all seal with "
        "the new key.  Then retire the old one, and copy the file once more.  "
        "Certificates are signed under a new public key then, too: publish it "
        "beside the old one, with which older certificates are checked.",
    .spec = { groups, args },
    .options_size = sizeof(struct key_options),
    .examples = examples,
    .dies_at_once = true,
    .run = run,
};
