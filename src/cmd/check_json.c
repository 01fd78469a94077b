#include "base/timestamp.h"
#include "cmd/check_result.h"
#include "cmd/json_line.h"
#include "engine/prepare.h"
#include "fleet/checked.h"

void check_print_json(FILE *out, const struct check_result *one)
{
    json_t *o = one->end == FLEET_DONE
                    ? checked_json(&one->check)
                    : json_pack("{s:b}", "can_be_migrated", 0);

    json_object_set_new(o, "mailbox",
                        checked_text(one->mailbox->source_address));
    json_object_set_new(o, "to",
                        checked_text(one->mailbox->destination_address));
    if (one->end == FLEET_FAILED) {
        json_object_set_new(o, "error", checked_text(one->why.msg));
        if (one->why.name != NULL)
            json_object_set_new(o, "code", json_string(one->why.name));
        if (one->why.remedy != NULL)
            json_object_set_new(o, "remedy", json_string(one->why.remedy));
    }
    json_line_print(out, o);
}

static json_t *steps(const struct check_results *r, bool source)
{
    json_t *all = json_array();
    unsigned int seen = 0;

    for (size_t i = 0; i < r->n; i++) {
        const struct prepare_step *step[PREPARE_MAX];
        const struct engine_check *c = &r->all[i].check;
        enum release release = release_of(
            source ? c->source.server_version : c->destination.server_version);
        size_t n;

        if (r->all[i].end != FLEET_DONE || (seen & (1u << release)) != 0)
            continue;
        seen |= 1u << release;
        n = prepare_steps(source, release, step, G_N_ELEMENTS(step));
        for (size_t k = 0; k < n; k++)
            json_array_append_new(
                all, json_pack("{s:s, s:s, s:s, s:s?, s:s}", "name",
                               step[k]->name, "release", release_name(release),
                               "what", step[k]->what, "why", step[k]->why,
                               "cmdlet", step[k]->cmdlet));
    }
    return all;
}

/* Of how long it would take, begun now. */
static json_t *forecast_of(const struct check_results *r)
{
    const struct outlook *o = &r->outlook;

    if (!o->known)
        return json_null();
    return json_pack(
        "{s:I, s:I, s:s}", "p50_seconds",
        (json_int_t)((o->span.p50_us - r->at_us) / TIMESTAMP_SECOND),
        "p90_seconds",
        (json_int_t)((o->span.p90_us - r->at_us) / TIMESTAMP_SECOND), "basis",
        o->basis);
}

/* null: directly; of a check through a service nobody here knows. */
static json_t *proxies(const struct check_results *r)
{
    return r->ways_known
               ? json_pack("{s:s?, s:s?, s:b}", "source", r->source_proxy,
                           "destination", r->destination_proxy,
                           "http_proxy_passed_over", r->passes_http_proxy)
               : NULL;
}

void check_print_json_summary(FILE *out, const struct check_results *r)
{
    struct engine_amount total = check_total(r);
    struct expectation e = check_expected(r);
    json_int_t good = 0, bad = 0;

    for (size_t i = 0; i < r->n; i++) {
        good += r->all[i].end == FLEET_DONE;
        bad += r->all[i].end == FLEET_FAILED;
    }
    json_line_print(
        out,
        json_pack("{s:{s:I, s:I, s:I, s:o, s:o, s:o, s:I, s:{s:o, s:o}, s:o*}}",
                  "summary", "mailboxes", (json_int_t)r->n, "can_be_migrated",
                  good, "cannot_be_migrated", bad, "to_copy",
                  checked_amount(&total), "expected", checked_expected(&e),
                  "forecast", forecast_of(r), "mailboxes_at_once",
                  (json_int_t)r->at_once, "prepare", "destination",
                  steps(r, false), "source", steps(r, true), "proxy",
                  proxies(r)));
}
