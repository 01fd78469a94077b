/*
 * The endpoint's contract against a server: the lab, which shares no code
 * with us.  MAILFERRY_LAB names it; without one, everything is skipped.
 */
#include <string.h>

#include "base/check.h"
#include "endpoint/endpoint_conformance.h"
#include "ews/rig.h"

#define TARGET "user1@contoso.example" /* what the suite works on */
#define MODEL  "user2@contoso.example" /* whose items payloads are made of */

/* Of the server's filling. */
static const char *const content[] = { "--mailboxes=2", "--items=60", NULL };

struct lab {
    struct rig rig;
    /* A mail's payload, decoded, and the text in it that makes it another. */
    guchar *model;
    gsize model_size;
    char *subject;
};

static struct endpoint *mailbox(struct lab *l, const char *address)
{
    const struct ews_mailbox_config config = { .address = address };
    struct endpoint *ep;
    struct err err;

    CHECK_OK(ews_mailbox_new(l->rig.site, &config, &ep, &err), &err);
    return ep;
}

static struct endpoint *subject_make(void *data)
{
    return mailbox(data, TARGET);
}

/* ---- payloads -------------------------------------------------------- */

/* As it stands in a FastTransfer stream: UTF-16, little end first. */
static GByteArray *utf16(const char *ascii)
{
    GByteArray *a = g_byte_array_new();

    for (; *ascii != '\0'; ascii++) {
        const guint8 unit[] = { (guint8)*ascii, 0 };

        g_byte_array_append(a, unit, sizeof(unit));
    }
    return a;
}

static bool is_usable(const struct endpoint_description *d)
{
    return d->subject != NULL && strlen(d->subject) >= 8 &&
           strlen(d->subject) <= 40 && g_str_is_ascii(d->subject);
}

/* Keep the item as the model when it is a mail whose subject will do. */
static bool try_model(struct lab *l, struct endpoint *ep,
                      const struct endpoint_change *c)
{
    const struct endpoint_ref ref = { c->id, NULL };
    struct endpoint_description d = { 0 };
    struct endpoint_item item = { 0 };
    g_autofree char *text = NULL;
    struct err err;
    bool usable;

    if (g_strcmp0(c->item_class, "IPM.Note") != 0 || c->size_bytes > 16384)
        return false;
    CHECK_OK(endpoint_describe(ep, c->id, &d, &err), &err);
    usable = is_usable(&d);
    if (usable) {
        CHECK_OK(endpoint_fetch(ep, &ref, 1, l->rig.pool, &item, &err), &err);
        CHECK_OK(item.status, &item.why);
        text = g_malloc0(blob_size(item.payload) + 1);
        g_assert_cmpint(
            blob_read_at(item.payload, 0, text, blob_size(item.payload), &err),
            >, 0);
        l->model = g_base64_decode(text, &l->model_size);
        l->subject = g_strdup(d.subject);
        endpoint_items_free(&item, 1);
    }
    endpoint_description_clear(&d);
    return usable;
}

static void find_model(struct lab *l)
{
    struct endpoint *ep = mailbox(l, MODEL);
    g_auto(endpoint_facts) facts = { 0 };
    g_auto(endpoint_tree) tree = { 0 };
    struct err err;

    CHECK_OK(endpoint_open(ep, &facts, &err), &err);
    CHECK_OK(endpoint_folders(ep, &tree, &err), &err);
    for (guint i = 0; i < tree.folders->len && l->model == NULL; i++) {
        const struct endpoint_folder *f = g_ptr_array_index(tree.folders, i);
        g_auto(endpoint_page) page = { 0 };
        g_autofree char *token = g_strdup("");

        if (f->search)
            continue;
        CHECK_OK(endpoint_changes(ep, f->id, 512, &token, &page, &err), &err);
        for (size_t k = 0; k < page.n && l->model == NULL; k++)
            (void)try_model(l, ep, &page.changes[k]);
    }
    endpoint_free(ep);
    g_assert_nonnull(l->model);
}

/* The model's subject with its first letters made a number. */
static char *subject_of(const struct lab *l, unsigned int n)
{
    return g_strdup_printf("%04u%s", n, l->subject + 4);
}

static struct blob *subject_payload(void *data, unsigned int n)
{
    const struct lab *l = data;
    g_autofree char *name = subject_of(l, n);
    g_autoptr(GByteArray) from = utf16(l->subject);
    g_autoptr(GByteArray) to = utf16(name);
    g_autofree guchar *copy = g_memdup2(l->model, l->model_size);
    g_autofree char *text = NULL;
    guchar *at = copy;

    while ((at = memmem(at, l->model_size - (gsize)(at - copy), from->data,
                        from->len)) != NULL) {
        memcpy(at, to->data, to->len);
        at += to->len;
    }
    text = g_base64_encode(copy, l->model_size);
    return blob_from_bytes(text, strlen(text));
}

static bool subject_is_payload(void *data, const struct blob *got,
                               unsigned int n)
{
    const struct lab *l = data;
    g_autofree char *name = subject_of(l, n);
    g_autoptr(GByteArray) wanted = utf16(name);
    g_autofree char *text = g_malloc0(blob_size(got) + 1);
    g_autofree guchar *bytes = NULL;
    struct err err;
    gsize size;

    g_assert_cmpint(blob_read_at(got, 0, text, blob_size(got), &err), >, 0);
    bytes = g_base64_decode(text, &size);
    return memmem(bytes, size, wanted->data, wanted->len) != NULL;
}

/* ---- more than the suite asks ---------------------------------------- */

static struct lab lab;

static int open_as(const char *user, const char *password, const char *address,
                   struct endpoint_facts *ret, struct err *err)
{
    g_autoptr(secret) s = secret_new(password, strlen(password));
    const struct ews_login login = { .user = user, .password = s };
    const struct ews_mailbox_config config = { .address = address,
                                               .login = &login };
    struct endpoint *ep;
    int rc;

    CHECK_OK(ews_mailbox_new(lab.rig.site, &config, &ep, err), err);
    rc = endpoint_open(ep, ret, err);
    endpoint_free(ep);
    return rc;
}

static void test_own_password(void)
{
    g_autofree char *password = rig_password(&lab.rig, TARGET);
    g_auto(endpoint_facts) own = { 0 }, admin = { 0 };
    struct endpoint *ep = mailbox(&lab, TARGET);
    struct err err;

    CHECK_OK(open_as(TARGET, password, TARGET, &own, &err), &err);
    g_assert_cmpint(own.rights, ==, ENDPOINT_RIGHTS_OWN);
    CHECK_OK(endpoint_open(ep, &admin, &err), &err);
    g_assert_cmpint(admin.rights, ==, ENDPOINT_RIGHTS_IMPERSONATION);
    /* Whoever looks, it is the same mailbox. */
    g_assert_cmpstr(own.mailbox_identity, ==, admin.mailbox_identity);
    endpoint_free(ep);
}

static void test_refusals(void)
{
    g_autofree char *password = rig_password(&lab.rig, TARGET);
    g_auto(endpoint_facts) f = { 0 };
    struct endpoint *nobody = mailbox(&lab, "nobody@contoso.example");
    struct err err;

    g_assert_cmpint(open_as(TARGET, "wrong", TARGET, &f, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "Unauthorized");
    g_assert_cmpint(open_as(TARGET, password, MODEL, &f, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorImpersonateUserDenied");
    g_assert_cmpint(endpoint_open(nobody, &f, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorNonExistentMailbox");
    endpoint_free(nobody);
}

/* A second look at an unchanged mailbox: the folders and a few more. */
static void test_requests_are_few(void)
{
    struct endpoint *ep = mailbox(&lab, MODEL);
    g_auto(endpoint_facts) facts = { 0 };
    g_auto(endpoint_tree) tree = { 0 };
    struct endpoint_stats stats;
    struct err err;

    CHECK_OK(endpoint_open(ep, &facts, &err), &err);
    CHECK_OK(endpoint_folders(ep, &tree, &err), &err);
    endpoint_stats(ep, &stats);
    g_assert_cmpuint(stats.requests, <=, 3);
    g_assert_cmpuint(tree.folders->len, >, 10);
    endpoint_free(ep);
}

static void test_without_lab(void)
{
    g_test_skip("no lab server (MAILFERRY_LAB)");
}

int main(int argc, char **argv)
{
    const char *program = g_getenv("MAILFERRY_LAB");
    const struct endpoint_subject subject = {
        .name = "ews",
        .data = &lab,
        .make = subject_make,
        .payload = subject_payload,
        .is_payload = subject_is_payload,
    };
    int rc;

    g_test_init(&argc, &argv, NULL);
    if (program == NULL || !g_file_test(program, G_FILE_TEST_IS_EXECUTABLE)) {
        g_test_add_func("/lab/none", test_without_lab);
        return g_test_run();
    }
    rig_start(&lab.rig, program, NULL, content);
    find_model(&lab);
    endpoint_conformance_add(&subject);
    endpoint_conformance_user_add(&subject);
    g_test_add_func("/lab/own-password", test_own_password);
    g_test_add_func("/lab/refusals", test_refusals);
    g_test_add_func("/lab/few-requests", test_requests_are_few);
    rc = g_test_run();
    rig_stop(&lab.rig);
    g_free(lab.model);
    g_free(lab.subject);
    return rc;
}
