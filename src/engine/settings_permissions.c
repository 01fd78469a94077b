/*
 * The part "permissions": each folder that has its counterpart gets what the
 * source's grants, beside what the destination grants already.
 *
 * A line's memo is "target:base", in hexadecimal: what we wrote for somebody,
 * and what they had before us ("-": no entry).  As long as the destination
 * still has the target, what the source takes back goes there too, down to the
 * base; once somebody else has changed it, it is theirs and only grows.
 *
 * Before a list is written the memo is "target:base:was": until the answer is
 * there the destination has the one or the other, and both are known.
 */
#include "engine/settings_priv.h"

#include <string.h>

#include "engine/hidden.h"

/* Folders that are asked about in one request. */
#define FOLDERS_AT_ONCE 20

#define ABSENT (-1) /* no entry at all */

/* What is wished for one member of a folder. */
struct wish {
    struct endpoint_permission entry; /* at the destination; rights: target */
    int64_t base, have;               /* there before us; now.  Or ABSENT */
    bool drop;                        /* the entry is to go */
    bool to_write;                    /* else the line is all */
    bool told;                        /* its line is of interest */
    struct store_setting line;        /* strings owned */
};

/* One folder on both sides. */
struct sharing {
    struct settings *s;
    const struct store_folder *folder;
    const struct endpoint_permissions *source;
    struct endpoint_permissions destination; /* as it is now; owned */
    GPtrArray *wishes;                       /* of struct wish *, owned */
};

static void wish_free(void *p)
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

/* ---- words ------------------------------------------------------------- */

/* The level, or the single rights as Exchange's cmdlets call them. */
static char *rights_text(unsigned int rights, bool calendar)
{
    static const struct {
        unsigned int right, instead; /* not told where that is there too */
        const char *name;
    } rows[] = {
        { ENDPOINT_RIGHT_CREATE, 0, "CreateItems" },
        { ENDPOINT_RIGHT_SUBFOLDERS, 0, "CreateSubfolders" },
        { ENDPOINT_RIGHT_DELETE_ALL, 0, "DeleteAllItems" },
        { ENDPOINT_RIGHT_DELETE_OWN, ENDPOINT_RIGHT_DELETE_ALL,
          "DeleteOwnedItems" },
        { ENDPOINT_RIGHT_EDIT_ALL, 0, "EditAllItems" },
        { ENDPOINT_RIGHT_EDIT_OWN, ENDPOINT_RIGHT_EDIT_ALL, "EditOwnedItems" },
        { ENDPOINT_RIGHT_CONTACT, 0, "FolderContact" },
        { ENDPOINT_RIGHT_OWNER, 0, "FolderOwner" },
        { ENDPOINT_RIGHT_VISIBLE, 0, "FolderVisible" },
        { ENDPOINT_RIGHT_READ, 0, "ReadItems" },
        { ENDPOINT_RIGHT_FREEBUSY_DETAILS, 0, "LimitedDetails" },
        { ENDPOINT_RIGHT_FREEBUSY, ENDPOINT_RIGHT_FREEBUSY_DETAILS,
          "AvailabilityOnly" },
    };
    unsigned int plain = endpoint_rights_plain(rights, calendar);
    const char *level = endpoint_level_name(plain, calendar);
    GString *text;

    if (strcmp(level, "Custom") != 0)
        return g_strdup(level);
    text = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if ((plain & rows[i].right) != 0 && (plain & rows[i].instead) == 0)
            g_string_append_printf(text, "%s%s", text->len > 0 ? "," : "",
                                   rows[i].name);
    return g_string_free(text, FALSE);
}

static const char *member_text(const struct endpoint_permission *entry)
{
    if (entry->member == ENDPOINT_MEMBER_DEFAULT)
        return "Default";
    if (entry->member == ENDPOINT_MEMBER_ANONYMOUS)
        return "Anonymous";
    if (entry->person.address != NULL)
        return entry->person.address;
    if (entry->person.name != NULL)
        return entry->person.name;
    return entry->person.sid != NULL ? entry->person.sid : "(nameless)";
}

static char *line_key(const struct sharing *sh, const char *subject)
{
    g_autofree char *folded = g_ascii_strdown(subject, -1);

    return g_strdup_printf("%" G_GINT64_FORMAT ":%s", sh->folder->id, folded);
}

static void put_rights(GString *to, int64_t rights)
{
    if (rights == ABSENT)
        g_string_append_c(to, '-');
    else
        g_string_append_printf(to, "%x", (unsigned int)rights);
}

static char *memo_text(int64_t target, int64_t base)
{
    GString *text = g_string_new(NULL);

    put_rights(text, target);
    g_string_append_c(text, ':');
    put_rights(text, base);
    return g_string_free(text, FALSE);
}

/* Of what is about to be written. */
static char *memo_in_doubt(const struct wish *wish)
{
    g_autofree char *memo = memo_text(wish->entry.rights, wish->base);
    GString *text = g_string_new(memo);

    g_string_append_c(text, ':');
    put_rights(text, wish->have);
    return g_string_free(text, FALSE);
}

/* Rights of a memo, and after them the next ones; NULL: there are none. */
static const char *take_rights(const char *text, int64_t *ret)
{
    char *end;

    if (*text == '-') {
        *ret = ABSENT;
        end = (char *)(uintptr_t)text + 1;
    } else {
        *ret = (int64_t)g_ascii_strtoull(text, &end, 16);
    }
    if (end == text)
        return NULL;
    return *end == ':' ? end + 1 : end;
}

/* What somebody has now came from us, by the line that an earlier pass left. */
static bool is_ours(const struct store_setting *before, int64_t have,
                    int64_t *ret_base)
{
    const char *at = before != NULL ? before->memo : NULL;
    int64_t target, base, was;

    if (at == NULL || (at = take_rights(at, &target)) == NULL ||
        (at = take_rights(at, &base)) == NULL)
        return false;
    if (have != target && (take_rights(at, &was) == NULL || have != was))
        return false;
    *ret_base = base;
    return true;
}

/* ---- what is wished ---------------------------------------------------- */

static struct wish *wish_new(struct sharing *sh, const char *subject,
                             unsigned int rights, bool calendar)
{
    struct wish *wish = g_new0(struct wish, 1);
    const struct store_setting *before;

    wish->told = true;
    wish->line.key = line_key(sh, subject);
    wish->line.place = g_strdup(sh->folder->path);
    wish->line.subject = g_strdup(subject);
    wish->line.value = rights_text(rights, calendar);
    /* Whatever becomes of it: what is ours is not forgotten. */
    before = settings_before(sh->s, wish->line.key);
    if (before != NULL && before->memo != NULL) {
        wish->line.counterpart = g_strdup(before->counterpart);
        wish->line.memo = g_strdup(before->memo);
    }
    g_ptr_array_add(sh->wishes, wish);
    return wish;
}

static void leave_out(struct wish *wish, enum setting_outcome outcome,
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

static void set_memo(struct wish *wish, char *memo)
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
    ours = is_ours(before, wish->have, &wish->base);
    wish->entry.rights = endpoint_rights_plain(
        (wish->base == ABSENT ? 0 : (unsigned int)wish->base) | wanted |
            rights_of_twins(sh, wish),
        sh->destination.calendar);
    g_free(wish->line.counterpart);
    wish->line.counterpart = g_strdup(member_text(&wish->entry));
    wish->to_write = wish->have != (int64_t)wish->entry.rights;
    if (wish->to_write)
        return;
    wish->line.outcome = SETTING_ALREADY;
    if (ours)
        set_memo(wish, memo_text(wish->have, wish->base));
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
        leave_out(wish, SETTING_UNMAPPED,
                  "the source tells no mail address of it",
                  "give the rights by hand to who it is at the destination");
        return 0;
    }
    if (is_owner(sh, entry->person.address)) {
        leave_out(wish, SETTING_SKIPPED, "it is the owner, who has all rights",
                  NULL);
        return 0;
    }
    found = settings_map(sh->s, entry->person.address, &person, err);
    if (found == 0)
        leave_out(wish, SETTING_UNMAPPED, SETTINGS_NOBODY, SETTINGS_NAME_THEM);
    if (found > 0)
        wish->entry.person = endpoint_person_dup(person);
    return found;
}

static int wish_entry(struct sharing *sh,
                      const struct endpoint_permission *entry, struct err *err)
{
    struct wish *wish =
        wish_new(sh, member_text(entry), entry->rights, sh->source->calendar);
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
    leave_out(wish, SETTING_FAILED, why.msg, why.remedy);
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
    if (!is_ours(before, have, &base) || have == base)
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

static bool is_about(const struct settings *s,
                     const struct store_setting *before,
                     const struct store_folder *folder)
{
    g_autofree char *prefix =
        g_strdup_printf("%" G_GINT64_FORMAT ":", folder->id);

    return strcmp(before->part, s->part) == 0 &&
           g_str_has_prefix(before->key, prefix);
}

static void wish_away_all(struct sharing *sh)
{
    for (guint i = 0; i < sh->s->before->len; i++) {
        const struct store_setting *before = sh->s->before->pdata[i];

        if (is_about(sh->s, before, sh->folder) && !is_wished(sh, before->key))
            wish_away(sh, before);
    }
}

static void wish_unknown(struct sharing *sh)
{
    for (guint i = 0; i < sh->source->unknown->len; i++) {
        struct wish *wish =
            wish_new(sh, sh->source->unknown->pdata[i], 0, false);

        g_clear_pointer(&wish->line.value, g_free);
        leave_out(wish, SETTING_SKIPPED,
                  "the source's own directory does not know who it is: the "
                  "account is gone",
                  NULL);
    }
}

/* ---- writing ----------------------------------------------------------- */

static void grant(struct endpoint_permissions *to, const struct wish *wish)
{
    struct endpoint_permission *entry =
        endpoint_permissions_find(to, &wish->entry);

    if (entry == NULL)
        endpoint_permissions_add(to, &wish->entry);
    else if (wish->drop)
        g_array_remove_index(
            to->entries,
            (guint)(entry -
                    (struct endpoint_permission *)(void *)to->entries->data));
    else
        entry->rights = wish->entry.rights;
}

static void copy(const struct endpoint_permissions *from,
                 struct endpoint_permissions *to)
{
    endpoint_permissions_init(to, from->calendar);
    to->kind = from->kind;
    for (guint i = 0; i < from->entries->len; i++)
        endpoint_permissions_add(
            to, &g_array_index(from->entries, struct endpoint_permission, i));
}

/* The destination's list with these wishes in it; *why when it is refused. */
static int write_list(struct sharing *sh, struct wish *const *wishes, size_t n,
                      struct err *why)
{
    g_auto(endpoint_permissions) list = { 0 };
    unsigned int failures = 0;

    copy(&sh->destination, &list);
    for (size_t i = 0; i < n; i++)
        grant(&list, wishes[i]);
    while (endpoint_set_permissions(sh->s->pass.job->destination,
                                    sh->folder->destination_id, &list, why) < 0)
        if (!settings_endure(sh->s, DESTINATION, &failures, why))
            return -1;
    endpoint_permissions_clear(&sh->destination);
    sh->destination = list;
    list = (struct endpoint_permissions){ 0 };
    return 0;
}

static void written(struct wish *const *wishes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct wish *wish = wishes[i];
        bool removed = wish->line.outcome == SETTING_REMOVED;

        if (!removed)
            wish->line.outcome = SETTING_SET;
        set_memo(wish,
                 removed ? NULL : memo_text(wish->entry.rights, wish->base));
    }
}

/* A list that is refused is split down to the entry at fault. */
static int write_wishes(struct sharing *sh, struct wish *const *wishes,
                        size_t n, struct err *err)
{
    struct err why;

    if (n == 0)
        return 0;
    if (write_list(sh, wishes, n, &why) == 0) {
        written(wishes, n);
        return 0;
    }
    if (!settings_is_local(sh->s, &why)) {
        *err = why;
        return -1;
    }
    if (n > 1)
        return write_wishes(sh, wishes, n / 2, err) < 0 ||
                       write_wishes(sh, wishes + n / 2, n - n / 2, err) < 0
                   ? -1
                   : 0;
    g_clear_pointer(&wishes[0]->line.cause, g_free);
    leave_out(wishes[0], SETTING_FAILED, why.msg, why.remedy);
    return 0;
}

/*
 * A list can be written only whole, and not with entries that the destination
 * cannot name itself (ErrorCannotSetPermissionUnknownEntries): they would go.
 */
static void refuse_all(GPtrArray *to_write)
{
    for (guint i = 0; i < to_write->len; i++) {
        struct wish *wish = to_write->pdata[i];

        g_clear_pointer(&wish->line.cause, g_free);
        leave_out(wish, SETTING_FAILED,
                  "the destination's list has entries of accounts that are "
                  "gone, which writing it would remove",
                  "remove them (Get-MailboxFolderPermission shows them as NT "
                  "User:S-1-...) and run it again, or set the rights by hand");
    }
}

/*
 * Whoever finds it written, or not, then knows what of it is ours.  Of what is
 * to go the line of an earlier pass says so.
 */
static int intend(struct sharing *sh, const GPtrArray *to_write,
                  struct err *err)
{
    g_autoptr(GArray) lines =
        g_array_new(FALSE, FALSE, sizeof(struct store_setting));

    for (guint i = 0; i < to_write->len; i++) {
        struct wish *wish = to_write->pdata[i];

        if (wish->line.outcome == SETTING_REMOVED)
            continue;
        set_memo(wish, memo_in_doubt(wish));
        g_array_append_val(lines, wish->line);
    }
    return settings_intend(sh->s, (struct store_setting *)(void *)lines->data,
                           lines->len, err);
}

static int write_all(struct sharing *sh, struct err *err)
{
    g_autoptr(GPtrArray) to_write = g_ptr_array_new();

    for (guint i = 0; i < sh->wishes->len; i++)
        if (((struct wish *)sh->wishes->pdata[i])->to_write)
            g_ptr_array_add(to_write, sh->wishes->pdata[i]);
    if (sh->destination.unknown->len > 0) {
        refuse_all(to_write);
        return 0;
    }
    if (intend(sh, to_write, err) < 0)
        return -1;
    return write_wishes(sh, (struct wish *const *)to_write->pdata,
                        to_write->len, err);
}

static int tell(struct sharing *sh, struct err *err)
{
    g_autoptr(GArray) lines =
        g_array_new(FALSE, FALSE, sizeof(struct store_setting));

    for (guint i = 0; i < sh->wishes->len; i++) {
        const struct wish *wish = sh->wishes->pdata[i];

        if (wish->told)
            g_array_append_val(lines, wish->line);
    }
    return settings_lines(sh->s, (struct store_setting *)(void *)lines->data,
                          lines->len, err);
}

/* ---- folders ----------------------------------------------------------- */

static int wish_all(struct sharing *sh, struct err *err)
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

static int share_folder(struct sharing *sh, struct err *err)
{
    int r;

    sh->wishes = g_ptr_array_new_with_free_func(wish_free);
    r = wish_all(sh, err);
    if (r == 0)
        r = write_all(sh, err);
    if (r == 0)
        r = tell(sh, err);
    g_ptr_array_unref(sh->wishes);
    return r;
}

static int folder_failed(struct settings *s, const struct store_folder *folder,
                         const struct err *why, struct err *err)
{
    g_autofree char *key =
        g_strdup_printf("%" G_GINT64_FORMAT ":*", folder->id);
    const struct store_setting line = { .key = key, .place = folder->path };

    for (guint i = 0; i < s->before->len; i++) {
        const struct store_setting *before = s->before->pdata[i];

        if (is_about(s, before, folder) && settings_keep(s, before, err) < 0)
            return -1;
    }
    return settings_line_failed(s, line, why, err);
}

/* One folder; its destination's permissions are taken. */
static int share(struct settings *s, const struct store_folder *folder,
                 const struct endpoint_permissions *source,
                 struct endpoint_permissions *destination, struct err *err)
{
    struct sharing sh = { .s = s, .folder = folder, .source = source };
    int r;

    if (source->status < 0)
        return folder_failed(s, folder, &source->why, err);
    if (destination->status < 0)
        return folder_failed(s, folder, &destination->why, err);
    sh.destination = *destination;
    *destination = (struct endpoint_permissions){ 0 };
    r = share_folder(&sh, err);
    endpoint_permissions_clear(&sh.destination);
    return r;
}

static int read_side(struct settings *s, enum side side,
                     struct store_folder *const *folders, size_t n,
                     struct endpoint_permissions *ret, struct err *err)
{
    struct hands h = pass_own_hands(&s->pass);
    const char *ids[FOLDERS_AT_ONCE];
    unsigned int failures = 0;

    for (size_t i = 0; i < n; i++)
        ids[i] =
            side == SOURCE ? folders[i]->source_id : folders[i]->destination_id;
    while (endpoint_get_permissions(h.at[side], ids, n, ret, err) < 0)
        if (!settings_endure(s, side, &failures, err))
            return side_err(side, err);
    return 0;
}

static int share_some(struct settings *s, struct store_folder *const *folders,
                      size_t n, struct err *err)
{
    struct endpoint_permissions at[N_SIDES][FOLDERS_AT_ONCE] = { 0 };
    int r = 0;

    for (enum side side = SOURCE; r == 0 && side < N_SIDES; side++)
        r = read_side(s, side, folders, n, at[side], err);
    for (size_t i = 0; r == 0 && i < n; i++) {
        if (pass_is_over(&s->pass))
            r = pass_interrupted(err);
        else
            r = share(s, folders[i], &at[SOURCE][i], &at[DESTINATION][i], err);
    }
    for (enum side side = SOURCE; side < N_SIDES; side++)
        for (size_t i = 0; i < n; i++)
            endpoint_permissions_clear(&at[side][i]);
    return r;
}

static int nothing_copied(struct settings *s, struct err *err)
{
    return settings_line(
        s,
        (struct store_setting){
            .key = (char *)(uintptr_t) "*",
            .outcome = SETTING_SKIPPED,
            .cause = (char *)(uintptr_t) "no folder has been copied yet",
            .remedy = (char *)(uintptr_t) "migrate the mailbox first" },
        err);
}

/*
 * What all folders hang from (msgfolderroot): others see it only by its own
 * list, and Outlook shows nobody a folder below what they cannot see.
 */
static bool is_root(const struct settings *s, struct store_folder *ret)
{
    const struct engine_job *job = s->pass.job;
    const char *source = endpoint_root_id(job->source);
    const char *destination = endpoint_root_id(job->destination);

    /* The ledger's folders have ids from 1 on, and none is called so. */
    *ret = (struct store_folder){
        .path = (char *)(uintptr_t)SETTINGS_ROOT_PATH,
        .source_id = (char *)(uintptr_t)source,
        .destination_id = (char *)(uintptr_t)destination,
    };
    return source != NULL && destination != NULL;
}

/* Hidden items are a folder in the ledger alone: no server knows its id. */
static bool is_shared(const struct store_folder *f)
{
    return !f->gone && f->destination_id != NULL && !hidden_is(f->source_id);
}

int settings_permissions(struct settings *s, struct err *err)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new();
    struct store_folder root;

    for (guint i = 0; i < s->folders->len; i++) {
        struct store_folder *f = s->folders->pdata[i];

        if (is_shared(f))
            g_ptr_array_add(folders, f);
    }
    if (folders->len == 0)
        return nothing_copied(s, err);
    if (is_root(s, &root))
        g_ptr_array_insert(folders, 0, &root);
    for (guint i = 0; i < folders->len; i += FOLDERS_AT_ONCE)
        if (share_some(s, (struct store_folder *const *)&folders->pdata[i],
                       MIN(FOLDERS_AT_ONCE, folders->len - i), err) < 0)
            return -1;
    return 0;
}
