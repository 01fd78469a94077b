#include <jansson.h>

#include "cmd/cmd.h"
#include "cmd/json_line.h"
#include "cmd/opt_common.h"
#include "cmd/service_open.h"
#include "cmd/state_find.h"
#include "fleet/track.h"
#include "store/database.h"

struct forecast_options {
    int action; /* there is one */
    const char *file, *config;
    bool service;
    struct opt_state state;
    struct opt_output output;
};

/* ---- what there is ------------------------------------------------------ */

static int add_store(struct track *to, struct store *s, struct err *err)
{
    g_autoptr(GPtrArray) all = NULL;

    if (store_forecasts(s, false, &all, err) < 0)
        return -1;
    track_add(to, all);
    return 0;
}

static int add_database(struct track *to, struct database *d, struct err *err)
{
    g_autoptr(GPtrArray) all = NULL;

    if (database_migrations(d, &all, err) < 0)
        return -1;
    for (guint i = 0; i < all->len; i++) {
        const struct database_migration *m = all->pdata[i];
        g_autoptr(store) s = database_store(d, m->id);

        if (add_store(to, s, err) < 0)
            return -1;
    }
    return 0;
}

static int add_file(struct track *to, const struct forecast_options *o,
                    struct err *err)
{
    g_autofree char *path = NULL;
    g_autoptr(store) s = NULL;

    if (state_find(&o->state, o->file, &path, err) < 0 ||
        store_open_sqlite(path, STORE_READ, &s, err) < 0)
        return -1;
    return add_store(to, s, err);
}

/* ---- how it is shown ---------------------------------------------------- */

static void print_text(FILE *out, const struct track *t)
{
    const struct track_line all = track_line(t, FORECAST_TENTHS);

    if (all.n == 0) {
        fputs("no migration with a forecast has ended yet\n", out);
        return;
    }
    fprintf(out, "%-12s %9s %16s %14s\n", "said when", "forecasts",
            "ended by the P90", "median error");
    for (unsigned int i = 0; i <= FORECAST_TENTHS; i++) {
        const struct track_line l = track_line(t, i);
        g_autofree char *when = i < FORECAST_TENTHS
                                    ? g_strdup_printf("%u %% done", i * 10)
                                    : g_strdup("all");

        if (l.n > 0)
            fprintf(out, "%-12s %9zu %14.0f %% %12.0f %%\n", when, l.n,
                    100 * (double)l.held / (double)l.n, 100 * l.error);
    }
}

static void print_json(FILE *out, const struct track *t)
{
    json_t *lines = json_array(), *o;

    for (unsigned int i = 0; i <= FORECAST_TENTHS; i++) {
        const struct track_line l = track_line(t, i);

        if (l.n == 0)
            continue;
        o = json_pack("{s:I, s:I, s:f}", "forecasts", (json_int_t)l.n, "held",
                      (json_int_t)l.held, "median_error", l.error);
        json_object_set_new(o, "percent_done",
                            i < FORECAST_TENTHS ? json_integer(i * 10)
                                                : json_null());
        json_array_append_new(lines, o);
    }
    o = json_pack("{s:o}", "record", lines);
    json_line_print(out, o);
}

static enum cmd_status show(const struct cmd_context *ctx,
                            const struct forecast_options *o,
                            const struct track *t)
{
    if (o->output.json)
        print_json(ctx->out, t);
    else
        print_text(ctx->out, t);
    return CMD_OK;
}

static enum cmd_status of_service(const struct cmd_context *ctx,
                                  const struct forecast_options *o)
{
    g_autoptr(track) t = track_new();
    struct service_data d;
    struct err err;
    enum cmd_status status =
        service_data_open(&d, SERVICE_BESIDE, ctx, o->config, NULL);

    if (status == CMD_OK)
        status = add_database(t, d.database, &err) < 0 ? cmd_give_up(ctx, &err)
                                                       : show(ctx, o, t);
    service_data_close(&d);
    return status;
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct forecast_options *o = options;
    g_autoptr(track) t = track_new();
    struct err err;

    if (o->service && (o->file != NULL || o->state.file != NULL))
        return cmd_usage(ctx, &cmd_forecast,
                         "a state file and --service do not go together");
    if (o->service)
        return of_service(ctx, o);
    if (add_file(t, o, &err) < 0)
        return cmd_give_up(ctx, &err);
    return show(ctx, o, t);
}

/* clang-format off */
#define O(field) offsetof(struct forecast_options, field)
static const struct opt rows[] = {
    { .long_name = "service", .type = OPT_FLAG, .offset = O(service),
      .help = "of all migrations of the service" },
    SERVICE_CONFIG_ROW(O(config)),
    { .long_name = NULL },
};
static const struct opt_group groups[] = {
    { "Which", rows, 0 },
    { "Output", opt_output_rows, O(output) },
    { "State", opt_state_rows, O(state) },
    { NULL },
};
static const struct opt_word actions[] = {
    { "record", 0, "how often forecasts held, and how far off they were" },
    { NULL },
};
static const struct opt_arg args[] = {
    { "ACTION", OPT_WORD, O(action), true, "what to do", actions },
    { "FILE", OPT_FILE, O(file), false,
      "the import file of the migration (default: the only state file of "
      "this folder)",
      NULL },
    { NULL },
};
#undef O
/* clang-format on */

static const struct cmd_example examples[] = {
    { "mailferry forecast record users.csv",
      "what was promised of this migration's runs, against their ends" },
    { "mailferry forecast record --service",
      "the same of all migrations that the service has carried out" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "printed" },
    { CMD_NOTHING_DONE, "there is no such state file, or no service" },
    { CMD_USAGE, "the command line was not understood" },
    { 0, NULL },
};

const struct cmd cmd_forecast = {
    .name = "forecast",
    .summary = "how often the promised time held",
    .description =
        "While mailboxes are moved it is said when they will be done: by the "
        "P50 in half of all cases, by the P90 in nine of ten.  What was said "
        "is kept, the first word at each tenth of the items, and compared with "
        "the end.  The P90 ought to hold nine times in ten: far more often "
        "and it promises too little, less often and it promises too much.\n"
        "\n"
        "A run that somebody stopped is not counted: nothing was promised of "
        "that.",
    .spec = { groups, args },
    .options_size = sizeof(struct forecast_options),
    .examples = examples,
    .exits = exits,
    .run = run,
};
