#include "desk/request_json.h"

#include "base/timestamp.h"
#include "desk/checklist.h"
#include "desk/complete.h"
#include "desk/sign_in.h"
#include "fleet/member.h"

static json_t *id_json(int64_t id)
{
    return id != 0 ? json_integer((json_int_t)id) : json_null();
}

static json_t *missing_json(const char *words)
{
    const struct complete_list list =
        complete_parse(words != NULL ? words : "");
    json_t *all = json_array();

    for (int i = 0; i < COMPLETE_N_PIECES; i++) {
        const struct complete_rule *rule =
            complete_rule((enum complete_piece)i);

        if ((list.missing & (1u << i)) != 0)
            json_array_append_new(all,
                                  json_pack("{s:s, s:s}", "piece", rule->word,
                                            "text", rule->text));
    }
    return all;
}

/* As it is stored, with its times as they are written here. */
static json_t *quote_of(const struct request *r)
{
    json_t *said = r->quote != NULL ? json_loads(r->quote, 0, NULL) : NULL;
    json_int_t made;

    if (!json_is_object(said)) {
        json_decref(said);
        return json_null();
    }
    made = json_integer_value(json_object_get(said, "made"));
    json_object_set_new(said, "made", member_time(made));
    json_object_set_new(said, "until", member_time(r->quote_until_us));
    return said;
}

static json_t *checklist_json(const struct request *r)
{
    struct checklist_row rows[CHECKLIST_N];
    json_t *all = json_array();

    checklist_of(r, rows);
    for (size_t i = 0; i < CHECKLIST_N; i++)
        json_array_append_new(
            all,
            json_pack("{s:s, s:s, s:s, s:s?}", "piece", rows[i].piece, "name",
                      rows[i].name, "state",
                      checklist_state_name(rows[i].state), "ask", rows[i].ask));
    return all;
}

json_t *request_waits_json(const struct waits *w)
{
    return json_pack("{s:s, s:s, s:s?, s:o, s:o, s:b}", "for",
                     waits_who_name(w->who), "text", w->text, "remedy",
                     w->remedy, "since", member_time(w->since_us), "until",
                     member_time(w->until_us), "late", (int)w->late);
}

json_t *request_order_json(enum order_verb verb, const struct life_step *to)
{
    json_t *mails = json_array(), *does = json_array();

    for (int i = 0; i < LIFE_N_ACTS; i++) {
        const struct life_effect *effect =
            (to->acts & (1u << i)) != 0 ? life_effect((enum life_act)(1u << i))
                                        : NULL;

        if (effect != NULL)
            json_array_append_new(effect->mail ? mails : does,
                                  json_string(effect->text));
    }
    return json_pack("{s:s, s:s, s:o, s:o}", "action", order_verb_name(verb),
                     "becomes", request_state_name(to->to), "mails", mails,
                     "does", does);
}

/* What signing in with the administrative credentials has shown. */
static json_t *sign_in_json(const struct request_try *t)
{
    const int64_t now_us = timestamp_now();
    const enum request_try_outcome outcome = sign_in_outcome(t, now_us);
    const struct err cause = { .name = t->cause };

    if (outcome == REQUEST_TRY_NONE)
        return json_null();
    return json_pack("{s:s, s:o, s:s?, s:s?}", "outcome",
                     request_try_name(outcome), "at", member_time(t->at_us),
                     "detail", sign_in_detail(t, now_us), "remedy",
                     reach_remedy(&cause));
}

json_t *request_json(const struct request *r)
{
    json_t *json = json_pack(
        "{s:I, s:s, s:I, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:b}", "id",
        (json_int_t)r->id, "state", request_state_name(r->state), "account",
        (json_int_t)r->account_id, "openedBy", r->opened_by, "partner",
        r->partner, "domain", r->domain, "owaUrl", r->owa_url, "start",
        r->start, "cutover", r->cutover, "admin", r->admin, "hasPassword",
        (int)r->has_password);

    json_object_set_new(json, "signIn", sign_in_json(&r->tried));
    json_object_set_new(json, "file", id_json(r->file_id));
    json_object_set_new(json, "migration", id_json(r->migration_id));
    json_object_set_new(json, "missing", missing_json(r->missing));
    json_object_set_new(json, "checklist", checklist_json(r));
    json_object_set_new(json, "since", member_time(r->state_us));
    json_object_set_new(json, "quote", quote_of(r));
    json_object_set_new(json, "created", member_time(r->created_us));
    json_object_set_new(json, "changed", member_time(r->changed_us));
    return json;
}

json_t *request_mail_json(const struct request_mail *m)
{
    return json_pack("{s:I, s:o, s:s, s:s, s:s, s:s, s:s, s:b, s:o}", "id",
                     (json_int_t)m->id, "request", id_json(m->request_id),
                     "messageId", m->message_id, "sender", m->sender, "subject",
                     m->subject, "verdict", m->verdict, "place",
                     request_mail_place_name(m->place), "redacted",
                     (int)m->redacted, "received", member_time(m->received_us));
}

/* In: where it lies, and what was decided; out: how far it is. */
json_t *request_letter_json(const struct request_letter *l)
{
    return json_pack("{s:I, s:s, s:o, s:s, s:s, s:s, s:s?, s:b, s:s?}", "id",
                     (json_int_t)l->id, "direction", l->out ? "out" : "in",
                     "at", member_time(l->at_us), "person", l->person,
                     "subject", l->subject, "state",
                     l->out ? outbox_state_name(l->state)
                            : request_mail_place_name(l->where),
                     "verdict", l->out ? NULL : l->verdict, "redacted",
                     (int)l->redacted, "why", l->why);
}

json_t *request_outbox_json(const struct outbox_mail *m)
{
    return json_pack("{s:I, s:o, s:s, s:s, s:s, s:o, s:I, s:o, s:s?}", "id",
                     (json_int_t)m->id, "request", id_json(m->request_id),
                     "recipient", m->recipient, "subject", m->subject, "state",
                     outbox_state_name(m->state), "created",
                     member_time(m->created_us), "tries", (json_int_t)m->tries,
                     "due", member_time(m->due_us), "why", m->why);
}

json_t *request_file_json(const struct request_file *f)
{
    return json_pack("{s:I, s:o, s:s, s:s, s:I, s:o}", "id", (json_int_t)f->id,
                     "mail", id_json(f->mail_id), "name", f->name, "digest",
                     f->digest, "bytes", (json_int_t)f->size, "created",
                     member_time(f->created_us));
}

json_t *request_line_json(const struct audit_entry *e)
{
    return json_pack("{s:I, s:o, s:s, s:s, s:s?}", "id", (json_int_t)e->id,
                     "at", member_time(e->at_us), "actor", e->actor, "action",
                     e->action, "detail", e->detail);
}
