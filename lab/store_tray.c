#include "lab/store_tray.h"

#include "lab/store_priv.h"

static const char *const names[N_LAB_SENT] = {
    [LAB_SENT_MAIL] = "mail",
    [LAB_SENT_RECEIPT] = "receipt",
    [LAB_SENT_INVITATION] = "invitation",
    [LAB_SENT_CANCELLATION] = "cancellation",
    [LAB_SENT_RESPONSE] = "response",
};

const char *lab_sent_name(enum lab_sent kind)
{
    return names[kind];
}

void lab_sending_free(struct lab_sending *s)
{
    if (s == NULL)
        return;
    g_free(s->from);
    g_free(s->recipients);
    g_free(s->subject);
    g_free(s);
}

int lab_store_tray_add(struct lab_store *store, const struct lab_sending *s,
                       struct err *err)
{
    int status;

    if (lab_enter(store, err) < 0)
        return -1;
    status = lab_exec(store, err,
                      "INSERT INTO tray(kind, mailbox, recipients, subject, at)"
                      " VALUES(?1, ?2, ?3, ?4, ?5)",
                      "iissi", (int64_t)s->kind, s->mailbox, s->recipients,
                      s->subject, s->at_us);
    return lab_leave(store, status, err);
}

static struct lab_sending *from_row(sqlite3_stmt *q)
{
    struct lab_sending *s = g_new0(struct lab_sending, 1);

    s->kind = (enum lab_sent)sqlite3_column_int(q, 0);
    s->mailbox = sqlite3_column_int64(q, 1);
    s->from = lab_column_dup(q, 2);
    s->recipients = lab_column_dup(q, 3);
    s->subject = lab_column_dup(q, 4);
    s->at_us = sqlite3_column_int64(q, 5);
    return s;
}

static void free_sending(void *data)
{
    lab_sending_free(data);
}

static int read_tray(struct lab_store *store, GPtrArray *all, struct err *err)
{
    sqlite3_stmt *q = lab_query(
        store, err,
        "SELECT kind, tray.mailbox, address, recipients, subject, at FROM tray"
        " LEFT JOIN mailbox ON mailbox.key = tray.mailbox ORDER BY tray.key",
        "");
    int rc;

    if (q == NULL)
        return -1;
    while ((rc = lab_step(store, q, err)) > 0)
        g_ptr_array_add(all, from_row(q));
    lab_done(q);
    return rc;
}

int lab_store_tray(struct lab_store *store, GPtrArray **ret, struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_sending);
    int status;

    lab_lock(store);
    status = read_tray(store, all, err);
    lab_unlock(store);
    if (status == 0)
        *ret = g_steal_pointer(&all);
    return status;
}

int lab_store_tray_empty(struct lab_store *store, struct err *err)
{
    if (lab_enter(store, err) < 0)
        return -1;
    return lab_leave(store, lab_exec(store, err, "DELETE FROM tray", ""), err);
}
