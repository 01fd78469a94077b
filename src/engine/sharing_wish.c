#include "engine/sharing.h"

#include <string.h>

void wish_free(void *p)
{
    struct wish *wish = p;

    endpoint_person_clear(&wish->entry.person);
    g_free(wish->line.key);
    g_free(wish->line.place);
    g_free(wish->line.subject);
    g_free(wish->line.counterpart);
    g_free(wish->line.value);
    g_free(wish->line.cause);
    g_free(wish->line.remedy);
    g_free(wish->line.memo);
    g_free(wish);
}

static struct wish *wish_new(struct sharing *sh, const char *subject,
                             unsigned int rights, bool calendar)
{
    struct wish *wish = g_new0(struct wish, 1);
    const struct store_setting *before;

    wish->told = true;
    wish->line.key = sharing_line_key(sh, subject);
    wish->line.place = g_strdup(sh->folder->path);
    wish->line.subject = g_strdup(subject);
    wish->line.value = sharing_rights_text(rights, calendar);
    /* Whatever becomes of it: what is ours is not forgotten. */
    before = settings_before(sh->s, wish->line.key);
    if (before != NULL && before->memo != NULL) {
        wish->line.counterpart = g_strdup(before->counterpart);
        wish->line.memo = g_strdup(before->memo);
    }
    g_ptr_array_add(sh->wishes, wish);
    return wish;
}

void wish_leave_out(struct wish *wish, enum setting_outcome outcome,
                    const char *cause, const char *remedy)
{
    wish->line.outcome = outcome;
    wish->line.cause = g_strdup(cause);
    wish->line.remedy = g_strdup(remedy);
}

/* Rights at the destination of a member like that; ABSENT. */
static int64_t rights_there(const struct sharing *sh,
                            const struct endpoint_permission *like)
{
    const struct endpoint_permission *entry =
        endpoint_permissions_find(&sh->destination, like);

    return entry == NULL ? ABSENT
                         : (int64_t)endpoint_rights_plain(
                               entry->rights, sh->destination.calendar);
}

/* Two people of the source can be one at the destination: both count. */
static unsigned int rights_of_twins(const struct sharing *sh,
                                    const struct wish *wish)
{
    struct endpoint_permissions one;
    unsigned int rights = 0;

    endpoint_permissions_init(&one, false);
    endpoint_permissions_add(&one, &wish->entry);
    for (guint i = 0; i < sh->wishes->len; i++) {
        const struct wish *other = sh->wishes->pdata[i];

        if (other != wish && other->line.counterpart != NULL &&
            endpoint_permissions_find(&one, &other->entry) != NULL)
            rights |= other->entry.rights;
    }
    endpoint_permissions_clear(&one);
    return rights;
}

void wish_set_memo(struct wish *wish, char *memo)
{
    g_free(wish->line.memo);
    wish->line.memo = memo;
}

/* The member is known: what is it to have, and does it have that already? */
static void decide(struct sharing *sh, struct wish *wish, unsigned int wanted)
{
    const struct store_setting *before = settings_before(sh->s, wish->line.key);
    bool ours;

    wish->have = wish->base = rights_there(sh, &wish->entry);
    ours = sharing_is_ours(before, wish->have, &wish->base);
    wish->entry.rights = endpoint_rights_plain(
        (wish->base == ABSENT ? 0 : (unsigned int)wish->base) | wanted |
            rights_of_twins(sh, wish),
        sh->destination.calendar);
    g_free(wish->line.counterpart);
    wish->line.counterpart = g_strdup(sharing_member_text(&wish->entry));
    wish->to_write = wish->have != (int64_t)wish->entry.rights;
    if (wish->to_write)
        return;
    wish->line.outcome = SETTING_ALREADY;
    if (ours)
        wish_set_memo(wish, sharing_memo(wish->have, wish->base));
    /* "Nobody else may do anything" on both sides is no news. */
    wish->told =
        wish->entry.member == ENDPOINT_MEMBER_PERSON || wish->line.memo != NULL;
}

static bool is_owner(const struct sharing *sh, const char *source_address)
{
    return g_ascii_strcasecmp(source_address, sh->s->mailbox->source_address) ==
           0;
}

/* Who it is at the destination; false: nobody, and the line says so. */
static int find_member(struct sharing *sh, struct wish *wish,
                       const struct endpoint_permission *entry, struct err *err)
{
    const struct endpoint_person *person;
    int found;

    wish->entry.member = entry->member;
    if (entry->member != ENDPOINT_MEMBER_PERSON)
        return 1;
    if (entry->person.address == NULL) {
        wish_leave_out(
            wish, SETTING_UNMAPPED, "the source tells no mail address of it",
            "give the rights by hand to who it is at the destination");
        return 0;
    }
    if (is_owner(sh, entry->person.address)) {
        wish_leave_out(wish, SETTING_SKIPPED,
                       "it is the owner, who has all rights", NULL);
        return 0;
    }
    found = settings_map(sh->s, entry->person.address, &person, err);
    if (found == 0)
        wish_leave_out(wish, SETTING_UNMAPPED, SETTINGS_NOBODY,
                       SETTINGS_NAME_THEM);
    if (found > 0)
        wish->entry.person = endpoint_person_dup(person);
    return found;
}

static int wish_entry(struct sharing *sh,
                      const struct endpoint_permission *entry, struct err *err)
{
    struct wish *wish = wish_new(sh, sharing_member_text(entry), entry->rights,
                                 sh->source->calendar);
    struct err why;
    int found = find_member(sh, wish, entry, &why);

    if (found > 0) {
        decide(sh, wish, entry->rights);
        return 0;
    }
    if (found == 0)
        return 0;
    if (!settings_is_local(sh->s, &why)) {
        *err = why;
        return -1;
    }
    wish_leave_out(wish, SETTING_FAILED, why.msg, why.remedy);
    return 0;
}

static bool is_wished(const struct sharing *sh, const char *key)
{
    for (guint i = 0; i < sh->wishes->len; i++)
        if (strcmp(((struct wish *)sh->wishes->pdata[i])->line.key, key) == 0)
            return true;
    return false;
}

/* What we set for somebody whom the source does not name any more. */
static void wish_away(struct sharing *sh, const struct store_setting *before)
{
    struct endpoint_permission like = { .person.address = before->counterpart };
    struct wish *wish;
    int64_t have, base;

    if (before->counterpart == NULL)
        return;
    have = rights_there(sh, &like);
    /* Changed since: it is theirs.  Or never written. */
    if (!sharing_is_ours(before, have, &base) || have == base)
        return;
    wish = wish_new(sh, before->subject, base == ABSENT ? 0 : (guint)base,
                    sh->destination.calendar);
    wish->line.outcome = SETTING_REMOVED;
    wish->line.cause = g_strdup("the source does not grant it any more");
    wish->entry.person.address = g_strdup(before->counterpart);
    wish->entry.rights = base == ABSENT ? 0 : (unsigned int)base;
    wish->drop = base == ABSENT;
    wish->to_write = true;
}

static void wish_away_all(struct sharing *sh)
{
    for (guint i = 0; i < sh->s->before->len; i++) {
        const struct store_setting *before = sh->s->before->pdata[i];

        if (sharing_is_about(sh->s, before, sh->folder) &&
            !is_wished(sh, before->key))
            wish_away(sh, before);
    }
}

static void wish_unknown(struct sharing *sh)
{
    for (guint i = 0; i < sh->source->unknown->len; i++) {
        struct wish *wish =
            wish_new(sh, sh->source->unknown->pdata[i], 0, false);

        g_clear_pointer(&wish->line.value, g_free);
        wish_leave_out(
            wish, SETTING_SKIPPED,
            "the source's own directory does not know who it is: the "
            "account is gone",
            NULL);
    }
}

int sharing_wish_all(struct sharing *sh, struct err *err)
{
    const GArray *entries = sh->source->entries;

    for (guint i = 0; i < entries->len; i++)
        if (wish_entry(sh,
                       &g_array_index(entries, struct endpoint_permission, i),
                       err) < 0)
            return -1;
    wish_unknown(sh);
    wish_away_all(sh);
    return 0;
}
