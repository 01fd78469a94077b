/*
 * The part "delegates": who acts for the owner, added to whom the destination
 * has.  Nobody is taken away, not even who is no delegate at the source any
 * more: that is said and left to a person.
 */
#include "engine/settings_priv.h"

#include <string.h>

#define DELIVERY_KEY "delivery"

/* Both sides as they were read. */
struct acting {
    struct settings *s;
    struct endpoint_delegates source, destination;
    unsigned int n_carried; /* delegates that the destination has now */
    bool had_none; /* the destination, before us: all that it has are ours */
};

/* ---- words ------------------------------------------------------------- */

/* "Calendar Editor, Inbox Reviewer, copies of meeting messages" */
static char *delegate_text(const struct endpoint_delegate *one)
{
    GString *text = g_string_new(NULL);

    for (enum endpoint_delegate_folder f = ENDPOINT_DELEGATE_CALENDAR;
         f < ENDPOINT_DELEGATE_N_FOLDERS; f++)
        if (one->levels[f] > ENDPOINT_DELEGATE_NONE)
            g_string_append_printf(
                text, "%s%s %s", text->len > 0 ? ", " : "",
                endpoint_delegate_folder_name(f),
                endpoint_delegate_level_name(one->levels[f]));
    if (one->copies)
        g_string_append_printf(text, "%scopies of meeting messages",
                               text->len > 0 ? ", " : "");
    if (one->private_items)
        g_string_append_printf(text, "%sprivate items",
                               text->len > 0 ? ", " : "");
    return g_string_free(text, FALSE);
}

static char *borrow(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* ---- what is wished ---------------------------------------------------- */

/* Which of the mailbox's well-known folders a delegate's level is about. */
static const char *const folder_ids[ENDPOINT_DELEGATE_N_FOLDERS] = {
    [ENDPOINT_DELEGATE_CALENDAR] = "calendar",
    [ENDPOINT_DELEGATE_TASKS] = "tasks",
    [ENDPOINT_DELEGATE_INBOX] = "inbox",
    [ENDPOINT_DELEGATE_CONTACTS] = "contacts",
    [ENDPOINT_DELEGATE_NOTES] = "notes",
    [ENDPOINT_DELEGATE_JOURNAL] = "journal",
};

static const struct store_folder *well_known(const struct settings *s,
                                             const char *id)
{
    for (guint i = 0; i < s->folders->len; i++) {
        const struct store_folder *f = s->folders->pdata[i];

        if (g_strcmp0(f->well_known, id) == 0 && f->destination_id != NULL)
            return f;
    }
    return NULL;
}

static enum endpoint_delegate_level level_of(unsigned int rights, bool calendar)
{
    const char *name = endpoint_level_name(rights, calendar);

    for (enum endpoint_delegate_level level = ENDPOINT_DELEGATE_NONE;
         level < ENDPOINT_DELEGATE_CUSTOM; level++)
        if (strcmp(endpoint_delegate_level_name(level), name) == 0)
            return level;
    /* A calendar's free/busy levels are less than any delegate's. */
    return strncmp(name, "FreeBusy", strlen("FreeBusy")) == 0
               ? ENDPOINT_DELEGATE_NONE
               : ENDPOINT_DELEGATE_CUSTOM;
}

/* What somebody may do in a folder of the destination already. */
static int level_there(struct acting *a, const char *folder_id,
                       const struct endpoint_person *person,
                       enum endpoint_delegate_level *ret, struct err *err)
{
    const struct endpoint_permission like = { .person = *person };
    g_auto(endpoint_permissions) p = { 0 };
    const struct endpoint_permission *entry;
    unsigned int failures = 0;

    while (endpoint_get_permissions(a->s->pass.job->destination, &folder_id, 1,
                                    &p, err) < 0)
        if (!settings_endure(a->s, DESTINATION, &failures, err))
            return -1;
    if (p.status < 0) {
        *err = p.why;
        return -1;
    }
    entry = endpoint_permissions_find(&p, &like);
    *ret = entry == NULL ? ENDPOINT_DELEGATE_NONE
                         : level_of(entry->rights, p.calendar);
    return 0;
}

/*
 * A level to write, or UNTOLD: never less than there is, and rights that are
 * no level belong to the part "permissions", which has been through.
 */
static enum endpoint_delegate_level risen(enum endpoint_delegate_level have,
                                          enum endpoint_delegate_level want)
{
    if (want == ENDPOINT_DELEGATE_CUSTOM || have == ENDPOINT_DELEGATE_CUSTOM ||
        want <= have)
        return ENDPOINT_DELEGATE_UNTOLD;
    return want;
}

/* Levels of somebody who is to become a delegate. */
static int wish_levels(struct acting *a, const struct endpoint_delegate *source,
                       struct endpoint_delegate *wish, struct err *err)
{
    for (size_t f = 0; f < ENDPOINT_DELEGATE_N_FOLDERS; f++) {
        const struct store_folder *folder = well_known(a->s, folder_ids[f]);
        enum endpoint_delegate_level have = ENDPOINT_DELEGATE_NONE;

        wish->levels[f] = ENDPOINT_DELEGATE_UNTOLD;
        if (source->levels[f] <= ENDPOINT_DELEGATE_NONE)
            continue;
        if (folder != NULL && level_there(a, folder->destination_id,
                                          &wish->person, &have, err) < 0)
            return -1;
        /* What is there is told too: a server may take silence for "None". */
        wish->levels[f] = risen(have, source->levels[f]);
        if (wish->levels[f] == ENDPOINT_DELEGATE_UNTOLD &&
            have > ENDPOINT_DELEGATE_NONE && have < ENDPOINT_DELEGATE_CUSTOM)
            wish->levels[f] = have;
    }
    return 0;
}

/* True when somebody who is a delegate already lacks something. */
static bool wish_more(const struct endpoint_delegate *source,
                      const struct endpoint_delegate *have,
                      struct endpoint_delegate *wish)
{
    bool more = false;

    for (size_t f = 0; f < ENDPOINT_DELEGATE_N_FOLDERS; f++) {
        wish->levels[f] = risen(MAX(have->levels[f], ENDPOINT_DELEGATE_NONE),
                                source->levels[f]);
        more = more || wish->levels[f] != ENDPOINT_DELEGATE_UNTOLD;
    }
    wish->copies = source->copies || have->copies;
    wish->private_items = source->private_items || have->private_items;
    return more || wish->copies != have->copies ||
           wish->private_items != have->private_items;
}

/* ---- writing ----------------------------------------------------------- */

/* Repeatable: who was added by a call whose answer was lost is updated. */
static int write_delegate(struct acting *a,
                          const struct endpoint_delegate *wish, bool add,
                          struct err *why)
{
    struct endpoint *ep = a->s->pass.job->destination;
    unsigned int failures = 0;

    while ((add ? endpoint_add_delegate(ep, wish, why)
                : endpoint_update_delegate(ep, wish, why)) < 0) {
        if (add && g_strcmp0(why->name, "ErrorDelegateAlreadyExists") == 0) {
            add = false;
            continue;
        }
        if (!settings_endure(a->s, DESTINATION, &failures, why))
            return -1;
    }
    return 0;
}

/* The line's outcome, once somebody is known at the destination. */
static int carry_over(struct acting *a, const struct endpoint_delegate *source,
                      const struct endpoint_person *person,
                      struct store_setting *line, struct err *why)
{
    const struct endpoint_delegate *have =
        endpoint_delegates_find(&a->destination, person->address);
    struct endpoint_delegate wish = {
        .person = *person,
        .copies = source->copies,
        .private_items = source->private_items,
    };

    line->counterpart = person->address;
    if (have != NULL) {
        line->outcome = SETTING_ALREADY;
        if (!wish_more(source, have, &wish))
            return 0;
    } else if (wish_levels(a, source, &wish, why) < 0) {
        return -1;
    }
    if (have == NULL) {
        line->memo = borrow("added");
        if (settings_intend(a->s, line, 1, why) < 0)
            return -1;
    }
    line->outcome = SETTING_SET;
    line->cause = NULL;
    line->remedy = NULL;
    return write_delegate(a, &wish, have == NULL, why);
}

static int one_failed(struct acting *a, struct store_setting line,
                      const struct err *why, struct err *err)
{
    if (settings_is_local(a->s, why))
        return settings_line_failed(a->s, line, why, err);
    *err = *why;
    return -1;
}

static int carry_one(struct acting *a, const struct endpoint_delegate *source,
                     struct err *err)
{
    const char *address = source->person.address;
    g_autofree char *text = delegate_text(source);
    g_autofree char *key = NULL;
    struct store_setting line = { .value = text };
    const struct store_setting *before;
    const struct endpoint_person *person;
    struct err why;
    int found;

    if (address == NULL) {
        a->source.n_unknown++;
        return 0;
    }
    key = g_ascii_strdown(address, -1);
    line.key = key;
    line.subject = borrow(address);
    before = settings_before(a->s, key);
    /* Whatever becomes of it: whom we added is not forgotten. */
    if (before != NULL && before->memo != NULL) {
        line.counterpart = before->counterpart;
        line.memo = before->memo;
    }
    found = settings_map(a->s, address, &person, &why);
    if (found == 0) {
        line.outcome = SETTING_UNMAPPED;
        line.cause = borrow(SETTINGS_NOBODY);
        line.remedy = borrow(SETTINGS_NAME_THEM);
    }
    if (found < 0 ||
        (found > 0 && carry_over(a, source, person, &line, &why) < 0))
        return one_failed(a, line, &why, err);
    a->n_carried += found > 0;
    return settings_line(a->s, line, err);
}

static int carry_all(struct acting *a, struct err *err)
{
    const GArray *list = a->source.list;

    for (guint i = 0; i < list->len; i++) {
        if (pass_is_over(&a->s->pass))
            return pass_interrupted(&a->s->pass, err);
        if (carry_one(a, &g_array_index(list, struct endpoint_delegate, i),
                      err) < 0)
            return -1;
    }
    return 0;
}

/* ---- who gets the meeting requests ------------------------------------- */

/*
 * What the destination has came from us.  A memo is what we wrote or, before
 * the answer is there, that and what of ours was there: "A B".
 */
static bool is_our_delivery(const struct acting *a,
                            const struct store_setting *before)
{
    const char *memo = before != NULL ? before->memo : NULL;
    g_auto(GStrv) names = g_strsplit(memo != NULL ? memo : "", " ", -1);

    return g_strv_contains((const char *const *)names,
                           endpoint_delivery_name(a->destination.delivery));
}

/*
 * Written where the destination had no delegates, and thus no wish of its own,
 * or where it still has what we wrote.
 */
static bool may_deliver(const struct acting *a,
                        const struct store_setting *before)
{
    return a->had_none || a->destination.delivery == ENDPOINT_DELIVER_UNTOLD ||
           is_our_delivery(a, before);
}

static int set_delivery(struct acting *a, struct store_setting *line,
                        struct err *why)
{
    unsigned int failures = 0;

    if (settings_intend(a->s, line, 1, why) < 0)
        return -1;
    line->cause = line->remedy = NULL;
    while (endpoint_set_delivery(a->s->pass.job->destination,
                                 a->source.delivery, why) < 0)
        if (!settings_endure(a->s, DESTINATION, &failures, why))
            return -1;
    return 0;
}

static int carry_delivery(struct acting *a, struct err *err)
{
    const struct store_setting *before = settings_before(a->s, DELIVERY_KEY);
    const char *name = endpoint_delivery_name(a->source.delivery);
    bool ours = is_our_delivery(a, before);
    g_autofree char *memo =
        g_strconcat(name, ours ? " " : NULL,
                    endpoint_delivery_name(a->destination.delivery), NULL);
    struct store_setting line = {
        .key = borrow(DELIVERY_KEY),
        .subject = borrow("meeting requests"),
        .counterpart = borrow("meeting requests"),
        .value = borrow(name),
    };
    struct err why;

    if (a->source.list->len == 0)
        return 0;
    if (a->n_carried == 0 || a->source.delivery == ENDPOINT_DELIVER_UNTOLD)
        return settings_keep(a->s, before, err);
    line.memo = memo;
    if (a->source.delivery == a->destination.delivery) {
        line.outcome = SETTING_ALREADY;
        line.memo = ours ? borrow(name) : NULL;
    } else if (!may_deliver(a, before)) {
        line.outcome = SETTING_SKIPPED;
        line.cause = borrow("the destination has delegates and a delivery of "
                            "its own");
        line.remedy = borrow("set it in Outlook, if it is to be the source's");
        line.memo = NULL;
    } else if (set_delivery(a, &line, &why) < 0) {
        return one_failed(a, line, &why, err);
    } else {
        line.outcome = SETTING_SET;
        line.memo = borrow(name);
    }
    return settings_line(a->s, line, err);
}

/* ---- who is none any more ---------------------------------------------- */

static int tell_former(struct acting *a, const struct store_setting *before,
                       struct err *err)
{
    struct store_setting line = {
        .key = before->key,
        .subject = before->subject,
        .counterpart = before->counterpart,
        .outcome = SETTING_SKIPPED,
        .cause = borrow("no delegate at the source any more; the destination "
                        "still has this one"),
        .remedy = borrow("remove the delegate in Outlook, if that is meant"),
        .memo = before->memo,
    };

    return settings_line(a->s, line, err);
}

static int tell_former_all(struct acting *a, struct err *err)
{
    for (guint i = 0; i < a->s->before->len; i++) {
        const struct store_setting *b = a->s->before->pdata[i];

        if (strcmp(b->part, a->s->part) != 0 ||
            g_strcmp0(b->memo, "added") != 0 || b->counterpart == NULL ||
            endpoint_delegates_find(&a->source, b->subject) != NULL ||
            endpoint_delegates_find(&a->destination, b->counterpart) == NULL)
            continue;
        if (tell_former(a, b, err) < 0)
            return -1;
    }
    return 0;
}

static int tell_unknown(struct acting *a, struct err *err)
{
    g_autofree char *subject =
        g_strdup_printf("%u delegate%s", a->source.n_unknown,
                        a->source.n_unknown == 1 ? "" : "s");
    struct store_setting line = {
        .key = borrow("?"),
        .subject = subject,
        .outcome = SETTING_SKIPPED,
        .cause = borrow("the source cannot name them any more: the accounts "
                        "are gone"),
    };

    return a->source.n_unknown == 0 ? 0 : settings_line(a->s, line, err);
}

/* ---- the part ---------------------------------------------------------- */

static int read_side(struct settings *s, enum side side,
                     struct endpoint_delegates *ret, struct err *err)
{
    struct hands h = pass_own_hands(&s->pass);
    unsigned int failures = 0;

    while (endpoint_get_delegates(h.at[side], ret, err) < 0)
        if (!settings_endure(s, side, &failures, err))
            return side_err(side, err);
    return 0;
}

/* Whether an earlier pass added the destination's i-th delegate. */
static bool is_ours(const struct acting *a, guint i)
{
    const struct endpoint_delegate *one =
        &g_array_index(a->destination.list, struct endpoint_delegate, i);

    for (guint k = 0; k < a->s->before->len; k++) {
        const struct store_setting *b = a->s->before->pdata[k];

        if (strcmp(b->part, a->s->part) == 0 &&
            g_strcmp0(b->memo, "added") == 0 && b->counterpart != NULL &&
            one->person.address != NULL &&
            g_ascii_strcasecmp(b->counterpart, one->person.address) == 0)
            return true;
    }
    return false;
}

static int carry(struct acting *a, struct err *err)
{
    a->had_none = true;
    for (guint i = 0; i < a->destination.list->len; i++)
        a->had_none = a->had_none && is_ours(a, i);
    if (carry_all(a, err) < 0 || carry_delivery(a, err) < 0 ||
        tell_former_all(a, err) < 0)
        return -1;
    return tell_unknown(a, err);
}

int settings_delegates(struct settings *s, struct err *err)
{
    struct acting a = { .s = s };
    int r = read_side(s, SOURCE, &a.source, err);

    if (r == 0)
        r = read_side(s, DESTINATION, &a.destination, err);
    if (r == 0)
        r = carry(&a, err);
    endpoint_delegates_clear(&a.source);
    endpoint_delegates_clear(&a.destination);
    return r;
}
