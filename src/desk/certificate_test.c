#include "desk/certificate.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/evp.h>

#include "base/check.h"
#include "base/timestamp.h"

/* A mailbox with an equal mail, a different one and one that failed. */
struct scene {
    struct store *store;
    struct store_lease lease;
    int64_t folder_id, ids[3];
    struct keyring *keys;
    uint8_t key[SIGN_KEY_BYTES];
};

#define LITERAL(s) ((char *)(uintptr_t)(s))

static void add_folder(struct scene *s, struct err *err)
{
    const struct store_folder folder = { .source_id = LITERAL("F1"),
                                         .source_parent_id = LITERAL("R"),
                                         .path = LITERAL("Inbox") };
    struct store_mapping map = { .destination_id = "D1" };
    g_autoptr(GPtrArray) all = NULL;

    CHECK_OK(store_folders_set(s->store, &s->lease, &folder, 1, err), err);
    CHECK_OK(store_folders(s->store, s->lease.mailbox_id, &all, err), err);
    s->folder_id = ((struct store_folder *)all->pdata[0])->id;
    map.folder_id = s->folder_id;
    CHECK_OK(store_folders_map(s->store, &s->lease, &map, 1, err), err);
}

static void add_items(struct scene *s, struct err *err)
{
    static const struct store_change changes[] = {
        { .kind = STORE_CREATED, .source_id = "I1", .item_class = "IPM.Note" },
        { .kind = STORE_CREATED, .source_id = "I2", .item_class = "IPM.Note" },
        { .kind = STORE_CREATED, .source_id = "I3", .item_class = "IPM.Task" },
    };
    const struct store_item_query q = { .mailbox_id = s->lease.mailbox_id,
                                        .max = 10 };
    g_autoptr(GPtrArray) items = NULL;

    CHECK_OK(store_items_list(s->store, &s->lease, s->folder_id, changes, 3,
                              "token", NULL, err),
             err);
    CHECK_OK(store_items(s->store, &q, &items, err), err);
    for (guint i = 0; i < items->len; i++)
        s->ids[i] = ((struct store_item *)items->pdata[i])->id;
}

static void copy(struct scene *s, struct err *err)
{
    static const uint8_t digests[2][2] = { { 0xbe, 0xef }, { 0xca, 0xfe } };
    const struct store_intent intents[] = {
        { .item_id = s->ids[0], .digest = digests[0], .digest_len = 2 },
        { .item_id = s->ids[1], .digest = digests[1], .digest_len = 2 },
    };
    const struct store_outcome outcomes[] = {
        { .item_id = s->ids[0], .state = ITEM_COPIED, .destination_id = "N1" },
        { .item_id = s->ids[1], .state = ITEM_COPIED, .destination_id = "N2" },
        { .item_id = s->ids[2],
          .state = ITEM_FAILED,
          .reason = "the item is <b>corrupt</b>",
          .error_name = "ErrorItemCorrupt" },
    };
    const struct store_pass end = { .items_copied = 2, .items_failed = 1 };
    int64_t pass;

    CHECK_OK(store_pass_begin(s->store, &s->lease, "full", &pass, err), err);
    CHECK_OK(store_items_intend(s->store, &s->lease, pass, intents, 2, 0, err),
             err);
    CHECK_OK(store_items_record(s->store, &s->lease, outcomes, 3, err), err);
    CHECK_OK(store_pass_end(s->store, &s->lease, pass, &end, err), err);
}

static void verify(struct scene *s, struct err *err)
{
    const struct store_verdict verdicts[] = {
        { .item_id = s->ids[0], .verify = VERIFY_VERIFIED },
        { .item_id = s->ids[1], .verify = VERIFY_DIFFERENT, .note = "subject" },
        { .item_id = s->ids[2], .verify = VERIFY_FAILED },
    };
    const struct store_pass end = { .ended_us = 9 * TIMESTAMP_SECOND };
    int64_t pass;

    CHECK_OK(store_pass_begin(s->store, &s->lease, "verify full", &pass, err),
             err);
    CHECK_OK(store_items_verify(s->store, &s->lease, verdicts, 3, err), err);
    CHECK_OK(store_pass_end(s->store, &s->lease, pass, &end, err), err);
}

static void scene_begin(struct scene *s, bool verified)
{
    int64_t mailbox;
    struct err err;

    *s = (struct scene){ .store = store_open_mem(), .keys = keyring_new() };
    sign_public(s->keys, 0, s->key);
    CHECK_OK(
        store_mailbox_add(s->store, "ann@old", "ann@new", 2, &mailbox, &err),
        &err);
    CHECK_OK(store_mailbox_lease(s->store, mailbox, &s->lease, &err), &err);
    add_folder(s, &err);
    add_items(s, &err);
    copy(s, &err);
    if (verified)
        verify(s, &err);
}

static void scene_end(struct scene *s)
{
    store_free(s->store);
    keyring_free(s->keys);
}

static char *make(struct scene *s)
{
    const struct certificate_about about = { .migration_id = 7,
                                             .request_id = 1001,
                                             .partner = "P-1",
                                             .account = "K\xc3\xb6ln \"&\" Co",
                                             .domain = "acme.example" };
    char *text = NULL;
    struct err err;

    CHECK_OK(certificate_make(s->store, &about, s->keys, &text, &err), &err);
    return text;
}

static const char *refusal(struct scene *s, const char *text, size_t n)
{
    struct certificate_seen seen;
    struct err err = { 0 };

    g_assert_cmpint(certificate_verify(text, n, s->key, &seen, &err), ==, -1);
    return err.name;
}

/* ---- what it says ------------------------------------------------------- */

static void test_says_what_was_found(void)
{
    struct scene s;
    g_autofree char *text = NULL, *html = NULL;
    g_auto(certificate_seen) seen = { 0 };
    char hex[SIGN_KEY_SIZE];
    struct err err;

    scene_begin(&s, true);
    text = make(&s);
    CHECK_OK(certificate_verify(text, strlen(text), s.key, &seen, &err), &err);
    sign_hex(s.key, sizeof(s.key), hex);
    g_assert_cmpstr(seen.key, ==, hex);
    g_assert_cmpstr(seen.domain, ==, "acme.example");
    g_assert_cmpuint(seen.mailboxes, ==, 1);
    g_assert_cmpuint(seen.verified, ==, 1);
    g_assert_cmpuint(seen.different, ==, 1);
    g_assert_cmpuint(seen.failed, ==, 1);
    g_assert_cmpuint(seen.missing, ==, 0);
    g_assert_nonnull(strstr(text, "the item is <b>corrupt</b>"));
    /* printf 'beef\n' | sha256sum */
    g_assert_nonnull(strstr(text, "9133a08119601ab3c6a4a352e869094e"
                                  "283458d95cfce45d33b924a047b0e94f"));
    html = certificate_html(text);
    g_assert_nonnull(strstr(html, "the item is &lt;b&gt;corrupt&lt;/b&gt;"));
    g_assert_nonnull(strstr(html, "K\xc3\xb6ln &quot;&amp;&quot; Co"));
    g_assert_nonnull(strstr(html, hex));
    scene_end(&s);
}

static void test_not_verified(void)
{
    const struct certificate_about about = { .migration_id = 7 };
    struct scene s;
    char *text = NULL;
    struct err err = { 0 };

    scene_begin(&s, false);
    g_assert_cmpint(certificate_make(s.store, &about, s.keys, &text, &err), ==,
                    -1);
    g_assert_cmpstr(err.name, ==, "not-verified");
    g_assert_null(text);
    scene_end(&s);
}

/* ---- who may have signed it --------------------------------------------- */

/* The signature as OpenSSL checks it, over what the header describes. */
static void test_openssl_agrees(void)
{
    struct scene s;
    g_autofree char *text = NULL, *plain = NULL;
    uint8_t value[SIGN_BYTES];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY *key;
    json_t *file;
    char *dump;

    scene_begin(&s, true);
    text = make(&s);
    file = json_loads(text, 0, NULL);
    g_assert_true(sign_parse(json_string_value(json_object_get(
                                 json_object_get(file, "signature"), "value")),
                             sizeof(value), value));
    dump = json_dumps(json_object_get(file, "certificate"),
                      JSON_COMPACT | JSON_SORT_KEYS);
    plain = g_strconcat("mailferry-certificate-1\n", dump, NULL);
    key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, s.key,
                                      sizeof(s.key));
    g_assert_cmpint(EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key), ==, 1);
    g_assert_cmpint(EVP_DigestVerify(ctx, value, sizeof(value),
                                     (const uint8_t *)plain, strlen(plain)),
                    ==, 1);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    free(dump);
    json_decref(file);
    scene_end(&s);
}

static void test_other_key(void)
{
    struct scene s;
    g_autoptr(keyring) other = keyring_new();
    g_autofree char *text = NULL;

    scene_begin(&s, true);
    text = make(&s);
    sign_public(other, 0, s.key);
    g_assert_cmpstr(refusal(&s, text, strlen(text)), ==, "certificate-key");
    scene_end(&s);
}

/* Every bit of the file counts, that of white space too. */
static void test_bits(void)
{
    struct scene s;
    g_autofree char *text = NULL;
    size_t n;

    scene_begin(&s, true);
    text = make(&s);
    n = strlen(text);
    for (size_t i = 0; i < n * (size_t)8; i++) {
        text[i / 8] ^= (char)(1u << i % 8);
        g_assert_nonnull(refusal(&s, text, n));
        text[i / 8] ^= (char)(1u << i % 8);
    }
    for (size_t i = 0; i < n; i += 97)
        g_assert_nonnull(refusal(&s, text, i));
    scene_end(&s);
}

/* What says the same in other bytes, or more than was signed. */
static void test_forms(void)
{
    static const struct {
        const char *name, *from, *to;
    } rows[] = {
        { "an account's name", "K\xc3\xb6ln", "K\\u00f6ln" },
        { "upper case", "\"key\": \"", "\"key\": \"A" },
        { "beside it", "{\n  \"cert", "{\n  \"a\": 1,\n  \"cert" },
        { "twice", "\"domain\": \"acme.example\"",
          "\"domain\": \"x.example\", \"domain\": \"acme.example\"" },
        { "algorithm", "Ed25519", "none" },
        { "line ends", "\n", "\r\n" },
    };
    struct scene s;
    g_autofree char *text = NULL;

    scene_begin(&s, true);
    text = make(&s);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        GString *other = g_string_new(text);

        CHECK_ROW(rows[i].name,
                  g_string_replace(other, rows[i].from, rows[i].to, 1) == 1);
        CHECK_ROW(rows[i].name, refusal(&s, other->str, other->len) != NULL);
        g_string_free(other, TRUE);
    }
    g_assert_cmpstr(refusal(&s, "", 0), ==, "certificate-form");
    g_assert_cmpstr(refusal(&s, "[]\n", 3), ==, "certificate-form");
    g_assert_cmpstr(refusal(&s, "{}\n", 3), ==, "certificate-form");
    scene_end(&s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/certificate/says", test_says_what_was_found);
    g_test_add_func("/certificate/not-verified", test_not_verified);
    g_test_add_func("/certificate/openssl-agrees", test_openssl_agrees);
    g_test_add_func("/certificate/other-key", test_other_key);
    g_test_add_func("/certificate/bits", test_bits);
    g_test_add_func("/certificate/forms", test_forms);
    return g_test_run();
}
