/*
 * Administrative credentials are tried once an Exchange is known to be there:
 * what is wrong with them stands in the letter with all else that is missing.
 * Beside a quote that stands they have a letter of their own, and nothing
 * begins with them.
 */
#include <string.h>

#include "desk/clerk_priv.h"
#include "desk/known.h"
#include "desk/slot.h"

/* Borrowed; NULL: the file has no row. */
static const char *first_of(const struct import *file)
{
    const struct import_row *row =
        file->rows->len > 0 ? file->rows->pdata[0] : NULL;

    return row != NULL ? row->sides[IMPORT_SOURCE].address : NULL;
}

/*
 * The mailbox that they are tried on: one that they have to open; before there
 * is a file, one that tells at least whether the server knows them.  Owned;
 * NULL: nobody can tell.
 */
static char *mailbox_of(const struct errand *e, const struct import *file)
{
    const char *address = file != NULL ? complete_for_admin(file) : NULL;

    if (address == NULL && file != NULL)
        address = first_of(file);
    if (address != NULL)
        return g_strdup(address);
    if (e->r->domain != NULL)
        return g_strconcat("postmaster@", e->r->domain, NULL);
    return strchr(e->r->admin, '@') != NULL ? g_strdup(e->r->admin) : NULL;
}

static int read_file(const struct errand *e, struct import **ret,
                     struct err *err)
{
    const struct complete_known known = { .domain = e->r->domain,
                                          .owa_url = e->r->owa_url };

    return known_old_import(e->c->desk, e->r, &known, ret, err);
}

/* anew: what had no answer. */
static int begin(const struct errand *e, bool anew, struct err *err)
{
    struct request_credentials c = { .request_id = e->r->id,
                                     .pieces_us = e->r->pieces_us,
                                     .url = e->r->owa_url,
                                     .user = e->r->admin,
                                     .anew = anew };
    g_autoptr(secret) password = NULL;
    g_autofree char *address = NULL;
    struct import *file = NULL;
    int found;

    if (!sign_ins_have_room(e->sign_ins))
        return 0;
    found = requests_password(e->c->desk->requests, e->r->id, &password, err);
    if (found <= 0)
        return found;
    if (read_file(e, &file, err) < 0)
        return -1;
    address = mailbox_of(e, file);
    import_free(file);
    if (address == NULL)
        return 1;
    c.password = password;
    return sign_ins_begin(e->sign_ins, &clerk_actor, &c, address, e->now_us,
                          err);
}

/* ---- those that are wrong ------------------------------------------------ */

/* A price was said that holds, and wrong credentials do not take it back. */
static bool is_priced(const struct request *r)
{
    return r->state == REQUEST_APPROVED || r->state == REQUEST_SCHEDULED ||
           (r->state == REQUEST_QUOTED && r->quote != NULL &&
            *r->quote != '\0');
}

/* event: STALL, which tells an operator, too; or DESK_NO_EVENT. */
static int tell_refused(const struct errand *e, int event, struct err *err)
{
    static const char *const kinds[] = { "credentials-refused", NULL };
    const struct err cause = { .name = e->r->tried.cause };
    const struct request_change change = { .state = -1, .told = true };
    struct complete_list missing =
        complete_parse(e->r->missing != NULL ? e->r->missing : "");
    struct desk_wish wish = { .event = event,
                              .change = &change,
                              .missing = &missing,
                              .reason = e->r->tried.why,
                              .remedy = reach_remedy(&cause),
                              .letters = kinds,
                              .action = "request.credentials-refused" };

    missing.missing |= 1u << COMPLETE_CREDENTIALS_REFUSED;
    return clerk_event(e, &wish, err);
}

/* When it is to begin; 0: it has no day. */
static int64_t begins_us(const struct request *r)
{
    int64_t us = 0;

    return r->state == REQUEST_SCHEDULED && r->start != NULL &&
                   slot_begins(r->start, &us)
               ? us
               : 0;
}

/* Wrong ones hold it up from then on, which an operator hears, too. */
static int event_of_refusal(const struct errand *e)
{
    return e->r->state == REQUEST_SCHEDULED && e->now_us >= begins_us(e->r)
               ? (int)LIFE_STALL
               : DESK_NO_EVENT;
}

static bool is_spared(const struct errand *e)
{
    const int64_t *pieces_us = g_hash_table_lookup(e->spared, &e->r->id);

    return pieces_us != NULL && *pieces_us == e->r->pieces_us;
}

static void spare(const struct errand *e)
{
    g_hash_table_replace(e->spared, g_memdup2(&e->r->id, sizeof(e->r->id)),
                         g_memdup2(&e->r->pieces_us, sizeof(e->r->pieces_us)));
}

/* A file whose rows have their own passwords needs none, be they wrong. */
static int refuse(const struct errand *e, struct err *err)
{
    const struct request_try *t = &e->r->tried;
    const struct err cause = { .name = t->cause };
    const struct clerk_lack lack = { .piece = COMPLETE_CREDENTIALS_REFUSED,
                                     .reason = t->why,
                                     .remedy = reach_remedy(&cause) };
    struct import *file = NULL;
    bool needed;

    if (is_spared(e))
        return 1;
    if (read_file(e, &file, err) < 0)
        return -1;
    needed = file == NULL || file->rows->len == 0 ||
             complete_for_admin(file) != NULL;
    import_free(file);
    if (!needed) {
        spare(e);
        return 1;
    }
    return MIN(is_priced(e->r) ? tell_refused(e, event_of_refusal(e), err)
                               : clerk_lacks(e, &lack, err),
               0);
}

/* ---- what is tried, and when --------------------------------------------- */

/* Where the server was away, the check of the mailboxes finds out meanwhile. */
static int try_again(const struct errand *e, struct err *err)
{
    const int64_t again_us = sign_in_again_us(e->r);

    if (again_us == 0 || e->now_us < again_us)
        return sign_in_is_held(&e->r->tried) ? 0 : 1;
    return begin(e, true, err);
}

int clerk_sign_in(const struct errand *e, struct err *err)
{
    const struct request *r = e->r;

    if (r->admin == NULL || !r->has_password ||
        known_was_missing(r, COMPLETE_CREDENTIALS) ||
        known_was_missing(r, COMPLETE_CREDENTIALS_REFUSED))
        return 1;
    switch (sign_in_outcome(&r->tried, e->now_us)) {
    case REQUEST_TRY_NONE:
        return begin(e, false, err);
    case REQUEST_TRY_BEGUN:
        return 0;
    case REQUEST_TRY_REFUSED:
        return refuse(e, err);
    case REQUEST_TRY_UNKNOWN:
        return try_again(e, err);
    case REQUEST_TRY_ACCEPTED:
    case REQUEST_TRY_N_OUTCOMES:
        break;
    }
    return 1;
}

/* ---- its day has come ---------------------------------------------------- */

/*
 * What the migration was made with is not what is known now, and all else that
 * it is made of would have been quoted anew.
 */
static int hand_over(const struct errand *e, const struct migration *m,
                     struct err *err)
{
    const struct desk *d = e->c->desk;
    g_autoptr(secret) password = NULL;
    struct migration_login login = { .user = e->r->admin };
    const struct migration_change change = { .admins[MIGRATION_SOURCE] =
                                                 &login };
    int found = requests_password(d->requests, e->r->id, &password, err);

    if (found <= 0)
        return found;
    login.password = password;
    if (migrations_change(d->stores.migrations, &clerk_actor, m->id, &change,
                          err) == 0)
        return 0;
    /* an operator has given it an application in their place */
    return g_strcmp0(err->name, "bad-access") == 0 ? 0 : -1;
}

static int hand_over_new(const struct errand *e, struct err *err)
{
    const struct request *r = e->r;
    g_autoptr(migration) m = NULL;
    int found =
        migrations_get(e->c->desk->stores.migrations, r->migration_id, &m, err);

    if (found <= 0 || r->admin == NULL || !r->has_password ||
        m->created_us >= r->pieces_us)
        return MIN(found, 0);
    return hand_over(e, m, err);
}

int clerk_may_begin(const struct errand *e, struct err *err)
{
    int good = clerk_sign_in(e, err);

    if (good <= 0)
        return good;
    if (!known_was_missing(e->r, COMPLETE_CREDENTIALS_REFUSED))
        return hand_over_new(e, err) < 0 ? -1 : 1;
    /* that they are wrong may have been told before: now they hold it up */
    if (e->r->told_us >= MAX(e->r->state_us, begins_us(e->r)) &&
        clerk_has_told(e))
        return 0;
    return MIN(tell_refused(e, LIFE_STALL, err), 0);
}
