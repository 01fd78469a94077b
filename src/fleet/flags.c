#include "fleet/flags.h"

#include <string.h>

#include <glib.h>

#include "base/nearest.h"

/* clang-format off */
const struct flag_row flag_table[] = {
    { FLAG_NO_MAIL, "DoNotMigrateMail", FLAG_SCOPE_ENGINE },
    { FLAG_NO_CALENDAR, "DoNotMigrateCalendar", FLAG_SCOPE_ENGINE },
    { FLAG_NO_CONTACT, "DoNotMigrateContact", FLAG_SCOPE_ENGINE },
    { FLAG_NO_TASK, "DoNotMigrateTask", FLAG_SCOPE_ENGINE },
    { FLAG_NO_NOTE, "DoNotMigrateNote", FLAG_SCOPE_ENGINE },
    { FLAG_NO_JOURNAL, "DoNotMigrateJournal", FLAG_SCOPE_ENGINE },
    { FLAG_NO_RULE, "DoNotMigrateRule", FLAG_SCOPE_ENGINE },
    { FLAG_NOTIFY_SOURCE_COMPLETE, "NotifySourceComplete", FLAG_SCOPE_SERVICE },
    { FLAG_NOTIFY_SOURCE_FAILED, "NotifySourceFailed", FLAG_SCOPE_SERVICE },
    { FLAG_NOTIFY_DESTINATION_COMPLETE, "NotifyDestinationComplete", FLAG_SCOPE_SERVICE },
    { FLAG_NOTIFY_DESTINATION_FAILED, "NotifyDestinationFailed", FLAG_SCOPE_SERVICE },
    { FLAG_ASK_SOURCE_OWNER, "AskSourceOwner", FLAG_SCOPE_SERVICE },
    { FLAG_ASK_DESTINATION_OWNER, "AskDestinationOwner", FLAG_SCOPE_SERVICE },
    { FLAG_NO_DESTINATION_SEARCH, "DoNotSearchDestinationForDuplicates", FLAG_SCOPE_ENGINE },
    { FLAG_NO_RETRY, "DoNotRetryErrors", FLAG_SCOPE_ENGINE },
    { .name = NULL },
};

/* Which kind of item a flag leaves out. */
static const struct {
    enum flags flag;
    enum item_kind kind;
} kinds[] = {
    { FLAG_NO_MAIL, KIND_MAIL },
    { FLAG_NO_CALENDAR, KIND_CALENDAR },
    { FLAG_NO_CONTACT, KIND_CONTACT },
    { FLAG_NO_TASK, KIND_TASK },
    { FLAG_NO_NOTE, KIND_NOTE },
    { FLAG_NO_JOURNAL, KIND_JOURNAL },
};
/* clang-format on */

uint32_t flags_known(void)
{
    uint32_t all = 0;

    for (const struct flag_row *row = flag_table; row->name != NULL; row++)
        all |= (uint32_t)row->flag;
    return all;
}

static bool is_number(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!g_ascii_isdigit(text[i]))
            return false;
    return len > 0;
}

static void read_number(const char *text, size_t len, struct flags_result *r)
{
    uint64_t n = 0, unknown;

    for (size_t i = 0; i < len; i++) {
        if (!g_uint64_checked_mul(&n, n, 10) ||
            !g_uint64_checked_add(&n, n, (uint64_t)(text[i] - '0'))) {
            n = UINT64_MAX;
            break;
        }
    }
    unknown = n == UINT64_MAX ? n : n & ~(uint64_t)flags_known();
    if (unknown != 0) {
        r->fault = FLAGS_UNKNOWN_BITS;
        r->unknown = unknown;
        return;
    }
    r->bits |= (uint32_t)n;
}

static const char *nearest_flag(const char *text, size_t len)
{
    const char *names[G_N_ELEMENTS(flag_table)];
    g_autofree char *typed = g_strndup(text, len);

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        names[i] = flag_table[i].name;
    return nearest_word(typed, names);
}

static void read_name(const char *text, size_t len, struct flags_result *r)
{
    for (const struct flag_row *row = flag_table; row->name != NULL; row++) {
        if (strlen(row->name) == len &&
            g_ascii_strncasecmp(row->name, text, len) == 0) {
            r->bits |= (uint32_t)row->flag;
            return;
        }
    }
    r->fault = FLAGS_UNKNOWN_NAME;
    r->name = text;
    r->name_len = len;
    r->nearest = nearest_flag(text, len);
}

struct flags_result flags_parse(const char *text)
{
    struct flags_result r = { .fault = FLAGS_OK };
    const char *at = text + strspn(text, " \t");

    while (*at != '\0' && r.fault == FLAGS_OK) {
        const char *word = at + strspn(at, " \t");
        const char *end = word + strcspn(word, "|");
        size_t len = (size_t)(end - word);

        while (len > 0 && (word[len - 1] == ' ' || word[len - 1] == '\t'))
            len--;
        if (is_number(word, len))
            read_number(word, len, &r);
        else
            read_name(word, len, &r);
        /* "a|" has a second, empty name, which is none that we know. */
        if (*end == '|' && end[1] == '\0' && r.fault == FLAGS_OK)
            read_name(end + 1, 0, &r);
        at = *end == '|' ? end + 1 : end;
    }
    return r;
}

const char *flags_name(enum flags flag)
{
    for (const struct flag_row *row = flag_table; row->name != NULL; row++)
        if (row->flag == flag)
            return row->name;
    g_assert_not_reached();
}

enum flags flags_of_kind(enum item_kind kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (kinds[i].kind == kind)
            return kinds[i].flag;
    return 0;
}

unsigned int flags_skip_kinds(uint32_t bits)
{
    unsigned int skip = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if ((bits & (uint32_t)kinds[i].flag) != 0)
            skip |= 1u << kinds[i].kind;
    return skip;
}
