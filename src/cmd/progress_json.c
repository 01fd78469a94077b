#include <jansson.h>

#include "base/timestamp.h"
#include "cmd/json_line.h"
#include "cmd/progress_priv.h"
#include "fleet/member.h"

/* With the time, and at once. */
static void put(FILE *out, json_t *object)
{
    g_autofree char *now = timestamp_format(timestamp_now());

    json_object_set_new(object, "time", json_string(now));
    json_line_print(out, object);
    fflush(out);
}

void progress_quiet_json(FILE *out, const struct hours *quiet, int64_t until_us)
{
    g_autofree char *until = until_us != 0 ? timestamp_format(until_us) : NULL;

    put(out, json_pack("{s:s, s:s, s:s, s:s?}", "event", "quiet", "side",
                       "source", "hours", hours_text(quiet), "until", until));
}

void progress_json_forecast(struct progress *p)
{
    g_autofree char *p50 = timestamp_format(p->foreseen.p50_us);
    g_autofree char *p90 = timestamp_format(p->foreseen.p90_us);

    put(p->config.out, json_pack("{s:s, s:s, s:s, s:s}", "event", "forecast",
                                 "p50", p50, "p90", p90, "basis", p->basis));
}

static json_t *about(const struct progress *p, size_t index, const char *event)
{
    const struct fleet_mailbox *m = &p->config.mailboxes[index];

    return json_pack("{s:s, s:s, s:s}", "event", event, "mailbox",
                     m->source_address, "destination", m->destination_address);
}

void progress_json_state(struct progress *p, size_t index)
{
    json_t *o = about(p, index, "state");

    json_object_set_new(o, "state",
                        json_string(mailbox_state_name(p->rows[index].state)));
    put(p->config.out, o);
}

static void set_counts(json_t *o, const struct progress_row *row)
{
    member_set_number(o, "listed", row->listed);
    member_set_number(o, "copied", row->copied);
    member_set_number(o, "bytes", row->copied_bytes);
    member_set_number(o, "already_there", row->there);
    member_set_number(o, "failed", row->failed);
    member_set_number(o, "followed", row->followed);
    member_set_number(o, "conflicts", row->conflicts);
    member_set_number(o, "verified", row->verified);
    member_set_number(o, "settings", row->settings);
}

void progress_json_changed(struct progress *p, int64_t now_us)
{
    struct progress_totals t;
    bool any = false;
    json_t *o;

    for (size_t i = 0; i < p->config.n; i++) {
        if (!p->rows[i].changed)
            continue;
        p->rows[i].changed = false;
        any = true;
        o = about(p, i, "progress");
        set_counts(o, &p->rows[i]);
        put(p->config.out, o);
    }
    if (!any)
        return;
    progress_totals(p, now_us, &t);
    o = json_pack("{s:s, s:f, s:f, s:f}", "event", "overall", "items_per_s",
                  t.items_per_s, "bytes_per_s", t.bytes_per_s,
                  "throttled_share", t.throttled_share);
    member_set_number(o, "mailboxes", p->config.n);
    member_set_number(o, "mailboxes_ended", t.ended);
    if (t.left_us != TIMESTAMP_NONE)
        member_set_number(o, "seconds_left",
                          (uint64_t)(t.left_us / TIMESTAMP_SECOND));
    put(p->config.out, o);
}

void progress_json_end(struct progress *p, size_t index, const struct err *why)
{
    const struct progress_row *row = &p->rows[index];
    json_t *o = about(p, index, "end");

    json_object_set_new(o, "end", json_string(fleet_end_name(row->end)));
    json_object_set_new(o, "state",
                        json_string(mailbox_state_name(row->state)));
    set_counts(o, row);
    if (why != NULL) {
        json_object_set_new(o, "error", json_string(why->msg));
        if (why->name != NULL)
            json_object_set_new(o, "code", json_string(why->name));
        if (why->remedy != NULL)
            json_object_set_new(o, "remedy", json_string(why->remedy));
    }
    put(p->config.out, o);
}

void progress_json_note(struct progress *p, size_t index, const char *what,
                        const struct engine_event *event)
{
    json_t *o = about(p, index, "note");

    json_object_set_new(o, "what", json_string(what));
    member_set_number(o, "items", event->n);
    if (event->about != NULL)
        json_object_set_new(o, "about", json_string(event->about));
    if (event->text != NULL)
        json_object_set_new(o, "text", json_string(event->text));
    put(p->config.out, o);
}

static void set_text(json_t *o, const char *name, const char *text)
{
    if (text != NULL)
        json_object_set_new(o, name, json_string(text));
}

/* A class that went there and back; or how edits follow. */
void progress_json_trial(struct progress *p, size_t index,
                         const struct engine_event *event)
{
    const struct store_trial *trial = event->trial;
    const struct store_edits *edits = event->edits;
    json_t *o = about(p, index, "trial");

    if (trial != NULL) {
        enum item_kind kind = item_kind_of_class(trial->item_class);

        set_text(o, "class", trial->item_class);
        set_text(o, "kind", item_kind_name(kind));
        set_text(o, "outcome", trial_outcome_name(trial->outcome));
        set_text(o, "what", trial->what);
        set_text(o, "unknown_tags", trial->unknown);
    }
    if (edits != NULL) {
        set_text(o, "edits", edits_way_name(edits->way));
        set_text(o, "why", edits->why);
    }
    put(p->config.out, o);
}
