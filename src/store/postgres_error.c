/*
 * What PostgreSQL's failures mean for the person who must do something about
 * them.  https://www.postgresql.org/docs/15/errcodes-appendix.html
 *
 * What a passing state of the server causes is worth waiting for: the whole
 * service depends on the one database, and goes on when it is back.
 */
#include "store/postgres_priv.h"

struct cause {
    const char *state; /* an SQLSTATE, or the beginning of several */
    enum err_retry retry;
    const char *name, *text, *remedy;
};

static const char lost_remedy[] =
    "see whether the database runs and can be reached; what was recorded is "
    "not lost";

/* clang-format off */
static const struct cause causes[] = {
    { "08",    ERR_RETRY_WAIT,  "store-lost",    "connection lost", lost_remedy },
    { "57P",   ERR_RETRY_WAIT,  "store-lost",    "connection lost", lost_remedy },
    { "25P03", ERR_RETRY_WAIT,  "store-lost",    "transaction left open too long",
      "see whether this machine was stopped for a while" },
    { "40",    ERR_RETRY_WAIT,  "store-busy",    "others are in the way", NULL },
    { "55P03", ERR_RETRY_WAIT,  "store-busy",    "another transaction holds a lock",
      "see in pg_stat_activity who does" },
    { "57014", ERR_RETRY_WAIT,  "store-busy",    "statement was cancelled", NULL },
    { "53100", ERR_RETRY_WAIT,  STORE_DISK_FULL,     "no space is left on its disk",
      "free some space; nothing that was recorded is lost" },
    { "53300", ERR_RETRY_WAIT,  "store-busy",    "it takes no more connections",
      "raise max_connections, or run fewer workers" },
    { "53",    ERR_RETRY_WAIT,  "store-busy",    "it is short of something", NULL },
    { "25006", ERR_RETRY_NEVER, STORE_IO,      "cannot be written",
      "name the primary server, not a standby; or see who has set "
      "default_transaction_read_only" },
    { "28",    ERR_RETRY_NEVER, "store-refused", "it does not let us in",
      "see to the user, the password and pg_hba.conf" },
    { "3D000", ERR_RETRY_NEVER, "store-missing", "there is no such database",
      "make it: createdb NAME" },
    { "42501", ERR_RETRY_NEVER, "store-refused", "the user may not do that",
      "make the user the owner of the database" },
    { "XX001", ERR_RETRY_NEVER, "store-damaged", "is damaged",
      "restore a backup" },
    { "XX002", ERR_RETRY_NEVER, "store-damaged", "an index is damaged",
      "REINDEX DATABASE, or restore a backup" },
};
/* clang-format on */

int pg_fail_lost(const struct pg_db *d, const char *text, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_WAIT, 0, "database \"%s\": %s", d->url.name,
            text);
    err->name = "store-lost";
    return err_remedy(err, lost_remedy);
}

int pg_fail_unknown(const struct pg_db *d, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_WAIT, 0,
            "database \"%s\": connection lost while it recorded: it may have "
            "done so or not",
            d->url.name);
    err->name = "store-unknown";
    return err_remedy(err, lost_remedy);
}

/* What does not fit into an index came from outside. */
static int fail_too_long(const struct pg_db *d, const char *text,
                         struct err *err)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "database \"%s\": %s",
            d->url.name, text);
    err->name = "too-long";
    return -1;
}

int pg_fail_state(const struct pg_db *d, const char *state, const char *text,
                  struct err *err)
{
    if (strcmp(state, "54000") == 0)
        return fail_too_long(d, text, err);
    for (size_t i = 0; i < G_N_ELEMENTS(causes); i++) {
        const struct cause *cause = &causes[i];

        if (!g_str_has_prefix(state, cause->state))
            continue;
        err_set(err, ERR_RUN, cause->retry, 0, "database \"%s\": %s: %s",
                d->url.name, cause->text, text);
        err->name = cause->name;
        return err_remedy(err, cause->remedy);
    }
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "database \"%s\": %s (%s)",
            d->url.name, text, state);
    err->name = "store-internal";
    return -1;
}

int pg_fail(struct pg_conn *c, const PGresult *result, struct err *err)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    /* The row's values would be in the detail: it is left out. */
    if (state != NULL && text != NULL)
        pg_fail_state(c->db, state, text, err);
    else
        pg_fail_lost(c->db, "connection lost", err);
    db_fault_note(&c->db->base.fault, err);
    /* libpq itself may notice only at the next call. */
    if (g_strcmp0(err->name, "store-lost") == 0)
        c->lost = true;
    return -1;
}
