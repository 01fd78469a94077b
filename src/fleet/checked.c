#include "fleet/checked.h"

#include "base/timestamp.h"
#include "engine/expect.h"
#include "engine/finding.h"
#include "engine/prepare.h"

static json_t *number(uint64_t n)
{
    return json_integer((json_int_t)n);
}

json_t *checked_amount(const struct engine_amount *a)
{
    return json_pack("{s:o, s:o}", "items", number(a->items), "bytes",
                     number(a->bytes));
}

/* Text of a server's may be anything; JSON is UTF-8. */
json_t *checked_text(const char *s)
{
    g_autofree char *valid = s != NULL ? g_utf8_make_valid(s, -1) : NULL;

    return valid != NULL ? json_string(valid) : json_null();
}

static json_t *moment(int64_t us)
{
    g_autofree char *s = us != TIMESTAMP_NONE ? timestamp_format(us) : NULL;

    return checked_text(s);
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
            all, json_pack("{s:o, s:s?, s:s?, s:s, s:o, s:o, s:b}", "path",
                           checked_text(f->path), "well_known", f->well_known,
                           "class", f->folder_class, "kind",
                           item_kind_name(f->kind), "items", number(f->n_items),
                           "bytes", number(f->size_bytes), "skipped",
                           (int)(f->skipped || f->left_out)));
    }
    return all;
}

static json_t *kinds(const struct engine_check *check)
{
    json_t *all = json_object();

    for (enum item_kind kind = KIND_MAIL; kind < KIND_N; kind++) {
        json_t *one = checked_amount(&check->by_kind[kind]);

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

        json_array_append_new(items,
                              json_pack("{s:o, s:o, s:o, s:o, s:o}", "folder",
                                        checked_text(item->path), "subject",
                                        checked_text(item->subject), "class",
                                        checked_text(item->item_class),
                                        "received", moment(item->received_us),
                                        "bytes", number(item->size_bytes)));
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

json_t *checked_expected(const struct expectation *e)
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
            json_pack("{s:s, s:b, s:s, s:o, s:o, s:o, s:s?}", "cause",
                      finding_name(f->kind), "warning",
                      (int)finding_is_warning(f->kind), "what",
                      finding_heading(f->kind), "text", checked_text(f->text),
                      "alike", checked_text(f->alike), "count",
                      f->alike != NULL ? number(f->n) : json_null(), "remedy",
                      finding_remedy(f->kind)));
    }
    return all;
}

json_t *checked_json(const struct engine_check *check)
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
                     destination, "to_copy", checked_amount(&total), "kinds",
                     kinds(check), "kinds_by",
                     check->by_item ? "item" : "folder", "large", large(check),
                     "expected", checked_expected(&check->expected), "findings",
                     findings(check), "folders", folders(check));
}
