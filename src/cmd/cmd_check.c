#include <jansson.h>
#include <pthread.h>

#include "cmd/cmd.h"
#include "cmd/job.h"
#include "cmd/progress_priv.h"

struct check_options {
    struct job_options job; /* first: the shared groups are relative to it */
    bool folders;
    struct opt_trees trees;
};

#define O(field) offsetof(struct check_options, field)
static const struct opt rows[] = {
    { .long_name = "folders",
      .type = OPT_FLAG,
      .offset = O(folders),
      .help = "list every folder with its items and size" },
    { .long_name = NULL },
};

static const struct opt_group groups[] = {
    JOB_GROUP_SERVERS,
    JOB_GROUP_ACCESS,
    JOB_GROUP_ROWS,
    JOB_GROUP_LOAD,
    JOB_GROUP_STATE,
    JOB_GROUP_OUTPUT,
    { "Listing", rows, 0 },
    { "Beside the mailbox", opt_trees_rows, O(trees) },
    { NULL },
};

static const struct opt_arg args[] = {
    { "FILE", OPT_FILE, O(job.file), true,
      "the import file: see \"mailferry template\"", NULL },
    { NULL },
};
#undef O

/* What the listener prints with. */
struct printer {
    const struct job *job;
    bool folders;
    pthread_mutex_t lock; /* one mailbox's lines stay together */
};

struct sums {
    unsigned int folders, skipped;
    uint64_t items, bytes;
};

static struct sums sum_up(const struct engine_check *check)
{
    struct sums sum = { 0 };

    for (guint i = 0; i < check->folders->len; i++) {
        const struct engine_check_folder *f =
            g_ptr_array_index(check->folders, i);

        if (f->skipped || f->left_out) {
            sum.skipped++;
            continue;
        }
        sum.folders++;
        sum.items += f->n_items;
        sum.bytes += f->size_bytes;
    }
    return sum;
}

static void print_side(FILE *out, const char *name,
                       const struct endpoint_facts *facts)
{
    fprintf(out, "  %-12s %s, signed in with %s, by %s\n", name,
            facts->server_version, facts->scheme,
            endpoint_rights_name(facts->rights));
}

static void print_folders(FILE *out, const struct engine_check *check)
{
    for (guint i = 0; i < check->folders->len; i++) {
        const struct engine_check_folder *f =
            g_ptr_array_index(check->folders, i);

        fprintf(out, "    %8u items %10.1f MB  %s%s\n", f->n_items,
                (double)f->size_bytes / 1e6, f->path,
                f->skipped || f->left_out ? "  (not copied)" : "");
    }
}

static void print_check(const struct printer *p, const struct fleet_mailbox *m,
                        const struct engine_check *check)
{
    FILE *out = p->job->ctx->out;
    struct sums sum = sum_up(check);
    g_autofree char *items = progress_number(sum.items);

    fprintf(out, "%s -> %s: can be migrated\n", m->source_address,
            m->destination_address);
    print_side(out, "source:", &check->source);
    print_side(out, "destination:", &check->destination);
    fprintf(out, "  %-12s %s items, %.1f MB in %u folders\n", "to copy:", items,
            (double)sum.bytes / 1e6, sum.folders);
    for (guint i = 0; i < check->notes->len; i++)
        fprintf(out, "  note:        %s\n",
                (const char *)g_ptr_array_index(check->notes, i));
    if (p->folders)
        print_folders(out, check);
}

static json_t *side_object(const struct endpoint_facts *facts)
{
    return json_pack("{s:s?, s:s?, s:s, s:s?}", "version",
                     facts->server_version, "scheme", facts->scheme, "rights",
                     endpoint_rights_name(facts->rights), "primary_address",
                     facts->primary_address);
}

static json_t *folder_array(const struct engine_check *check)
{
    json_t *all = json_array();

    for (guint i = 0; i < check->folders->len; i++) {
        const struct engine_check_folder *f =
            g_ptr_array_index(check->folders, i);

        json_array_append_new(
            all, json_pack("{s:s, s:s?, s:s?, s:I, s:I, s:b}", "path", f->path,
                           "well_known", f->well_known, "class",
                           f->folder_class, "items", (json_int_t)f->n_items,
                           "bytes", (json_int_t)f->size_bytes, "skipped",
                           (int)(f->skipped || f->left_out)));
    }
    return all;
}

static json_t *check_object(const struct engine_check *check)
{
    json_t *notes = json_array();

    for (guint i = 0; i < check->notes->len; i++)
        json_array_append_new(notes,
                              json_string(g_ptr_array_index(check->notes, i)));
    return json_pack("{s:b, s:o, s:o, s:o, s:o}", "can_be_migrated", 1,
                     "source", side_object(&check->source), "destination",
                     side_object(&check->destination), "notes", notes,
                     "folders", folder_array(check));
}

static void print_json(const struct printer *p, const struct fleet_mailbox *m,
                       const struct engine_check *check, const struct err *why)
{
    json_t *o = check != NULL ? check_object(check)
                              : json_pack("{s:b}", "can_be_migrated", 0);

    json_object_set_new(o, "mailbox", json_string(m->source_address));
    json_object_set_new(o, "to", json_string(m->destination_address));
    if (why != NULL) {
        json_object_set_new(o, "error", json_string(why->msg));
        if (why->name != NULL)
            json_object_set_new(o, "code", json_string(why->name));
        if (why->remedy != NULL)
            json_object_set_new(o, "remedy", json_string(why->remedy));
    }
    json_dumpf(o, p->job->ctx->out, JSON_COMPACT);
    fputc('\n', p->job->ctx->out);
    json_decref(o);
}

static void print_failure(const struct printer *p,
                          const struct fleet_mailbox *m, const struct err *why)
{
    fprintf(p->job->ctx->out,
            "%s -> %s: cannot be migrated\n  cause:       %s\n",
            m->source_address, m->destination_address, why->msg);
    if (why->remedy != NULL)
        fprintf(p->job->ctx->out, "  remedy:      %s\n", why->remedy);
}

static void ended(void *data, size_t index, enum fleet_end end,
                  const struct engine_check *check, const struct err *why)
{
    struct printer *p = data;
    const struct fleet_mailbox *m = &p->job->mailboxes[index];

    if (end == FLEET_INTERRUPTED)
        return;
    pthread_mutex_lock(&p->lock);
    if (p->job->options->output.json)
        print_json(p, m, check, why);
    else if (check != NULL)
        print_check(p, m, check);
    else if (why != NULL)
        print_failure(p, m, why);
    fflush(p->job->ctx->out);
    pthread_mutex_unlock(&p->lock);
}

static enum cmd_status run_job(struct job *job, const struct check_options *o)
{
    struct printer printer = {
        .job = job,
        .folders = o->folders,
        .lock = PTHREAD_MUTEX_INITIALIZER,
    };
    struct fleet_listener listener = { .data = &printer, .ended = ended };
    struct fleet_run run = job_run(job, FLEET_CHECK);
    struct fleet_summary sum = { 0 };
    struct err err;

    opt_trees_set(&o->trees, &run.options.filter);
    run.listener = &listener;
    if (fleet_run(&run, &sum, &err) < 0)
        return cmd_fail(job->ctx, CMD_NOTHING_DONE, &err);
    if (!o->job.output.json)
        fprintf(job->ctx->out, "%zu of %zu mailboxes can be migrated\n",
                sum.ends[FLEET_DONE], run.n);
    return (enum cmd_status)fleet_exit_status(&sum);
}

static enum cmd_status run(const struct cmd_context *ctx, const void *options)
{
    const struct check_options *o = options;
    struct job job;
    enum cmd_status status = job_open(&job, ctx, &cmd_check, &o->job);

    if (status == CMD_OK)
        status = run_job(&job, o);
    job_close(&job);
    return status;
}

static const struct cmd_example examples[] = {
    { "mailferry check users.csv --source https://mail.old.example/owa "
      "--destination https://mail.new.example/owa --source-admin "
      "'OLD\\migration' --destination-admin migration@new.example",
      "see whether every mailbox can be reached on both sides, and by whose "
      "rights" },
    { NULL },
};

static const struct cmd_exit exits[] = {
    { CMD_OK, "every mailbox can be migrated" },
    { CMD_MAILBOXES_FAILED, "some mailboxes cannot be migrated" },
    { CMD_NOTHING_DONE, "none can be" },
    { CMD_USAGE, "the command line was not understood" },
    { CMD_INTERRUPTED, "interrupted" },
    { 0, NULL },
};

const struct cmd cmd_check = {
    .name = "check",
    .summary = "see whether mailboxes can be migrated, and write nothing",
    .description =
        "Signs in to both sides for every row of the import file, finds out "
        "whose rights open the mailbox (its own password, impersonation, full "
        "access), the servers' versions, and what there is to copy.  Nothing "
        "is written to either server.",
    .spec = { groups, args },
    .options_size = sizeof(struct check_options),
    .examples = examples,
    .exits = exits,
    .run = run,
};
