#include "desk/certificate.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/timestamp.h"
#include "fleet/member.h"
#include "fleet/report.h"

#define ALGORITHM "Ed25519"
/* Items read at a time. */
#define PAGE 5000
/* One form: see the header. */
#define FILE_FLAGS   ((size_t)JSON_INDENT(2) | JSON_SORT_KEYS)
#define SIGNED_FLAGS ((size_t)JSON_COMPACT | JSON_SORT_KEYS)

/* ---- what was found ----------------------------------------------------- */

/* What fleet/report.h says of the verification, as JSON. */
static int read_report(struct store *s, json_t **ret, struct err *err)
{
    g_autofree char *text = NULL;
    size_t i = 0;

    while (strcmp(fleet_report_file(i)->name, "verification.json") != 0)
        i++;
    if (fleet_report_make(s, i, &text, err) < 0)
        return -1;
    *ret = json_loads(text, 0, NULL);
    g_assert(*ret != NULL);
    return 0;
}

static json_t *pass_json(const struct store_pass *p)
{
    json_t *o = json_object();

    member_set_text(o, "kind", p->kind);
    member_set_time(o, "begun", p->begun_us);
    member_set_time(o, "ended", p->ended_us);
    member_set_text(o, "outcome", p->outcome);
    member_set_number(o, "copied", p->items_copied);
    member_set_number(o, "bytes", p->bytes_copied);
    member_set_number(o, "failed", p->items_failed);
    return o;
}

static int add_passes(struct store *s, int64_t mailbox_id, json_t *to,
                      struct err *err)
{
    g_autoptr(GPtrArray) passes = NULL;
    json_t *all;

    if (store_passes(s, mailbox_id, &passes, err) < 0)
        return -1;
    all = json_array();
    for (guint i = 0; i < passes->len; i++)
        json_array_append_new(all, pass_json(passes->pdata[i]));
    json_object_set_new(to, "passes", all);
    return 0;
}

static gint compare_digests(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *hex_of(const uint8_t *bytes, size_t n)
{
    char *hex = g_malloc(n * 2 + 1);

    sign_hex(bytes, n, hex);
    return hex;
}

/* Of the items that verification has found equal, in hexadecimal. */
static int read_digests(struct store *s, int64_t mailbox_id, GPtrArray *all,
                        struct err *err)
{
    struct store_item_query q = { .mailbox_id = mailbox_id, .max = PAGE };

    for (;;) {
        g_autoptr(GPtrArray) some = NULL;

        if (store_items(s, &q, &some, err) < 0)
            return -1;
        if (some->len == 0)
            return 0;
        for (guint i = 0; i < some->len; i++) {
            const struct store_item *item = some->pdata[i];

            q.after_id = item->id;
            if (item->verify == VERIFY_VERIFIED && item->digest_len > 0)
                g_ptr_array_add(all, hex_of(item->digest, item->digest_len));
        }
    }
}

/* SHA-256 over them in order, each ended by a line's end. */
static int add_digest(struct store *s, int64_t mailbox_id, json_t *to,
                      struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    json_t *o;

    if (read_digests(s, mailbox_id, all, err) < 0)
        return -1;
    g_ptr_array_sort(all, compare_digests);
    for (guint i = 0; i < all->len; i++) {
        g_checksum_update(sum, all->pdata[i], -1);
        g_checksum_update(sum, (const guchar *)"\n", 1);
    }
    o = json_object();
    member_set_number(o, "items", all->len);
    member_set_text(o, "sha256", g_checksum_get_string(sum));
    json_object_set_new(to, "content", o);
    return 0;
}

/* The report has them in the same order. */
static int add_mailboxes(struct store *s, json_t *mailboxes, struct err *err)
{
    g_autoptr(GPtrArray) all = NULL;

    if (store_mailboxes(s, &all, err) < 0)
        return -1;
    for (guint i = 0; i < all->len; i++) {
        const struct store_mailbox *m = all->pdata[i];
        json_t *o = json_array_get(mailboxes, i);

        if (o != NULL && (add_passes(s, m->id, o, err) < 0 ||
                          add_digest(s, m->id, o, err) < 0))
            return -1;
    }
    return 0;
}

/* Sums over the mailboxes: what a reader looks at first. */
static json_t *totals_of(const json_t *mailboxes, uint64_t *ret_verified)
{
    json_t *totals = json_object(), *verdicts = json_object(), *m;
    size_t i;

    *ret_verified = 0;
    json_array_foreach(mailboxes, i, m)
    {
        *ret_verified +=
            json_is_string(json_object_get(m, "last_verification"));
        for (int k = 0; k < VERIFY_N; k++) {
            const char *name = verify_class_name((enum verify_class)k);
            json_int_t n = json_integer_value(
                json_object_get(json_object_get(m, "verdicts"), name));

            n += json_integer_value(json_object_get(verdicts, name));
            if (n > 0)
                json_object_set_new(verdicts, name, json_integer(n));
        }
    }
    member_set_number(totals, "mailboxes", json_array_size(mailboxes));
    member_set_number(totals, "mailboxes_verified", *ret_verified);
    json_object_set_new(totals, "verdicts", verdicts);
    return totals;
}

static int not_verified(struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "no mailbox of this migration has been verified yet");
    err->name = "not-verified";
    return err_remedy(err, "make a verify pass first");
}

/* Turns the report into what is certified. */
static int complete_report(struct store *s, json_t *o,
                           const struct certificate_about *about,
                           struct err *err)
{
    json_t *mailboxes = json_object_get(o, "mailboxes");
    uint64_t verified;

    if (add_mailboxes(s, mailboxes, err) < 0)
        return -1;
    json_object_set_new(o, "totals", totals_of(mailboxes, &verified));
    member_set_number(o, "format", 1);
    member_set_number(o, "migration", (uint64_t)about->migration_id);
    if (about->request_id != 0)
        member_set_number(o, "request", (uint64_t)about->request_id);
    if (about->partner != NULL)
        member_set_text(o, "partner", about->partner);
    if (about->account != NULL)
        member_set_text(o, "account", about->account);
    if (about->domain != NULL)
        member_set_text(o, "domain", about->domain);
    return verified > 0 ? 0 : not_verified(err);
}

/* ---- the file ----------------------------------------------------------- */

/* With the line before it; libc's memory becomes GLib's. */
static char *signed_text(const json_t *certificate)
{
    char *dump = json_dumps(certificate, SIGNED_FLAGS);
    char *text = g_strconcat(CERTIFICATE_LINE, dump, NULL);

    free(dump);
    return text;
}

static char *file_text(const json_t *file)
{
    char *dump = json_dumps(file, FILE_FLAGS);
    char *text = g_strconcat(dump, "\n", NULL);

    free(dump);
    return text;
}

static json_t *sign_it(const struct keyring *keys, const json_t *certificate)
{
    g_autofree char *text = signed_text(certificate);
    uint8_t public[SIGN_KEY_BYTES], value[SIGN_BYTES];
    char key_hex[SIGN_KEY_SIZE], value_hex[SIGN_SIZE];
    json_t *o = json_object();

    sign_public(keys, 0, public);
    sign_make(keys, text, strlen(text), value);
    sign_hex(public, sizeof(public), key_hex);
    sign_hex(value, sizeof(value), value_hex);
    member_set_text(o, "algorithm", ALGORITHM);
    member_set_text(o, "key", key_hex);
    member_set_text(o, "value", value_hex);
    return o;
}

int certificate_make(struct store *s, const struct certificate_about *about,
                     const struct keyring *keys, char **ret, struct err *err)
{
    json_t *certificate = NULL, *file;

    if (read_report(s, &certificate, err) < 0)
        return -1;
    if (complete_report(s, certificate, about, err) < 0) {
        json_decref(certificate);
        return -1;
    }
    file = json_object();
    json_object_set_new(file, "signature", sign_it(keys, certificate));
    json_object_set_new(file, "certificate", certificate);
    *ret = file_text(file);
    json_decref(file);
    return 0;
}

/* ---- checking ----------------------------------------------------------- */

void certificate_seen_clear(struct certificate_seen *c)
{
    g_free(c->domain);
    g_free(c->made);
    *c = (struct certificate_seen){ 0 };
}

static int refuse(struct err *err, const char *name, const char *remedy,
                  const char *text)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", text);
    err->name = name;
    return err_remedy(err, remedy);
}

static int refuse_form(struct err *err)
{
    return refuse(err, "certificate-form",
                  "take the file as it was made, byte by byte",
                  "this is no certificate, or it was altered since it was "
                  "signed");
}

/* A signature as sign_it() makes them. */
static bool read_signature(const json_t *o, uint8_t key[SIGN_KEY_BYTES],
                           uint8_t value[SIGN_BYTES])
{
    const char *algorithm = member_text(o, "algorithm");
    const char *key_hex = member_text(o, "key"),
               *value_hex = member_text(o, "value");

    return json_object_size(o) == 3 && g_strcmp0(algorithm, ALGORITHM) == 0 &&
           key_hex != NULL && value_hex != NULL &&
           sign_parse(key_hex, SIGN_KEY_BYTES, key) &&
           sign_parse(value_hex, SIGN_BYTES, value);
}

/* One byte of it otherwise, and it is none. */
static int check_form(const json_t *file, const char *text, size_t n,
                      uint8_t key[SIGN_KEY_BYTES], uint8_t value[SIGN_BYTES],
                      struct err *err)
{
    g_autofree char *again = file_text(file);

    if (strlen(again) != n || memcmp(again, text, n) != 0 ||
        json_object_size(file) != 2 ||
        !json_is_object(json_object_get(file, "certificate")) ||
        !read_signature(json_object_get(file, "signature"), key, value))
        return refuse_form(err);
    return 0;
}

static int check(const json_t *file, const char *text, size_t n,
                 const uint8_t key[SIGN_KEY_BYTES], struct err *err)
{
    uint8_t said[SIGN_KEY_BYTES], value[SIGN_BYTES];
    g_autofree char *plain = NULL;

    if (check_form(file, text, n, said, value, err) < 0)
        return -1;
    if (memcmp(said, key, sizeof(said)) != 0)
        return refuse(err, "certificate-key",
                      "take the key that its maker published when it was made",
                      "this certificate was signed with another key");
    plain = signed_text(json_object_get(file, "certificate"));
    if (!sign_check(key, plain, strlen(plain), value))
        return refuse(err, "certificate-signature",
                      "take the file as it was made, byte by byte",
                      "this certificate was altered since it was signed");
    return 0;
}

/* NULL, with err: not even JSON. */
static json_t *parse(const char *text, size_t n, struct err *err)
{
    json_t *file = n <= CERTIFICATE_MAX
                       ? json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL)
                       : NULL;

    if (json_is_object(file))
        return file;
    json_decref(file);
    refuse_form(err);
    return NULL;
}

int certificate_check_form(const char *text, size_t n, struct err *err)
{
    uint8_t key[SIGN_KEY_BYTES], value[SIGN_BYTES];
    json_t *file = parse(text, n, err);
    int result;

    if (file == NULL)
        return -1;
    result = check_form(file, text, n, key, value, err);
    json_decref(file);
    return result;
}

static void see(const json_t *file, struct certificate_seen *ret)
{
    const json_t *c = json_object_get(file, "certificate");
    const json_t *totals = json_object_get(c, "totals");
    const json_t *verdicts = json_object_get(totals, "verdicts");
    const struct {
        enum verify_class class;
        uint64_t *to;
    } counts[] = {
        { VERIFY_VERIFIED, &ret->verified },
        { VERIFY_PRESENT, &ret->present },
        { VERIFY_MISSING, &ret->missing },
        { VERIFY_DIFFERENT, &ret->different },
        { VERIFY_FAILED, &ret->failed },
    };

    ret->domain = g_strdup(member_text(c, "domain"));
    ret->made = g_strdup(member_text(c, "made"));
    ret->mailboxes =
        (uint64_t)json_integer_value(json_object_get(totals, "mailboxes"));
    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
        *counts[i].to = (uint64_t)json_integer_value(
            json_object_get(verdicts, verify_class_name(counts[i].class)));
    g_strlcpy(ret->key, member_text(json_object_get(file, "signature"), "key"),
              sizeof(ret->key));
}

int certificate_verify(const char *text, size_t n,
                       const uint8_t key[SIGN_KEY_BYTES],
                       struct certificate_seen *ret, struct err *err)
{
    json_t *file = parse(text, n, err);
    int result;

    if (file == NULL)
        return -1;
    result = check(file, text, n, key, err);
    if (result == 0)
        see(file, ret);
    json_decref(file);
    return result;
}
