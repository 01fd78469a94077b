#include "store/store_dump.h"

#include "base/check.h"

/* Small, so that every dump turns pages. */
#define PAGE 3

static const char *or_null(const char *s)
{
    return s != NULL ? s : "-";
}

static void add_item(GString *out, const struct store_item *i)
{
    g_string_append_printf(
        out,
        "  item %" G_GINT64_FORMAT " folder %" G_GINT64_FORMAT
        " %s pending %u tries %u verify %s pass %" G_GINT64_FORMAT
        " size %" G_GUINT64_FORMAT " received %" G_GINT64_FORMAT
        " not before %" G_GINT64_FORMAT " deadline %" G_GINT64_FORMAT,
        i->id, i->folder_id, item_state_name(i->state), i->pending, i->tries,
        verify_class_name(i->verify), i->pass_id, i->size_bytes, i->received_us,
        i->not_before_us, i->deadline_us);
    g_string_append_printf(
        out,
        " source \"%s\" key \"%s\" class \"%s\" search \"%s\""
        " destination \"%s\" reason \"%s\" remedy \"%s\" error \"%s\""
        " there \"%s\" subject \"%s\" note \"%s\" digest ",
        or_null(i->source_id), or_null(i->change_key), or_null(i->item_class),
        or_null(i->search_key), or_null(i->destination_id), or_null(i->reason),
        or_null(i->remedy), or_null(i->error_name), or_null(i->reason_there),
        or_null(i->subject), or_null(i->verify_note));
    g_string_append_printf(
        out,
        "%s format %u why \"%s\" lost \"%s\" old \"%s\" from %" G_GINT64_FORMAT
        " ",
        i->read ? "read" : "unread", i->format, or_null(i->why_format),
        or_null(i->lost), or_null(i->old_destination_id), i->moved_from);
    for (size_t n = 0; n < i->digest_len; n++)
        g_string_append_printf(out, "%02x", i->digest[n]);
    g_string_append_c(out, '\n');
}

static void add_items(GString *out, struct store *s, int64_t mailbox_id)
{
    struct store_item_query q = { .mailbox_id = mailbox_id, .max = PAGE };
    struct err err;
    guint n;

    do {
        g_autoptr(GPtrArray) page = NULL;

        CHECK_OK(store_items(s, &q, &page, &err), &err);
        n = page->len;
        for (guint i = 0; i < n; i++) {
            const struct store_item *item = page->pdata[i];

            add_item(out, item);
            q.after_id = item->id;
        }
    } while (n > 0);
}

static void add_next(GString *out, struct store *s, int64_t folder_id,
                     int64_t now_us)
{
    g_autoptr(GPtrArray) next = NULL;
    struct err err;

    CHECK_OK(store_items_next(s, folder_id, now_us, NULL, 0, 1000, &next, &err),
             &err);
    g_string_append(out, "    next");
    for (guint i = 0; i < next->len; i++) {
        const struct store_item *item = next->pdata[i];

        g_string_append_printf(out, " %" G_GINT64_FORMAT, item->id);
    }
    g_string_append_c(out, '\n');
}

static void add_dest(GString *out, struct store *s, int64_t folder_id,
                     const struct dump_scope *scope)
{
    g_autofree enum dest_kind *kinds =
        g_new0(enum dest_kind, scope->n_dest_ids + 1);
    struct err err;

    CHECK_OK(store_dest_lookup(s, folder_id, scope->dest_ids, scope->n_dest_ids,
                               kinds, &err),
             &err);
    g_string_append(out, "    dest");
    for (size_t i = 0; i < scope->n_dest_ids; i++)
        g_string_append_printf(out, " %d", kinds[i]);
    g_string_append_c(out, '\n');
}

static void add_folders(GString *out, struct store *s, int64_t mailbox_id,
                        const struct dump_scope *scope)
{
    g_autoptr(GPtrArray) folders = NULL;
    struct err err;

    CHECK_OK(store_folders(s, mailbox_id, &folders, &err), &err);
    for (guint i = 0; i < folders->len; i++) {
        const struct store_folder *f = folders->pdata[i];

        g_string_append_printf(
            out,
            "  folder %" G_GINT64_FORMAT " source \"%s\" parent \"%s\""
            " path \"%s\" well-known \"%s\" class \"%s\" destination \"%s\""
            " tokens \"%s\" \"%s\"%s%s%s%s%s\n",
            f->id, f->source_id, or_null(f->source_parent_id), f->path,
            or_null(f->well_known), or_null(f->folder_class),
            or_null(f->destination_id), f->source_token,
            or_null(f->destination_token), f->baseline_done ? " baseline" : "",
            f->dirty ? " dirty" : "", f->gone ? " gone" : "",
            f->made ? " made" : "", f->moved ? " moved" : "");
        add_next(out, s, f->id, scope->now_us);
        add_dest(out, s, f->id, scope);
    }
}

static void add_counts(GString *out, struct store *s, int64_t mailbox_id)
{
    struct store_counts c;
    struct err err;

    CHECK_OK(store_counts(s, mailbox_id, &c, &err), &err);
    g_string_append(out, "  counts");
    for (int kind = 0; kind < KIND_N; kind++)
        for (int state = 0; state < ITEM_N_STATES; state++)
            if (c.by[kind][state].items > 0)
                g_string_append_printf(
                    out, " %s/%s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT,
                    item_kind_name((enum item_kind)kind),
                    item_state_name((enum item_state)state),
                    c.by[kind][state].items, c.by[kind][state].bytes);
    for (int i = 0; i < VERIFY_N; i++)
        g_string_append_printf(out, " %" G_GUINT64_FORMAT, c.verify[i]);
    g_string_append_printf(out,
                           " dest %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                           " %" G_GUINT64_FORMAT " pending %" G_GUINT64_FORMAT
                           " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n",
                           c.baseline, c.foreign, c.doubles, c.pending_edit,
                           c.pending_read, c.pending_delete);
}

static void add_folder_counts(GString *out, struct store *s, int64_t mailbox_id,
                              int64_t now_us)
{
    g_autoptr(GArray) counts = NULL, waiting = NULL;
    struct err err;

    CHECK_OK(store_folder_counts(s, mailbox_id, &counts, &err), &err);
    for (guint i = 0; i < counts->len; i++) {
        const struct store_folder_counts *c =
            &g_array_index(counts, struct store_folder_counts, i);

        g_string_append_printf(out, "  in %" G_GINT64_FORMAT, c->folder_id);
        for (int state = 0; state < ITEM_N_STATES; state++)
            g_string_append_printf(out, " %" G_GUINT64_FORMAT, c->items[state]);
        g_string_append_printf(out,
                               " copied %" G_GUINT64_FORMAT
                               " dest %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                               "\n",
                               c->bytes_copied, c->baseline, c->foreign);
    }
    CHECK_OK(store_items_waiting(s, mailbox_id, now_us, &waiting, &err), &err);
    for (guint i = 0; i < waiting->len; i++) {
        const struct store_waiting *w =
            &g_array_index(waiting, struct store_waiting, i);

        g_string_append_printf(
            out,
            "  waiting in %" G_GINT64_FORMAT ": %" G_GUINT64_FORMAT
            " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT "\n",
            w->folder_id, w->n_ready, w->n_later, w->earliest_us);
    }
}

static void add_pass(GString *out, const struct store_pass *p)
{
    const int64_t numbers[] = {
        p->id,
        p->mailbox_id,
        p->ended_us,
        (int64_t)p->items_copied,
        (int64_t)p->bytes_copied,
        (int64_t)p->items_failed,
        (int64_t)p->updated,
        (int64_t)p->marked,
        (int64_t)p->moved,
        (int64_t)p->removed,
        (int64_t)p->conflicts,
        (int64_t)p->adopted,
        (int64_t)p->already_there,
        (int64_t)p->unlike,
        (int64_t)p->doubles,
        (int64_t)p->settled,
        (int64_t)p->source_requests,
        (int64_t)p->destination_requests,
        (int64_t)p->source_busy,
        (int64_t)p->destination_busy,
        p->source_working_us,
        p->source_throttled_us,
        p->source_waiting_us,
        p->destination_working_us,
        p->destination_throttled_us,
        p->destination_waiting_us,
    };

    g_string_append_printf(out, "  pass \"%s\" \"%s\"", p->kind,
                           or_null(p->outcome));
    for (size_t n = 0; n < G_N_ELEMENTS(numbers); n++)
        g_string_append_printf(out, " %" G_GINT64_FORMAT, numbers[n]);
    g_string_append_c(out, '\n');
}

static void add_passes(GString *out, struct store *s, int64_t mailbox_id)
{
    g_autoptr(GPtrArray) passes = NULL;
    struct err err;

    CHECK_OK(store_passes(s, mailbox_id, &passes, &err), &err);
    for (guint i = 0; i < passes->len; i++)
        add_pass(out, passes->pdata[i]);
}

static void add_settings(GString *out, struct store *s, int64_t mailbox_id)
{
    g_autoptr(GPtrArray) lines = NULL;
    struct err err;

    CHECK_OK(store_settings(s, mailbox_id, &lines, &err), &err);
    for (guint i = 0; i < lines->len; i++) {
        const struct store_setting *l = lines->pdata[i];

        g_string_append_printf(
            out,
            "  setting \"%s\" \"%s\" place \"%s\" subject \"%s\""
            " counterpart \"%s\" value \"%s\" %s cause \"%s\""
            " remedy \"%s\" memo \"%s\" pass %" G_GINT64_FORMAT "\n",
            l->part, l->key, or_null(l->place), or_null(l->subject),
            or_null(l->counterpart), or_null(l->value),
            setting_outcome_name(l->outcome), or_null(l->cause),
            or_null(l->remedy), or_null(l->memo), l->pass_id);
    }
}

static void add_names(GString *out, struct store *s)
{
    g_autoptr(GPtrArray) names = NULL;
    struct err err;

    CHECK_OK(store_exchange_names(s, &names, &err), &err);
    for (guint i = 0; i < names->len; i++) {
        const struct store_exchange_name *n = names->pdata[i];

        g_string_append_printf(
            out, "name \"%s\" \"%s\" asked %" G_GINT64_FORMAT "\n", n->dn,
            or_null(n->address), n->asked_us);
    }
}

static void add_mailbox(GString *out, struct store *s,
                        const struct store_mailbox *m,
                        const struct dump_scope *scope)
{
    g_string_append_printf(
        out,
        "mailbox %" G_GINT64_FORMAT " line %u \"%s\" \"%s\" %s"
        " lease %" G_GINT64_FORMAT " reason \"%s\" remedy \"%s\" rights"
        " \"%s\" \"%s\" versions \"%s\" \"%s\" dn \"%s\"\n",
        m->id, m->line, m->source_address, m->destination_address,
        mailbox_state_name(m->state), m->lease, or_null(m->reason),
        or_null(m->remedy), or_null(m->source_rights),
        or_null(m->destination_rights), or_null(m->source_version),
        or_null(m->destination_version), or_null(m->legacy_dn));
    add_folders(out, s, m->id, scope);
    add_items(out, s, m->id);
    add_counts(out, s, m->id);
    add_folder_counts(out, s, m->id, scope->now_us);
    add_passes(out, s, m->id);
    add_settings(out, s, m->id);
}

char *store_dump(struct store *s, const struct dump_scope *scope)
{
    struct store_migration migration;
    g_autoptr(GPtrArray) mailboxes = NULL;
    GString *out = g_string_new(NULL);
    struct err err;
    int found = store_migration_get(s, &migration, &err);

    CHECK_OK(found, &err);
    if (found > 0) {
        g_string_append_printf(out,
                               "migration \"%s\" \"%s\" %" G_GINT64_FORMAT "\n",
                               migration.source_url, migration.destination_url,
                               migration.created_us);
        store_migration_clear(&migration);
    }
    CHECK_OK(store_mailboxes(s, &mailboxes, &err), &err);
    for (guint i = 0; i < mailboxes->len; i++)
        add_mailbox(out, s, mailboxes->pdata[i], scope);
    add_names(out, s);
    return g_string_free(out, FALSE);
}
