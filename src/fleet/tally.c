#include "fleet/tally.h"

#include <string.h>

static struct tally *of_part(GArray *all, const char *part)
{
    const struct tally fresh = { .part = part };

    for (guint i = 0; i < all->len; i++) {
        struct tally *t = &g_array_index(all, struct tally, i);

        if (strcmp(t->part, part) == 0)
            return t;
    }
    g_array_append_val(all, fresh);
    return &g_array_index(all, struct tally, all->len - 1);
}

GArray *tally_of(const GPtrArray *lines)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(struct tally));

    for (guint i = 0; i < lines->len; i++) {
        const struct store_setting *line = g_ptr_array_index(lines, i);

        if (store_setting_is_one(line))
            of_part(all, line->part)->by_outcome[line->outcome]++;
    }
    return all;
}

struct tally tally_sum(const GArray *tallies)
{
    struct tally sum = { 0 };

    for (guint i = 0; i < tallies->len; i++)
        for (int k = 0; k < SETTING_N; k++)
            sum.by_outcome[k] +=
                g_array_index(tallies, struct tally, i).by_outcome[k];
    return sum;
}

bool tally_wants_a_person(const struct tally *t)
{
    return t->by_outcome[SETTING_UNMAPPED] + t->by_outcome[SETTING_FAILED] > 0;
}

char *tally_text(const uint64_t by_outcome[SETTING_N])
{
    GString *text = g_string_new(NULL);

    for (int i = 0; i < SETTING_N; i++)
        if (by_outcome[i] > 0)
            g_string_append_printf(
                text, "%s%" G_GUINT64_FORMAT " %s", text->len > 0 ? ", " : "",
                by_outcome[i], setting_outcome_name((enum setting_outcome)i));
    return g_string_free(text, FALSE);
}
