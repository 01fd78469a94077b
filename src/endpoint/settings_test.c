#include "endpoint/settings.h"

#include "base/check.h"
#include "endpoint/fault.h"
#include "endpoint/mem.h"

#define TEXT(s) ((char *)(uintptr_t)(s))

static void test_levels(void)
{
    static const struct {
        const char *name;
        unsigned int rights;
        bool calendar;
        const char *level;
    } rows[] = {
        { "nothing", 0, false, "None" },
        { "reviewer", 0x401, false, "Reviewer" },
        { "author", 0x41b, false, "Author" },
        { "editor", 0x47b, false, "Editor" },
        { "owner", 0x7fb, false, "Owner" },
        { "no level has it", 0x403, false, "Custom" },
        { "free and busy", 0x800, true, "FreeBusyTimeOnly" },
        { "and what it is about", 0x1800, true,
          "FreeBusyTimeAndSubjectAndLocation" },
        { "elsewhere they say nothing", 0x1800, false, "None" },
        { "reading holds them", 0x1c01, true, "Reviewer" },
        { "all holds one's own", 0x463, false, "Editor" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *level =
            endpoint_level_name(rows[i].rights, rows[i].calendar);
        unsigned int back = 0;
        bool named =
            endpoint_level_rights(rows[i].level, rows[i].calendar, &back);

        CHECK_ROW(rows[i].name, g_str_equal(level, rows[i].level));
        CHECK_ROW(rows[i].name, named == !g_str_equal(level, "Custom"));
        if (named)
            CHECK_ROW(rows[i].name,
                      back == endpoint_rights_plain(rows[i].rights,
                                                    rows[i].calendar));
    }
}

struct room {
    struct mem *mem;
    struct faults *faults;
    struct endpoint *ep;
    const char *inbox, *calendar;
    struct err err;
};

static void room_init(struct room *r, bool no_settings)
{
    const struct mem_options options = { .no_settings = no_settings };
    g_auto(endpoint_facts) facts = { 0 };

    r->mem = mem_new(&options);
    mem_add_usual_folders(r->mem, false);
    r->inbox = mem_well_known(r->mem, "inbox");
    r->calendar = mem_well_known(r->mem, "calendar");
    r->faults = faults_new();
    r->ep = fault_endpoint(mem_endpoint(r->mem), r->faults);
    CHECK_OK(endpoint_open(r->ep, &facts, &r->err), &r->err);
}

static void room_release(struct room *r)
{
    endpoint_free(r->ep);
    faults_free(r->faults);
    mem_free(r->mem);
}

static void test_resolve(void)
{
    g_auto(endpoint_person) p = { 0 };
    struct room r;

    room_init(&r, false);
    mem_add_person(r.mem, "bob@x.example", "robert@x.example");
    g_assert_cmpint(endpoint_resolve(r.ep, "Robert@X.example", &p, &r.err), ==,
                    1);
    g_assert_cmpstr(p.address, ==, "bob@x.example");
    g_assert_cmpint(endpoint_resolve(r.ep, "eve@x.example", &p, &r.err), ==, 0);
    room_release(&r);
}

static void test_own_name(void)
{
    const struct fault lost = { .op = FAULT_OWN_NAME, .when = FAULT_AFTER };
    g_autofree char *dn = NULL;
    struct room r;

    room_init(&r, false);
    g_assert_cmpint(endpoint_own_name(r.ep, &dn, &r.err), ==, 0);
    g_assert_null(dn);
    mem_set_own_name(r.mem, "/o=Old/cn=ann");
    faults_add(r.faults, &lost);
    g_assert_cmpint(endpoint_own_name(r.ep, &dn, &r.err), ==, -1);
    g_assert_null(dn);
    g_assert_cmpint(endpoint_own_name(r.ep, &dn, &r.err), ==, 1);
    g_assert_cmpstr(dn, ==, "/o=Old/cn=ann");
    g_assert_cmpuint(mem_calls(r.mem, MEM_OWN_NAME), ==, 2);
    room_release(&r);
}

/* What was read and one more: as the settings pass does it. */
static int add_and_set(struct room *r, const char *address, unsigned int rights)
{
    const struct endpoint_permission entry = { .person.address = TEXT(address),
                                               .rights = rights };
    g_auto(endpoint_permissions) p = { 0 };

    CHECK_OK(endpoint_get_permissions(r->ep, &r->inbox, 1, &p, &r->err),
             &r->err);
    endpoint_permissions_add(&p, &entry);
    return endpoint_set_permissions(r->ep, r->inbox, &p, &r->err);
}

static void test_permissions(void)
{
    struct endpoint_permissions two[3] = { 0 };
    g_autofree char *is = NULL;
    struct room r;

    room_init(&r, false);
    mem_add_person(r.mem, "bob@x.example", NULL);
    CHECK_OK(add_and_set(&r, "bob@x.example", 0x401), &r.err);
    g_assert_cmpint(add_and_set(&r, "eve@x.example", 0x401), ==, -1);
    g_assert_cmpint(r.err.retry, ==, ERR_RETRY_NEVER);
    g_assert_cmpint(add_and_set(&r, "BOB@x.example", 0x401), ==, -1);
    is = mem_permissions(r.mem, r.inbox);
    g_assert_cmpstr(is, ==,
                    "Default None;Anonymous None;"
                    "bob@x.example Reviewer;");
    {
        const char *const ids[] = { r.inbox, "no such folder", r.calendar };

        CHECK_OK(endpoint_get_permissions(r.ep, ids, 3, two, &r.err), &r.err);
    }
    g_assert_cmpuint(two[0].entries->len, ==, 3);
    g_assert_false(two[0].calendar);
    g_assert_cmpint(two[1].status, ==, -1);
    g_assert_true(two[2].calendar);
    for (size_t i = 0; i < G_N_ELEMENTS(two); i++)
        endpoint_permissions_clear(&two[i]);
    room_release(&r);
}

static void test_delegates(void)
{
    struct endpoint_delegate one = {
        .person.address = TEXT("bob@x.example"),
        .levels = { [ENDPOINT_DELEGATE_CALENDAR] = ENDPOINT_DELEGATE_EDITOR,
                    [ENDPOINT_DELEGATE_INBOX] = ENDPOINT_DELEGATE_REVIEWER },
        .copies = true,
    };
    g_autofree char *is = NULL, *entries = NULL;
    struct room r;

    room_init(&r, false);
    mem_add_person(r.mem, "bob@x.example", NULL);
    g_assert_cmpint(endpoint_update_delegate(r.ep, &one, &r.err), ==, -1);
    g_assert_cmpstr(r.err.name, ==, "ErrorNotDelegate");
    CHECK_OK(endpoint_add_delegate(r.ep, &one, &r.err), &r.err);
    g_assert_cmpint(endpoint_add_delegate(r.ep, &one, &r.err), ==, -1);
    g_assert_cmpstr(r.err.name, ==, "ErrorDelegateAlreadyExists");
    one.copies = false;
    one.private_items = true;
    one.levels[ENDPOINT_DELEGATE_INBOX] = ENDPOINT_DELEGATE_UNTOLD;
    CHECK_OK(endpoint_update_delegate(r.ep, &one, &r.err), &r.err);
    CHECK_OK(endpoint_set_delivery(r.ep, ENDPOINT_DELIVER_BOTH, &r.err),
             &r.err);
    is = mem_delegates(r.mem);
    g_assert_cmpstr(is, ==,
                    "bob@x.example Editor/None/Reviewer/None/None/None private;"
                    " DelegatesAndMe");
    entries = mem_permissions(r.mem, r.inbox);
    g_assert_cmpstr(entries, ==,
                    "Default None;Anonymous None;bob@x.example Reviewer;");
    room_release(&r);
}

/* Every call says so plainly, and none does anything. */
static void test_not_offered(void)
{
    const struct endpoint_delegate one = { .person.address = TEXT("a@b") };
    struct endpoint_permissions p = { 0 };
    struct endpoint_delegates d = { 0 };
    struct endpoint_person who = { 0 };
    struct endpoint_permissions none;
    struct room r;

    room_init(&r, true);
    endpoint_permissions_init(&none, false);
#define CHECK_NOT_OFFERED(call)                                                \
    g_assert_cmpint(call, ==, -1);                                             \
    g_assert_true(endpoint_is_not_offered(&r.err))
    CHECK_NOT_OFFERED(endpoint_resolve(r.ep, "a@b", &who, &r.err));
    CHECK_NOT_OFFERED(endpoint_get_permissions(r.ep, &r.inbox, 1, &p, &r.err));
    CHECK_NOT_OFFERED(endpoint_set_permissions(r.ep, r.inbox, &none, &r.err));
    CHECK_NOT_OFFERED(endpoint_get_delegates(r.ep, &d, &r.err));
    CHECK_NOT_OFFERED(endpoint_add_delegate(r.ep, &one, &r.err));
    CHECK_NOT_OFFERED(endpoint_update_delegate(r.ep, &one, &r.err));
    CHECK_NOT_OFFERED(
        endpoint_set_delivery(r.ep, ENDPOINT_DELIVER_OWNER, &r.err));
#undef CHECK_NOT_OFFERED
    endpoint_permissions_clear(&none);
    room_release(&r);
}

/* A lost answer: what was to be set is set. */
static void test_lost_after(void)
{
    g_autofree char *is = NULL;
    struct room r;

    room_init(&r, false);
    mem_add_person(r.mem, "bob@x.example", NULL);
    faults_add(r.faults, &(struct fault){ .op = FAULT_SET_PERMISSIONS,
                                          .when = FAULT_AFTER });
    g_assert_cmpint(add_and_set(&r, "bob@x.example", 0x401), ==, -1);
    g_assert_cmpint(r.err.retry, ==, ERR_RETRY_NOW);
    is = mem_permissions(r.mem, r.inbox);
    g_assert_nonnull(strstr(is, "bob@x.example Reviewer"));
    room_release(&r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/settings/levels", test_levels);
    g_test_add_func("/settings/resolve", test_resolve);
    g_test_add_func("/settings/own-name", test_own_name);
    g_test_add_func("/settings/permissions", test_permissions);
    g_test_add_func("/settings/delegates", test_delegates);
    g_test_add_func("/settings/not-offered", test_not_offered);
    g_test_add_func("/settings/lost-after", test_lost_after);
    return g_test_run();
}
