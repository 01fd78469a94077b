#include "desk/people.h"

#include <string.h>

#include "base/csv.h"

enum column {
    COLUMN_PARTNER,
    COLUMN_ACCOUNT,
    COLUMN_DOMAINS,
    COLUMN_VERIFIED,
    COLUMN_EMAIL,
    COLUMN_NAME,
    COLUMN_ROLES,
    COLUMN_N
};

static const char *const columns[COLUMN_N] = {
    [COLUMN_PARTNER] = "Partner ID", [COLUMN_ACCOUNT] = "Account",
    [COLUMN_DOMAINS] = "Domains",    [COLUMN_VERIFIED] = "Verified Domains",
    [COLUMN_EMAIL] = "Email",        [COLUMN_NAME] = "Name",
    [COLUMN_ROLES] = "Roles",
};

/* A row, as it is to be there. */
struct person {
    uint32_t line;
    char *text[COLUMN_N]; /* NULL: empty */
    unsigned roles;
};

struct reading {
    struct roster *roster;
    int at[COLUMN_N];  /* field of each column; -1: there is none */
    GPtrArray *people; /* of struct person * */
    GPtrArray *faults; /* of struct people_fault * */
    GHashTable *named; /* Partner IDs that are there, or named in the table */
};

static void free_person(void *data)
{
    struct person *p = data;

    for (int i = 0; i < COLUMN_N; i++)
        g_free(p->text[i]);
    g_free(p);
}

static void free_fault(void *data)
{
    struct people_fault *f = data;

    g_free(f->text);
    g_free(f);
}

G_GNUC_PRINTF(5, 6)
static void fault(struct reading *r, uint32_t line, const char *column,
                  const char *remedy, const char *fmt, ...)
{
    struct people_fault *f = g_new(struct people_fault, 1);
    va_list ap;

    va_start(ap, fmt);
    *f = (struct people_fault){ line, column, g_strdup_vprintf(fmt, ap),
                                remedy };
    va_end(ap);
    g_ptr_array_add(r->faults, f);
}

/* ---- the header ---------------------------------------------------------- */

static void read_header(struct reading *r, const struct csv_row *row)
{
    for (int c = 0; c < COLUMN_N; c++)
        r->at[c] = -1;
    for (size_t i = 0; i < row->n; i++) {
        int c = 0;

        while (c < COLUMN_N &&
               g_ascii_strcasecmp(columns[c], row->fields[i].text) != 0)
            c++;
        if (c == COLUMN_N)
            fault(r, row->line, NULL,
                  "there are Partner ID, Account, Domains, Verified Domains, "
                  "Email, Name and Roles",
                  "there is no column \"%.60s\"", row->fields[i].text);
        else if (r->at[c] >= 0)
            fault(r, row->line, columns[c], "leave one of them",
                  "this column is there twice");
        else
            r->at[c] = (int)i;
    }
    if (r->at[COLUMN_PARTNER] < 0)
        fault(r, row->line, columns[COLUMN_PARTNER],
              "the first line names the columns", "this column is missing");
}

/* ---- a row --------------------------------------------------------------- */

static char **words_of(const char *text)
{
    return g_strsplit_set(text != NULL ? text : "", " |,;\t", -1);
}

/* "Primary Billing" is one role, and what the support article calls it. */
static bool read_roles(const char *text, unsigned *ret)
{
    g_autoptr(GString) lower = g_string_new(NULL);
    g_auto(GStrv) words = NULL;

    for (const char *c = text; *c != '\0'; c++)
        g_string_append_c(lower, g_ascii_tolower(*c));
    g_string_replace(lower, "primary billing", "billing", 0);
    words = words_of(lower->str);
    for (char **word = words; *word != NULL; word++) {
        enum contact_role role = contact_role_parse(*word);

        if (**word == '\0')
            continue;
        if (role == CONTACT_ROLE_N)
            return false;
        *ret |= 1u << role;
    }
    return *ret != 0;
}

static void check_domains(struct reading *r, const struct person *p,
                          enum column c)
{
    g_auto(GStrv) words = words_of(p->text[c]);

    for (char **word = words; *word != NULL; word++) {
        struct err err;

        if (**word != '\0' && roster_check_domain(*word, &err) < 0)
            fault(r, p->line, columns[c], "write it as in contoso.example",
                  "%s", err.msg);
    }
}

static void check_contact(struct reading *r, struct person *p)
{
    const char *roles = p->text[COLUMN_ROLES];
    struct err err;

    if (p->text[COLUMN_EMAIL] == NULL) {
        if (roles != NULL || p->text[COLUMN_NAME] != NULL)
            fault(r, p->line, columns[COLUMN_EMAIL],
                  "give the address of whom the rest of the row is about",
                  "the address is missing");
        return;
    }
    if (roster_check_address(p->text[COLUMN_EMAIL], &err) < 0)
        fault(r, p->line, columns[COLUMN_EMAIL],
              "write the address alone, as in anna@contoso.example", "%s",
              err.msg);
    if (roles == NULL || !read_roles(roles, &p->roles))
        fault(r, p->line, columns[COLUMN_ROLES],
              "one or more of primary, billing and technical",
              "\"%.60s\" names no role", roles != NULL ? roles : "");
}

/* -1: the database does not answer. */
static int check_account(struct reading *r, const struct person *p,
                         struct err *err)
{
    const struct account_filter filter = { .partner = p->text[COLUMN_PARTNER] };
    g_autofree char *key = g_ascii_strdown(p->text[COLUMN_PARTNER], -1);
    g_autoptr(GPtrArray) found = NULL;

    if (g_hash_table_contains(r->named, key))
        return 0;
    if (roster_accounts(r->roster, &filter, &(struct roster_page){ 0, 1 },
                        &found, err) < 0)
        return -1;
    if (found->len == 0 && p->text[COLUMN_ACCOUNT] == NULL)
        fault(r, p->line, columns[COLUMN_ACCOUNT],
              "the first row of a new account says what they are called",
              "the account is new, and has no name");
    g_hash_table_add(r->named, g_steal_pointer(&key));
    return 0;
}

static bool is_text(const struct csv_field *f)
{
    if (!g_utf8_validate_len(f->text, f->len, NULL))
        return false;
    for (const char *c = f->text; *c != '\0'; c = g_utf8_next_char(c))
        if (g_unichar_iscntrl(g_utf8_get_char(c)))
            return false;
    return true;
}

static const size_t longest[COLUMN_N] = {
    [COLUMN_PARTNER] = ROSTER_PARTNER_MAX,
    [COLUMN_ACCOUNT] = ROSTER_TITLE_MAX,
    [COLUMN_DOMAINS] = 32767,
    [COLUMN_VERIFIED] = 32767,
    [COLUMN_EMAIL] = ROSTER_NAME_MAX,
    [COLUMN_NAME] = ROSTER_TITLE_MAX,
    [COLUMN_ROLES] = 200,
};

/* False: told. */
static bool take_fields(struct reading *r, const struct csv_row *row,
                        struct person *p)
{
    for (int c = 0; c < COLUMN_N; c++) {
        const struct csv_field *f = r->at[c] >= 0 && (size_t)r->at[c] < row->n
                                        ? &row->fields[r->at[c]]
                                        : NULL;

        if (f == NULL || f->len == 0)
            continue;
        if (!is_text(f) || f->len > longest[c]) {
            fault(r, row->line, columns[c], "save the table as CSV in UTF-8",
                  "this is no text, or too long");
            return false;
        }
        p->text[c] = g_strdup(f->text);
    }
    return true;
}

static int read_row(struct reading *r, const struct csv_row *row,
                    struct err *err)
{
    struct person *p;

    if (row->fault != CSV_FINE) {
        fault(r, row->line, NULL, "close each quote before the line ends",
              "this row cannot be read");
        return 0;
    }
    p = g_new0(struct person, 1);
    p->line = row->line;
    g_ptr_array_add(r->people, p);
    if (!take_fields(r, row, p))
        return 0;
    if (p->text[COLUMN_PARTNER] == NULL) {
        fault(r, p->line, columns[COLUMN_PARTNER], "each row says whose it is",
              "the Partner ID is missing");
        return 0;
    }
    check_domains(r, p, COLUMN_DOMAINS);
    check_domains(r, p, COLUMN_VERIFIED);
    check_contact(r, p);
    return check_account(r, p, err);
}

static char delimiter_of(const char *text, size_t n)
{
    const char *end = memchr(text, '\n', n);
    size_t len = end != NULL ? (size_t)(end - text) : n;

    if (memchr(text, '\t', len) != NULL)
        return '\t';
    return memchr(text, ';', len) != NULL ? ';' : ',';
}

static int read_table(struct reading *r, const char *text, size_t n,
                      struct err *err)
{
    g_autoptr(csv_reader) reader = NULL;
    struct csv_row row;

    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        n -= 3;
    }
    reader = csv_reader_new(text, n, delimiter_of(text, n), 1);
    if (!csv_reader_next(reader, &row)) {
        fault(r, 0, NULL, "the first line names the columns",
              "there is nothing in it");
        return 0;
    }
    read_header(r, &row);
    while (r->faults->len == 0 || r->people->len > 0) {
        if (!csv_reader_next(reader, &row))
            break;
        if (r->people->len == PEOPLE_ROWS_MAX) {
            fault(r, row.line, NULL, "split it", "there are too many rows");
            break;
        }
        if (read_row(r, &row, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- writing ------------------------------------------------------------- */

static struct account_domain *find_domain(const struct roster_account *a,
                                          const char *name)
{
    for (guint i = 0; a != NULL && i < a->domains->len; i++) {
        struct account_domain *d = a->domains->pdata[i];

        if (g_ascii_strcasecmp(d->name, name) == 0)
            return d;
    }
    return NULL;
}

/* Is something of the row new?  Then `to` has all domains from now on. */
static bool merge_domains(const struct roster_account *a, char **words,
                          bool verified, GArray *to)
{
    bool any = false;

    for (; *words != NULL; words++) {
        const struct account_domain *d = find_domain(a, *words);
        const struct domain_wish wish = { *words, verified };

        if (**words == '\0' ||
            (d != NULL && (d->verified_us != 0 || !verified)))
            continue;
        g_array_append_val(to, wish);
        any = true;
    }
    return any;
}

static bool is_among(const GArray *wishes, const char *name)
{
    for (guint i = 0; i < wishes->len; i++)
        if (g_ascii_strcasecmp(
                g_array_index(wishes, struct domain_wish, i).name, name) == 0)
            return true;
    return false;
}

static void keep_domains(const struct roster_account *a, GArray *to)
{
    for (guint i = 0; a != NULL && i < a->domains->len; i++) {
        const struct account_domain *d = a->domains->pdata[i];
        const struct domain_wish wish = { d->name, d->verified_us != 0 };

        if (!is_among(to, d->name))
            g_array_append_val(to, wish);
    }
}

static int write_account(struct roster *p, const struct roster_actor *who,
                         const struct person *row,
                         const struct roster_account *a, int64_t *ret_id,
                         struct people_done *done, struct err *err)
{
    g_autoptr(GArray) domains =
        g_array_new(TRUE, FALSE, sizeof(struct domain_wish));
    g_auto(GStrv) verified = words_of(row->text[COLUMN_VERIFIED]);
    g_auto(GStrv) others = words_of(row->text[COLUMN_DOMAINS]);
    struct account_change wish = { 0 };
    bool any = merge_domains(a, verified, true, domains);

    any = merge_domains(a, others, false, domains) || any;
    keep_domains(a, domains);
    if (any) {
        wish.domains = (const void *)domains->data;
        wish.n_domains = domains->len;
    }
    if (a == NULL || g_strcmp0(a->name, row->text[COLUMN_ACCOUNT]) != 0)
        wish.name = row->text[COLUMN_ACCOUNT];
    if (a == NULL) {
        wish.partner = row->text[COLUMN_PARTNER];
        done->accounts_added++;
        return roster_account_add(p, who, &wish, ret_id, err);
    }
    *ret_id = a->id;
    if (!any && wish.name == NULL)
        return 0;
    done->accounts_changed++;
    return roster_account_change(p, who, a->id, a->version, &wish, err);
}

static int write_contact(struct roster *p, const struct roster_actor *who,
                         const struct person *row, int64_t account_id,
                         struct people_done *done, struct err *err)
{
    const struct contact_filter filter = { .account_id = account_id,
                                           .address = row->text[COLUMN_EMAIL] };
    struct contact_change wish = { .name = row->text[COLUMN_NAME],
                                   .roles = row->roles,
                                   .disabled = -1 };
    g_autoptr(GPtrArray) found = NULL;
    const struct roster_contact *k;
    int64_t id;

    if (row->text[COLUMN_EMAIL] == NULL)
        return 0;
    if (roster_contacts(p, &filter, &(struct roster_page){ 0, 1 }, &found,
                        err) < 0)
        return -1;
    if (found->len == 0) {
        wish.address = row->text[COLUMN_EMAIL];
        done->contacts_added++;
        return roster_contact_add(p, who, account_id, &wish, &id, err);
    }
    k = found->pdata[0];
    if (k->roles == wish.roles &&
        (wish.name == NULL || g_strcmp0(k->name, wish.name) == 0))
        return 0;
    done->contacts_changed++;
    return roster_contact_change(p, who, k->id, k->version, &wish, err);
}

static int write_row(struct roster *p, const struct roster_actor *who,
                     const struct person *row, struct people_done *done,
                     struct err *err)
{
    const struct account_filter filter = { .partner =
                                               row->text[COLUMN_PARTNER] };
    g_autoptr(GPtrArray) found = NULL;
    int64_t id = 0;

    if (roster_accounts(p, &filter, &(struct roster_page){ 0, 1 }, &found,
                        err) < 0 ||
        write_account(p, who, row, found->len > 0 ? found->pdata[0] : NULL, &id,
                      done, err) < 0 ||
        write_contact(p, who, row, id, done, err) < 0)
        return err_in(err, "line %u", row->line);
    return 0;
}

int people_import(struct roster *p, const struct roster_actor *who,
                  const char *text, size_t n, struct people_done *ret,
                  GPtrArray **ret_faults, struct err *err)
{
    g_autoptr(GPtrArray) people = g_ptr_array_new_with_free_func(free_person);
    g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(free_fault);
    g_autoptr(GHashTable) named =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct reading r = {
        .roster = p, .people = people, .faults = faults, .named = named
    };
    struct people_done done = { 0 };

    if (n > PEOPLE_BYTES_MAX)
        fault(&r, 0, NULL, "split it", "the table is too large");
    else if (read_table(&r, text, n, err) < 0)
        return -1;
    if (faults->len > 0) {
        *ret_faults = g_steal_pointer(&faults);
        return 0;
    }
    for (guint i = 0; i < people->len; i++)
        if (write_row(p, who, people->pdata[i], &done, err) < 0)
            return -1;
    *ret = done;
    return 1;
}
