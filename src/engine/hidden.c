#include "engine/hidden.h"

#include <string.h>

#include <glib.h>

#include "base/timestamp.h"
#include "store/store.h"

/* Ids of EWS are base64: they have no blank. */
static const char mark[] = "hidden ";

static const char told[] = " told ";

char *hidden_id(const char *folder_id)
{
    return g_strconcat(mark, folder_id, NULL);
}

bool hidden_is(const char *id)
{
    return id != NULL && g_str_has_prefix(id, mark);
}

const char *hidden_base(const char *id)
{
    return hidden_is(id) ? id + strlen(mark) : id;
}

char *hidden_path(const char *folder_path)
{
    /* A "%" in a name is written as %25: no folder is called so. */
    return g_strconcat(folder_path, "/%hidden", NULL);
}

char *hidden_token(size_t n, int64_t changed_us)
{
    if (changed_us == TIMESTAMP_NONE)
        return g_strdup_printf("hidden %zu", n);
    return g_strdup_printf("hidden %zu %" G_GINT64_FORMAT, n, changed_us);
}

/* Between "second" as the server and as this machine counts it. */
#define FIRM_US (2 * TIMESTAMP_SECOND)

static bool is_firm(size_t n, int64_t changed_us, int64_t told_us,
                    int64_t begun_us)
{
    return n == 0 || changed_us == TIMESTAMP_NONE ||
           changed_us % TIMESTAMP_SECOND != 0 || begun_us - told_us >= FIRM_US;
}

char *hidden_list_token(size_t n, int64_t changed_us, int64_t told_us,
                        int64_t begun_us)
{
    g_autofree char *token = hidden_token(n, changed_us);

    if (is_firm(n, changed_us, told_us, begun_us))
        return g_steal_pointer(&token);
    return g_strdup_printf("%s%s%" G_GINT64_FORMAT, token, told, told_us);
}

int64_t hidden_told_us(const char *token, size_t n, int64_t changed_us)
{
    g_autofree char *firm = hidden_token(n, changed_us);
    g_autofree char *early = g_strconcat(firm, told, NULL);

    if (!g_str_has_prefix(token, early))
        return TIMESTAMP_NONE;
    return g_ascii_strtoll(token + strlen(early), NULL, 10);
}

/* ---- which may be copied ------------------------------------------- */

static const char not_known[] =
    "nothing is known of this class; what is hidden may act, or be one of a "
    "kind";

/*
 * By class and what is derived from it, the first that fits.  [MS-OXOCFG],
 * [MS-OXORULE] 2.2.4 and 2.2.5, [MS-OXOPFFB] 2.2.1.2, [MS-OXCSPAM] 2.2.
 */
static const struct {
    const char *prefix;
    const char *why_not; /* NULL: it is copied */
} classes[] = {
    /* clang-format off */
    { "IPM.Microsoft.FolderDesign.NamedView", NULL },
    { "IPM.Microsoft.FolderDesign.FormsDescription",
      "a custom form: code, which is to be published anew" },
    { "IPM.Rule", "rules go by the settings pass" },
    { "IPM.ExtendedRule.Message",
      "the junk mail rule, which the server keeps for itself" },
    { "IPM.RuleOrganizer", "rules go by the settings pass" },
    { "IPM.Configuration.CategoryList",
      "categories are merged by the settings pass" },
    { "IPM.Configuration.MRM",
      "retention settings, which the destination's own policies write" },
    { "IPM.Configuration.Autocomplete",
      "remembered recipients, by ids of the old organisation" },
    { "IPM.Configuration",
      "a setting of which a mailbox has one: that goes by the settings pass" },
    { "IPM.Microsoft.ScheduleData.FreeBusy",
      "free/busy times, which the server makes of the calendar" },
    { "IPM.Microsoft.WunderBar",
      "shortcuts, by ids of the old mailbox" },
    { "IPM.Microsoft.ConversationAction",
      "actions on conversations, by ids of the old mailbox" },
    { "IPM.Sharing", "sharing with others, by ids of the old organisation" },
    { "IPM.Aggregation", "a subscription, with a sign-in of its own" },
    /* clang-format on */
};

const char *hidden_why_not(const char *item_class)
{
    for (size_t i = 0; item_class != NULL && i < G_N_ELEMENTS(classes); i++)
        if (item_class_is(item_class, classes[i].prefix))
            return classes[i].why_not;
    return not_known;
}

bool hidden_is_copied(const char *item_class)
{
    return hidden_why_not(item_class) == NULL;
}

char *hidden_text(const char *item_class, size_t n)
{
    return g_strdup_printf(
        "%zu hidden item%s of class \"%s\" %s left behind: %s", n,
        n == 1 ? "" : "s", item_class, n == 1 ? "is" : "are",
        hidden_why_not(item_class));
}
