#include "engine/batch.h"
#include "engine/check_priv.h"
#include "engine/forward.h"
#include "engine/own_name.h"
#include "store/paces.h"

static void check_folder_free(struct engine_check_folder *f)
{
    g_free(f->path);
    g_free(f->well_known);
    g_free(f->folder_class);
    g_free(f);
}

static void check_item_free(struct engine_check_item *item)
{
    g_free(item->path);
    g_free(item->item_class);
    g_free(item->subject);
    g_free(item);
}

void engine_check_clear(struct engine_check *check)
{
    endpoint_facts_clear(&check->source);
    endpoint_facts_clear(&check->destination);
    g_clear_pointer(&check->folders, g_ptr_array_unref);
    g_clear_pointer(&check->large, g_ptr_array_unref);
    g_clear_pointer(&check->findings, g_ptr_array_unref);
    *check = (struct engine_check){ 0 };
}

struct engine_amount engine_check_total(const struct engine_check *check)
{
    struct engine_amount total = { 0 };

    for (enum item_kind kind = KIND_MAIL; kind < KIND_N; kind++) {
        if ((check->skip_kinds & (1u << kind)) != 0)
            continue;
        total.items += check->by_kind[kind].items;
        total.bytes += check->by_kind[kind].bytes;
    }
    return total;
}

void check_find(struct engine_check *check, enum finding_kind kind,
                const char *fmt, ...)
{
    struct finding *f = g_new0(struct finding, 1);
    va_list ap;

    f->kind = kind;
    va_start(ap, fmt);
    f->text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_ptr_array_add(check->findings, f);
}

/* Which way items will travel. */
static int find_way(struct engine_check *check, const struct engine_job *job,
                    struct err *err)
{
    static const struct {
        enum side side;
        enum endpoint_cap cap;
        const char *what;
    } rows[] = {
        { SOURCE, ENDPOINT_CAP_EXPORT, "export" },
        { DESTINATION, ENDPOINT_CAP_EXPORT, "export" },
        { DESTINATION, ENDPOINT_CAP_UPLOAD, "upload" },
    };
    struct hands h = { { job->source, job->destination } };
    bool portable = (job->source->caps & job->destination->caps &
                     ENDPOINT_CAP_PORTABLE) != 0;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *side = side_name(rows[i].side);

        if ((h.at[rows[i].side]->caps & (unsigned int)rows[i].cap) != 0)
            continue;
        if (portable) {
            check_find(check, FINDING_PORTABLE,
                       "the %s does not offer the %s of whole items", side,
                       rows[i].what);
            continue;
        }
        err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
                "the %s does not offer the %s of whole items", side,
                rows[i].what);
        err->name = "missing-capability";
        return err_remedy(err, "it takes Exchange 2010 SP1 or later");
    }
    return 0;
}

static void find_alias(struct engine_check *check, enum side side,
                       const char *given, const char *primary)
{
    if (primary != NULL && g_ascii_strcasecmp(given, primary) != 0)
        check_find(check, FINDING_ALIAS, "%s: %s is an alias of %s",
                   side_name(side), given, primary);
}

/* It may be no more than a box in front that has no Autodiscover. */
static int find_own_name(struct pass *p, struct engine_check *check,
                         struct err *err)
{
    struct err why;
    int known = own_name_learn(p, &why, err);

    if (known == 0)
        check_find(check, FINDING_OWN_NAME, "%s", why.msg);
    return known < 0 ? -1 : 0;
}

static int fill(struct pass *p, const struct store_mailbox *row,
                const struct engine_check_options *options,
                struct engine_check *check, struct err *err)
{
    struct endpoint_facts facts[N_SIDES] = { check->source,
                                             check->destination };
    g_auto(survey) s = { 0 };
    struct looking l = { p, options, check, &s };
    struct engine_amount total;

    check->skip_kinds = p->options.filter.skip_kinds;
    check->skip_trees = p->options.filter.skip_trees;
    check->item_max_bytes =
        batch_payload_max(facts[DESTINATION].request_max_bytes);
    find_alias(check, SOURCE, row->source_address,
               facts[SOURCE].primary_address);
    find_alias(check, DESTINATION, row->destination_address,
               facts[DESTINATION].primary_address);
    forward_check(p, row, check);
    if (find_way(check, p->job, err) < 0 || find_own_name(p, check, err) < 0 ||
        survey_take(p, facts, 0, &s, err) < 0 || check_folders(&l, err) < 0 ||
        check_hidden(&l, err) < 0 || check_people(&l, err) < 0)
        return -1;
    total = engine_check_total(check);
    if (store_amount_set(p->job->store, &p->job->lease, total.items,
                         total.bytes, err) < 0)
        return -1;
    return check_room(&l, err);
}

static int look(struct pass *p, const struct store_mailbox *row,
                const struct engine_check_options *options,
                struct engine_check *check, struct err *err)
{
    const struct engine_job *job = p->job;
    struct endpoint_facts facts[N_SIDES];

    if (pass_open(p, facts, err) < 0)
        return -1;
    check->source = facts[SOURCE];
    check->destination = facts[DESTINATION];
    if (store_mailbox_set_facts(job->store, &job->lease,
                                endpoint_rights_name(check->source.rights),
                                check->source.server_version,
                                endpoint_rights_name(check->destination.rights),
                                check->destination.server_version, err) < 0)
        return -1;
    return fill(p, row, options, check, err);
}

/* A check changes nothing about a mailbox that has been copied. */
static enum mailbox_state state_after(enum mailbox_state before)
{
    switch (before) {
    case MAILBOX_PAUSED:
    case MAILBOX_SYNCED:
    case MAILBOX_VERIFIED:
    case MAILBOX_COMPLETED_WITH_FAILURES:
        return before;
    case MAILBOX_NEW:
    case MAILBOX_WAITING_FOR_CREDENTIALS:
    case MAILBOX_QUEUED:
    case MAILBOX_CHECKING:
    case MAILBOX_COPYING:
    case MAILBOX_THROTTLED:
    case MAILBOX_VERIFYING:
    case MAILBOX_FAILED:
    case MAILBOX_N_STATES:
        break;
    }
    return MAILBOX_QUEUED;
}

static int check_mailbox(struct pass *p, const struct store_mailbox *before,
                         const struct engine_check_options *options,
                         struct engine_check *check, struct err *err)
{
    bool interrupted;

    if (pass_begin(p, "check", err) < 0 ||
        pass_set_state(p, MAILBOX_CHECKING, NULL, NULL, err) < 0)
        return -1;
    check->pass_id = p->record.id;
    if (look(p, before, options, check, err) == 0) {
        if (pass_set_state(p, state_after(before->state), before->reason,
                           before->remedy, err) < 0)
            return -1;
        return pass_end(p, false, NULL, err);
    }
    interrupted = pass_is_cancelled(p);
    if (interrupted)
        pass_show_state(p, state_after(before->state), before->reason,
                        before->remedy);
    else
        pass_show_state(p, MAILBOX_FAILED, err->msg, err->remedy);
    pass_end_badly(p, interrupted, interrupted ? NULL : err);
    return -1;
}

void engine_check_init(struct engine_check *check)
{
    *check = (struct engine_check){
        .folders =
            g_ptr_array_new_with_free_func((GDestroyNotify)check_folder_free),
        .large =
            g_ptr_array_new_with_free_func((GDestroyNotify)check_item_free),
        .findings =
            g_ptr_array_new_with_free_func((GDestroyNotify)finding_free),
    };
}

int engine_check(const struct engine_job *job,
                 const struct engine_check_options *options,
                 struct engine_check *ret, struct err *err)
{
    struct engine_check check;
    struct store_mailbox *before = NULL;
    struct pass p;
    int r;

    engine_check_init(&check);
    if (store_mailbox_get(job->store, job->lease.mailbox_id, &before, err) <
        0) {
        engine_check_clear(&check);
        return -1;
    }
    pass_init(&p, job, MAILBOX_CHECKING);
    r = check_mailbox(&p, before, options, &check, err);
    pass_release(&p);
    store_mailbox_free(before);
    if (r < 0) {
        engine_check_clear(&check);
        return -1;
    }
    *ret = check;
    return 0;
}
