#include "desk/complete.h"

#include <string.h>

#include "desk/asked.h"

/* clang-format off */
static const struct complete_rule rules[COMPLETE_N_PIECES] = {
    [COMPLETE_PARTNER] = { "partner-id",
        "Your Partner ID." },
    [COMPLETE_DOMAIN] = { "domain",
        "The domain name of the customer to be migrated." },
    [COMPLETE_OWA_URL] = { "owa-url",
        "The OWA URL of the customer's current Exchange provider; it must be "
        "publicly reachable." },
    [COMPLETE_OWA_UNREACHABLE] = { "owa-url-unreachable",
        "Another OWA URL: at the one that you sent no Exchange could be "
        "reached." },
    [COMPLETE_FILE] = { "import-file",
        "The import file: a .CSV file with the list of mailboxes, in one of "
        "the two forms of the template." },
    [COMPLETE_FILE_SORT] = { "import-file-sort",
        "The import file itself, as .CSV and neither packed nor as a "
        "workbook: what you attached cannot be read." },
    [COMPLETE_FILE_FAULTS] = { "import-file-faults",
        "A corrected import file, with all of its rows: the faults are listed "
        "below, by line and column." },
    [COMPLETE_CREDENTIALS] = { "credentials",
        "Administrative credentials of the current Exchange, unless the import "
        "file has the mailboxes' own passwords. Please never by mail: use the "
        "link." },
    [COMPLETE_CREDENTIALS_REFUSED] = { "credentials-refused",
        "Other administrative credentials: the current Exchange refused those "
        "that we have. Please never by mail: use the link." },
    [COMPLETE_DATE] = { "date",
        "The dates once more, as in 2026-12-31: we could not tell which day "
        "you mean." },
};
/* clang-format on */

const struct complete_rule *complete_rule(enum complete_piece piece)
{
    return &rules[piece];
}

static bool is_unclear(const struct complete_known *k, enum asked_field field)
{
    return (k->unclear & (1u << field)) != 0;
}

/* Of which rows are kept, and which not. */
static bool has_faults(const struct import *file)
{
    return file->n_errors > 0 || file->rows->len == 0;
}

const char *complete_for_admin(const struct import *file)
{
    for (guint i = 0; i < file->rows->len; i++) {
        const struct import_row *row = file->rows->pdata[i];

        if (row->sides[IMPORT_SOURCE].password == NULL &&
            !import_asks_owner(row, IMPORT_SOURCE))
            return row->sides[IMPORT_SOURCE].address;
    }
    return NULL;
}

/* Without a file nobody knows; the mail says on what it depends. */
static bool needs_credentials(const struct complete_known *k)
{
    return k->file == NULL || k->file->rows->len == 0 ||
           complete_for_admin(k->file) != NULL;
}

#define WRONG_SORTS                                                            \
    (1u << MAIL_FILE_ARCHIVE | 1u << MAIL_FILE_WORKBOOK | 1u << MAIL_FILE_TNEF)

static unsigned int of_file(const struct complete_known *k)
{
    if (k->file == NULL)
        return (k->wrong_files & WRONG_SORTS) != 0 ? 1u << COMPLETE_FILE_SORT
                                                   : 1u << COMPLETE_FILE;
    return has_faults(k->file) ? 1u << COMPLETE_FILE_FAULTS : 0;
}

static unsigned int of_owa(const struct complete_known *k)
{
    if (k->owa_url == NULL || is_unclear(k, ASKED_OWA_URL))
        return 1u << COMPLETE_OWA_URL;
    return k->owa_check == COMPLETE_BAD ? 1u << COMPLETE_OWA_UNREACHABLE : 0;
}

static unsigned int of_credentials(const struct complete_known *k)
{
    if (!needs_credentials(k))
        return 0;
    if (!k->has_credentials || is_unclear(k, ASKED_PASSWORD) ||
        is_unclear(k, ASKED_USER))
        return 1u << COMPLETE_CREDENTIALS;
    return k->credentials_check == COMPLETE_BAD
               ? 1u << COMPLETE_CREDENTIALS_REFUSED
               : 0;
}

struct complete_list complete(const struct complete_known *known)
{
    unsigned int missing =
        of_owa(known) | of_file(known) | of_credentials(known);

    if (known->partner == NULL || is_unclear(known, ASKED_PARTNER))
        missing |= 1u << COMPLETE_PARTNER;
    if (known->domain == NULL || is_unclear(known, ASKED_DOMAIN))
        missing |= 1u << COMPLETE_DOMAIN;
    if (is_unclear(known, ASKED_START) || is_unclear(known, ASKED_CUTOVER))
        missing |= 1u << COMPLETE_DATE;
    return (struct complete_list){ missing };
}

char *complete_words(const struct complete_list *list)
{
    GString *text = g_string_new(NULL);

    for (int i = 0; i < COMPLETE_N_PIECES; i++)
        if ((list->missing & (1u << i)) != 0)
            g_string_append_printf(text, "%s%s", text->len > 0 ? "\n" : "",
                                   rules[i].word);
    return g_string_free(text, FALSE);
}

struct complete_list complete_parse(const char *words)
{
    g_auto(GStrv) all = g_strsplit(words, "\n", 100);
    struct complete_list list = { 0 };

    for (size_t k = 0; all[k] != NULL; k++)
        for (int i = 0; i < COMPLETE_N_PIECES; i++)
            if (strcmp(all[k], rules[i].word) == 0)
                list.missing |= 1u << i;
    return list;
}
