/*
 * Up to the quote: the migration is made of the file and the credentials, and
 * each mailbox of it is checked, which reaches both servers and signs in.
 */
#include <string.h>

#include "base/timestamp.h"
#include "desk/clerk_priv.h"
#include "desk/known.h"
#include "fleet/migration.h"
#include "store/paces.h"

/* How long the key of an addition holds; it is recorded at once. */
#define ONCE_US (30 * 86400 * TIMESTAMP_SECOND)
/* Of the faults that a letter names. */
#define FAULTS_MAX 200u

static int lacks(const struct errand *e, enum complete_piece piece,
                 const GPtrArray *faults, struct err *err)
{
    const struct clerk_lack lack = { .piece = piece, .faults = faults };

    return clerk_lacks(e, &lack, err);
}

/* ---- the migration ------------------------------------------------------- */

static void hash(const char *what, const struct request *r, uint8_t ret[32])
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree char *text = g_strdup_printf(
        "desk: %s of request %" G_GINT64_FORMAT " after %" G_GINT64_FORMAT,
        what, r->id, r->migration_id);
    gsize n = 32;

    g_checksum_update(sum, (const guchar *)text, -1);
    g_checksum_get_digest(sum, ret, &n);
}

/* Whoever dies before it is recorded finds the same one again. */
static int add(const struct errand *e, struct fleet_request *wish,
               struct import **ret_import, int64_t *ret_id, struct err *err)
{
    struct roster_once once = { .now_us = e->now_us,
                                .expires_us = e->now_us + ONCE_US };
    const struct roster_actor actor = { clerk_actor.name, NULL, &once };

    hash("migration", e->r, once.key);
    hash("what", e->r, once.body);
    return fleet_migration_add(e->c->desk->stores.migrations, &actor, wish,
                               ret_import, ret_id, err);
}

static int record(const struct errand *e, int64_t id, struct err *err)
{
    g_autofree char *detail =
        g_strdup_printf("migration %" G_GINT64_FORMAT, id);
    const struct request_change change = { .state = -1, .migration_id = id };
    struct desk_wish wish = { .event = DESK_NO_EVENT,
                              .change = &change,
                              .action = "request.migration",
                              .detail = detail };

    return clerk_event(e, &wish, err);
}

/* 1: *ret_id is its migration; 0: something is missing, and was asked for. */
static int make_of(const struct errand *e, const char *csv, size_t n,
                   struct secret *password, int64_t *ret_id, struct err *err)
{
    const struct request *r = e->r;
    g_autofree char *name =
        g_strdup_printf("request %" G_GINT64_FORMAT ": %s", r->id, r->domain);
    struct fleet_request wish = {
        .account_id = r->account_id,
        .name = name,
        .csv = csv,
        .csv_bytes = n,
        .domain = r->domain,
        .ask_owners = true,
        .sides = { { .url = r->owa_url }, { e->c->destination, e->c->admin } },
    };
    struct import *import = NULL;
    int result;

    if (r->admin != NULL && password != NULL)
        wish.sides[MIGRATION_SOURCE].admin =
            (struct migration_login){ r->admin, password };
    result = add(e, &wish, &import, ret_id, err);
    if (result < 0 && g_strcmp0(err->name, "import-faults") == 0) {
        g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);

        known_add_faults(import, faults);
        result = MIN(lacks(e, COMPLETE_FILE_FAULTS, faults, err), 0);
    } else if (result < 0 && g_strcmp0(err->name, "bad-url") == 0) {
        result = MIN(lacks(e, COMPLETE_OWA_UNREACHABLE, NULL, err), 0);
    } else if (result == 0) {
        result = 1;
    }
    import_free(import);
    return result;
}

static int make(const struct errand *e, int64_t *ret_id, struct err *err)
{
    struct requests *p = e->c->desk->requests;
    g_autoptr(secret) password = NULL;
    char *csv = NULL;
    size_t n = 0;
    int result;

    if (e->r->owa_url == NULL)
        return MIN(lacks(e, COMPLETE_OWA_URL, NULL, err), 0);
    result = requests_file_read(p, e->r->file_id, &csv, &n, err);
    if (result == 0)
        return lacks(e, COMPLETE_FILE, NULL, err) < 0 ? -1 : 0;
    if (result > 0 && requests_password(p, e->r->id, &password, err) < 0)
        result = -1;
    if (result > 0)
        result = make_of(e, csv, n, password, ret_id, err);
    if (csv != NULL)
        secret_wipe(csv, n);
    g_free(csv);
    return result;
}

/* It was made of something else than what is known now.  "busy": next time. */
static int remove_old(const struct errand *e, struct err *err)
{
    struct migrations *p = e->c->desk->stores.migrations;
    const struct jobs_which which = { .migration_id = e->r->migration_id };

    if (migrations_do(p, &clerk_actor, JOBS_CANCEL, &which, NULL, err) < 0)
        return -1;
    return migrations_remove(p, &clerk_actor, e->r->migration_id, 0, err);
}

/* 1: the request's migration is there and of its pieces; 0: not yet; -1. */
static int ensure_migration(const struct errand *e, struct err *err)
{
    g_autoptr(migration) m = NULL;
    int64_t id = 0;
    int found = e->r->migration_id == 0
                    ? 0
                    : migrations_get(e->c->desk->stores.migrations,
                                     e->r->migration_id, &m, err);

    if (found < 0)
        return -1;
    if (found > 0 && m->created_us >= e->r->pieces_us)
        return 1;
    if (found > 0 && remove_old(e, err) < 0)
        return g_strcmp0(err->name, "busy") == 0 ? 0 : -1;
    found = make(e, &id, err);
    return found <= 0 ? found : MIN(record(e, id, err), 0);
}

/* ---- what the check has found -------------------------------------------- */

/* "anna@acme.example: ...", of those that cannot be moved as they are. */
static int read_failed(const struct errand *e, GPtrArray *ret, struct err *err)
{
    const struct migration_filter filter = { .migration_id = e->r->migration_id,
                                             .job_states = 1u << JOB_FAILED };
    const struct roster_page page = { .limit = FAULTS_MAX };
    g_autoptr(GPtrArray) some = NULL;

    if (migrations_mailboxes(e->c->desk->stores.migrations, &filter, &page,
                             &some, err) < 0)
        return -1;
    for (guint i = 0; i < some->len; i++) {
        const struct migration_mailbox *m = some->pdata[i];

        g_ptr_array_add(ret, g_strdup_printf("%s: %s",
                                             m->addresses[MIGRATION_SOURCE],
                                             m->job_reason));
    }
    return 0;
}

/*
 * All of them failed: then it is what they have in common, which is the server
 * or the account; passwords of the file are given anew with it, or spared by
 * an administrative account.
 */
static enum complete_piece piece_of(const struct clerk_jobs *found)
{
    if (found->failed < found->n)
        return COMPLETE_FILE_FAULTS;
    if (reach_is_refusal(found->cause))
        return COMPLETE_CREDENTIALS_REFUSED;
    return found->scope == ERR_RUN ? COMPLETE_OWA_UNREACHABLE
                                   : COMPLETE_FILE_FAULTS;
}

/* All of them, and by our own Exchange: no partner can mend that. */
static bool is_ours(const struct clerk_jobs *found)
{
    return found->side == ERR_DESTINATION && found->failed == found->n &&
           (found->scope == ERR_RUN || reach_is_refusal(found->cause));
}

static int lacks_mailboxes(const struct errand *e,
                           const struct clerk_jobs *found, struct err *err)
{
    const struct err cause = { .name = found->cause };
    g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
    struct clerk_lack lack = { .piece = piece_of(found),
                               .reason = found->reason,
                               .remedy = reach_remedy(&cause) };

    if (is_ours(found))
        return MIN(clerk_tell_trouble(e, found, err), 0);
    if (lack.piece != COMPLETE_FILE_FAULTS)
        return clerk_lacks(e, &lack, err);
    if (read_failed(e, faults, err) < 0)
        return -1;
    return lacks(e, COMPLETE_FILE_FAULTS, faults, err);
}

static int count_mailboxes(const struct errand *e, uint64_t *ret,
                           uint64_t *ret_waiting, struct err *err)
{
    struct migrations *p = e->c->desk->stores.migrations;
    g_autoptr(migration) m = NULL;
    int found = migrations_get(p, e->r->migration_id, &m, err);

    *ret = *ret_waiting = 0;
    if (found <= 0)
        return found;
    if (migrations_count(p, m, err) < 0)
        return -1;
    *ret = m->n_mailboxes;
    *ret_waiting = m->by_state[MAILBOX_WAITING_FOR_CREDENTIALS];
    return 0;
}

/* Those that wait for their owners count, and nobody knows how large. */
static int measure(const struct errand *e, struct price_measure *ret,
                   struct err *err)
{
    g_autoptr(store) s =
        database_store(e->c->desk->stores.database, e->r->migration_id);
    g_autoptr(GArray) amounts = NULL;
    uint64_t n, waiting;

    if (store_amounts(s, &amounts, err) < 0 ||
        count_mailboxes(e, &n, &waiting, err) < 0)
        return -1;
    *ret = (struct price_measure){ .mailboxes = n };
    for (guint i = 0; i < amounts->len; i++)
        ret->bytes += g_array_index(amounts, struct store_amount, i).bytes;
    return 0;
}

static int add_time(const struct errand *e, struct quote *q, struct err *err)
{
    g_auto(outlook) o = { 0 };
    int known = clerk_foresee(e, &o, err);

    if (known > 0)
        q->time = (struct quote_time){
            (o.span.p50_us - e->now_us) / TIMESTAMP_SECOND,
            (o.span.p90_us - e->now_us) / TIMESTAMP_SECOND,
            g_steal_pointer(&o.basis),
        };
    return MIN(known, 0);
}

/* Without a price list it waits: an operator is told what is missing. */
static int make_quote(const struct errand *e, enum life_event when_good,
                      struct err *err)
{
    g_autoptr(quote) q = NULL;
    struct price_measure of;
    struct desk_wish wish = { .event = (int)when_good };

    if (e->c->desk->prices == NULL) {
        err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
                "it is complete, and there is no price list to quote it by");
        return err_remedy(err, "give one: desk.price-list");
    }
    if (measure(e, &of, err) < 0 ||
        quote_make(e->c->desk->prices, &of, e->now_us, &q, err) < 0 ||
        add_time(e, q, err) < 0)
        return -1;
    wish.quote = q;
    return clerk_event(e, &wish, err);
}

/* Owners are asked after the approval: until then none of theirs is checked. */
static int start_check(const struct errand *e, bool *ret_none, struct err *err)
{
    uint64_t n, waiting;

    if (count_mailboxes(e, &n, &waiting, err) < 0)
        return -1;
    *ret_none = n > 0 && n == waiting;
    return *ret_none ? 0 : clerk_start(e, "check", NULL, err);
}

int clerk_check(const struct errand *e, enum life_event when_good,
                struct err *err)
{
    g_auto(clerk_jobs) found = { 0 };
    int there = ensure_migration(e, err);
    bool none;

    if (there <= 0)
        return there;
    if (clerk_jobs_read(e, "check", &found, err) < 0)
        return -1;
    if (found.n == 0) {
        if (start_check(e, &none, err) < 0)
            return -1;
        if (!none)
            return 0;
    }
    if (found.open > 0)
        return 0;
    return found.failed > 0 ? lacks_mailboxes(e, &found, err)
                            : make_quote(e, when_good, err);
}
