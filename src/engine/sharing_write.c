#include "engine/sharing.h"

static void grant(struct endpoint_permissions *to, const struct wish *wish)
{
    struct endpoint_permission *entry =
        endpoint_permissions_find(to, &wish->entry);

    if (entry == NULL)
        endpoint_permissions_add(to, &wish->entry);
    else if (wish->drop)
        g_array_remove_index(
            to->entries,
            (guint)(entry -
                    (struct endpoint_permission *)(void *)to->entries->data));
    else
        entry->rights = wish->entry.rights;
}

static void copy(const struct endpoint_permissions *from,
                 struct endpoint_permissions *to)
{
    endpoint_permissions_init(to, from->calendar);
    to->kind = from->kind;
    for (guint i = 0; i < from->entries->len; i++)
        endpoint_permissions_add(
            to, &g_array_index(from->entries, struct endpoint_permission, i));
}

/* The destination's list with these wishes in it; *why when it is refused. */
static int write_list(struct sharing *sh, struct wish *const *wishes, size_t n,
                      struct err *why)
{
    g_auto(endpoint_permissions) list = { 0 };
    unsigned int failures = 0;

    copy(&sh->destination, &list);
    for (size_t i = 0; i < n; i++)
        grant(&list, wishes[i]);
    while (endpoint_set_permissions(sh->s->pass.job->destination,
                                    sh->folder->destination_id, &list, why) < 0)
        if (!settings_endure(sh->s, DESTINATION, &failures, why))
            return -1;
    endpoint_permissions_clear(&sh->destination);
    sh->destination = list;
    list = (struct endpoint_permissions){ 0 };
    return 0;
}

static void written(struct wish *const *wishes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct wish *wish = wishes[i];
        bool removed = wish->line.outcome == SETTING_REMOVED;

        if (!removed)
            wish->line.outcome = SETTING_SET;
        wish_set_memo(wish, removed
                                ? NULL
                                : sharing_memo(wish->entry.rights, wish->base));
    }
}

/* A list that is refused is split down to the entry at fault. */
static int write_wishes(struct sharing *sh, struct wish *const *wishes,
                        size_t n, struct err *err)
{
    struct err why;

    if (n == 0)
        return 0;
    if (write_list(sh, wishes, n, &why) == 0) {
        written(wishes, n);
        return 0;
    }
    if (!settings_is_local(sh->s, &why)) {
        *err = why;
        return -1;
    }
    if (n > 1)
        return write_wishes(sh, wishes, n / 2, err) < 0 ||
                       write_wishes(sh, wishes + n / 2, n - n / 2, err) < 0
                   ? -1
                   : 0;
    g_clear_pointer(&wishes[0]->line.cause, g_free);
    wish_leave_out(wishes[0], SETTING_FAILED, why.msg, why.remedy);
    return 0;
}

/*
 * A list can be written only whole, and not with entries that the destination
 * cannot name itself (ErrorCannotSetPermissionUnknownEntries): they would go.
 */
static void refuse_all(GPtrArray *to_write)
{
    for (guint i = 0; i < to_write->len; i++) {
        struct wish *wish = to_write->pdata[i];

        g_clear_pointer(&wish->line.cause, g_free);
        wish_leave_out(
            wish, SETTING_FAILED,
            "the destination's list has entries of accounts that are "
            "gone, which writing it would remove",
            "remove them (Get-MailboxFolderPermission shows them as NT "
            "User:S-1-...) and run it again, or set the rights by hand");
    }
}

/*
 * Whoever finds it written, or not, then knows what of it is ours.  Of what is
 * to go the line of an earlier pass says so.
 */
static int intend(struct sharing *sh, const GPtrArray *to_write,
                  struct err *err)
{
    g_autoptr(GArray) lines =
        g_array_new(FALSE, FALSE, sizeof(struct store_setting));

    for (guint i = 0; i < to_write->len; i++) {
        struct wish *wish = to_write->pdata[i];

        if (wish->line.outcome == SETTING_REMOVED)
            continue;
        wish_set_memo(wish, sharing_memo_in_doubt(wish));
        g_array_append_val(lines, wish->line);
    }
    return settings_intend(sh->s, (struct store_setting *)(void *)lines->data,
                           lines->len, err);
}

int sharing_write_all(struct sharing *sh, struct err *err)
{
    g_autoptr(GPtrArray) to_write = g_ptr_array_new();

    for (guint i = 0; i < sh->wishes->len; i++)
        if (((struct wish *)sh->wishes->pdata[i])->to_write)
            g_ptr_array_add(to_write, sh->wishes->pdata[i]);
    if (sh->destination.unknown->len > 0) {
        refuse_all(to_write);
        return 0;
    }
    if (intend(sh, to_write, err) < 0)
        return -1;
    return write_wishes(sh, (struct wish *const *)to_write->pdata,
                        to_write->len, err);
}
