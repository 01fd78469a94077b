#include <jansson.h>

#include "cmd/json_line.h"
#include "cmd/status_print.h"

static void put_numbers(json_t *to, const struct standing *at)
{
    for (const struct standing_number *n = standing_numbers; n->name != NULL;
         n++)
        json_object_set_new(to, n->name,
                            json_integer((json_int_t)standing_get(at, n)));
}

static json_t *line_json(const struct status_line *l)
{
    const struct store_mailbox *m = l->mailbox;
    json_t *o = json_pack(
        "{s:s, s:s, s:s, s:s?, s:s?}", "mailbox", m->source_address,
        "destination", m->destination_address, "state",
        mailbox_state_name(m->state), "reason", m->reason, "remedy", m->remedy);

    put_numbers(o, &l->at);
    json_object_set_new(o, "settings", standing_settings_json(&l->at));
    return o;
}

static json_t *summary_json(const struct status_lines *lines)
{
    const struct status_sum sum = status_sum(lines);
    json_t *states = json_object(), *o = json_object();

    for (int i = 0; i < MAILBOX_N_STATES; i++)
        if (sum.by_state[i] > 0)
            json_object_set_new(states,
                                mailbox_state_name((enum mailbox_state)i),
                                json_integer((json_int_t)sum.by_state[i]));
    put_numbers(o, &sum.counts);
    json_object_set_new(o, "mailboxes", json_integer((json_int_t)lines->n));
    json_object_set_new(o, "states", states);
    json_object_set_new(o, "need_a_person",
                        json_integer((json_int_t)sum.n_need_a_person));
    if (lines->forecast != NULL)
        json_object_set_new(o, "forecast", outlook_json(lines->forecast));
    return json_pack("{s:o}", "summary", o);
}

void status_print_json(FILE *out, const struct status_lines *lines)
{
    for (size_t i = 0; i < lines->n; i++)
        json_line_print(out, line_json(&lines->all[i]));
    json_line_print(out, summary_json(lines));
}
