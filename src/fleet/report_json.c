#include <jansson.h>

#include "base/timestamp.h"
#include "engine/hidden.h"
#include "fleet/outlook.h"
#include "fleet/report_priv.h"

static void set_count(json_t *o, const char *name, uint64_t n)
{
    json_object_set_new(o, name, json_integer((json_int_t)n));
}

static void set_text(json_t *o, const char *name, const char *text)
{
    json_object_set_new(o, name,
                        text != NULL ? json_string(text) : json_null());
}

static void set_time(json_t *o, const char *name, int64_t us)
{
    g_autofree char *text = us != 0 ? timestamp_format(us) : NULL;

    set_text(o, name, text);
}

static json_t *classes(const struct store_counts *c)
{
    json_t *o = json_object();

    for (int i = 0; i < VERIFY_N; i++)
        if (c->verify[i] > 0)
            set_count(o, verify_class_name((enum verify_class)i), c->verify[i]);
    return o;
}

static json_t *kinds(const struct store_counts *c)
{
    json_t *all = json_object();

    for (int i = 0; i < KIND_N; i++) {
        struct report_kind k;
        json_t *o;

        report_kind_counts(c, (enum item_kind)i, &k);
        if (k.copied + k.failed + k.waiting + k.left_out + k.already_there == 0)
            continue;
        o = json_object();
        set_count(o, "copied", k.copied);
        set_count(o, "copied_bytes", k.copied_bytes);
        set_count(o, "failed", k.failed);
        set_count(o, "left_out", k.left_out);
        set_count(o, "already_there", k.already_there);
        set_count(o, "not_copied_yet", k.waiting);
        json_object_set_new(all, item_kind_name((enum item_kind)i), o);
    }
    return all;
}

static json_t *folders(const struct report_mailbox *m)
{
    json_t *all = json_array();

    for (guint i = 0; i < m->folder_counts->len; i++) {
        const struct store_folder_counts *c =
            &g_array_index(m->folder_counts, struct store_folder_counts, i);
        json_t *o = json_object();

        for (guint k = 0; k < m->folders->len; k++) {
            const struct store_folder *f = g_ptr_array_index(m->folders, k);

            if (f->id == c->folder_id)
                set_text(o, "path", f->path);
        }
        for (int s = 0; s < ITEM_N_STATES; s++)
            if (c->items[s] > 0)
                set_count(o, item_state_name((enum item_state)s), c->items[s]);
        set_count(o, "bytes_copied", c->bytes_copied);
        set_count(o, "at_destination_before", c->baseline);
        set_count(o, "at_destination_from_others", c->foreign);
        json_array_append_new(all, o);
    }
    return all;
}

static int add_difference(void *data, const struct report_mailbox *m,
                          const char *folder_path,
                          const struct store_item *item, struct err *err)
{
    json_t *o = json_object();

    (void)m;
    (void)err;
    set_text(o, "folder", folder_path);
    set_text(o, "class", item->item_class);
    set_text(o, "state", item_state_name(item->state));
    set_text(o, "verdict", verify_class_name(item->verify));
    set_text(o, "cause", report_cause(item));
    set_text(o, "source_id", item->source_id);
    set_text(o, "destination_id", item->destination_id);
    json_array_append_new(data, o);
    return 0;
}

static json_t *left_behind(const struct report_mailbox *m)
{
    json_t *all = json_array();

    for (guint i = 0; i < m->left_behind->len; i++) {
        const struct report_hidden *h =
            &g_array_index(m->left_behind, struct report_hidden, i);
        json_t *o = json_object();

        set_text(o, "class", h->item_class);
        set_count(o, "items", h->n);
        set_text(o, "reason", hidden_why_not(h->item_class));
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *settings(const struct report_mailbox *m)
{
    json_t *all = json_object();

    for (guint i = 0; i < m->tallies->len; i++) {
        const struct tally *t = &g_array_index(m->tallies, struct tally, i);
        json_t *o = json_object();

        for (int k = 0; k < SETTING_N; k++)
            if (t->by_outcome[k] > 0)
                set_count(o, setting_outcome_name((enum setting_outcome)k),
                          t->by_outcome[k]);
        json_object_set_new(all, t->part, o);
    }
    return all;
}

static json_t *left_out(const struct report_mailbox *m)
{
    json_t *all = json_array();

    for (guint i = 0; i < m->settings->len; i++) {
        const struct store_setting *line = g_ptr_array_index(m->settings, i);
        json_t *o;

        if (!report_is_left_out(line))
            continue;
        o = json_object();
        set_text(o, "flag", line->key);
        set_text(o, "what", line->subject);
        if (line->value != NULL)
            set_count(o, "count", g_ascii_strtoull(line->value, NULL, 10));
        else
            json_object_set_new(o, "count", json_null());
        set_text(o, "text", line->cause);
        set_text(o, "remedy", line->remedy);
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *notes(const struct report_mailbox *m)
{
    json_t *all = json_array();

    for (guint i = 0; i < m->settings->len; i++) {
        const struct store_setting *line = g_ptr_array_index(m->settings, i);
        json_t *o;

        if (!report_is_note(line))
            continue;
        o = json_object();
        set_text(o, "about", line->subject);
        set_text(o, "folder", line->place);
        set_text(o, "text", line->cause);
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *mailbox(const struct report *r, const struct report_mailbox *m,
                       struct err *err)
{
    json_t *o = json_object(), *differences = json_array();

    set_text(o, "source", m->mailbox->source_address);
    set_text(o, "destination", m->mailbox->destination_address);
    set_text(o, "state", mailbox_state_name(m->mailbox->state));
    set_text(o, "reason", m->mailbox->reason);
    set_text(o, "source_rights", m->mailbox->source_rights);
    set_text(o, "source_version", m->mailbox->source_version);
    set_text(o, "destination_rights", m->mailbox->destination_rights);
    set_text(o, "destination_version", m->mailbox->destination_version);
    set_text(o, "last_verification", m->verified_how);
    set_time(o, "last_verification_time", m->verified_us);
    json_object_set_new(o, "verdicts", classes(&m->counts));
    json_object_set_new(o, "kinds", kinds(&m->counts));
    json_object_set_new(o, "folders", folders(m));
    json_object_set_new(o, "hidden_left_behind", left_behind(m));
    json_object_set_new(o, "settings", settings(m));
    json_object_set_new(o, "left_out_by_flags", left_out(m));
    json_object_set_new(o, "notes", notes(m));
    set_count(o, "adopted", m->adopted);
    set_count(o, "found_in_another_shape", m->unlike);
    set_count(o, "doubles_removed", m->doubles);
    set_count(o, "settled_after_doubt", m->settled);
    set_count(o, "updated", m->updated);
    set_count(o, "read_marks", m->marked);
    set_count(o, "moved", m->moved);
    set_count(o, "removed", m->removed);
    set_count(o, "changed_at_source_since",
              m->counts.pending_edit + m->counts.pending_read +
                  m->counts.pending_delete);
    json_object_set_new(o, "differences", differences);
    if (report_failures(r, m, add_difference, differences, err) < 0) {
        json_decref(o);
        return NULL;
    }
    return o;
}

char *report_verification(const struct report *r, struct err *err)
{
    json_t *trials = report_trials_json(r, err);
    json_t *o, *all;
    char *malloced, *text;

    if (trials == NULL)
        return NULL;
    o = json_object();
    all = json_array();
    set_time(o, "made", r->made_us);
    set_text(o, "source", r->migration.source_url);
    set_text(o, "destination", r->migration.destination_url);
    json_object_set_new(o, "forecast", outlook_json(r->forecast));
    json_object_set_new(o, "trials", trials);
    json_object_set_new(o, "mailboxes", all);
    for (guint i = 0; i < r->mailboxes->len; i++) {
        json_t *m = mailbox(r, g_ptr_array_index(r->mailboxes, i), err);

        if (m == NULL) {
            json_decref(o);
            return NULL;
        }
        json_array_append_new(all, m);
    }
    malloced = json_dumps(o, JSON_INDENT(2));
    json_decref(o);
    text = g_strdup(malloced);
    free(malloced);
    return text;
}
