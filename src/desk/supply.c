#include "desk/supply.h"

#include "desk/asked.h"
#include "desk/known.h"
#include "desk/mail_priv.h"
#include "desk/supply_priv.h"
#include "fleet/import.h"

/* Changes by others that one form waits for. */
#define TRIES_MAX 5

#define BIT(x) (1u << (x))

static const char *const names[SUPPLY_N_FIELDS] = {
    [SUPPLY_PARTNER] = "partner", [SUPPLY_DOMAIN] = "domain",
    [SUPPLY_OWA_URL] = "owa",     [SUPPLY_FILE] = "file",
    [SUPPLY_ADMIN] = "admin",     [SUPPLY_PASSWORD] = "password",
    [SUPPLY_START] = "start",     [SUPPLY_CUTOVER] = "cutover",
};

const char *supply_field_name(enum supply_field field)
{
    return names[field];
}

unsigned int supply_fields(const struct complete_list *missing)
{
    static const unsigned int fields[COMPLETE_N_PIECES] = {
        [COMPLETE_PARTNER] = BIT(SUPPLY_PARTNER),
        [COMPLETE_DOMAIN] = BIT(SUPPLY_DOMAIN),
        [COMPLETE_OWA_URL] = BIT(SUPPLY_OWA_URL),
        [COMPLETE_OWA_UNREACHABLE] = BIT(SUPPLY_OWA_URL),
        [COMPLETE_FILE] = BIT(SUPPLY_FILE),
        [COMPLETE_FILE_SORT] = BIT(SUPPLY_FILE),
        [COMPLETE_FILE_FAULTS] = BIT(SUPPLY_FILE),
        [COMPLETE_CREDENTIALS] = BIT(SUPPLY_ADMIN) | BIT(SUPPLY_PASSWORD),
        [COMPLETE_CREDENTIALS_REFUSED] =
            BIT(SUPPLY_ADMIN) | BIT(SUPPLY_PASSWORD),
        [COMPLETE_DATE] = BIT(SUPPLY_START) | BIT(SUPPLY_CUTOVER),
    };
    unsigned int all = 0;

    for (int i = 0; i < COMPLETE_N_PIECES; i++)
        if ((missing->missing & BIT(i)) != 0)
            all |= fields[i];
    return all;
}

void supplied_clear(struct supplied *s)
{
    if (s->import != NULL)
        import_free(s->import);
    *s = (struct supplied){ 0 };
}

static void supplying_release(struct supplying *t)
{
    if (t->file != NULL)
        mail_file_free(t->file);
    g_free(t->url);
    g_free(t->domain);
    supplied_clear(&t->done);
    g_string_free(t->told, TRUE);
}

/* ---- the file ------------------------------------------------------------ */

static const char *wrong_sort(enum mail_file_kind kind)
{
    switch (kind) {
    case MAIL_FILE_ARCHIVE:
        return "This is an archive. Unpack it, and choose the CSV file";
    case MAIL_FILE_WORKBOOK:
        return "This is a workbook. Save it as CSV, and choose that file";
    case MAIL_FILE_IMPORT:
        return "This file is larger than 10 MB. Split it";
    case MAIL_FILE_OTHER:
    case MAIL_FILE_TNEF:
    case MAIL_FILE_N_KINDS:
        break;
    }
    return "This is no import file. Save it as CSV, with the header line of "
           "the template";
}

/* False: it is of another sort, and what counted before counts. */
static bool take_file(struct supplying *t)
{
    const struct supply *s = t->given;
    const char *name = supply_text_of(t, SUPPLY_FILE);
    g_autofree char *said = NULL;

    if (s->bytes == NULL || s->n == 0)
        return false;
    /* it takes over and wipes what it is given */
    t->file = mail_file_new(name != NULL ? name : "import.csv", false,
                            g_memdup2(s->bytes, s->n), s->n);
    if (t->file->kind != MAIL_FILE_IMPORT || t->file->bytes == NULL) {
        t->done.wrong[SUPPLY_FILE] = wrong_sort(t->file->kind);
        return false;
    }
    t->done.import = known_import(&t->known, s->bytes, s->n);
    t->kept = (struct request_file){ .name = t->file->name,
                                     .digest = t->file->sha256,
                                     .size = t->file->size };
    t->change.file = true;
    said = g_strdup_printf("import file (%u mailboxes, %zu faults)",
                           t->done.import->rows->len, t->done.import->n_errors);
    supply_tell(t, said);
    return true;
}

/* ---- all of it ----------------------------------------------------------- */

static const char *either(const char *new, const char *old)
{
    return new != NULL ? new : old;
}

static struct complete_known known_of(const struct request *r,
                                      const struct request_change *c)
{
    const char *admin = either(c->admin, r->admin);
    bool days = c->start != NULL || c->cutover != NULL;

    return (struct complete_known){
        .partner = either(c->partner, r->partner),
        .domain = either(c->domain, r->domain),
        .owa_url = either(c->owa_url, r->owa_url),
        .has_credentials =
            admin != NULL && (c->password != NULL || r->has_password),
        .owa_check =
            known_check(r, COMPLETE_OWA_UNREACHABLE, c->owa_url != NULL),
        .credentials_check =
            known_check(r, COMPLETE_CREDENTIALS_REFUSED,
                        c->admin != NULL || c->password != NULL),
        .unclear =
            known_was_missing(r, COMPLETE_DATE) && !days ? BIT(ASKED_START) : 0,
    };
}

int supply_look(struct desk *d, const struct request *r, struct supplied *ret,
                struct err *err)
{
    static const struct request_change nothing = { 0 };
    const struct complete_known known = known_of(r, &nothing);
    struct supplied s = { 0 };

    if (r->missing != NULL)
        s.missing = complete_parse(r->missing);
    if (known_old_import(d, r, &known, &s.import, err) < 0)
        return -1;
    *ret = s;
    return 0;
}

#define CREDENTIALS (BIT(SUPPLY_ADMIN) | BIT(SUPPLY_PASSWORD))

/* Behind a link just what was asked for; who is signed in may go back. */
unsigned int supply_open_fields(const struct supply_from *from,
                                const struct request *r)
{
    const unsigned int priced =
        BIT(REQUEST_QUOTED) | BIT(REQUEST_APPROVED) | BIT(REQUEST_SCHEDULED);

    if ((BIT(r->state) & KNOWN_IN_WAITING) != 0 ||
        (from->link == NULL && r->state == REQUEST_QUOTED))
        return BIT(SUPPLY_N_FIELDS) - 1;
    return (BIT(r->state) & priced) != 0 ? CREDENTIALS : 0;
}

/* What cannot be supplied any more is not asked for. */
static struct complete_list missing_of(const struct supplying *t)
{
    struct complete_list list = complete(&t->known);

    if (supply_open_fields(t->from, t->request) == CREDENTIALS)
        list.missing &=
            BIT(COMPLETE_CREDENTIALS) | BIT(COMPLETE_CREDENTIALS_REFUSED);
    return list;
}

static int take_all(struct supplying *t, struct err *err)
{
    const struct request *r = t->request;

    t->change.state = -1;
    supply_take_texts(t);
    t->known = known_of(r, &t->change);
    if (!take_file(t)) {
        if (r->file_id == 0 && known_was_missing(r, COMPLETE_FILE_SORT))
            t->known.wrong_files |= BIT(MAIL_FILE_ARCHIVE);
        if (known_old_import(t->desk, r, &t->known, &t->done.import, err) < 0)
            return -1;
    }
    t->known.file = t->done.import;
    t->done.missing = missing_of(t);
    return 0;
}

/*
 * A quote rests on the mailboxes, and on where they are: with others it is
 * made anew.  Dates and passwords leave it as it is.
 */
static int event_of(const struct supplying *t)
{
    const struct request_change *c = &t->change;

    if (t->request->state != REQUEST_QUOTED ||
        (c->owa_url == NULL && c->domain == NULL && !c->file))
        return DESK_NO_EVENT;
    return t->done.missing.missing != 0 ? (int)LIFE_LACKS : (int)LIFE_CHANGED;
}

static int carry_out(struct supplying *t, struct err *err)
{
    static const char *const received[] = { "received", NULL };
    bool whole = t->done.missing.missing == 0;
    g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
    struct desk_wish wish = {
        .request_id = t->request->id,
        .version = t->request->version,
        .event = event_of(t),
        .change = &t->change,
        .missing = &t->done.missing,
        .file = t->change.file ? &t->kept : NULL,
        .file_bytes = t->change.file ? t->given->bytes : NULL,
        .used_link = whole ? t->from->link : NULL,
        .letters = whole && (BIT(t->request->state) & KNOWN_IN_WAITING) != 0
                       ? received
                       : NULL,
        .at_work = t->from->at_work,
        .writer = t->from->writer,
        .action = "request.supply",
        .detail = t->told->str,
    };

    /* nothing came, or nothing that could be used */
    if (t->told->len == 0)
        return 1;
    if (wish.event == (int)LIFE_LACKS && t->done.import != NULL) {
        known_add_faults(t->done.import, faults);
        wish.faults = faults;
    }
    return desk_event(t->desk, t->from->who, &wish, NULL, err);
}

static unsigned int given_fields(const struct supply *s)
{
    unsigned int all = s->password != NULL ? BIT(SUPPLY_PASSWORD) : 0;

    for (int i = 0; i < SUPPLY_N_FIELDS; i++)
        if (i != SUPPLY_FILE && s->texts[i] != NULL && *s->texts[i] != '\0')
            all |= BIT(i);
    return s->bytes != NULL && s->n > 0 ? all | BIT(SUPPLY_FILE) : all;
}

static int refuse_fields(const struct request *r, struct err *err)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "request %" G_GINT64_FORMAT " is %s: nothing of the sort is asked "
            "for",
            r->id, request_state_name(r->state));
    err->name = "wrong-state";
    return err_remedy(err, "answer any of our mails about it");
}

int supply_may(const struct supply_from *from, const struct request *r,
               struct err *err)
{
    if (supply_open_fields(from, r) == 0)
        return refuse_fields(r, err);
    if (from->version == 0 || from->version == r->version)
        return 0;
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "request %" G_GINT64_FORMAT " has changed meanwhile", r->id);
    err->name = "changed";
    return -1;
}

static int attempt(struct desk *d, const struct supply_from *from,
                   const struct supply *s, struct supplied *ret,
                   struct err *err)
{
    g_autoptr(request) r = NULL;
    struct supplying t = { .desk = d, .from = from, .given = s };
    int found = requests_get(d->requests, from->request_id, &r, err);

    if (found <= 0)
        return found;
    if (supply_may(from, r, err) < 0)
        return -1;
    if ((given_fields(s) & ~supply_open_fields(from, r)) != 0)
        return refuse_fields(r, err);
    t.request = r;
    t.told = g_string_new(NULL);
    found = take_all(&t, err);
    if (found == 0)
        found = carry_out(&t, err);
    if (found > 0) {
        *ret = t.done;
        t.done = (struct supplied){ 0 };
    }
    supplying_release(&t);
    return found;
}

int supply_take(struct desk *d, const struct supply_from *from,
                const struct supply *s, struct supplied *ret, struct err *err)
{
    int result = -1;

    for (int i = 0; i < TRIES_MAX; i++) {
        result = attempt(d, from, s, ret, err);
        if (result >= 0 || from->version != 0 ||
            g_strcmp0(err->name, "changed") != 0)
            break;
    }
    return result;
}

/* ---- a new one ----------------------------------------------------------- */

/* What it is about is said once: by mail or here, it is the same migration. */
static int refuse_second(struct desk *d, const struct supplying *t,
                         struct err *err)
{
    g_autoptr(request) other = NULL;

    if (t->change.domain == NULL)
        return 0;
    if (known_open_request(d, t->from->account->id, t->change.domain, &other,
                           err) < 0)
        return -1;
    if (other == NULL)
        return 0;
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "request %" G_GINT64_FORMAT " is about \"%s\" already", other->id,
            t->change.domain);
    err->name = "taken";
    return err_remedy(err, "go on with that one, or cancel it first");
}

static int open_it(struct supplying *t, const char *opened_by, int64_t *ret_id,
                   struct err *err)
{
    struct desk_wish wish = {
        .event = DESK_NO_EVENT,
        .change = &t->change,
        .missing = &t->done.missing,
        .at_work = t->from->at_work,
        .detail = t->told->len > 0 ? t->told->str : NULL,
    };
    struct desk_done done = { 0 };
    int result;

    t->change.opened_by = opened_by;
    t->change.account_id = t->from->account->id;
    t->change.partner = t->from->account->partner;
    t->known.partner = t->change.partner;
    t->done.missing = complete(&t->known);
    result = desk_event(t->desk, t->from->who, &wish, &done, err);
    if (result > 0)
        *ret_id = done.request_id;
    return result;
}

static bool is_any_wrong(const struct supplied *s)
{
    for (int i = 0; i < SUPPLY_N_FIELDS; i++)
        if (s->wrong[i] != NULL)
            return true;
    return false;
}

int supply_open(struct desk *d, const struct supply_from *from,
                const char *opened_by, const struct supply *s,
                struct supplied *ret, int64_t *ret_id, struct err *err)
{
    static const struct request nothing = { 0 };
    struct supplying t = {
        .desk = d, .from = from, .given = s, .request = &nothing
    };
    int result;

    t.told = g_string_new(NULL);
    result = take_all(&t, err);
    if (result == 0 && !is_any_wrong(&t.done)) {
        result = refuse_second(d, &t, err);
        if (result == 0)
            result = open_it(&t, opened_by, ret_id, err);
    }
    if (result >= 0) {
        *ret = t.done;
        t.done = (struct supplied){ 0 };
    }
    supplying_release(&t);
    return result;
}

/* ---- a file alone -------------------------------------------------------- */

void supply_check_file(const struct supply *s, struct supplied *ret)
{
    static const struct request nothing = { 0 };
    static const struct supply_from nobody = { 0 };
    struct supplying t = { .from = &nobody, .given = s, .request = &nothing };

    t.told = g_string_new(NULL);
    t.known.domain = supply_text_of(&t, SUPPLY_DOMAIN);
    t.known.owa_url = supply_text_of(&t, SUPPLY_OWA_URL);
    (void)take_file(&t);
    *ret = t.done;
    t.done = (struct supplied){ 0 };
    supplying_release(&t);
}
