#include "lab/signon.h"

#include <string.h>

#include <nettle/md5.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "lab/store_directory.h"
#include "lab/token.h"

/* A token of less cannot be used; of more than a year is no token. */
#define LIFETIME_MAX (366 * 86400)

void signon_options_clear(struct signon_options *options)
{
    g_clear_pointer(&options->clients, g_strfreev);
    g_clear_pointer(&options->impersonate, g_strfreev);
    g_clear_pointer(&options->full_access, g_strfreev);
    g_clear_pointer(&options->redirect_address, g_strfreev);
    g_clear_pointer(&options->redirect_url, g_strfreev);
}

/* ---- clients ------------------------------------------------------- */

char *signon_client_login(const char *client)
{
    return g_strconcat("app:", client, NULL);
}

/* Nobody signs in to it by a password: it is made up and told to nobody. */
static int add_client_account(struct lab *lab, const char *client,
                              struct err *err)
{
    g_autofree char *login = signon_client_login(client);
    g_autofree char *password = g_uuid_string_random();
    g_auto(lab_account) old = { 0 };
    const struct lab_account account = {
        .domain = (char *)(uintptr_t) "",
        .user = login,
        .address = login,
        .display_name = (char *)(uintptr_t)client,
        .password = password,
        .may_impersonate = true,
    };
    int found = lab_store_find_account(lab->store, NULL, login, &old, err);

    if (found != 0)
        return MIN(found, 0);
    return lab_store_add_account(lab->store, &account, NULL, err);
}

static int add_clients(struct lab *lab, char **clients, struct err *err)
{
    for (guint i = 0; clients != NULL && clients[i] != NULL; i++)
        if (tokens_add_client(lab->tokens, clients[i], err) < 0 ||
            add_client_account(lab, tokens_client(lab->tokens, i), err) < 0)
            return -1;
    return 0;
}

/* ---- rights -------------------------------------------------------- */

static int find_named(struct lab *lab, const char *account, const char *mailbox,
                      int64_t *ret_account, int64_t *ret_mailbox,
                      struct err *err)
{
    g_auto(lab_account) a = { 0 };
    g_auto(lab_mailbox) m = { 0 };
    int found = lab_store_find_account(lab->store, NULL, account, &a, err);

    if (found == 0)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "there is no account \"%s\"", account);
    if (found > 0 && strcmp(mailbox, "*") != 0)
        found = lab_store_find_mailbox(lab->store, mailbox, &m, err);
    if (found == 0)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "there is no mailbox \"%s\"", mailbox);
    *ret_account = a.key;
    *ret_mailbox = m.key;
    return MIN(found, 0);
}

/* seen: accounts whose other rights have been taken away already. */
static int allow_one(struct lab *lab, enum lab_grant right, const char *text,
                     GHashTable *seen, struct err *err)
{
    g_auto(GStrv) parts = g_strsplit(text, "=", 2);
    int64_t account = 0, mailbox = 0;

    if (g_strv_length(parts) != 2)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "\"%s\" is not ACCOUNT=MAILBOX", text);
    if (find_named(lab, parts[0], parts[1], &account, &mailbox, err) < 0)
        return -1;
    if (g_hash_table_add(seen, GSIZE_TO_POINTER(account)) &&
        lab_store_revoke_all(lab->store, account, right, err) < 0)
        return -1;
    return lab_store_allow(lab->store, account, right, mailbox, err);
}

static int allow_all(struct lab *lab, enum lab_grant right, char **texts,
                     struct err *err)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

    for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
        if (allow_one(lab, right, texts[i], seen, err) < 0)
            return -1;
    return 0;
}

static int check_redirects(char **rules, struct err *err)
{
    for (guint i = 0; rules != NULL && rules[i] != NULL; i++)
        if (strchr(rules[i], '@') == NULL || strchr(rules[i], '=') == NULL)
            return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                           "\"%s\" is not ADDRESS=TARGET", rules[i]);
    return 0;
}

int signon_prepare(struct lab *lab, const struct signon_options *options,
                   struct err *err)
{
    if (options->token_lifetime < 1 || options->token_lifetime > LIFETIME_MAX)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "a token cannot live for %d seconds",
                       options->token_lifetime);
    lab->redirect_address = options->redirect_address;
    lab->redirect_url = options->redirect_url;
    if (check_redirects(options->redirect_address, err) < 0 ||
        check_redirects(options->redirect_url, err) < 0)
        return -1;
    lab->tokens = tokens_new((int64_t)options->token_lifetime * G_USEC_PER_SEC,
                             lab->clock_skew_us);
    if (add_clients(lab, options->clients, err) < 0 ||
        allow_all(lab, LAB_GRANT_IMPERSONATE, options->impersonate, err) < 0)
        return -1;
    return allow_all(lab, LAB_GRANT_FULL_ACCESS, options->full_access, err);
}

/* ---- channel binding ----------------------------------------------- */

int signon_protection(const char *text, enum auth_protection *ret,
                      struct err *err)
{
    static const struct {
        const char *name;
        enum auth_protection how;
    } names[] = {
        { "off", AUTH_PROTECTION_OFF },
        { "allow", AUTH_PROTECTION_ALLOW },
        { "require", AUTH_PROTECTION_REQUIRE },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i].name, text) == 0) {
            *ret = names[i].how;
            return 0;
        }
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   "\"%s\" is no way of extended protection", text);
}

/* RFC 5929 4.1: the hash of the signature, SHA-256 in place of the weak. */
static const EVP_MD *binding_digest(X509 *certificate)
{
    int digest = NID_undef;

    if (OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest,
                            NULL) == 0 ||
        digest == NID_md5 || digest == NID_sha1 || digest == NID_undef)
        return EVP_sha256();
    return EVP_get_digestbynid(digest);
}

/*
 * [MS-NLMP] 2.2.2.1: MD5 over a gss_channel_bindings_struct whose addresses
 * are empty and whose data is "tls-server-end-point:" and the hash.
 */
static void hash_bindings(const uint8_t *hash, unsigned int len,
                          uint8_t ret[AUTH_CHANNEL_HASH_SIZE])
{
    static const char prefix[] = "tls-server-end-point:";
    static const uint8_t addresses[16];
    uint32_t n = (uint32_t)strlen(prefix) + len;
    const uint8_t count[4] = { (uint8_t)n, (uint8_t)(n >> 8),
                               (uint8_t)(n >> 16), (uint8_t)(n >> 24) };
    struct md5_ctx ctx;

    md5_init(&ctx);
    md5_update(&ctx, sizeof(addresses), addresses);
    md5_update(&ctx, sizeof(count), count);
    md5_update(&ctx, strlen(prefix), (const uint8_t *)prefix);
    md5_update(&ctx, len, hash);
    md5_digest(&ctx, AUTH_CHANNEL_HASH_SIZE, ret);
}

int signon_channel_hash(const char *certificate_pem,
                        uint8_t ret[AUTH_CHANNEL_HASH_SIZE])
{
    BIO *bio = BIO_new_mem_buf(certificate_pem, -1);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    int status = -1;

    if (certificate != NULL &&
        X509_digest(certificate, binding_digest(certificate), hash, &len) ==
            1) {
        hash_bindings(hash, len, ret);
        status = 0;
    }
    X509_free(certificate);
    BIO_free(bio);
    return status;
}
