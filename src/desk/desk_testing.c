#include "desk/desk_testing.h"

#include <string.h>

#include "base/check.h"
#include "desk/mail_priv.h"

static const char *const environment[] = {
    "MAILFERRY_DESK_ADDRESS=support@provider.example",
    "MAILFERRY_DESK_NAME=Provider's Support",
    "MAILFERRY_DESK_ALERTS=operators@provider.example",
    "MAILFERRY_HTTP_PUBLIC_URL=https://desk.provider.example/",
    "MAILFERRY_INTAKE_AUTHSERV_ID=mx.provider.example",
    "MAILFERRY_INTAKE_PER_HOUR=5",
    NULL,
};

static int64_t add_account(struct desk_fixture *f, const char *partner,
                           const char *name, const char *const domains[2])
{
    const struct domain_wish wishes[] = { { domains[0], true },
                                          { domains[1], true } };
    const struct account_change wish = {
        .partner = partner,
        .name = name,
        .domains = wishes,
        .n_domains = domains[1] != NULL ? 2 : 1,
    };
    int64_t id = 0;
    struct err err;

    CHECK_OK(
        roster_account_add(f->store.roster, &roster_alice, &wish, &id, &err),
        &err);
    return id;
}

static int64_t add_contact(struct desk_fixture *f, int64_t account,
                           const char *address, enum contact_role role)
{
    const struct contact_change wish = { .address = address,
                                         .roles = 1u << role,
                                         .disabled = -1 };
    int64_t id = 0;
    struct err err;

    CHECK_OK(roster_contact_add(f->store.roster, &roster_alice, account, &wish,
                                &id, &err),
             &err);
    return id;
}

static void add_people(struct desk_fixture *f)
{
    f->acme = add_account(
        f, "P-1001", "Acme",
        (const char *const[]){ "contoso.example", "fabrikam.example" });
    f->globex = add_account(
        f, "P-2002", "Globex",
        (const char *const[]){ "globex.example", "tailspin.example" });
    f->initech = add_account(f, "P-3003", "Initech",
                             (const char *const[]){ "initech.example", NULL });
    f->anna = add_contact(f, f->acme, "anna@contoso.example", CONTACT_PRIMARY);
    f->berta =
        add_contact(f, f->acme, "berta@contoso.example", CONTACT_BILLING);
    f->tom = add_contact(f, f->acme, "tom@contoso.example", CONTACT_TECHNICAL);
    (void)add_contact(f, f->globex, "carl@globex.example", CONTACT_PRIMARY);
    (void)add_contact(f, f->globex, "multi@partner.example", CONTACT_PRIMARY);
    (void)add_contact(f, f->initech, "multi@partner.example", CONTACT_BILLING);
}

void desk_fixture_set_up(struct desk_fixture *f, gconstpointer data)
{
    const struct config_sources sources = { .environment = environment };
    g_autoptr(GPtrArray) faults = config_faults_new();
    struct desk_stores stores;
    struct err err;

    roster_fixture_set_up(&f->store, data);
    f->keys = keyring_new();
    CHECK_OK(config_load(&sources, &f->config, faults, &err), &err);
    g_assert_cmpuint(faults->len, ==, 0);
    stores = (struct desk_stores){ .database = f->store.database,
                                   .roster = f->store.roster,
                                   .keys = f->keys };
    CHECK_OK(desk_open(f->config, &stores, &f->desk, &err), &err);
    add_people(f);
}

void desk_fixture_tear_down(struct desk_fixture *f, gconstpointer data)
{
    desk_close(f->desk);
    config_free(f->config);
    keyring_free(f->keys);
    roster_fixture_tear_down(&f->store, data);
}

/* ---- what went out ------------------------------------------------------- */

static GPtrArray *outbox(struct desk_fixture *f)
{
    GPtrArray *all = NULL;
    struct err err;

    CHECK_OK(roster_outbox(f->store.roster, &roster_all, &all, &err), &err);
    return all;
}

char *desk_fixture_outbox(struct desk_fixture *f)
{
    g_autoptr(GPtrArray) all = outbox(f);
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < all->len; i++) {
        const struct outbox_mail *m = all->pdata[i];

        g_string_append_printf(text, "%s: %s\n", m->recipient, m->subject);
    }
    return g_string_free(text, FALSE);
}

guint desk_fixture_n_out(struct desk_fixture *f)
{
    g_autoptr(GPtrArray) all = outbox(f);

    return all->len;
}

/* The text body of a mail of ours. */
static char *text_of(const char *mime)
{
    g_autoptr(GMimeStream) stream =
        g_mime_stream_mem_new_with_buffer(mime, strlen(mime));
    g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
    g_autoptr(GMimeMessage) message =
        g_mime_parser_construct_message(parser, NULL);
    GMimeObject *both = g_mime_message_get_mime_part(message);
    GMimeObject *plain = g_mime_multipart_get_part(GMIME_MULTIPART(both), 0);

    return g_mime_text_part_get_text(GMIME_TEXT_PART(plain));
}

char *desk_fixture_letter(struct desk_fixture *f, guint number)
{
    g_autoptr(GPtrArray) all = outbox(f);
    g_autoptr(secret) mime = NULL;
    const struct outbox_mail *m;
    struct seal_place place = { "outbox", "body", NULL };
    struct err err;
    gsize n;
    const void *sealed;

    g_assert_cmpuint(number, <, all->len);
    m = all->pdata[number];
    place.row = m->ref;
    sealed = g_bytes_get_data(m->body, &n);
    CHECK_OK(seal_open(f->keys, &place, sealed, n, &mime, &err), &err);
    return text_of(secret_peek(mime));
}

bool desk_fixture_token(struct desk_fixture *f, guint number,
                        enum request_purpose purpose,
                        uint8_t hash[TOKEN_HASH_BYTES])
{
    g_autofree char *text = desk_fixture_letter(f, number);
    g_autofree char *prefix = desk_link(f->desk, purpose, "");
    const char *at = strstr(text, prefix);
    g_autofree char *token = NULL;

    if (at == NULL)
        return false;
    at += strlen(prefix);
    token = g_strndup(at, strcspn(at, "\n "));
    return token_hash(TOKEN_LINK, token, hash);
}

/* ---- what is there ------------------------------------------------------- */

char *desk_fixture_trail(struct desk_fixture *f)
{
    g_autofree char *all = roster_fixture_trail(&f->store);
    g_auto(GStrv) lines = g_strsplit(all, "\n", -1);
    GString *text = g_string_new(NULL);

    for (char **line = lines; *line != NULL; line++)
        if (**line != '\0' && !g_str_has_prefix(*line, "account.") &&
            !g_str_has_prefix(*line, "contact."))
            g_string_append_printf(text, "%s\n", *line);
    return g_string_free(text, FALSE);
}

struct request *desk_fixture_request(struct desk_fixture *f, int64_t id)
{
    struct request *r = NULL;
    struct err err;

    g_assert_cmpint(requests_get(f->desk->requests, id, &r, &err), ==, 1);
    return r;
}
