/*
 * Owners whose row of the import file asks for it hear of their mailbox: that
 * cutover is near, and what has become of it.  At the row's own address of
 * that side and nowhere else, each thing once, and once where both addresses
 * are the same.
 */
#include <string.h>

#include "base/timestamp.h"
#include "desk/clerk_priv.h"
#include "desk/owner.h"
#include "fleet/flags.h"
#include "store/notices.h"

/* Letters of one look: the mail server takes them in turn. */
#define LETTERS_MAX 50u

static const enum flags complete_of[MIGRATION_N_SIDES] = {
    [MIGRATION_SOURCE] = FLAG_NOTIFY_SOURCE_COMPLETE,
    [MIGRATION_DESTINATION] = FLAG_NOTIFY_DESTINATION_COMPLETE,
};
static const enum flags failed_of[MIGRATION_N_SIDES] = {
    [MIGRATION_SOURCE] = FLAG_NOTIFY_SOURCE_FAILED,
    [MIGRATION_DESTINATION] = FLAG_NOTIFY_DESTINATION_FAILED,
};
static const char *const letters_of[NOTICE_N_KINDS] = {
    [NOTICE_BEFORE] = "owner-before",
    [NOTICE_DONE] = "owner-done",
    [NOTICE_FAILED] = "owner-failed",
};

struct telling {
    const struct errand *e;
    bool over;        /* the request is */
    GHashTable *told; /* of int64_t: key_of() */
    roster_account *account;
    unsigned int letters;
};

/* Nothing of it is missing at the destination, as far as anybody has looked. */
static bool has_moved(const struct migration_mailbox *m)
{
    return m->state == MAILBOX_VERIFIED || m->state == MAILBOX_SYNCED;
}

/* What that owner is to hear now; NOTICE_N_KINDS: nothing. */
static enum notice_kind kind_for(const struct telling *t,
                                 const struct migration_mailbox *m, int side)
{
    const bool complete = (m->flags & (uint32_t)complete_of[side]) != 0;

    if (!t->over)
        return complete && has_moved(m) ? NOTICE_BEFORE : NOTICE_N_KINDS;
    if (has_moved(m))
        return complete ? NOTICE_DONE : NOTICE_N_KINDS;
    return (m->flags & (uint32_t)failed_of[side]) != 0 ? NOTICE_FAILED
                                                       : NOTICE_N_KINDS;
}

static int64_t key_of(const struct notice *n)
{
    return (n->mailbox_id * MIGRATION_N_SIDES + n->side) * NOTICE_N_KINDS +
           n->kind;
}

static bool was_told(const struct telling *t, const struct notice *n)
{
    const int64_t key = key_of(n);

    return g_hash_table_contains(t->told, &key);
}

static GHashTable *set_of(const GArray *told)
{
    GHashTable *set =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);

    for (guint i = 0; i < told->len; i++) {
        const int64_t key = key_of(&g_array_index(told, struct notice, i));

        g_hash_table_add(set, g_memdup2(&key, sizeof(key)));
    }
    return set;
}

static int write_letter(const struct telling *t,
                        const struct migration_mailbox *m,
                        const struct notice *n, struct outbox_mail **ret,
                        struct err *err)
{
    struct desk *d = t->e->c->desk;
    g_autoptr(letter_values) v = letter_values_new();
    const struct desk_letter l = { .kind = letters_of[n->kind],
                                   .to = m->addresses[n->side],
                                   .values = v,
                                   .now_us = t->e->now_us };

    letter_set(v, "account", owner_organisation(t->account));
    letter_set(v, "mailbox", m->addresses[MIGRATION_DESTINATION]);
    letter_set(v, "cutover", t->e->r->cutover);
    return desk_write(d, &l, ret, err);
}

static int tell(struct telling *t, const struct migration_mailbox *m,
                struct notice *n, struct err *err)
{
    struct outbox_mail *mail = NULL;
    int done;

    if (write_letter(t, m, n, &mail, err) < 0)
        return err_in(err, "owner %s", m->addresses[n->side]);
    n->mail = mail;
    done = notices_send(t->e->c->desk->stores.migrations, &clerk_actor, n, err);
    outbox_mail_free(mail);
    return MIN(done, 0);
}

static bool is_one_address(const struct migration_mailbox *m)
{
    return g_ascii_strcasecmp(m->addresses[MIGRATION_SOURCE],
                              m->addresses[MIGRATION_DESTINATION]) == 0;
}

/* 1: as many as fit into this look were written. */
static int tell_owners(void *data, const struct migration_mailbox *m,
                       struct err *err)
{
    struct telling *t = data;
    enum notice_kind before = NOTICE_N_KINDS;

    for (int side = 0; side < MIGRATION_N_SIDES; side++) {
        struct notice n = { .mailbox_id = m->id,
                            .side = (enum migration_side)side,
                            .kind = kind_for(t, m, side),
                            .request_id = t->e->r->id,
                            .now_us = t->e->now_us };
        const bool twice = n.kind == before && is_one_address(m);

        before = n.kind;
        if (n.kind == NOTICE_N_KINDS || twice || was_told(t, &n))
            continue;
        if (t->letters++ >= LETTERS_MAX)
            return 1;
        if (tell(t, m, &n, err) < 0)
            return -1;
    }
    return 0;
}

#define WANTED                                                                 \
    (FLAG_NOTIFY_SOURCE_COMPLETE | FLAG_NOTIFY_SOURCE_FAILED |                 \
     FLAG_NOTIFY_DESTINATION_COMPLETE | FLAG_NOTIFY_DESTINATION_FAILED)

int clerk_notices(const struct errand *e, struct err *err)
{
    const struct desk_stores *d = &e->c->desk->stores;
    g_autoptr(GArray) told = NULL;
    g_autoptr(GHashTable) set = NULL;
    g_autoptr(roster_account) account = NULL;
    struct telling t = { .e = e, .over = e->r->state == REQUEST_COMPLETED };
    int wanted =
        e->r->migration_id != 0
            ? notices_wanted(d->migrations, e->r->migration_id, WANTED, err)
            : 0;

    if (wanted <= 0)
        return wanted;
    if (notices_list(d->migrations, e->r->migration_id, &told, err) < 0 ||
        roster_account_get(d->roster, e->r->account_id, &account, err) < 0)
        return -1;
    set = set_of(told);
    t.told = set;
    t.account = account;
    return clerk_each_mailbox(e, tell_owners, &t, err);
}
