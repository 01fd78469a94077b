#include "base/csv.h"
#include "engine/settings.h"
#include "fleet/report_priv.h"

/*
 * permissions.csv: every right on a folder and every delegate that the
 * settings pass has looked at, and for those that it could not carry over the
 * cmdlet that would, for a person to complete and to run.
 */

#define SOMEBODY "(person at the destination)"

static bool is_of_people(const struct store_setting *line)
{
    return line->subject != NULL && (strcmp(line->part, "permissions") == 0 ||
                                     strcmp(line->part, "delegates") == 0);
}

/*
 * 'text', as PowerShell reads it without a second thought: a quote in it is
 * written twice, and those that it takes for one (U+2018 to U+201B) as well.
 */
static void put_quoted(GString *to, const char *text)
{
    g_string_append_c(to, '\'');
    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (c == '\'' || (c >= 0x2018 && c <= 0x201B))
            g_string_append_unichar(to, c);
        g_string_append_unichar(to, c);
    }
    g_string_append_c(to, '\'');
}

/* 'address:\Projects\2019' */
static void put_folder(GString *to, const char *address, const char *path)
{
    g_autoptr(GString) text = g_string_new(address);

    g_string_append(text, ":\\");
    /* The root itself: 'address:\' */
    if (strcmp(path, SETTINGS_ROOT_PATH) == 0)
        path = "";
    for (; *path != '\0'; path++) {
        if (*path == '/')
            g_string_append_c(text, '\\');
        else if (strncmp(path, "%2F", 3) == 0 || strncmp(path, "%25", 3) == 0) {
            g_string_append_c(text, path[2] == 'F' ? '/' : '%');
            path += 2;
        } else {
            g_string_append_c(text, *path);
        }
    }
    put_quoted(to, text->str);
}

/* EWS and the cmdlets have each their own words for some levels. */
static const char *cmdlet_rights(const char *value)
{
    static const struct {
        const char *level, *rights;
    } rows[] = {
        { "FreeBusyTimeOnly", "AvailabilityOnly" },
        { "FreeBusyTimeAndSubjectAndLocation", "LimitedDetails" },
        { "NoneditingAuthor", "NonEditingAuthor" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (strcmp(rows[i].level, value) == 0)
            return rows[i].rights;
    return value;
}

static const char *person_of(const struct store_setting *line)
{
    return line->counterpart != NULL ? line->counterpart : SOMEBODY;
}

/* NULL: nothing is left to do.  The caller frees. */
static char *cmdlet(const struct store_mailbox *m,
                    const struct store_setting *line)
{
    bool known = strcmp(line->subject, "Default") == 0 ||
                 strcmp(line->subject, "Anonymous") == 0;
    GString *text;

    if ((line->outcome != SETTING_UNMAPPED &&
         line->outcome != SETTING_FAILED) ||
        line->value == NULL)
        return NULL;
    if (line->place == NULL && strcmp(line->key, "delivery") == 0)
        return NULL;
    text = g_string_new(NULL);
    if (line->place == NULL) {
        g_string_append(text, "Set-Mailbox -Identity ");
        put_quoted(text, m->destination_address);
        g_string_append(text, " -GrantSendOnBehalfTo @{Add=");
        put_quoted(text, person_of(line));
        g_string_append_c(text, '}');
        return g_string_free(text, FALSE);
    }
    g_string_append_printf(text, "%s-MailboxFolderPermission -Identity ",
                           known ? "Set" : "Add");
    put_folder(text, m->destination_address, line->place);
    g_string_append(text, " -User ");
    put_quoted(text, person_of(line));
    g_string_append_printf(text, " -AccessRights %s",
                           cmdlet_rights(line->value));
    return g_string_free(text, FALSE);
}

static void put_line(struct csv_writer *out, const struct store_mailbox *m,
                     const struct store_setting *line)
{
    g_autofree char *command = cmdlet(m, line);

    csv_put(out, m->source_address);
    csv_put(out, m->destination_address);
    csv_put(out, line->place != NULL ? line->place : "(delegates)");
    csv_put(out, line->subject);
    csv_put(out, line->counterpart);
    csv_put(out, line->value);
    csv_put(out, setting_outcome_name(line->outcome));
    csv_put(out, line->cause);
    csv_put(out, line->remedy);
    csv_put(out, command);
    csv_end_row(out);
}

char *report_permissions(const struct report *r)
{
    static const char *const headings[] = {
        "Source Email",
        "Destination Email",
        "Folder",
        "Person at Source",
        "Person at Destination",
        "Rights",
        "Outcome",
        "Cause",
        "Remedy",
        "Command",
    };
    struct csv_writer out = { .out = g_string_new(NULL) };

    for (size_t i = 0; i < G_N_ELEMENTS(headings); i++)
        csv_put(&out, headings[i]);
    csv_end_row(&out);
    for (guint i = 0; i < r->mailboxes->len; i++) {
        const struct report_mailbox *m = r->mailboxes->pdata[i];

        for (guint k = 0; k < m->settings->len; k++)
            if (is_of_people(m->settings->pdata[k]))
                put_line(&out, m->mailbox, m->settings->pdata[k]);
    }
    return g_string_free(out.out, FALSE);
}
