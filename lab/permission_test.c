#include "lab/permission.h"

#include "base/check.h"
#include "lab/fixture.h"

/* [MS-OXCPERM] and Outlook's own table of roles. */
/* clang-format off */
static const struct {
    const char *level;
    uint32_t rights;
    bool calendar;
} levels[] = {
    { "None", 0x000, false },
    { "Owner", 0x7FB, false },
    { "PublishingEditor", 0x4FB, false },
    { "Editor", 0x47B, false },
    { "PublishingAuthor", 0x49B, false },
    { "Author", 0x41B, false },
    { "NoneditingAuthor", 0x413, false },
    { "Reviewer", 0x401, false },
    { "Contributor", 0x402, false },
    { "FreeBusyTimeOnly", 0x800, true },
    { "FreeBusyTimeAndSubjectAndLocation", 0x1800, true },
};
/* clang-format on */

static void test_levels(void)
{
    uint32_t rights = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        CHECK_ROW(levels[i].level,
                  permission_rights(levels[i].level, true, &rights) == 0 &&
                      rights == levels[i].rights);
        CHECK_ROW(levels[i].level,
                  (permission_rights(levels[i].level, false, &rights) == 0) ==
                      !levels[i].calendar);
        g_assert_cmpstr(permission_level(levels[i].rights, true), ==,
                        levels[i].level);
    }
    g_assert_cmpint(permission_rights("Custom", true, &rights), <, 0);
    g_assert_cmpint(permission_rights("King", true, &rights), <, 0);
    g_assert_cmpstr(permission_level(0x403, false), ==, "Custom");
    /* who reads sees when the owner is busy; elsewhere the bits say nothing */
    g_assert_cmpstr(permission_level(0x401 | 0x1800, true), ==, "Reviewer");
    g_assert_cmpstr(permission_level(0x800, false), ==, "None");
}

#define PERMISSION(user, rest)                                                 \
    "<t:Permission><t:UserId>" user "</t:UserId>" rest "</t:Permission>"
#define LEVEL(level) "<t:PermissionLevel>" level "</t:PermissionLevel>"
#define DEFAULT      "<t:DistinguishedUser>Default</t:DistinguishedUser>"
#define SMTP(who)    "<t:PrimarySmtpAddress>" who "</t:PrimarySmtpAddress>"

/* The operation that holds the set, read; the code or the rights as text. */
static char *read_set(struct fixture *f, const char *inner, bool calendar)
{
    g_autofree char *operation =
        g_strdup_printf("<m:UpdateFolder><t:PermissionSet>%s</t:PermissionSet>"
                        "</m:UpdateFolder>",
                        inner);
    g_autoptr(GPtrArray) all = NULL;
    GString *out = g_string_new(NULL);
    struct fixture_call c;
    struct problem p;

    fixture_call_init(&c, f, operation);
    if (permission_read_set(&c.call, soap_first(c.request.operation), calendar,
                            &all, &p) < 0)
        g_string_append(out, p.code);
    for (guint i = 0; all != NULL && i < all->len; i++) {
        const struct lab_permission *one = g_ptr_array_index(all, i);

        g_string_append_printf(out, "%s%s:%x", i > 0 ? " " : "",
                               one->member == f->user1   ? "1"
                               : one->member == f->user2 ? "2"
                               : one->member == 0        ? "D"
                                                         : "A",
                               one->rights);
    }
    fixture_call_release(&c);
    return g_string_free(out, FALSE);
}

static void test_reading(void)
{
    /* clang-format off */
    static const struct {
        const char *name, *inner, *want;
        bool calendar;
    } rows[] = {
        { "nobody", "<t:Permissions/>", "", false },
        { "levels", "<t:Permissions>" PERMISSION(DEFAULT, LEVEL("None"))
          PERMISSION("<t:DistinguishedUser>Anonymous</t:DistinguishedUser>",
                     LEVEL("Contributor"))
          PERMISSION(SMTP(USER2), LEVEL("Reviewer")) "</t:Permissions>",
          "D:0 A:402 2:401", false },
        { "by an alias", "<t:Permissions>" PERMISSION(
          SMTP("ONE@contoso.example"), LEVEL("Owner")) "</t:Permissions>",
          "1:7fb", false },
        { "single rights", "<t:Permissions>" PERMISSION(DEFAULT,
          "<t:CanCreateItems>true</t:CanCreateItems>"
          "<t:IsFolderVisible>1</t:IsFolderVisible>"
          "<t:IsFolderOwner>false</t:IsFolderOwner>"
          "<t:EditItems>All</t:EditItems><t:DeleteItems>Owned</t:DeleteItems>"
          "<t:ReadItems>FullDetails</t:ReadItems>" LEVEL("Custom"))
          "</t:Permissions>", "D:43b", false },
        { "a level and what agrees", "<t:Permissions>" PERMISSION(DEFAULT,
          "<t:CanCreateItems>false</t:CanCreateItems>"
          "<t:ReadItems>FullDetails</t:ReadItems>" LEVEL("Reviewer"))
          "</t:Permissions>", "D:401", false },
        { "a level and what does not", "<t:Permissions>" PERMISSION(DEFAULT,
          "<t:CanCreateItems>true</t:CanCreateItems>" LEVEL("Reviewer"))
          "</t:Permissions>", "ErrorInvalidPermissionSettings", false },
        { "custom, and nothing said", "<t:Permissions>" PERMISSION(DEFAULT,
          LEVEL("Custom")) "</t:Permissions>",
          "ErrorInvalidPermissionSettings", false },
        { "no such level", "<t:Permissions>" PERMISSION(DEFAULT,
          LEVEL("King")) "</t:Permissions>", "ErrorSchemaValidation", false },
        { "free and busy, of mail", "<t:Permissions>" PERMISSION(DEFAULT,
          LEVEL("FreeBusyTimeOnly")) "</t:Permissions>",
          "ErrorSchemaValidation", false },
        { "twice", "<t:Permissions>" PERMISSION(SMTP(USER2), LEVEL("None"))
          PERMISSION(SMTP(USER2), LEVEL("Owner")) "</t:Permissions>",
          "ErrorDuplicateUserIdsSpecified", false },
        { "unknown", "<t:Permissions>" PERMISSION(SMTP("x@y.example"),
          LEVEL("None")) "</t:Permissions>", "ErrorDelegateNoUser", false },
        { "no user at all", "<t:Permissions>" PERMISSION("", LEVEL("None"))
          "</t:Permissions>", "ErrorMissingUserIdInformation", false },
        { "two at once", "<t:Permissions>" PERMISSION(DEFAULT SMTP(USER2),
          LEVEL("None")) "</t:Permissions>", "ErrorInvalidUserInfo", false },
        { "a calendar's", "<t:CalendarPermissions><t:CalendarPermission>"
          "<t:UserId>" DEFAULT "</t:UserId><t:CalendarPermissionLevel>"
          "FreeBusyTimeOnly</t:CalendarPermissionLevel>"
          "</t:CalendarPermission></t:CalendarPermissions>", "D:800", true },
        { "a calendar's on mail", "<t:CalendarPermissions/>",
          "ErrorCannotSetCalendarPermissionOnNonCalendarFolder", false },
        { "mail's on a calendar", "<t:Permissions/>",
          "ErrorCannotSetNonCalendarPermissionOnCalendarFolder", true },
        { "unknown entries", "<t:Permissions/><t:UnknownEntries>"
          "<t:UnknownEntry>x</t:UnknownEntry></t:UnknownEntries>",
          "ErrorCannotSetPermissionUnknownEntries", false },
    };
    /* clang-format on */
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = read_set(f, rows[i].inner, rows[i].calendar);

        if (strcmp(got, rows[i].want) != 0)
            g_error("%s: %s", rows[i].name, got);
    }
}

/* What is written is read as the same. */
static void test_round(void)
{
    g_autoptr(fixture) f = fixture_new(EXCHANGE2016);

    for (uint32_t rights = 0; rights < 0x2000; rights += 0x25) {
        bool calendar = (rights & 1) == 0;
        struct lab_permission one = { .member = f->user2,
                                      .rights = rights,
                                      .address = (char *)(uintptr_t)USER2,
                                      .name = (char *)(uintptr_t)USER2 };
        g_autoptr(GPtrArray) all = g_ptr_array_new();
        struct fixture_call c;
        g_autofree char *inner = NULL, *got = NULL, *want = NULL;
        const char *end;

        /* a right that includes others is written with them */
        if ((rights & (LAB_RIGHT_EDIT_ALL | LAB_RIGHT_DELETE_ALL)) != 0 ||
            (rights & ~(uint32_t)LAB_RIGHTS_ALL) != 0)
            continue;
        if (!calendar || (rights & LAB_RIGHT_READ) != 0)
            one.rights &= 0x7FF;
        else if ((one.rights & LAB_RIGHT_FREEBUSY_DETAILS) != 0)
            one.rights |= LAB_RIGHT_FREEBUSY;
        g_ptr_array_add(all, &one);
        fixture_call_init(&c, f, "<m:GetFolder/>");
        permission_write_set(&c.call, all, calendar);
        end = strstr(c.out->str, "</t:PermissionSet>");
        inner =
            g_strndup(c.out->str + strlen("<t:PermissionSet>"),
                      (gsize)(end - c.out->str) - strlen("<t:PermissionSet>"));
        fixture_call_release(&c);
        got = read_set(f, inner, calendar);
        want = g_strdup_printf("2:%x", one.rights);
        g_assert_cmpstr(got, ==, want);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/permission/levels", test_levels);
    g_test_add_func("/permission/reading", test_reading);
    g_test_add_func("/permission/round", test_round);
    return g_test_run();
}
