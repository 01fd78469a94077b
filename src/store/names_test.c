#include "store/store.h"

#include "base/check.h"

static void test_kind_of_class(void)
{
    static const struct {
        const char *item_class;
        enum item_kind want;
    } rows[] = {
        { "IPM.Note", KIND_MAIL },
        { "ipm.note.smime", KIND_MAIL },
        { "IPM.Notebook", KIND_OTHER },
        { "IPM.Appointment", KIND_CALENDAR },
        { "IPM.Appointment.Live Meeting Request", KIND_CALENDAR },
        { "IPM.Schedule.Meeting.Request", KIND_MAIL },
        { "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}",
          KIND_CALENDAR },
        { "IPM.Contact", KIND_CONTACT },
        { "IPM.DistList", KIND_CONTACT },
        { "IPM.Task", KIND_TASK },
        { "IPM.TaskRequest.Accept", KIND_MAIL },
        { "IPM.StickyNote", KIND_NOTE },
        { "IPM.Activity", KIND_JOURNAL },
        { "REPORT.IPM.Note.NDR", KIND_MAIL },
        { "IPM", KIND_OTHER },
        { "IPM.Configuration.CategoryList", KIND_HIDDEN },
        { "IPM.Microsoft.FolderDesign.NamedView", KIND_HIDDEN },
        { "IPM.Configurations", KIND_OTHER },
        { "", KIND_OTHER },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        CHECK_ROW(rows[i].item_class,
                  item_kind_of_class(rows[i].item_class) == rows[i].want);
    g_assert_cmpint(item_kind_of_class(NULL), ==, KIND_OTHER);
}

typedef const char *name_fn(int value);

static const char *mailbox_name(int v)
{
    return mailbox_state_name((enum mailbox_state)v);
}
static const char *state_name(int v)
{
    return item_state_name((enum item_state)v);
}
static const char *kind_name(int v)
{
    return item_kind_name((enum item_kind)v);
}
static const char *class_name(int v)
{
    return verify_class_name((enum verify_class)v);
}

/* A value added to an enum without its word would show as NULL on a screen. */
static void test_every_value_has_a_name(void)
{
    static const struct {
        const char *name;
        name_fn *fn;
        int n;
    } rows[] = {
        { "mailbox state", mailbox_name, MAILBOX_N_STATES },
        { "item state", state_name, ITEM_N_STATES },
        { "item kind", kind_name, KIND_N },
        { "verify class", class_name, VERIFY_N },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GHashTable) seen =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

        for (int v = 0; v < rows[i].n; v++) {
            const char *name = rows[i].fn(v);

            CHECK_ROW(rows[i].name, name != NULL && name[0] != '\0');
            CHECK_ROW(rows[i].name, g_hash_table_add(seen, g_strdup(name)));
        }
    }
    g_assert_cmpstr(mailbox_state_name(MAILBOX_COMPLETED_WITH_FAILURES), ==,
                    "completed with failures");
    g_assert_cmpstr(item_state_name(ITEM_ALREADY_THERE), ==, "already there");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/names/kind-of-class", test_kind_of_class);
    g_test_add_func("/names/every-value", test_every_value_has_a_name);
    return g_test_run();
}
