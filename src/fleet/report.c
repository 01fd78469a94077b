#include "fleet/report.h"

#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>

#include "base/step.h"
#include "base/timestamp.h"
#include "fleet/outlook.h"
#include "fleet/report_priv.h"

/* Items read at a time; a mailbox may have millions. */
#define PAGE_ITEMS 1000

static void free_mailbox(void *data)
{
    struct report_mailbox *m = data;

    if (m->mailbox != NULL)
        store_mailbox_free(m->mailbox);
    g_clear_pointer(&m->folders, g_ptr_array_unref);
    g_clear_pointer(&m->folder_counts, g_array_unref);
    g_clear_pointer(&m->left_behind, g_array_unref);
    g_clear_pointer(&m->settings, g_ptr_array_unref);
    g_clear_pointer(&m->tallies, g_array_unref);
    g_free(m->verified_how);
    g_free(m);
}

static void add_pass(struct report_mailbox *m, const struct store_pass *p)
{
    m->source.requests += p->source_requests;
    m->source.busy += p->source_busy;
    m->source.working_us += p->source_working_us;
    m->source.throttled_us += p->source_throttled_us;
    m->source.waiting_us += p->source_waiting_us;
    m->destination.requests += p->destination_requests;
    m->destination.busy += p->destination_busy;
    m->destination.working_us += p->destination_working_us;
    m->destination.throttled_us += p->destination_throttled_us;
    m->destination.waiting_us += p->destination_waiting_us;
    m->bytes_copied += p->bytes_copied;
    m->updated += p->updated;
    m->marked += p->marked;
    m->moved += p->moved;
    m->removed += p->removed;
    m->adopted += p->adopted;
    m->unlike += p->unlike;
    m->doubles += p->doubles;
    m->settled += p->settled;
    if (m->begun_us == 0)
        m->begun_us = p->begun_us;
    m->ended_us = MAX(m->ended_us, p->ended_us);
    if (g_str_has_prefix(p->kind, "verify") && p->ended_us != 0) {
        g_free(m->verified_how);
        m->verified_how = g_strdup(p->kind);
        m->verified_us = p->ended_us;
    }
}

static int gather_mailbox(struct store *s, struct report_mailbox *m,
                          struct err *err)
{
    int64_t id = m->mailbox->id;
    g_autoptr(GPtrArray) passes = NULL;

    if (store_counts(s, id, &m->counts, err) < 0 ||
        store_folders(s, id, &m->folders, err) < 0 ||
        store_folder_counts(s, id, &m->folder_counts, err) < 0 ||
        store_passes(s, id, &passes, err) < 0 ||
        store_settings(s, id, &m->settings, err) < 0 ||
        report_gather_hidden(s, m, err) < 0)
        return -1;
    m->tallies = tally_of(m->settings);
    for (guint i = 0; i < passes->len; i++)
        add_pass(m, g_ptr_array_index(passes, i));
    return 0;
}

static int gather_mailboxes(struct report *r, struct err *err)
{
    g_autoptr(GPtrArray) found = NULL;

    r->mailboxes = g_ptr_array_new_with_free_func(free_mailbox);
    if (store_mailboxes(r->store, &found, err) < 0)
        return -1;
    for (guint i = 0; i < found->len; i++) {
        struct report_mailbox *m = g_new0(struct report_mailbox, 1);

        m->mailbox = g_ptr_array_index(found, i);
        g_ptr_array_add(r->mailboxes, m);
    }
    /* Each has its new owner. */
    g_ptr_array_set_free_func(found, NULL);
    for (guint i = 0; i < r->mailboxes->len; i++)
        if (gather_mailbox(r->store, g_ptr_array_index(r->mailboxes, i), err) <
            0)
            return -1;
    return 0;
}

/* Whoever said it may have died since: what is past is not told. */
static int gather_forecast(struct report *r, struct err *err)
{
    if (outlook_read(r->store, &r->forecast, err) < 0)
        return -1;
    if (r->forecast != NULL && r->forecast->p90_us <= r->made_us)
        g_clear_pointer(&r->forecast, store_forecast_free);
    return 0;
}

int report_gather(struct store *s, struct report *ret, struct err *err)
{
    struct report r = { .store = s, .made_us = timestamp_now() };

    if (store_migration_get(s, &r.migration, err) < 0 ||
        gather_mailboxes(&r, err) < 0 || gather_forecast(&r, err) < 0) {
        report_clear(&r);
        return -1;
    }
    *ret = r;
    return 0;
}

void report_clear(struct report *r)
{
    store_migration_clear(&r->migration);
    g_clear_pointer(&r->mailboxes, g_ptr_array_unref);
    g_clear_pointer(&r->forecast, store_forecast_free);
}

static bool has_lost(const struct store_item *item)
{
    return item->state == ITEM_COPIED && item->lost != NULL &&
           item->lost[0] != '\0';
}

static bool needs_a_person(const struct store_item *item)
{
    return item->state == ITEM_FAILED || item->state == ITEM_CONFLICT ||
           item->verify == VERIFY_MISSING || item->verify == VERIFY_DIFFERENT;
}

static const char *path_of(const struct report_mailbox *m, int64_t folder_id)
{
    for (guint i = 0; i < m->folders->len; i++) {
        const struct store_folder *f = g_ptr_array_index(m->folders, i);

        if (f->id == folder_id)
            return f->path;
    }
    return "";
}

/* Call each() for every item of the query that is meant. */
static int each_item(const struct report *r, const struct report_mailbox *m,
                     unsigned int states,
                     bool is_meant(const struct store_item *item),
                     report_each *each, void *data, struct err *err)
{
    struct store_item_query query = {
        .mailbox_id = m->mailbox->id,
        .states = states,
        .max = PAGE_ITEMS,
    };

    for (;;) {
        g_autoptr(GPtrArray) page = NULL;

        if (store_items(r->store, &query, &page, err) < 0)
            return -1;
        if (page->len == 0)
            return 0;
        for (guint i = 0; i < page->len; i++) {
            const struct store_item *item = g_ptr_array_index(page, i);

            query.after_id = item->id;
            if (is_meant(item) &&
                each(data, m, path_of(m, item->folder_id), item, err) < 0)
                return -1;
        }
    }
}

int report_failures(const struct report *r, const struct report_mailbox *m,
                    report_each *each, void *data, struct err *err)
{
    return each_item(r, m,
                     1u << ITEM_FAILED | 1u << ITEM_CONFLICT |
                         1u << ITEM_COPIED | 1u << ITEM_ALREADY_THERE,
                     needs_a_person, each, data, err);
}

int report_losses(const struct report *r, const struct report_mailbox *m,
                  report_each *each, void *data, struct err *err)
{
    return each_item(r, m, 1u << ITEM_COPIED, has_lost, each, data, err);
}

const char *report_cause(const struct store_item *item)
{
    if (item->state == ITEM_FAILED && item->reason != NULL)
        return item->reason;
    if (item->verify == VERIFY_MISSING)
        return "copied, but not found at the destination any more";
    if (item->verify_note != NULL)
        return item->verify_note;
    return "the destination's copy differs from the source";
}

const char *report_remedy(const struct store_item *item)
{
    if (item->state == ITEM_FAILED)
        return item->remedy != NULL ? item->remedy : "";
    if (item->verify == VERIFY_MISSING)
        return "look in the destination's Deleted Items and recoverable "
               "items; someone may have deleted it there";
    if (item->state == ITEM_ALREADY_THERE && item->moved_from != 0)
        return "move it at the destination; --adopt does not take it up any "
               "more; migrate --unlike copy copies the source's to its new "
               "folder";
    if (item->state == ITEM_ALREADY_THERE)
        return "open both and compare what is named; migrate --unlike copy "
               "copies the source's beside it";
    return "open both copies and compare what is named";
}

uint64_t report_foreign(const struct report_mailbox *m)
{
    uint64_t n = 0;

    for (guint i = 0; i < m->folder_counts->len; i++)
        n += g_array_index(m->folder_counts, struct store_folder_counts, i)
                 .foreign;
    return n;
}

double report_mb_per_hour(uint64_t bytes, int64_t working_us)
{
    if (working_us <= 0)
        return 0;
    return (double)bytes / 1e6 /
           ((double)working_us / (double)TIMESTAMP_SECOND / 3600);
}

void report_kind_counts(const struct store_counts *c, enum item_kind kind,
                        struct report_kind *ret)
{
    *ret = (struct report_kind){
        .copied = c->by[kind][ITEM_COPIED].items,
        .copied_bytes = c->by[kind][ITEM_COPIED].bytes,
        .failed = c->by[kind][ITEM_FAILED].items,
        .failed_bytes = c->by[kind][ITEM_FAILED].bytes,
        .waiting =
            c->by[kind][ITEM_LISTED].items + c->by[kind][ITEM_INTENDED].items,
        .left_out = c->by[kind][ITEM_FILTERED].items,
        .already_there = c->by[kind][ITEM_ALREADY_THERE].items,
    };
}

void report_all_counts(const struct store_counts *c, struct report_kind *ret)
{
    struct report_kind sum = { 0 }, one;

    for (int kind = 0; kind < KIND_N; kind++) {
        report_kind_counts(c, (enum item_kind)kind, &one);
        /* Nobody looks for what is hidden: it has columns of its own. */
        if (kind != KIND_HIDDEN) {
            sum.copied += one.copied;
            sum.copied_bytes += one.copied_bytes;
        }
        sum.failed += one.failed;
        sum.failed_bytes += one.failed_bytes;
        sum.waiting += one.waiting;
        sum.left_out += one.left_out;
        sum.already_there += one.already_there;
    }
    *ret = sum;
}

static int write_file(const char *dir, const char *name, const char *text,
                      struct err *err)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    g_autoptr(GError) why = NULL;

    /* Addresses and subjects are people's own: not for other users' eyes. */
    if (!g_file_set_contents_full(path, text, -1,
                                  G_FILE_SET_CONTENTS_CONSISTENT, 0600, &why))
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "report \"%s\" cannot be written: %s", path,
                       why->message);
    step("report");
    return 0;
}

/* ---- its files ---------------------------------------------------------- */

typedef char *report_maker(const struct report *r, struct err *err);

static char *make_statistics(const struct report *r, struct err *err)
{
    (void)err;
    return report_statistics(r);
}

static char *make_permissions(const struct report *r, struct err *err)
{
    (void)err;
    return report_permissions(r);
}

static char *make_settings(const struct report *r, struct err *err)
{
    (void)err;
    return report_settings(r);
}

#define CSV "text/csv; charset=utf-8"

static const struct {
    struct fleet_report_file told;
    report_maker *make;
} files[] = {
    /* clang-format off */
    { { "report.html", "text/html; charset=utf-8",
        "the whole for reading" }, report_html },
    { { "statistics.csv", CSV,
        "a row a mailbox" }, make_statistics },
    { { "failures.csv", CSV,
        "items that need a person, with cause and remedy" },
      report_failure_list },
    { { "losses.csv", CSV,
        "items of which the destination did not keep all" },
      report_loss_list },
    { { "settings.csv", CSV,
        "settings, with what became of each" }, make_settings },
    { { "permissions.csv", CSV,
        "folders' permissions and delegates, with cmdlets" },
      make_permissions },
    { { "x500.csv", CSV,
        "the old organisation's names, with cmdlets" }, report_x500 },
    { { "verification.json", "application/json",
        "how every item was reconciled" }, report_verification },
    /* clang-format on */
};
#define FILES_N G_N_ELEMENTS(files)

const struct fleet_report_file *fleet_report_file(size_t i)
{
    return i < FILES_N ? &files[i].told : NULL;
}

/* All are made before the first is written: they tell of one moment. */
static int write_all(const struct report *r, const char *dir, struct err *err)
{
    char *texts[FILES_N] = { NULL };
    int result = 0;

    for (size_t i = 0; i < FILES_N && result == 0; i++) {
        texts[i] = files[i].make(r, err);
        result = texts[i] != NULL ? 0 : -1;
    }
    for (size_t i = 0; i < FILES_N && result == 0; i++)
        result = write_file(dir, files[i].told.name, texts[i], err);
    for (size_t i = 0; i < FILES_N; i++)
        g_free(texts[i]);
    return result;
}

int fleet_report_make(struct store *s, size_t i, char **ret, struct err *err)
{
    struct report r;
    char *text;

    if (report_gather(s, &r, err) < 0)
        return -1;
    text = files[i].make(&r, err);
    report_clear(&r);
    if (text == NULL)
        return -1;
    *ret = text;
    return 0;
}

int fleet_report_write(struct store *s, const char *dir, struct err *err)
{
    struct report r;
    int status;

    if (g_mkdir_with_parents(dir, 0700) < 0)
        return err_errno(err, ERR_RUN, errno, "report folder \"%s\"", dir);
    if (report_gather(s, &r, err) < 0)
        return -1;
    status = write_all(&r, dir, err);
    report_clear(&r);
    return status;
}
