#include <string.h>

#include "base/csv.h"
#include "fleet/report_priv.h"

/*
 * settings.csv: every line that the settings pass has left, whichever the
 * part, with what became of it and why.
 */

bool report_is_note(const struct store_setting *line)
{
    return strcmp(line->part, STORE_NOTES) == 0;
}

bool report_is_left_out(const struct store_setting *line)
{
    return strcmp(line->part, STORE_LEFT_OUT) == 0;
}

static void put_line(struct csv_writer *out, const struct store_mailbox *m,
                     const struct store_setting *line)
{
    csv_put(out, m->source_address);
    csv_put(out, m->destination_address);
    csv_put(out, line->part);
    csv_put(out, line->place);
    /* A part that could not go on has a line of its own. */
    csv_put(out, line->subject != NULL ? line->subject : "(all of it)");
    csv_put(out, line->counterpart);
    csv_put(out, line->value);
    csv_put(out, setting_outcome_name(line->outcome));
    csv_put(out, line->cause);
    csv_put(out, line->remedy);
    csv_end_row(out);
}

char *report_settings(const struct report *r)
{
    static const char *const headings[] = {
        "Source Email", "Destination Email", "Part",
        "Folder",       "At Source",         "At Destination",
        "Value",        "Outcome",           "Cause",
        "Remedy",
    };
    struct csv_writer out = { .out = g_string_new(NULL) };

    for (size_t i = 0; i < G_N_ELEMENTS(headings); i++)
        csv_put(&out, headings[i]);
    csv_end_row(&out);
    for (guint i = 0; i < r->mailboxes->len; i++) {
        const struct report_mailbox *m = r->mailboxes->pdata[i];

        for (guint k = 0; k < m->settings->len; k++)
            if (store_setting_is_one(m->settings->pdata[k]))
                put_line(&out, m->mailbox, m->settings->pdata[k]);
    }
    return g_string_free(out.out, FALSE);
}
