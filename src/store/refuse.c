#include "store/store_priv.h"

char *store_text_dup(const char *text)
{
    size_t n;

    if (text == NULL)
        return NULL;
    n = strnlen(text, STORE_TEXT_MAX);
    /* UTF-8: a byte 10xxxxxx goes on with a character: cut before its head. */
    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    return g_strndup(text, n);
}

uint64_t store_size(uint64_t size_bytes)
{
    return MIN(size_bytes, STORE_SIZE_MAX);
}

const char *store_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static int refuse(struct err *err, const char *name, const char *remedy)
{
    err->name = name;
    return err_remedy(err, remedy);
}

int store_check(struct err *err, const char *what, const char *text, size_t max)
{
    if (text == NULL || text[0] == '\0') {
        err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "%s is missing", what);
        return refuse(err, "missing", NULL);
    }
    return store_check_opt(err, what, text, max);
}

int store_check_opt(struct err *err, const char *what, const char *text,
                    size_t max)
{
    if (text == NULL || strnlen(text, max + 1) <= max)
        return 0;
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "%s \"%.60s...\" is longer than %zu bytes", what, text, max);
    return refuse(err, "too-long", NULL);
}

int store_check_token(struct err *err, const char *token)
{
    return store_check_opt(err, "sync token", token, STORE_TOKEN_MAX);
}

int store_refuse_lease(struct err *err, const struct store_lease *lease,
                       int64_t current)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "mailbox %" G_GINT64_FORMAT ": lease %" G_GINT64_FORMAT
            " is lost: the mailbox was taken over by lease %" G_GINT64_FORMAT,
            lease->mailbox_id, lease->number, current);
    return refuse(err, "lease-lost",
                  "nothing to do: the worker that took the mailbox over goes "
                  "on with it");
}

int store_refuse_missing(struct err *err, const char *what, int64_t id)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "%s %" G_GINT64_FORMAT " is not in the ledger", what, id);
    return refuse(err, "not-found", NULL);
}

int store_refuse_state(struct err *err, int64_t item_id, enum item_state is,
                       enum item_state to)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "item %" G_GINT64_FORMAT ": \"%s\" cannot become \"%s\"", item_id,
            item_state_name(is), item_state_name(to));
    return refuse(err, "wrong-state", NULL);
}

int store_refuse_taken(struct err *err, int64_t item_id,
                       const char *destination_id)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "item %" G_GINT64_FORMAT
            ": destination item \"%.80s\" is another one's",
            item_id, destination_id);
    return refuse(err, "taken", NULL);
}

int store_refuse_full(struct err *err, int64_t folder_id)
{
    err_set(err, ERR_FOLDER, ERR_RETRY_NEVER, 0,
            "folder %" G_GINT64_FORMAT ": more than %" G_GINT64_FORMAT " items",
            folder_id, ITEM_NUMBER_MAX);
    return refuse(err, "folder-full", "split the folder at the source");
}

int store_refuse_migration(struct err *err, const struct store_migration *is,
                           const struct store_migration *other)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "the state file is of the migration from \"%s\" to \"%s\", not "
            "from \"%s\" to \"%s\"",
            is->source_url, is->destination_url, other->source_url,
            other->destination_url);
    return refuse(err, "other-migration",
                  "use a state file of its own for each pair of servers");
}
