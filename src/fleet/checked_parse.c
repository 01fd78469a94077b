#include "fleet/checked.h"

#include "base/timestamp.h"
#include "base/word.h"
#include "fleet/member.h"

/* ---- words --------------------------------------------------------------- */

static const char *kind_word(int i)
{
    return item_kind_name((enum item_kind)i);
}

static const char *rights_word(int i)
{
    return endpoint_rights_name((enum endpoint_rights)i);
}

static const char *root_word(int i)
{
    return endpoint_root_name((enum endpoint_root)i);
}

static const char *by_word(int i)
{
    return expect_by_name((enum expect_by)i);
}

static const char *finding_word(int i)
{
    return finding_name((enum finding_kind)i);
}

static struct engine_amount amount_of(const json_t *json)
{
    return (struct engine_amount){ member_number(json, "items"),
                                   member_number(json, "bytes") };
}

static bool read_side(const json_t *json, struct endpoint_facts *ret)
{
    int rights = word_find(member_text(json, "rights"), rights_word,
                           ENDPOINT_RIGHTS_FULL_ACCESS + 1);

    *ret = (struct endpoint_facts){
        .rights = (enum endpoint_rights)MAX(rights, 0),
        .scheme = g_strdup(member_text(json, "scheme")),
        .server_version = g_strdup(member_text(json, "version")),
        .primary_address = g_strdup(member_text(json, "primary_address")),
        .request_max_bytes = member_number(json, "request_max_bytes"),
    };
    return rights >= 0 && ret->scheme != NULL && ret->server_version != NULL;
}

static bool read_roots(const json_t *side, struct engine_check_root *to)
{
    const char *name;
    json_t *one;

    json_object_foreach(json_object_get(side, "roots"), name, one)
    {
        int root = word_find(name, root_word, ENDPOINT_N_ROOTS);

        if (root < 0)
            return false;
        to[root] =
            (struct engine_check_root){ true, member_number(one, "items"),
                                        member_number(one, "bytes") };
    }
    return true;
}

static bool read_kinds(const json_t *json, struct engine_check *to)
{
    const char *name;
    json_t *one;

    json_object_foreach(json_object_get(json, "kinds"), name, one)
    {
        int kind = word_find(name, kind_word, KIND_N);

        if (kind < 0)
            return false;
        to->by_kind[kind] = amount_of(one);
        if (json_is_true(json_object_get(one, "left_out")))
            to->skip_kinds |= 1u << kind;
    }
    return true;
}

static bool read_folders(const json_t *json, GPtrArray *to)
{
    size_t i;
    json_t *one;
    bool good = true;

    json_array_foreach(json_object_get(json, "folders"), i, one)
    {
        struct engine_check_folder *f = g_new0(struct engine_check_folder, 1);
        int kind = word_find(member_text(one, "kind"), kind_word, KIND_N);

        g_ptr_array_add(to, f);
        f->path = g_strdup(member_text(one, "path"));
        f->well_known = g_strdup(member_text(one, "well_known"));
        f->folder_class = g_strdup(member_text(one, "class"));
        f->kind = (enum item_kind)MAX(kind, 0);
        f->n_items = (uint32_t)member_number(one, "items");
        f->size_bytes = member_number(one, "bytes");
        f->skipped = json_is_true(json_object_get(one, "skipped"));
        good = good && kind >= 0 && f->path != NULL;
    }
    return good;
}

static int64_t moment_of(const json_t *json, const char *name)
{
    const char *text = member_text(json, name);
    int64_t us = TIMESTAMP_NONE;

    return text != NULL && timestamp_parse(text, &us) ? us : TIMESTAMP_NONE;
}

static void read_large(const json_t *json, struct engine_check *to)
{
    const json_t *large = json_object_get(json, "large");
    size_t i;
    json_t *one;

    to->item_max_bytes = member_number(large, "limit_bytes");
    to->n_large = member_number(large, "count");
    json_array_foreach(json_object_get(large, "items"), i, one)
    {
        struct engine_check_item *item = g_new0(struct engine_check_item, 1);

        item->path = g_strdup(member_text(one, "folder"));
        item->subject = g_strdup(member_text(one, "subject"));
        item->item_class = g_strdup(member_text(one, "class"));
        item->received_us = moment_of(one, "received");
        item->size_bytes = member_number(one, "bytes");
        g_ptr_array_add(to->large, item);
    }
}

static void read_room(const json_t *destination, struct engine_check *to)
{
    const json_t *room = json_object_get(destination, "room");

    to->quota_known = json_is_integer(json_object_get(room, "quota_bytes"));
    to->quota_bytes = member_number(room, "quota_bytes");
    to->used_bytes = member_number(room, "used_bytes");
    to->to_come_bytes = member_number(room, "needed_bytes");
}

static bool read_expected(const json_t *json, struct expectation *ret)
{
    int by = word_find(member_text(json, "by"), by_word, EXPECT_BY_COPYING + 1);

    *ret = (struct expectation){
        (enum expect_by)MAX(by, 0),
        (int64_t)member_number(json, "least_seconds") * TIMESTAMP_SECOND,
        (int64_t)member_number(json, "most_seconds") * TIMESTAMP_SECOND,
    };
    return by >= 0;
}

static bool read_findings(const json_t *json, GPtrArray *to)
{
    size_t i;
    json_t *one;

    json_array_foreach(json_object_get(json, "findings"), i, one)
    {
        int kind =
            word_find(member_text(one, "cause"), finding_word, FINDING_N);
        struct finding *f;

        if (kind < 0)
            return false;
        f = g_new0(struct finding, 1);
        f->kind = (enum finding_kind)kind;
        f->text = g_strdup(member_text(one, "text"));
        f->alike = g_strdup(member_text(one, "alike"));
        f->n = member_number(one, "count");
        g_ptr_array_add(to, f);
    }
    return true;
}

int checked_parse(const json_t *json, struct engine_check *ret, struct err *err)
{
    const json_t *destination = json_object_get(json, "destination");
    const json_t *source = json_object_get(json, "source");

    engine_check_init(ret);
    if (!read_side(source, &ret->source) ||
        !read_side(destination, &ret->destination) ||
        !read_roots(source, ret->source_roots) ||
        !read_roots(destination, ret->destination_roots) ||
        !read_kinds(json, ret) || !read_folders(json, ret->folders) ||
        !read_findings(json, ret->findings) ||
        !read_expected(json_object_get(json, "expected"), &ret->expected))
        return err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
                       "what a check found out is told in words that this "
                       "program does not know");
    read_large(json, ret);
    read_room(destination, ret);
    ret->by_item = g_strcmp0(member_text(json, "kinds_by"), "item") == 0;
    return 0;
}
