#include "cmd/migration_work.h"

#include "cmd/import_print.h"
#include "cmd/service_open.h"
#include "cmd/side_access.h"
#include "fleet/migration.h"
#include "fleet/options.h"

enum cmd_status migration_work_fail(const struct migration_work *w,
                                    const struct err *err)
{
    return cmd_give_up(w->ctx, err);
}

/* ---- adding ------------------------------------------------------------ */

/* How both sides are reached; to be cleared also after -1. */
static int take_access(const struct migration_work *w, struct side_access *ret,
                       struct err *err)
{
    const struct migration_options *o = w->o;

    for (int i = 0; i < MIGRATION_N_SIDES; i++) {
        const struct side_options side = {
            .side = i == MIGRATION_SOURCE ? &o->sides.source
                                          : &o->sides.destination,
            .password_file = o->password_files[i],
            .proxy = &o->proxy,
        };

        if (side_access_read(w->ctx, (enum migration_side)i, &side, &ret[i],
                             err) < 0)
            return -1;
    }
    return 0;
}

static void clear_access(struct side_access *access)
{
    for (int i = 0; i < MIGRATION_N_SIDES; i++)
        side_access_clear(&access[i]);
}

static int add_text(const struct migration_work *w, const char *csv, size_t n,
                    const struct side_access *access, int64_t *ret_id,
                    struct err *err)
{
    const struct migration_options *o = w->o;
    const struct fleet_request request = {
        .name = o->name != NULL ? o->name : o->target,
        .csv = csv,
        .csv_bytes = n,
        .skip_bad_rows = o->skip_bad,
        .options = o->json,
        .sides = { { o->sides.source.url, access[0].login, access[0].access },
                   { o->sides.destination.url, access[1].login,
                     access[1].access } },
    };
    struct import *import = NULL;
    int result = fleet_migration_add(w->m, &service_actor_here, &request,
                                     &import, ret_id, err);

    if (import != NULL)
        import_print_faults(w->ctx->err, o->target, import);
    import_free(import);
    return result;
}

static int add_file(const struct migration_work *w, int64_t *ret_id,
                    struct err *err)
{
    struct side_access access[MIGRATION_N_SIDES] = { 0 };
    g_autoptr(GError) why = NULL;
    g_autofree char *csv = NULL;
    gsize n;
    int result;

    if (!g_file_get_contents(w->o->target, &csv, &n, &why))
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", why->message);
    result = take_access(w, access, err);
    if (result == 0)
        result = add_text(w, csv, n, access, ret_id, err);
    clear_access(access);
    secret_wipe(csv, n);
    return result;
}

enum cmd_status migration_work_add(struct migration_work *w)
{
    int64_t id = 0;
    struct err err;

    if (w->o->sides.source.url == NULL || w->o->sides.destination.url == NULL)
        return cmd_usage(w->ctx, &cmd_migration,
                         "--source and --destination are needed");
    if (add_file(w, &id, &err) < 0)
        return migration_work_fail(w, &err);
    fprintf(w->ctx->out, "migration %" G_GINT64_FORMAT "\n", id);
    return CMD_OK;
}

/* ---- changing ------------------------------------------------------------ */

/* NULL: as they are. */
static const char *hours_of(const struct migration_options *o)
{
    return g_strcmp0(o->hours, "always") == 0 ? "" : o->hours;
}

/* What is to be different; borrows from the options and access. */
static struct migration_change wish_of(const struct migration_work *w,
                                       const char *options,
                                       const struct side_access *access)
{
    struct migration_change wish = { .name = w->o->name,
                                     .options = options,
                                     .most =
                                         w->o->most_given ? &w->o->most : NULL,
                                     .hours = hours_of(w->o) };

    for (int i = 0; i < MIGRATION_N_SIDES; i++) {
        wish.admins[i] = access[i].told ? &access[i].login : NULL;
        wish.sides[i].ways = access[i].ways;
        wish.sides[i].access = access[i].access;
    }
    return wish;
}

static int change_migration(const struct migration_work *w, const char *options,
                            struct err *err)
{
    struct side_access access[MIGRATION_N_SIDES] = { 0 };
    int result = take_access(w, access, err);

    if (result == 0) {
        const struct migration_change wish = wish_of(w, options, access);

        result =
            migrations_change(w->m, &service_actor_here, w->id, &wish, err);
    }
    clear_access(access);
    return result;
}

/* Than a mailbox's options. */
static bool says_more(const struct migration_options *o)
{
    return o->name != NULL || o->most_given || o->hours != NULL ||
           o->proxy.url != NULL || opt_side_has_admin(&o->sides.source) ||
           opt_side_has_admin(&o->sides.destination);
}

/* Its options alone: what else it has is of the import file. */
static int change_mailbox(const struct migration_work *w, const char *options,
                          struct err *err)
{
    const struct migration_mailbox_change wish = { .options = options };

    return migrations_change_mailbox(w->m, &service_actor_here, w->o->mailbox,
                                     &wish, err);
}

enum cmd_status migration_work_change(struct migration_work *w)
{
    g_autofree char *options = NULL;
    struct err err;

    if (w->o->mailbox != 0 && (w->o->json == NULL || says_more(w->o)))
        return cmd_usage(w->ctx, &cmd_migration,
                         "with --mailbox only --options can be changed");
    if ((w->o->json != NULL &&
         fleet_options_check(w->o->json, &options, &err) < 0) ||
        (w->o->mailbox != 0 ? change_mailbox : change_migration)(w, options,
                                                                 &err) < 0)
        return migration_work_fail(w, &err);
    return CMD_OK;
}
