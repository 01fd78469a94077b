#include "base/csv.h"
#include "base/timestamp.h"
#include "fleet/report_priv.h"

static void put_count(struct csv_writer *out, uint64_t n)
{
    csv_put_number(out, (int64_t)MIN(n, (uint64_t)INT64_MAX));
}

static void put_seconds(struct csv_writer *out, int64_t us)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd(text, sizeof(text), "%.1f",
                    (double)us / (double)TIMESTAMP_SECOND);
    csv_put_exact(out, text);
}

static void put_rate(struct csv_writer *out, double rate)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd(text, sizeof(text), "%.1f", rate);
    csv_put_exact(out, text);
}

static void put_time(struct csv_writer *out, int64_t us)
{
    g_autofree char *text = us > 0 ? timestamp_format(us) : NULL;

    csv_put(out, text);
}

/* "Mail Items Copied": a column for each kind. */
static void put_kind_headings(struct csv_writer *out)
{
    static const char *const of_kind[] = { "Items Copied", "Bytes Copied",
                                           "Items Failed", "Bytes Failed" };

    for (int kind = 0; kind < KIND_N; kind++)
        for (size_t i = 0; i < G_N_ELEMENTS(of_kind); i++) {
            g_autofree char *name = g_strdup_printf(
                "%s %s", item_kind_name((enum item_kind)kind), of_kind[i]);

            name[0] = g_ascii_toupper(name[0]);
            csv_put(out, name);
        }
}

static void put_side_headings(struct csv_writer *out, const char *side)
{
    static const char *const of_side[] = {
        "Requests",          "Busy Answers",    "Working Seconds",
        "Throttled Seconds", "Waiting Seconds", "MB/h",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(of_side); i++) {
        g_autofree char *name = g_strdup_printf("%s %s", side, of_side[i]);

        csv_put(out, name);
    }
}

static void put_headings(struct csv_writer *out)
{
    static const char *const first[] = {
        "Source Email",
        "Destination Email",
        "State",
        "Begun",
        "Ended",
        "Items Copied",
        "Bytes Copied",
        "Items Failed",
        "Items Not Copied Yet",
        "Items Already There",
        "Items Adopted",
    };
    static const char *const last[] = {
        "Verified",          "Present",
        "Missing",           "Different",
        "Doubles Removed",   "Settled After Doubt",
        "Settings Set",      "Settings Already There",
        "Settings Left Out", "Settings Not Mapped",
        "Settings Failed",   "Items Left Out",
        "Left Out By Flags", "Reason",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(first); i++)
        csv_put(out, first[i]);
    put_kind_headings(out);
    put_side_headings(out, "Source");
    put_side_headings(out, "Destination");
    for (size_t i = 0; i < G_N_ELEMENTS(last); i++)
        csv_put(out, last[i]);
    csv_end_row(out);
}

static void put_kinds(struct csv_writer *out, const struct store_counts *counts)
{
    for (int kind = 0; kind < KIND_N; kind++) {
        struct report_kind k;

        report_kind_counts(counts, (enum item_kind)kind, &k);
        put_count(out, k.copied);
        put_count(out, k.copied_bytes);
        put_count(out, k.failed);
        put_count(out, k.failed_bytes);
    }
}

static void put_side(struct csv_writer *out, const struct report_side *side,
                     uint64_t bytes)
{
    put_count(out, side->requests);
    put_count(out, side->busy);
    put_seconds(out, side->working_us);
    put_seconds(out, side->throttled_us);
    put_seconds(out, side->waiting_us);
    put_rate(out, report_mb_per_hour(bytes, side->working_us));
}

/* "DoNotMigrateTask: 12 task items; DoNotMigrateRule: 4 inbox rules" */
static void put_left_out(struct csv_writer *out, const struct report_mailbox *m)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < m->settings->len; i++) {
        const struct store_setting *line = m->settings->pdata[i];

        if (report_is_left_out(line))
            g_string_append_printf(
                text, "%s%s: %s%s%s", text->len > 0 ? "; " : "", line->key,
                line->value != NULL ? line->value : "",
                line->value != NULL ? " " : "", line->subject);
    }
    csv_put(out, text->str);
}

static void put_mailbox(struct csv_writer *out, const struct report_mailbox *m)
{
    const uint64_t *verify = m->counts.verify;
    const uint64_t *hidden = m->counts.verify_hidden;
    const struct tally settings = tally_sum(m->tallies);
    struct report_kind sum;

    report_all_counts(&m->counts, &sum);
    csv_put(out, m->mailbox->source_address);
    csv_put(out, m->mailbox->destination_address);
    csv_put(out, mailbox_state_name(m->mailbox->state));
    put_time(out, m->begun_us);
    put_time(out, m->ended_us);
    put_count(out, sum.copied);
    put_count(out, sum.copied_bytes);
    put_count(out, sum.failed);
    put_count(out, sum.waiting);
    put_count(out, sum.already_there);
    put_count(out, m->adopted);
    put_kinds(out, &m->counts);
    put_side(out, &m->source, m->bytes_copied);
    put_side(out, &m->destination, m->bytes_copied);
    put_count(out, verify[VERIFY_VERIFIED] - hidden[VERIFY_VERIFIED]);
    put_count(out, verify[VERIFY_PRESENT] - hidden[VERIFY_PRESENT]);
    put_count(out, verify[VERIFY_MISSING]);
    put_count(out, verify[VERIFY_DIFFERENT]);
    put_count(out, m->doubles);
    put_count(out, m->settled);
    /* What was taken back was set, to what it had been before. */
    put_count(out, settings.by_outcome[SETTING_SET] +
                       settings.by_outcome[SETTING_REMOVED]);
    put_count(out, settings.by_outcome[SETTING_ALREADY]);
    put_count(out, settings.by_outcome[SETTING_SKIPPED]);
    put_count(out, settings.by_outcome[SETTING_UNMAPPED]);
    put_count(out, settings.by_outcome[SETTING_FAILED]);
    put_count(out, sum.left_out);
    put_left_out(out, m);
    csv_put(out, m->mailbox->reason);
    csv_end_row(out);
}

char *report_statistics(const struct report *r)
{
    struct csv_writer out = { .out = g_string_new(NULL) };

    put_headings(&out);
    for (guint i = 0; i < r->mailboxes->len; i++)
        put_mailbox(&out, g_ptr_array_index(r->mailboxes, i));
    return g_string_free(out.out, FALSE);
}

/* What is wrong with it was found by comparing. */
static bool is_verdict(const struct store_item *item)
{
    return item->state == ITEM_COPIED || item->state == ITEM_ALREADY_THERE;
}

/* Which item it is, for a person. */
static void put_item(struct csv_writer *out, const struct report_mailbox *m,
                     const char *folder_path, const struct store_item *item)
{
    csv_put(out, m->mailbox->source_address);
    csv_put(out, m->mailbox->destination_address);
    csv_put(out, folder_path);
    csv_put(out, item->item_class);
    csv_put(out, item->subject);
    put_time(out, item->received_us);
}

static int put_failure(void *data, const struct report_mailbox *m,
                       const char *folder_path, const struct store_item *item,
                       struct err *err)
{
    struct csv_writer *out = data;

    (void)err;
    put_item(out, m, folder_path, item);
    put_count(out, item->size_bytes);
    csv_put(out, is_verdict(item) ? verify_class_name(item->verify)
                                  : item_state_name(item->state));
    csv_put(out, item->error_name);
    csv_put(out, report_cause(item));
    csv_put(out, report_remedy(item));
    put_count(out, item->tries);
    csv_put_exact(out, item->source_id);
    csv_end_row(out);
    return 0;
}

static int put_loss(void *data, const struct report_mailbox *m,
                    const char *folder_path, const struct store_item *item,
                    struct err *err)
{
    struct csv_writer *out = data;

    (void)err;
    put_item(out, m, folder_path, item);
    csv_put(out, item->lost);
    csv_put(out, item->why_format);
    csv_put_exact(out, item->source_id);
    csv_end_row(out);
    return 0;
}

typedef int each_mailbox(const struct report *r, const struct report_mailbox *m,
                         report_each *each, void *data, struct err *err);

/* A table of items: headings end with NULL. */
static char *list_of(const struct report *r, const char *const *headings,
                     each_mailbox *walk, report_each *put, struct err *err)
{
    struct csv_writer out = { .out = g_string_new(NULL) };

    for (size_t i = 0; headings[i] != NULL; i++)
        csv_put(&out, headings[i]);
    csv_end_row(&out);
    for (guint i = 0; i < r->mailboxes->len; i++)
        if (walk(r, g_ptr_array_index(r->mailboxes, i), put, &out, err) < 0) {
            g_string_free(out.out, TRUE);
            return NULL;
        }
    return g_string_free(out.out, FALSE);
}

char *report_failure_list(const struct report *r, struct err *err)
{
    static const char *const headings[] = {
        "Source Email", "Destination Email",
        "Folder",       "Class",
        "Subject",      "Received",
        "Bytes",        "State",
        "Error",        "Cause",
        "Remedy",       "Tries",
        "Source Id",    NULL,
    };

    return list_of(r, headings, report_failures, put_failure, err);
}

char *report_loss_list(const struct report *r, struct err *err)
{
    static const char *const headings[] = {
        "Source Email", "Destination Email", "Folder",
        "Class",        "Subject",           "Received",
        "Not Kept",     "Why Not As It Is",  "Source Id",
        NULL,
    };

    return list_of(r, headings, report_losses, put_loss, err);
}
