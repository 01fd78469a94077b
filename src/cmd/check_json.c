#include <jansson.h>

#include "base/timestamp.h"
#include "cmd/check_result.h"
#include "engine/prepare.h"

static json_t *number(uint64_t n)
{
    return json_integer((json_int_t)n);
}

static json_t *amount(const struct engine_amount *a)
{
    return json_pack("{s:o, s:o}", "items", number(a->items), "bytes",
                     number(a->bytes));
}

/* Text of a server's may be anything; JSON is UTF-8. */
static json_t *text(const char *s)
{
    g_autofree char *valid = s != NULL ? g_utf8_make_valid(s, -1) : NULL;

    return valid != NULL ? json_string(valid) : json_null();
}

static json_t *moment(int64_t us)
{
    g_autofree char *s = us != TIMESTAMP_NONE ? timestamp_format(us) : NULL;

    return text(s);
}

static json_t *side(const struct endpoint_facts *f)
{
    return json_pack(
        "{s:s?, s:s, s:s?, s:s, s:s?, s:o}", "version", f->server_version,
        "release", release_name(release_of(f->server_version)), "scheme",
        f->scheme, "rights", endpoint_rights_name(f->rights), "primary_address",
        f->primary_address, "request_max_bytes",
        f->request_max_bytes != 0 ? number(f->request_max_bytes) : json_null());
}

static json_t *folders(const struct engine_check *check)
{
    json_t *all = json_array();

    for (guint i = 0; i < check->folders->len; i++) {
        const struct engine_check_folder *f = check->folders->pdata[i];

        json_array_append_new(
            all,
            json_pack("{s:o, s:s?, s:s?, s:s, s:o, s:o, s:b}", "path",
                      text(f->path), "well_known", f->well_known, "class",
                      f->folder_class, "kind", item_kind_name(f->kind), "items",
                      number(f->n_items), "bytes", number(f->size_bytes),
                      "skipped", (int)(f->skipped || f->left_out)));
    }
    return all;
}

static json_t *kinds(const struct engine_check *check)
{
    json_t *all = json_object();

    for (enum item_kind kind = KIND_MAIL; kind < KIND_N; kind++) {
        json_t *one = amount(&check->by_kind[kind]);

        if ((check->skip_kinds & (1u << kind)) != 0)
            json_object_set_new(one, "left_out", json_true());
        json_object_set_new(all, item_kind_name(kind), one);
    }
    return all;
}

static json_t *large(const struct engine_check *check)
{
    json_t *items = json_array();

    for (guint i = 0; i < check->large->len; i++) {
        const struct engine_check_item *item = check->large->pdata[i];

        json_array_append_new(
            items, json_pack("{s:o, s:o, s:o, s:o, s:o}", "folder",
                             text(item->path), "subject", text(item->subject),
                             "class", text(item->item_class), "received",
                             moment(item->received_us), "bytes",
                             number(item->size_bytes)));
    }
    return json_pack("{s:o, s:o, s:o}", "limit_bytes",
                     check->item_max_bytes != 0 ? number(check->item_max_bytes)
                                                : json_null(),
                     "count", number(check->n_large), "items", items);
}

static json_t *room(const struct engine_check *check)
{
    return json_pack("{s:o, s:o, s:o}", "quota_bytes",
                     check->quota_known ? number(check->quota_bytes)
                                        : json_null(),
                     "used_bytes", number(check->used_bytes), "needed_bytes",
                     number(check->to_come_bytes));
}

/* Of the destination only whether they are there is looked at. */
static json_t *root(const struct engine_check_root *one, bool counted)
{
    if (!counted)
        return json_object();
    return json_pack("{s:o, s:o}", "items", number(one->items), "bytes",
                     number(one->bytes));
}

static json_t *roots(const struct engine_check_root *all, bool counted)
{
    json_t *o = json_object();

    for (enum endpoint_root at = ENDPOINT_ROOT_ARCHIVE; at < ENDPOINT_N_ROOTS;
         at++)
        if (all[at].there)
            json_object_set_new(o, endpoint_root_name(at),
                                root(&all[at], counted));
    return o;
}

static json_t *expected(const struct expectation *e)
{
    return json_pack(
        "{s:s, s:o, s:o}", "by", expect_by_name(e->by), "least_seconds",
        json_integer(e->least_us / TIMESTAMP_SECOND), "most_seconds",
        json_integer(e->most_us / TIMESTAMP_SECOND));
}

static json_t *findings(const struct engine_check *check)
{
    json_t *all = json_array();

    for (guint i = 0; i < check->findings->len; i++) {
        const struct finding *f = check->findings->pdata[i];

        json_array_append_new(
            all,
            json_pack("{s:s, s:b, s:s, s:o, s:o, s:s?}", "cause",
                      finding_name(f->kind), "warning",
                      (int)finding_is_warning(f->kind), "what",
                      finding_heading(f->kind), "text", text(f->text), "count",
                      f->alike != NULL ? number(f->n) : json_null(), "remedy",
                      finding_remedy(f->kind)));
    }
    return all;
}

static json_t *found(const struct engine_check *check)
{
    struct engine_amount total = engine_check_total(check);
    json_t *source = side(&check->source);
    json_t *destination = side(&check->destination);

    json_object_set_new(source, "roots", roots(check->source_roots, true));
    json_object_set_new(destination, "roots",
                        roots(check->destination_roots, false));
    json_object_set_new(destination, "room", room(check));
    return json_pack("{s:b, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o}",
                     "can_be_migrated", 1, "source", source, "destination",
                     destination, "to_copy", amount(&total), "kinds",
                     kinds(check), "kinds_by",
                     check->by_item ? "item" : "folder", "large", large(check),
                     "expected", expected(&check->expected), "findings",
                     findings(check), "folders", folders(check));
}

static void dump(FILE *out, json_t *o)
{
    json_dumpf(o, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(o);
}

void check_print_json(FILE *out, const struct check_result *one)
{
    json_t *o = one->end == FLEET_DONE
                    ? found(&one->check)
                    : json_pack("{s:b}", "can_be_migrated", 0);

    json_object_set_new(o, "mailbox", text(one->mailbox->source_address));
    json_object_set_new(o, "to", text(one->mailbox->destination_address));
    if (one->end == FLEET_FAILED) {
        json_object_set_new(o, "error", text(one->why.msg));
        if (one->why.name != NULL)
            json_object_set_new(o, "code", json_string(one->why.name));
        if (one->why.remedy != NULL)
            json_object_set_new(o, "remedy", json_string(one->why.remedy));
    }
    dump(out, o);
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

void check_print_json_summary(FILE *out, const struct check_results *r)
{
    struct engine_amount total = check_total(r);
    struct expectation e = check_expected(r);
    json_int_t good = 0, bad = 0;

    for (size_t i = 0; i < r->n; i++) {
        good += r->all[i].end == FLEET_DONE;
        bad += r->all[i].end == FLEET_FAILED;
    }
    dump(out,
         json_pack("{s:{s:I, s:I, s:I, s:o, s:o, s:o, s:I, s:{s:o, s:o}}}",
                   "summary", "mailboxes", (json_int_t)r->n, "can_be_migrated",
                   good, "cannot_be_migrated", bad, "to_copy", amount(&total),
                   "expected", expected(&e), "forecast", forecast_of(r),
                   "mailboxes_at_once", (json_int_t)r->at_once, "prepare",
                   "destination", steps(r, false), "source", steps(r, true)));
}
