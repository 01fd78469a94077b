/*
 * report_x500 - the old organisation's names, and the mailboxes that they
 * belong to now: without them replies to old mail bounce.
 */
#include "base/csv.h"
#include "fleet/report_priv.h"

enum x500_status {
    X500_MAP,       /* of somebody who was moved */
    X500_NOT_SEEN,  /* of somebody who was moved, and is not known */
    X500_KNOWN,     /* of somebody else whose address is known */
    X500_UNKNOWN,   /* of nobody knows whom */
    X500_ELSEWHERE, /* of another organisation than those who were moved */
    X500_N_STATUSES
};

static const char *const status_names[] = {
    [X500_MAP] = "map",
    [X500_NOT_SEEN] = "no old name seen",
    [X500_KNOWN] = "not in this migration",
    [X500_UNKNOWN] = "not in this migration, address unknown",
    [X500_ELSEWHERE] = "another organisation",
};

/* What belongs to whom; all borrowed from the report and the names. */
struct x500 {
    GPtrArray *names;      /* of struct store_exchange_name * */
    GHashTable *mailboxes; /* source address, lower: struct store_mailbox * */
    GHashTable *own;       /* what its directory calls it, lower: the same */
    GHashTable *named;     /* struct store_mailbox *: itself */
    GHashTable *organisations; /* "/o=old" */
};

/* "/o=old" of "/o=Old/ou=.../cn=ann"; the caller frees. */
static char *organisation_of(const char *dn)
{
    g_autofree char *first =
        g_strndup(dn, strcspn(dn + MIN(strlen(dn), 1), "/") + 1);

    return g_ascii_strdown(first, -1);
}

/* The directory's own word counts before an address, which may be an alias. */
static const struct store_mailbox *
owner_of(const struct x500 *x, const struct store_exchange_name *name)
{
    g_autofree char *dn = g_ascii_strdown(name->dn, -1);
    g_autofree char *address =
        name->address != NULL ? g_utf8_strdown(name->address, -1) : NULL;
    const struct store_mailbox *m = g_hash_table_lookup(x->own, dn);

    return m != NULL || address == NULL
               ? m
               : g_hash_table_lookup(x->mailboxes, address);
}

static void add_mailbox(struct x500 *x, struct store_mailbox *m)
{
    g_hash_table_insert(x->mailboxes, g_utf8_strdown(m->source_address, -1), m);
    if (m->legacy_dn != NULL)
        g_hash_table_insert(x->own, g_ascii_strdown(m->legacy_dn, -1), m);
}

static void note_owner(struct x500 *x, const struct store_exchange_name *name)
{
    const struct store_mailbox *m = owner_of(x, name);

    if (m == NULL)
        return;
    g_hash_table_add(x->named, (void *)(guintptr)m);
    g_hash_table_add(x->organisations, organisation_of(name->dn));
}

static int x500_init(struct x500 *x, const struct report *r, struct err *err)
{
    if (store_exchange_names(r->store, &x->names, err) < 0)
        return -1;
    x->mailboxes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    x->own = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    x->named = g_hash_table_new(NULL, NULL);
    x->organisations =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < r->mailboxes->len; i++)
        add_mailbox(x,
                    ((struct report_mailbox *)r->mailboxes->pdata[i])->mailbox);
    for (guint i = 0; i < x->names->len; i++)
        note_owner(x, x->names->pdata[i]);
    return 0;
}

static void x500_release(struct x500 *x)
{
    g_ptr_array_unref(x->names);
    g_hash_table_unref(x->mailboxes);
    g_hash_table_unref(x->own);
    g_hash_table_unref(x->named);
    g_hash_table_unref(x->organisations);
}

static enum x500_status status_of(const struct x500 *x,
                                  const struct store_exchange_name *name)
{
    g_autofree char *organisation = organisation_of(name->dn);

    if (owner_of(x, name) != NULL)
        return X500_MAP;
    if (!g_hash_table_contains(x->organisations, organisation))
        return X500_ELSEWHERE;
    return name->address != NULL ? X500_KNOWN : X500_UNKNOWN;
}

/* ---- PowerShell --------------------------------------------------------- */

/*
 * 'text', as PowerShell reads it back: it takes the typographic single quotes
 * U+2018 to U+201B for "'" too, and each is doubled to stand for itself.
 */
static void append_quoted(GString *to, const char *text)
{
    g_string_append_c(to, '\'');
    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        /* A line end would be the end of what a person pastes. */
        if (g_unichar_iscntrl(c))
            continue;
        if (c == '\'' || (c >= 0x2018 && c <= 0x201B))
            g_string_append_unichar(to, c);
        g_string_append_unichar(to, c);
    }
    g_string_append_c(to, '\'');
}

static void append_x500(GString *to, const char *dn)
{
    g_autofree char *valid = g_utf8_make_valid(dn, -1);
    g_autofree char *address = g_strconcat("X500:", valid, NULL);

    append_quoted(to, address);
}

/* Exchange 2010 and later. */
static char *cmdlet(const char *mailbox, const char *dn)
{
    GString *s = g_string_new("Set-Mailbox ");

    append_quoted(s, mailbox);
    g_string_append(s, " -EmailAddresses @{add=");
    append_x500(s, dn);
    g_string_append_c(s, '}');
    return g_string_free(s, FALSE);
}

/* Exchange 2007, whose PowerShell has no @{add=...} there. */
static char *cmdlet_2007(const char *mailbox, const char *dn)
{
    GString *s = g_string_new("$m = Get-Mailbox ");

    append_quoted(s, mailbox);
    g_string_append(s, "; $m.EmailAddresses.Add(");
    append_x500(s, dn);
    g_string_append(s, "); Set-Mailbox -Instance $m");
    return g_string_free(s, FALSE);
}

/* ---- rows --------------------------------------------------------------- */

static void put_row(struct csv_writer *out, enum x500_status status,
                    const char *dn, const char *address,
                    const struct store_mailbox *to)
{
    g_autofree char *now = NULL;
    g_autofree char *then = NULL;

    if (status == X500_MAP) {
        now = cmdlet(to->destination_address, dn);
        then = cmdlet_2007(to->destination_address, dn);
    }
    csv_put(out, status_names[status]);
    csv_put(out, dn);
    csv_put(out, address);
    csv_put(out, to != NULL ? to->destination_address : NULL);
    csv_put(out, now);
    csv_put(out, then);
    csv_end_row(out);
}

static void put_names(struct csv_writer *out, const struct x500 *x,
                      enum x500_status status)
{
    for (guint i = 0; i < x->names->len; i++) {
        const struct store_exchange_name *name = x->names->pdata[i];

        if (status_of(x, name) == status)
            put_row(out, status, name->dn, name->address, owner_of(x, name));
    }
}

static void put_not_seen(struct csv_writer *out, const struct x500 *x,
                         const struct report *r)
{
    for (guint i = 0; i < r->mailboxes->len; i++) {
        const struct report_mailbox *m = r->mailboxes->pdata[i];

        if (!g_hash_table_contains(x->named, m->mailbox))
            put_row(out, X500_NOT_SEEN, NULL, m->mailbox->source_address,
                    m->mailbox);
    }
}

char *report_x500(const struct report *r, struct err *err)
{
    static const char *const headings[] = {
        "Status", "Legacy Exchange DN",       "Old Address", "New Mailbox",
        "Cmdlet", "Cmdlet for Exchange 2007",
    };
    struct csv_writer out = { 0 };
    struct x500 x;

    if (x500_init(&x, r, err) < 0)
        return NULL;
    out.out = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(headings); i++)
        csv_put(&out, headings[i]);
    csv_end_row(&out);
    for (int status = 0; status < X500_N_STATUSES; status++) {
        if (status == X500_NOT_SEEN)
            put_not_seen(&out, &x, r);
        else
            put_names(&out, &x, (enum x500_status)status);
    }
    x500_release(&x);
    return g_string_free(out.out, FALSE);
}
