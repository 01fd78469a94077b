#include "endpoint/endpoint.h"

#include "base/check.h"
#include "endpoint/endpoint_conformance.h"
#include "endpoint/fault.h"
#include "endpoint/mem.h"

/* ---- the contract, by mem and by fault without faults ---------------- */

struct house {
    struct mem *mem;
    struct faults *faults;
};

static struct endpoint *make_mem(void *data)
{
    struct house *h = data;

    h->mem = mem_new(NULL);
    mem_add_usual_folders(h->mem, true);
    return mem_endpoint(h->mem);
}

static struct endpoint *make_fault(void *data)
{
    struct house *h = data;

    h->faults = faults_new();
    return fault_endpoint(make_mem(data), h->faults);
}

static void end(void *data)
{
    struct house *h = data;

    g_clear_pointer(&h->faults, faults_free);
    g_clear_pointer(&h->mem, mem_free);
}

static struct blob *payload(void *data, unsigned int n)
{
    g_autofree char *text = g_strdup_printf("payload %u", n);

    (void)data;
    return blob_from_bytes(text, strlen(text));
}

static bool is_payload(void *data, const struct blob *got, unsigned int n)
{
    g_autofree char *want = g_strdup_printf("payload %u", n);
    char have[32] = "";
    struct err err;
    ssize_t len = blob_read_at(got, 0, have, sizeof(have) - 1, &err);

    (void)data;
    return len == (ssize_t)strlen(want) && strcmp(have, want) == 0;
}

/* ---- the wrappers ---------------------------------------------------- */

static void test_rights_names(void)
{
    static const struct {
        const char *name;
        enum endpoint_rights rights;
    } rows[] = {
        { "unknown", ENDPOINT_RIGHTS_UNKNOWN },
        { "own password", ENDPOINT_RIGHTS_OWN },
        { "impersonation", ENDPOINT_RIGHTS_IMPERSONATION },
        { "full access", ENDPOINT_RIGHTS_FULL_ACCESS },
        { "unknown", (enum endpoint_rights)77 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].name, strcmp(endpoint_rights_name(rows[i].rights),
                                       rows[i].name) == 0);
}

struct failing {
    struct mem *mem;
    struct faults *faults;
    struct endpoint *ep;
    struct blob_pool *pool;
};

static void failing_open(struct failing *f)
{
    g_auto(endpoint_facts) facts = { 0 };
    struct err err;

    f->mem = mem_new(NULL);
    f->faults = faults_new();
    f->pool = blob_pool_new(1 << 20, NULL);
    f->ep = fault_endpoint(mem_endpoint(f->mem), f->faults);
    CHECK_OK(endpoint_open(f->ep, &facts, &err), &err);
    for (enum fault_op op = 0; op < FAULT_N_OPS; op++)
        faults_add(f->faults, &(struct fault){ .op = op, .every = 1 });
}

static void failing_close(struct failing *f)
{
    endpoint_free(f->ep);
    faults_free(f->faults);
    mem_free(f->mem);
    blob_pool_free(f->pool);
}

/* The object is named once, and nothing but the object. */
static void test_errors_name_their_object(void)
{
    struct failing f;
    struct endpoint_ref refs[] = { { "a", NULL }, { "b", NULL } };
    struct endpoint_item items[2] = { 0 };
    struct endpoint_done done[2] = { 0 };
    g_autoptr(blob) b = blob_from_bytes("x", 1);
    struct endpoint_put put = { .folder_id = "f", .payload = b };
    struct endpoint_tree tree = { 0 };
    struct endpoint_page page = { 0 };
    struct endpoint_description d = { 0 };
    g_autofree char *token = g_strdup("");
    char *id = NULL;
    bool maybe = true;
    struct err err;

    failing_open(&f);
    g_assert_cmpint(endpoint_folders(f.ep, &tree, &err), ==, -1);
    g_assert_cmpstr(err.msg, ==, "folder tree: connection lost");
    g_assert_cmpint(endpoint_make_folder(f.ep, "root", "Müll", NULL, &id, &err),
                    ==, -1);
    g_assert_cmpstr(err.msg, ==, "folder \"Müll\": connection lost");
    g_assert_null(id);
    g_assert_cmpint(endpoint_changes(f.ep, "f", 1, &token, &page, &err), ==,
                    -1);
    g_assert_cmpstr(err.msg, ==, "list of changes: connection lost");
    g_assert_cmpint(endpoint_fetch(f.ep, refs, 2, f.pool, items, &err), ==, -1);
    g_assert_cmpstr(err.msg, ==, "export of 2 items: connection lost");
    g_assert_cmpint(endpoint_put(f.ep, &put, 1, done, &maybe, &err), ==, -1);
    g_assert_cmpstr(err.msg, ==, "upload of 1 item: connection lost");
    g_assert_cmpint(endpoint_remove(f.ep, refs, 1, done, &err), ==, -1);
    g_assert_cmpstr(err.msg, ==, "deletion of 1 item: connection lost");
    g_assert_cmpint(endpoint_describe(f.ep, "a", &d, &err), ==, -1);
    g_assert_cmpstr(err.msg, ==, "item \"a\": connection lost");
    failing_close(&f);
}

/* An implementation that leaves *ret_maybe alone has not stored anything. */
static void test_maybe_is_false_unless_told(void)
{
    struct failing f;
    g_autoptr(blob) b = blob_from_bytes("x", 1);
    struct endpoint_put put = { .folder_id = "f", .payload = b };
    struct endpoint_done done = { 0 };
    bool maybe = true;
    struct err err;

    failing_open(&f);
    g_assert_cmpint(endpoint_put(f.ep, &put, 1, &done, &maybe, &err), ==, -1);
    g_assert_false(maybe);
    failing_close(&f);
}

/* Under the address sanitizer: what is cleared is freed, once. */
static void test_clear_twice_is_fine(void)
{
    struct endpoint_facts facts = { .scheme = g_strdup("NTLM") };
    struct endpoint_tree tree = { .folders = g_ptr_array_new() };
    struct endpoint_page page = { g_new0(struct endpoint_change, 2), 2 };
    struct endpoint_description d = { .subject = g_strdup("s") };
    struct endpoint_folder *folder = g_new0(struct endpoint_folder, 1);
    struct endpoint_item items[2] = { { .payload = blob_from_bytes("x", 1) },
                                      { .status = -1 } };
    struct endpoint_done done[1] = { { .id = g_strdup("i") } };

    folder->name = g_strdup("Inbox");
    g_ptr_array_add(tree.folders, folder);
    page.changes[1].id = g_strdup("id");
    for (int i = 0; i < 2; i++) {
        endpoint_facts_clear(&facts);
        endpoint_tree_clear(&tree);
        endpoint_page_clear(&page);
        endpoint_description_clear(&d);
        endpoint_items_free(items, 2);
        endpoint_done_free(done, 1);
    }
    endpoint_folder_free(NULL);
    endpoint_free(NULL);
    g_assert_null(facts.scheme);
    g_assert_null(tree.folders);
    g_assert_cmpuint(page.n, ==, 0);
    g_assert_null(items[0].payload);
}

/* A maker may have given the array its own free function. */
static void test_tree_with_free_func(void)
{
    struct endpoint_tree tree = {
        .folders = g_ptr_array_new_with_free_func(
            (GDestroyNotify)endpoint_folder_free),
    };

    g_ptr_array_add(tree.folders, g_new0(struct endpoint_folder, 1));
    endpoint_tree_clear(&tree);
    g_assert_null(tree.folders);
}

int main(int argc, char **argv)
{
    struct house house = { 0 };
    struct endpoint_subject plain = {
        .name = "mem",
        .data = &house,
        .make = make_mem,
        .end = end,
        .payload = payload,
        .is_payload = is_payload,
    };
    struct endpoint_subject fault = plain;

    g_test_init(&argc, &argv, NULL);
    fault.name = "fault";
    fault.make = make_fault;
    endpoint_conformance_add(&plain);
    endpoint_conformance_add(&fault);
    endpoint_conformance_user_add(&plain);
    endpoint_conformance_user_add(&fault);
    g_test_add_func("/endpoint/rights-names", test_rights_names);
    g_test_add_func("/endpoint/errors-name-their-object",
                    test_errors_name_their_object);
    g_test_add_func("/endpoint/maybe-is-false-unless-told",
                    test_maybe_is_false_unless_told);
    g_test_add_func("/endpoint/clear-twice-is-fine", test_clear_twice_is_fine);
    g_test_add_func("/endpoint/tree-with-free-func", test_tree_with_free_func);
    return g_test_run();
}
