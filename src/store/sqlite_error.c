/*
 * What SQLite's failures mean for the person who must do something about
 * them.  https://www.sqlite.org/rescode.html
 */
#include <errno.h>

#include "store/sqlite_priv.h"

struct cause {
    int code; /* primary result code */
    const char *name, *text, *remedy;
};

static const char folder_remedy[] =
    "the file must be readable and its folder writable, also for reading: two "
    "more files beside it are needed while it is in use";

/* clang-format off */
static const struct cause causes[] = {
    { SQLITE_FULL, STORE_DISK_FULL, "no space is left on its disk",
      "free some space and run the same command again; nothing that was "
      "recorded is lost" },
    { SQLITE_IOERR, STORE_IO, "cannot be read or written",
      "see to the disk or the file system, then run the same command again" },
    { SQLITE_CANTOPEN, STORE_IO, "cannot be opened", folder_remedy },
    { SQLITE_READONLY, STORE_IO, "cannot be written", folder_remedy },
    { SQLITE_PERM, STORE_IO, "may not be used", "see to its permissions" },
    { SQLITE_AUTH, STORE_IO, "may not be used", "see to its permissions" },
    { SQLITE_BUSY, "store-busy", "is held by another process",
      "wait for the other process to end, then run the same command again" },
};
/* clang-format on */

static const char damage_remedy[] =
    "restore a backup; or begin anew with another state file (--state) and "
    "--adopt, which finds at the destination what was copied. sqlite3's "
    ".recover, on a copy of the file and of the one that ends in -wal, may "
    "save "
    "most of what is in it";

static int fail_damaged(struct sq_file *file, int code, const char *text,
                        struct err *err)
{
    atomic_store(&file->damaged, true);
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, code,
            "state file \"%s\" is damaged: %s", file->path, text);
    err->name = "store-damaged";
    return err_remedy(err, damage_remedy);
}

int sq_refuse_damaged(struct sq_file *file, struct err *err)
{
    return fail_damaged(file, SQLITE_CORRUPT,
                        "nothing is written to it any more", err);
}

static int fail_cause(struct sq_file *file, const struct cause *cause,
                      const char *detail, struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, cause->code,
            "state file \"%s\" %s%s%s", file->path, cause->text,
            detail != NULL ? ": " : "", detail != NULL ? detail : "");
    err->name = cause->name;
    return err_remedy(err, cause->remedy);
}

static const struct cause *find_cause(int code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(causes); i++)
        if (causes[i].code == code)
            return &causes[i];
    return NULL;
}

int sq_fail_code(struct sq_file *file, int code, int system_errno,
                 const char *text, struct err *err)
{
    int primary = code & 0xff;
    const struct cause *cause = find_cause(primary);

    if (primary == SQLITE_NOMEM && code != SQLITE_IOERR_NOMEM)
        g_error("out of memory");
    if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB)
        return fail_damaged(file, primary, text, err);
    /* A full disk shows as a failed write where the file is mapped. */
    if (primary == SQLITE_IOERR && system_errno == ENOSPC)
        cause = find_cause(SQLITE_FULL);
    if (cause != NULL && cause->code == SQLITE_FULL)
        return fail_cause(file, cause, NULL, err);
    if (cause != NULL)
        return fail_cause(file, cause,
                          system_errno != 0 ? g_strerror(system_errno) : text,
                          err);
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, code, "state file \"%s\": %s",
            file->path, text);
    err->name = "store-internal";
    return -1;
}

int sq_fail(struct sqlite_conn *c, struct err *err)
{
    sq_fail_code(c->file, sqlite3_extended_errcode(c->db),
                 sqlite3_system_errno(c->db), sqlite3_errmsg(c->db), err);
    if (c->use == SQLITE_USE_WRITE && c->file->fault != NULL)
        db_fault_note(c->file->fault, err);
    return -1;
}

/* The first thing that a check finds; NULL: nothing. */
static char *first_finding(struct sqlite_conn *c, const char *pragma)
{
    sqlite3_stmt *st = NULL;
    char *finding = NULL;

    if (sqlite3_prepare_v2(c->db, pragma, -1, &st, NULL) != SQLITE_OK)
        return g_strdup(sqlite3_errmsg(c->db));
    if (sqlite3_step(st) != SQLITE_ROW)
        finding = g_strdup(sqlite3_errmsg(c->db));
    else if (g_strcmp0((const char *)sqlite3_column_text(st, 0), "ok") != 0)
        finding = g_strdup((const char *)sqlite3_column_text(st, 0));
    sqlite3_finalize(st);
    return finding;
}

char *sq_integrity(struct sqlite_conn *c, bool whole)
{
    return first_finding(c, whole ? "PRAGMA integrity_check(1)"
                                  : "PRAGMA quick_check(1)");
}

void sq_explain_damage(struct sqlite_conn *c, struct err *err)
{
    g_autofree char *finding = sq_integrity(c, false);
    size_t have = strlen(err->msg);

    if (finding != NULL && strstr(err->msg, finding) == NULL)
        g_snprintf(err->msg + have, sizeof(err->msg) - have, " (%.200s)",
                   finding);
}
