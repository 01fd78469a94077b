#include <jansson.h>

#include "base/timestamp.h"
#include "engine/hidden.h"
#include "fleet/member.h"
#include "fleet/outlook.h"
#include "fleet/report_priv.h"

static json_t *classes(const struct store_counts *c)
{
    json_t *o = json_object();

    for (int i = 0; i < VERIFY_N; i++)
        if (c->verify[i] > 0)
            member_set_number(o, verify_class_name((enum verify_class)i),
                              c->verify[i]);
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
        member_set_number(o, "copied", k.copied);
        member_set_number(o, "copied_bytes", k.copied_bytes);
        member_set_number(o, "failed", k.failed);
        member_set_number(o, "left_out", k.left_out);
        member_set_number(o, "already_there", k.already_there);
        member_set_number(o, "not_copied_yet", k.waiting);
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
                member_set_text(o, "path", f->path);
        }
        for (int s = 0; s < ITEM_N_STATES; s++)
            if (c->items[s] > 0)
                member_set_number(o, item_state_name((enum item_state)s),
                                  c->items[s]);
        member_set_number(o, "bytes_copied", c->bytes_copied);
        member_set_number(o, "at_destination_before", c->baseline);
        member_set_number(o, "at_destination_from_others", c->foreign);
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
    member_set_text(o, "folder", folder_path);
    member_set_text(o, "class", item->item_class);
    member_set_text(o, "state", item_state_name(item->state));
    member_set_text(o, "verdict", verify_class_name(item->verify));
    member_set_text(o, "cause", report_cause(item));
    member_set_text(o, "source_id", item->source_id);
    member_set_text(o, "destination_id", item->destination_id);
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

        member_set_text(o, "class", h->item_class);
        member_set_number(o, "items", h->n);
        member_set_text(o, "reason", hidden_why_not(h->item_class));
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
                member_set_number(o,
                                  setting_outcome_name((enum setting_outcome)k),
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
        member_set_text(o, "flag", line->key);
        member_set_text(o, "what", line->subject);
        if (line->value != NULL)
            member_set_number(o, "count",
                              g_ascii_strtoull(line->value, NULL, 10));
        else
            json_object_set_new(o, "count", json_null());
        member_set_text(o, "text", line->cause);
        member_set_text(o, "remedy", line->remedy);
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
        member_set_text(o, "about", line->subject);
        member_set_text(o, "folder", line->place);
        member_set_text(o, "text", line->cause);
        json_array_append_new(all, o);
    }
    return all;
}

static json_t *mailbox(const struct report *r, const struct report_mailbox *m,
                       struct err *err)
{
    json_t *o = json_object(), *differences = json_array();

    member_set_text(o, "source", m->mailbox->source_address);
    member_set_text(o, "destination", m->mailbox->destination_address);
    member_set_text(o, "state", mailbox_state_name(m->mailbox->state));
    member_set_text(o, "reason", m->mailbox->reason);
    member_set_text(o, "source_rights", m->mailbox->source_rights);
    member_set_text(o, "source_version", m->mailbox->source_version);
    member_set_text(o, "destination_rights", m->mailbox->destination_rights);
    member_set_text(o, "destination_version", m->mailbox->destination_version);
    member_set_text(o, "last_verification", m->verified_how);
    member_set_time(o, "last_verification_time", m->verified_us);
    json_object_set_new(o, "verdicts", classes(&m->counts));
    json_object_set_new(o, "kinds", kinds(&m->counts));
    json_object_set_new(o, "folders", folders(m));
    json_object_set_new(o, "hidden_left_behind", left_behind(m));
    json_object_set_new(o, "settings", settings(m));
    json_object_set_new(o, "left_out_by_flags", left_out(m));
    json_object_set_new(o, "notes", notes(m));
    member_set_number(o, "adopted", m->adopted);
    member_set_number(o, "found_in_another_shape", m->unlike);
    member_set_number(o, "doubles_removed", m->doubles);
    member_set_number(o, "settled_after_doubt", m->settled);
    member_set_number(o, "updated", m->updated);
    member_set_number(o, "read_marks", m->marked);
    member_set_number(o, "moved", m->moved);
    member_set_number(o, "removed", m->removed);
    member_set_number(o, "changed_at_source_since",
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
    member_set_time(o, "made", r->made_us);
    member_set_text(o, "source", r->migration.source_url);
    member_set_text(o, "destination", r->migration.destination_url);
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
