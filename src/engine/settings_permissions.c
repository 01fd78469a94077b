/*
 * The part "permissions": each folder that has its counterpart gets what the
 * source's grants, beside what the destination grants already.
 */
#include "engine/hidden.h"
#include "engine/sharing.h"

/* Folders that are asked about in one request. */
#define FOLDERS_AT_ONCE 20

static int tell(struct sharing *sh, struct err *err)
{
    g_autoptr(GArray) lines =
        g_array_new(FALSE, FALSE, sizeof(struct store_setting));

    for (guint i = 0; i < sh->wishes->len; i++) {
        const struct wish *wish = sh->wishes->pdata[i];

        if (wish->told)
            g_array_append_val(lines, wish->line);
    }
    return settings_lines(sh->s, (struct store_setting *)(void *)lines->data,
                          lines->len, err);
}

/* ---- folders ----------------------------------------------------------- */

static int share_folder(struct sharing *sh, struct err *err)
{
    int r;

    sh->wishes = g_ptr_array_new_with_free_func(wish_free);
    r = sharing_wish_all(sh, err);
    if (r == 0)
        r = sharing_write_all(sh, err);
    if (r == 0)
        r = tell(sh, err);
    g_ptr_array_unref(sh->wishes);
    return r;
}

static int folder_failed(struct settings *s, const struct store_folder *folder,
                         const struct err *why, struct err *err)
{
    g_autofree char *key =
        g_strdup_printf("%" G_GINT64_FORMAT ":*", folder->id);
    const struct store_setting line = { .key = key, .place = folder->path };

    for (guint i = 0; i < s->before->len; i++) {
        const struct store_setting *before = s->before->pdata[i];

        if (sharing_is_about(s, before, folder) &&
            settings_keep(s, before, err) < 0)
            return -1;
    }
    return settings_line_failed(s, line, why, err);
}

/* One folder; its destination's permissions are taken. */
static int share(struct settings *s, const struct store_folder *folder,
                 const struct endpoint_permissions *source,
                 struct endpoint_permissions *destination, struct err *err)
{
    struct sharing sh = { .s = s, .folder = folder, .source = source };
    int r;

    if (source->status < 0)
        return folder_failed(s, folder, &source->why, err);
    if (destination->status < 0)
        return folder_failed(s, folder, &destination->why, err);
    sh.destination = *destination;
    *destination = (struct endpoint_permissions){ 0 };
    r = share_folder(&sh, err);
    endpoint_permissions_clear(&sh.destination);
    return r;
}

static int read_side(struct settings *s, enum side side,
                     struct store_folder *const *folders, size_t n,
                     struct endpoint_permissions *ret, struct err *err)
{
    struct hands h = pass_own_hands(&s->pass);
    const char *ids[FOLDERS_AT_ONCE];
    unsigned int failures = 0;

    for (size_t i = 0; i < n; i++)
        ids[i] =
            side == SOURCE ? folders[i]->source_id : folders[i]->destination_id;
    while (endpoint_get_permissions(h.at[side], ids, n, ret, err) < 0)
        if (!settings_endure(s, side, &failures, err))
            return side_err(side, err);
    return 0;
}

static int share_some(struct settings *s, struct store_folder *const *folders,
                      size_t n, struct err *err)
{
    struct endpoint_permissions at[N_SIDES][FOLDERS_AT_ONCE] = { 0 };
    int r = 0;

    for (enum side side = SOURCE; r == 0 && side < N_SIDES; side++)
        r = read_side(s, side, folders, n, at[side], err);
    for (size_t i = 0; r == 0 && i < n; i++) {
        if (pass_is_over(&s->pass))
            r = pass_interrupted(&s->pass, err);
        else
            r = share(s, folders[i], &at[SOURCE][i], &at[DESTINATION][i], err);
    }
    for (enum side side = SOURCE; side < N_SIDES; side++)
        for (size_t i = 0; i < n; i++)
            endpoint_permissions_clear(&at[side][i]);
    return r;
}

static int nothing_copied(struct settings *s, struct err *err)
{
    return settings_line(
        s,
        (struct store_setting){
            .key = (char *)(uintptr_t) "*",
            .outcome = SETTING_SKIPPED,
            .cause = (char *)(uintptr_t) "no folder has been copied yet",
            .remedy = (char *)(uintptr_t) "migrate the mailbox first" },
        err);
}

/*
 * What all folders hang from (msgfolderroot): others see it only by its own
 * list, and Outlook shows nobody a folder below what they cannot see.
 */
static bool is_root(const struct settings *s, struct store_folder *ret)
{
    const struct engine_job *job = s->pass.job;
    const char *source = endpoint_root_id(job->source);
    const char *destination = endpoint_root_id(job->destination);

    /* The ledger's folders have ids from 1 on, and none is called so. */
    *ret = (struct store_folder){
        .path = (char *)(uintptr_t)SETTINGS_ROOT_PATH,
        .source_id = (char *)(uintptr_t)source,
        .destination_id = (char *)(uintptr_t)destination,
    };
    return source != NULL && destination != NULL;
}

/* Hidden items are a folder in the ledger alone: no server knows its id. */
static bool is_shared(const struct store_folder *f)
{
    return !f->gone && f->destination_id != NULL && !hidden_is(f->source_id);
}

int settings_permissions(struct settings *s, struct err *err)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new();
    struct store_folder root;

    for (guint i = 0; i < s->folders->len; i++) {
        struct store_folder *f = s->folders->pdata[i];

        if (is_shared(f))
            g_ptr_array_add(folders, f);
    }
    if (folders->len == 0)
        return nothing_copied(s, err);
    if (is_root(s, &root))
        g_ptr_array_insert(folders, 0, &root);
    for (guint i = 0; i < folders->len; i += FOLDERS_AT_ONCE)
        if (share_some(s, (struct store_folder *const *)&folders->pdata[i],
                       MIN(FOLDERS_AT_ONCE, folders->len - i), err) < 0)
            return -1;
    return 0;
}
