#include "desk/supply.h"

#include <string.h>

#include "base/timestamp.h"
#include "desk/asked.h"
#include "desk/known.h"
#include "desk/mail_priv.h"
#include "desk/order.h"
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

/* What is being supplied, beside what is known. */
struct taking {
    struct desk *desk;
    const struct supply_from *from;
    const struct supply *given;
    const struct request *request; /* borrowed */
    struct request_change change;
    struct complete_known known;
    struct supplied done;
    struct mail_file *file; /* owned; NULL: none, or of another sort */
    char *url, *domain;     /* owned: as they are kept */
    struct request_file kept;
    GString *told; /* owned: for the trail */
};

static void taking_release(struct taking *t)
{
    if (t->file != NULL)
        mail_file_free(t->file);
    g_free(t->url);
    g_free(t->domain);
    supplied_clear(&t->done);
    g_string_free(t->told, TRUE);
}

static void tell(struct taking *t, const char *what)
{
    g_string_append_printf(t->told, "%s%s", t->told->len > 0 ? ", " : "", what);
}

static const char *text_of(const struct taking *t, enum supply_field field)
{
    const char *text = t->given->texts[field];

    return text != NULL && *text != '\0' ? text : NULL;
}

/* ---- texts --------------------------------------------------------------- */

/* RFC 3986 has none of these in a URL; nor has any that is worth trying. */
static bool has_strange(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f ||
            strchr("<>\"\\^`{|}", *c) != NULL)
            return true;
    return false;
}

/* With a scheme: people copy what stands in the browser, or type the host. */
static char *url_of(const char *text)
{
    g_autofree char *whole = strstr(text, "://") != NULL
                                 ? g_strdup(text)
                                 : g_strconcat("https://", text, NULL);
    g_autoptr(GUri) uri = g_uri_parse(whole, G_URI_FLAGS_NONE, NULL);

    if (uri == NULL || has_strange(whole) || strlen(whole) > ASKED_URL_MAX ||
        (g_strcmp0(g_uri_get_scheme(uri), "https") != 0 &&
         g_strcmp0(g_uri_get_scheme(uri), "http") != 0) ||
        g_uri_get_host(uri) == NULL || *g_uri_get_host(uri) == '\0' ||
        g_uri_get_userinfo(uri) != NULL)
        return NULL;
    return g_steal_pointer(&whole);
}

static void take_url(struct taking *t)
{
    const char *text = text_of(t, SUPPLY_OWA_URL);

    if (text == NULL)
        return;
    t->url = url_of(text);
    if (t->url == NULL) {
        t->done.wrong[SUPPLY_OWA_URL] =
            "This is no address of a web page. Copy it from the browser, as in "
            "https://mail.example.com/owa";
        return;
    }
    t->change.owa_url = t->url;
    tell(t, "OWA URL");
}

static void take_domain(struct taking *t)
{
    const char *text = text_of(t, SUPPLY_DOMAIN);

    if (text == NULL)
        return;
    t->domain = g_ascii_strdown(text, -1);
    if (!known_has_domain(t->from->account, t->domain)) {
        t->done.wrong[SUPPLY_DOMAIN] =
            "This domain is not on file for your account. Check how it is "
            "spelt, or ask us to add it";
        return;
    }
    t->change.domain = t->domain;
    tell(t, "domain");
}

static void take_partner(struct taking *t)
{
    const char *text = text_of(t, SUPPLY_PARTNER);

    if (text == NULL)
        return;
    if (g_ascii_strcasecmp(text, t->from->account->partner) != 0) {
        t->done.wrong[SUPPLY_PARTNER] =
            "This is not the Partner ID on file for your account";
        return;
    }
    t->change.partner = t->from->account->partner;
    tell(t, "Partner ID");
}

static void take_day(struct taking *t, enum supply_field field,
                     const char **ret)
{
    const char *text = text_of(t, field);

    if (text == NULL)
        return;
    if (!order_is_day(text)) {
        t->done.wrong[field] = "This is no date. Write it as in 2026-12-01";
        return;
    }
    *ret = text;
    tell(t, field == SUPPLY_START ? "start" : "cutover");
}

static void take_credentials(struct taking *t)
{
    const char *user = text_of(t, SUPPLY_ADMIN);

    if (user != NULL && strlen(user) > ASKED_USER_MAX)
        t->done.wrong[SUPPLY_ADMIN] = "This is too long for a user name";
    else if (user != NULL) {
        t->change.admin = user;
        tell(t, "administrative account");
    }
    if (t->given->password == NULL)
        return;
    if (strlen(secret_peek(t->given->password)) > ASKED_SECRET_MAX) {
        t->done.wrong[SUPPLY_PASSWORD] =
            "This is too long: Exchange takes no such password";
        return;
    }
    t->change.password = t->given->password;
    tell(t, "a password");
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
static bool take_file(struct taking *t)
{
    const struct supply *s = t->given;
    const char *name = text_of(t, SUPPLY_FILE);
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
    tell(t, said);
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

static int take_all(struct taking *t, struct err *err)
{
    const struct request *r = t->request;

    t->change.state = -1;
    take_partner(t);
    take_domain(t);
    take_url(t);
    take_day(t, SUPPLY_START, &t->change.start);
    take_day(t, SUPPLY_CUTOVER, &t->change.cutover);
    take_credentials(t);
    t->known = known_of(r, &t->change);
    if (!take_file(t)) {
        if (r->file_id == 0 && known_was_missing(r, COMPLETE_FILE_SORT))
            t->known.wrong_files |= BIT(MAIL_FILE_ARCHIVE);
        if (known_old_import(t->desk, r, &t->known, &t->done.import, err) < 0)
            return -1;
    }
    t->known.file = t->done.import;
    t->done.missing = complete(&t->known);
    return 0;
}

static int carry_out(struct taking *t, struct err *err)
{
    static const char *const received[] = { "received", NULL };
    bool whole = t->done.missing.missing == 0;
    const struct desk_wish wish = {
        .request_id = t->request->id,
        .version = t->request->version,
        .event = DESK_NO_EVENT,
        .change = &t->change,
        .missing = &t->done.missing,
        .file = t->change.file ? &t->kept : NULL,
        .file_bytes = t->change.file ? t->given->bytes : NULL,
        .used_link = whole ? t->from->link : NULL,
        .letters = whole ? received : NULL,
        .action = "request.supply",
        .detail = t->told->str,
    };

    /* nothing came, or nothing that could be used */
    if (t->told->len == 0)
        return 1;
    return desk_event(t->desk, t->from->who, &wish, NULL, err);
}

static int check_state(const struct request *r, struct err *err)
{
    if (r->state == REQUEST_RECEIVED ||
        r->state == REQUEST_AWAITING_INFORMATION)
        return 0;
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "request %" G_GINT64_FORMAT " is %s: nothing of it is asked for",
            r->id, request_state_name(r->state));
    err->name = "wrong-state";
    return err_remedy(err, "answer any of our mails about it");
}

static int attempt(struct desk *d, const struct supply_from *from,
                   const struct supply *s, struct supplied *ret,
                   struct err *err)
{
    g_autoptr(request) r = NULL;
    struct taking t = { .desk = d, .from = from, .given = s };
    int found = requests_get(d->requests, from->request_id, &r, err);

    if (found <= 0)
        return found;
    if (check_state(r, err) < 0)
        return -1;
    t.request = r;
    t.told = g_string_new(NULL);
    found = take_all(&t, err);
    if (found == 0)
        found = carry_out(&t, err);
    if (found > 0) {
        *ret = t.done;
        t.done = (struct supplied){ 0 };
    }
    taking_release(&t);
    return found;
}

int supply_take(struct desk *d, const struct supply_from *from,
                const struct supply *s, struct supplied *ret, struct err *err)
{
    int result = -1;

    for (int i = 0; i < TRIES_MAX; i++) {
        result = attempt(d, from, s, ret, err);
        if (result >= 0 || g_strcmp0(err->name, "changed") != 0)
            break;
    }
    return result;
}
