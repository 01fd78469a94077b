/*
 * Administrative credentials are tried once an Exchange is known to be there:
 * what is wrong with them stands in the letter with all else that is missing.
 */
#include <string.h>

#include "desk/clerk_priv.h"
#include "desk/known.h"

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

static int begin(const struct errand *e, struct err *err)
{
    struct request_credentials c = { .request_id = e->r->id,
                                     .pieces_us = e->r->pieces_us,
                                     .url = e->r->owa_url,
                                     .user = e->r->admin };
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

    if (read_file(e, &file, err) < 0)
        return -1;
    needed = file == NULL || file->rows->len == 0 ||
             complete_for_admin(file) != NULL;
    import_free(file);
    return needed ? MIN(clerk_lacks(e, &lack, err), 0) : 1;
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
        return begin(e, err);
    case REQUEST_TRY_BEGUN:
        return 0;
    case REQUEST_TRY_REFUSED:
        return refuse(e, err);
    case REQUEST_TRY_UNKNOWN: /* the check of the mailboxes finds out */
    case REQUEST_TRY_ACCEPTED:
    case REQUEST_TRY_N_OUTCOMES:
        break;
    }
    return 1;
}
