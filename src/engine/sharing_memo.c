/*
 * A line's memo is "target:base", in hexadecimal: what we wrote for somebody,
 * and what they had before us ("-": no entry).  As long as the destination
 * still has the target, what the source takes back goes there too, down to the
 * base; once somebody else has changed it, it is theirs and only grows.
 *
 * Before a list is written the memo is "target:base:was": until the answer is
 * there the destination has the one or the other, and both are known.
 */
#include "engine/sharing.h"

#include <string.h>

char *sharing_rights_text(unsigned int rights, bool calendar)
{
    static const struct {
        unsigned int right, instead; /* not told where that is there too */
        const char *name;
    } rows[] = {
        { ENDPOINT_RIGHT_CREATE, 0, "CreateItems" },
        { ENDPOINT_RIGHT_SUBFOLDERS, 0, "CreateSubfolders" },
        { ENDPOINT_RIGHT_DELETE_ALL, 0, "DeleteAllItems" },
        { ENDPOINT_RIGHT_DELETE_OWN, ENDPOINT_RIGHT_DELETE_ALL,
          "DeleteOwnedItems" },
        { ENDPOINT_RIGHT_EDIT_ALL, 0, "EditAllItems" },
        { ENDPOINT_RIGHT_EDIT_OWN, ENDPOINT_RIGHT_EDIT_ALL, "EditOwnedItems" },
        { ENDPOINT_RIGHT_CONTACT, 0, "FolderContact" },
        { ENDPOINT_RIGHT_OWNER, 0, "FolderOwner" },
        { ENDPOINT_RIGHT_VISIBLE, 0, "FolderVisible" },
        { ENDPOINT_RIGHT_READ, 0, "ReadItems" },
        { ENDPOINT_RIGHT_FREEBUSY_DETAILS, 0, "LimitedDetails" },
        { ENDPOINT_RIGHT_FREEBUSY, ENDPOINT_RIGHT_FREEBUSY_DETAILS,
          "AvailabilityOnly" },
    };
    unsigned int plain = endpoint_rights_plain(rights, calendar);
    const char *level = endpoint_level_name(plain, calendar);
    GString *text;

    if (strcmp(level, "Custom") != 0)
        return g_strdup(level);
    text = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if ((plain & rows[i].right) != 0 && (plain & rows[i].instead) == 0)
            g_string_append_printf(text, "%s%s", text->len > 0 ? "," : "",
                                   rows[i].name);
    return g_string_free(text, FALSE);
}

const char *sharing_member_text(const struct endpoint_permission *entry)
{
    if (entry->member == ENDPOINT_MEMBER_DEFAULT)
        return "Default";
    if (entry->member == ENDPOINT_MEMBER_ANONYMOUS)
        return "Anonymous";
    if (entry->person.address != NULL)
        return entry->person.address;
    if (entry->person.name != NULL)
        return entry->person.name;
    return entry->person.sid != NULL ? entry->person.sid : "(nameless)";
}

char *sharing_line_key(const struct sharing *sh, const char *subject)
{
    g_autofree char *folded = g_ascii_strdown(subject, -1);

    return g_strdup_printf("%" G_GINT64_FORMAT ":%s", sh->folder->id, folded);
}

static void put_rights(GString *to, int64_t rights)
{
    if (rights == ABSENT)
        g_string_append_c(to, '-');
    else
        g_string_append_printf(to, "%x", (unsigned int)rights);
}

char *sharing_memo(int64_t target, int64_t base)
{
    GString *text = g_string_new(NULL);

    put_rights(text, target);
    g_string_append_c(text, ':');
    put_rights(text, base);
    return g_string_free(text, FALSE);
}

char *sharing_memo_in_doubt(const struct wish *wish)
{
    g_autofree char *memo = sharing_memo(wish->entry.rights, wish->base);
    GString *text = g_string_new(memo);

    g_string_append_c(text, ':');
    put_rights(text, wish->have);
    return g_string_free(text, FALSE);
}

/* Rights of a memo, and after them the next ones; NULL: there are none. */
static const char *take_rights(const char *text, int64_t *ret)
{
    char *end;

    if (*text == '-') {
        *ret = ABSENT;
        end = (char *)(uintptr_t)text + 1;
    } else {
        *ret = (int64_t)g_ascii_strtoull(text, &end, 16);
    }
    if (end == text)
        return NULL;
    return *end == ':' ? end + 1 : end;
}

bool sharing_is_ours(const struct store_setting *before, int64_t have,
                     int64_t *ret_base)
{
    const char *at = before != NULL ? before->memo : NULL;
    int64_t target, base, was;

    if (at == NULL || (at = take_rights(at, &target)) == NULL ||
        (at = take_rights(at, &base)) == NULL)
        return false;
    if (have != target && (take_rights(at, &was) == NULL || have != was))
        return false;
    *ret_base = base;
    return true;
}

bool sharing_is_about(const struct settings *s,
                      const struct store_setting *before,
                      const struct store_folder *folder)
{
    g_autofree char *prefix =
        g_strdup_printf("%" G_GINT64_FORMAT ":", folder->id);

    return strcmp(before->part, s->part) == 0 &&
           g_str_has_prefix(before->key, prefix);
}
