#include "lab/generate.h"

#include <string.h>

#include "lab/generate_priv.h"
#include "lab/store_priv.h"

#define DAY INT64_C(86400000000)

/* 2025-12-31T00:00:00Z, and six years before it. */
#define NEWEST_DEFAULT INT64_C(1767139200000000)
#define SPAN           (INT64_C(6) * 365 * DAY)
#define ATTACHMENT_MAX (UINT64_C(30) * 1024 * 1024)

/* A commit for each so many items: few enough to be quick. */
#define ITEMS_A_TRANSACTION 200

/* From so many items on, one is as large as an attachment may be. */
#define ITEMS_FOR_LARGE 300

/* ---- folders --------------------------------------------------------- */

/* As long as a name may be, and more than that in bytes. */
#define TEN      "0123456789"
#define HUNDRED  TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define NAME_255 HUNDRED HUNDRED TEN TEN TEN TEN "Größe 255 ß–€😀"

/* parent: a distinguished id, or the name of one further up. */
/* clang-format off */
static const struct {
    const char *parent, *name, *folder_class;
} user_folders[] = {
    { "msgfolderroot", "Archive", "IPF.Note" },
    { "Archive", "2019", "IPF.Note" },
    { "Archive", "2020", "IPF.Note" },
    { "Archive", "2021", "IPF.Note" },
    { "inbox", "Kunden & \"Partner\" <wichtig>", "IPF.Note" },
    { "inbox", "Projects/2024", "IPF.Note" },
    { "Projects/2024", "a/b/c", "IPF.Note" },
    { "inbox", "100% done", "IPF.Note" },
    { "inbox", "%2F", "IPF.Note" },
    { "msgfolderroot", "🚀 Launch 👩‍💻", "IPF.Note" },
    { "msgfolderroot", "trailing space ", "IPF.Note" },
    { "msgfolderroot", ".hidden", "IPF.Note" },
    { "msgfolderroot", "Größe über alles", "IPF.Note" },
    { "msgfolderroot", "資料 2023年", "IPF.Note" },
    { "msgfolderroot", "cafe\xCC\x81 (decomposed)", "IPF.Note" },
    { "msgfolderroot", "back\\slash", "IPF.Note" },
    { "msgfolderroot", "A very long name that goes on and on, as names of "
      "folders do when someone takes them for the place to keep the whole "
      "story of a project, its customer, its budget and everyone who has "
      "ever had to do with it, up to the end of", "IPF.Note" },
    { "msgfolderroot", "Level 1", "IPF.Note" },
    { "Level 1", "Level 2", "IPF.Note" },
    { "Level 2", "Level 3", "IPF.Note" },
    { "Level 3", "Level 4", "IPF.Note" },
    { "Level 4", "Level 5", "IPF.Note" },
    { "Level 5", "Level 6", "IPF.Note" },
    { "calendar", "Team", "IPF.Appointment" },
    { "contacts", "Suppliers", "IPF.Contact" },
    { "contacts", "Team", "IPF.Contact" },
    { "tasks", "Someday", "IPF.Task" },
    { "deleteditems", "Old stuff", "IPF.Note" },
    { "msgfolderroot", "Empty", "IPF.Note" },
    { "Level 1", "ARCHIVE", "IPF.Note" },
    { "Level 1", " leading space", "IPF.Note" },
    { "Archive", "Inbox", "IPF.Note" },
    { "msgfolderroot", NAME_255, "IPF.Note" },
};

/* Hidden items: what Outlook and Exchange keep beside the mail. */
static const struct {
    const char *folder, *item_class;
} hidden[] = {
    { "calendar", "IPM.Configuration.CategoryList" },
    { "calendar", "IPM.Configuration.WorkHours" },
    { "inbox", "IPM.Configuration.MRM" },
    { "inbox", "IPM.Rule.Version2.Message" },
    { "inbox", "IPM.Rule.Version2.Message" },
    { "inbox", "IPM.ExtendedRule.Message" },
    { "inbox", "IPM.Microsoft.FolderDesign.NamedView" },
    { "sentitems", "IPM.Microsoft.FolderDesign.NamedView" },
    { "calendar", "IPM.Microsoft.ScheduleData.FreeBusy" },
    { "calendar", "IPM.Configuration.AvailabilityOptions" },
    { "contacts", "IPM.Microsoft.FolderDesign.NamedView" },
    { "inbox", "IPM.Configuration.OWA.UserOptions" },
    { "junkemail", "IPM.ExtendedRule.Message" },
};
/* clang-format on */

/* Where a kind of item lies. */
enum role {
    ROLE_MAIL,
    ROLE_INBOX,
    ROLE_DRAFTS,
    ROLE_CALENDAR,
    ROLE_CONTACTS,
    ROLE_TASKS,
    ROLE_NOTES,
    ROLE_JOURNAL,
    N_ROLES
};

struct places {
    GPtrArray *all;           /* of struct lab_folder *, owned */
    GPtrArray *role[N_ROLES]; /* borrowed from it */
};

static void places_clear(struct places *p)
{
    for (size_t i = 0; i < N_ROLES; i++)
        g_clear_pointer(&p->role[i], g_ptr_array_unref);
    g_clear_pointer(&p->all, g_ptr_array_unref);
}
typedef struct places places;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(places, places_clear)

static const struct lab_folder *well_known(const struct places *p,
                                           const char *distinguished)
{
    for (guint i = 0; i < p->all->len; i++) {
        const struct lab_folder *f = g_ptr_array_index(p->all, i);

        if (g_strcmp0(f->distinguished, distinguished) == 0)
            return f;
    }
    /* Every mailbox is made with them. */
    g_assert_not_reached();
}

static int role_of(const struct lab_folder *f)
{
    static const struct {
        const char *prefix;
        enum role role;
    } rows[] = {
        { "IPF.Appointment", ROLE_CALENDAR }, { "IPF.Contact", ROLE_CONTACTS },
        { "IPF.Task", ROLE_TASKS },           { "IPF.StickyNote", ROLE_NOTES },
        { "IPF.Journal", ROLE_JOURNAL },      { "IPF.Note", ROLE_MAIL },
    };

    if (f->kind == LAB_FOLDER_SEARCH || f->folder_class == NULL)
        return -1;
    if (g_strcmp0(f->distinguished, "outbox") == 0 ||
        g_strcmp0(f->name, "Empty") == 0)
        return -1;
    if (g_strcmp0(f->distinguished, "drafts") == 0)
        return ROLE_DRAFTS;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (g_str_has_prefix(f->folder_class, rows[i].prefix))
            return (int)rows[i].role;
    return -1;
}

static int find_places(const struct lab_scene *scene, struct places *ret,
                       struct err *err)
{
    g_auto(lab_folder) root = { 0 };

    if (lab_store_distinguished(scene->store, scene->mailbox, "msgfolderroot",
                                &root, err) < 0 ||
        lab_store_folders(scene->store, scene->mailbox, root.id, true,
                          &ret->all, err) < 0)
        return -1;
    for (size_t i = 0; i < N_ROLES; i++)
        ret->role[i] = g_ptr_array_new();
    for (guint i = 0; i < ret->all->len; i++) {
        struct lab_folder *f = g_ptr_array_index(ret->all, i);
        int role = role_of(f);

        if (role >= 0)
            g_ptr_array_add(ret->role[role], f);
        if (g_strcmp0(f->distinguished, "inbox") == 0)
            g_ptr_array_add(ret->role[ROLE_INBOX], f);
    }
    return 0;
}

static int parent_id(const struct lab_scene *scene, GHashTable *made,
                     const char *parent, char **ret, struct err *err)
{
    g_auto(lab_folder) f = { 0 };
    const char *id = g_hash_table_lookup(made, parent);

    if (id != NULL) {
        *ret = g_strdup(id);
        return 0;
    }
    if (lab_store_distinguished(scene->store, scene->mailbox, parent, &f, err) <
        0)
        return -1;
    *ret = g_strdup(f.id);
    return 0;
}

static int make_folder(const struct lab_scene *scene, GHashTable *made,
                       size_t i, struct err *err)
{
    g_auto(lab_folder) f = { 0 };
    g_autofree char *parent = NULL;

    if (parent_id(scene, made, user_folders[i].parent, &parent, err) < 0 ||
        lab_store_create_folder(scene->store, scene->mailbox, parent,
                                user_folders[i].name,
                                user_folders[i].folder_class, &f, err) < 0)
        return -1;
    g_hash_table_insert(made, g_strdup(user_folders[i].name), g_strdup(f.id));
    return 0;
}

static int make_folders(const struct lab_scene *scene, struct err *err)
{
    g_autoptr(GHashTable) made =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_auto(lab_folder) root = { 0 };

    for (size_t i = 0; i < G_N_ELEMENTS(user_folders); i++)
        if (make_folder(scene, made, i, err) < 0)
            return -1;
    if (lab_store_distinguished(scene->store, scene->mailbox, "msgfolderroot",
                                &root, err) < 0)
        return -1;
    return lab_store_create_search(scene->store, scene->mailbox, root.id,
                                   "Unread or flagged", err);
}

/* ---- kinds ----------------------------------------------------------- */

/* In the order in which a mailbox gets its first ones. */
static const struct kind {
    lab_kind_fn make;
    enum role role;
    uint32_t share; /* of a thousand items */
} kinds[] = {
    { lab_kind_plain, ROLE_MAIL, 200 },
    { lab_kind_html, ROLE_MAIL, 290 },
    { lab_kind_rtf, ROLE_MAIL, 50 },
    { lab_kind_all_bodies, ROLE_MAIL, 40 },
    { lab_kind_files, ROLE_MAIL, 150 },
    { lab_kind_ole, ROLE_MAIL, 5 },
    { lab_kind_forwarded, ROLE_MAIL, 20 },
    { lab_kind_signed, ROLE_MAIL, 6 },
    { lab_kind_report, ROLE_INBOX, 10 },
    { lab_kind_receipt, ROLE_INBOX, 6 },
    { lab_kind_custom, ROLE_MAIL, 6 },
    { lab_kind_no_subject, ROLE_MAIL, 10 },
    { lab_kind_draft, ROLE_DRAFTS, 8 },
    { lab_kind_appointment, ROLE_CALENDAR, 50 },
    { lab_kind_series, ROLE_CALENDAR, 12 },
    { lab_kind_meeting, ROLE_CALENDAR, 20 },
    { lab_kind_request, ROLE_INBOX, 25 },
    { lab_kind_response, ROLE_INBOX, 15 },
    { lab_kind_contact, ROLE_CONTACTS, 25 },
    { lab_kind_list, ROLE_CONTACTS, 3 },
    { lab_kind_task, ROLE_TASKS, 12 },
    { lab_kind_note, ROLE_NOTES, 5 },
    { lab_kind_journal, ROLE_JOURNAL, 2 },
    { lab_kind_opaque, ROLE_MAIL, 3 },
    { lab_kind_wrong_charset, ROLE_MAIL, 4 },
    { lab_kind_broken, ROLE_MAIL, 3 },
    { lab_kind_receipt_wanted, ROLE_INBOX, 4 },
    { lab_kind_pictures, ROLE_MAIL, 4 },
    { lab_kind_nested, ROLE_MAIL, 4 },
    { lab_kind_voice, ROLE_INBOX, 3 },
    { lab_kind_html_rtf, ROLE_MAIL, 3 },
    { lab_kind_odd_dates, ROLE_MAIL, 2 },
    /* one in a mailbox that is large enough, and none by chance */
    { lab_kind_large, ROLE_MAIL, 0 },
};

#define N_KINDS G_N_ELEMENTS(kinds)

static const struct kind *choose_kind(struct lab_random *r)
{
    uint32_t roll = lab_random_below(r, 1000);

    for (size_t i = 0; i < N_KINDS; i++) {
        if (roll < kinds[i].share)
            return &kinds[i];
        roll -= kinds[i].share;
    }
    return &kinds[0];
}

/* ---- placing --------------------------------------------------------- */

static const struct lab_folder *any_of(GPtrArray *folders, struct lab_random *r)
{
    return g_ptr_array_index(folders, lab_random_below(r, folders->len));
}

static const struct lab_folder *mail_folder(const struct places *p,
                                            struct lab_random *r)
{
    static const struct {
        const char *distinguished;
        uint32_t percent;
    } rows[] = { { "inbox", 38 },
                 { "sentitems", 15 },
                 { "deleteditems", 5 },
                 { "junkemail", 2 } };
    uint32_t roll = lab_random_below(r, 100);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (roll < rows[i].percent)
            return well_known(p, rows[i].distinguished);
        roll -= rows[i].percent;
    }
    return any_of(p->role[ROLE_MAIL], r);
}

static const struct lab_folder *
place_of(const struct places *p, const struct kind *kind, struct lab_random *r)
{
    if (kind->role == ROLE_MAIL)
        return mail_folder(p, r);
    /* Most of it is in the folder that everyone has. */
    if (lab_random_chance(r, 75))
        return g_ptr_array_index(p->role[kind->role], 0);
    return any_of(p->role[kind->role], r);
}

/* ---- one item -------------------------------------------------------- */

struct plan {
    const struct kind *kind; /* NULL: by chance */
    uint64_t seed;
    int64_t at_us; /* TIMESTAMP_NONE: by chance */
};

/* More of it is recent than old. */
static int64_t past(const struct lab_scene *scene, struct lab_random *r)
{
    int64_t part = lab_random_below(r, 30000);

    return scene->newest_us - SPAN / 900000000 * (part * part) -
           lab_random_below(r, 86400) * INT64_C(1000000);
}

static int make_item(const struct lab_scene *scene, const struct places *p,
                     const struct plan *plan, struct err *err)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct lab_sketch s = { .scene = scene,
                            .random = { plan->seed },
                            .item = item,
                            .props = &item->message.props };
    const struct kind *kind =
        plan->kind != NULL ? plan->kind : choose_kind(&s.random);
    const struct lab_folder *folder = place_of(p, kind, &s.random);

    s.at_us =
        plan->at_us != TIMESTAMP_NONE ? plan->at_us : past(scene, &s.random);
    s.outgoing = g_strcmp0(folder->distinguished, "sentitems") == 0;
    s.draft = kind->role == ROLE_DRAFTS;
    kind->make(&s);
    return lab_store_put(scene->store, scene->mailbox, folder->id, false, item,
                         NULL, err);
}

static int make_hidden(const struct lab_scene *scene, const struct places *p,
                       struct err *err)
{
    for (size_t i = 0; i < G_N_ELEMENTS(hidden); i++) {
        g_autoptr(mapi_item) item = mapi_item_new();
        struct lab_sketch s = { .scene = scene,
                                .item = item,
                                .props = &item->message.props };
        const struct lab_folder *f = well_known(p, hidden[i].folder);

        s.random.state = lab_hash_u64(scene->seed, 0x68696464 + i);
        s.at_us = past(scene, &s.random);
        lab_kind_configuration(&s, hidden[i].item_class);
        if (lab_store_put(scene->store, scene->mailbox, f->id, true, item, NULL,
                          err) < 0)
            return -1;
    }
    return 0;
}

/* ---- a mailbox ------------------------------------------------------- */

int lab_scene_open(struct lab_scene *scene,
                   const struct lab_generate_options *options, struct err *err)
{
    g_auto(lab_mailbox) m = { 0 };

    if (lab_store_get_mailbox(scene->store, scene->mailbox, &m, err) < 0)
        return -1;
    scene->attachment_max = options != NULL && options->attachment_bytes_max > 0
                                ? options->attachment_bytes_max
                                : ATTACHMENT_MAX;
    scene->newest_us = options != NULL && options->newest_us != 0
                           ? options->newest_us
                           : NEWEST_DEFAULT;
    scene->owner.name = g_strdup(m.display_name);
    scene->owner.address = g_strdup(m.address);
    scene->owner.dn = g_ascii_strup(m.legacy_dn, -1);
    lab_people_init(scene);
    return 0;
}

/*
 * The first ones are one of each kind; then one is the first once more, byte
 * for byte, and one in a hundred is the one before it.
 */
static struct plan plan_fill(const struct lab_scene *scene, uint64_t i,
                             uint64_t n)
{
    bool each = n > N_KINDS;
    uint64_t of = i;
    struct plan plan = { .at_us = TIMESTAMP_NONE };

    if (each && i == N_KINDS)
        of = 0;
    else
        while (of > N_KINDS + 1 &&
               lab_hash_u64(scene->seed, of << 8 | 1) % 100 == 0)
            of--;
    plan.seed = lab_hash_u64(scene->seed, of << 8);
    if (each && of < N_KINDS && (kinds[of].share > 0 || n >= ITEMS_FOR_LARGE))
        plan.kind = &kinds[of];
    return plan;
}

/* New mail comes in the week after the newest. */
static struct plan plan_more(const struct lab_scene *scene, uint64_t i)
{
    struct plan plan = { .seed = lab_hash_u64(scene->seed, i << 8 | 2) };

    plan.at_us =
        scene->newest_us + (int64_t)(plan.seed % 604800) * INT64_C(1000000);
    return plan;
}

struct batch {
    const struct lab_scene *scene;
    const struct places *places;
    uint64_t from, to, n;
    bool more;
};

static int make_batch(const struct batch *b, struct err *err)
{
    for (uint64_t i = b->from; i < b->to; i++) {
        struct plan plan =
            b->more ? plan_more(b->scene, i) : plan_fill(b->scene, i, b->n);

        if (make_item(b->scene, b->places, &plan, err) < 0)
            return -1;
    }
    return 0;
}

static int make_items(const struct lab_scene *scene, const struct places *p,
                      uint64_t n, bool more, struct err *err)
{
    struct batch b = { .scene = scene, .places = p, .n = n, .more = more };

    for (; b.from < n; b.from = b.to) {
        int status;

        b.to = MIN(b.from + ITEMS_A_TRANSACTION, n);
        if (lab_enter(scene->store, err) < 0)
            return -1;
        status = make_batch(&b, err);
        if (lab_leave(scene->store, status, err) < 0)
            return -1;
    }
    return 0;
}

static int fill(const struct lab_scene *scene, uint64_t n, struct err *err)
{
    g_auto(places) p = { 0 };

    if (make_folders(scene, err) < 0 || find_places(scene, &p, err) < 0 ||
        make_hidden(scene, &p, err) < 0)
        return -1;
    return make_items(scene, &p, n, false, err);
}

static int add(const struct lab_scene *scene, uint64_t n, struct err *err)
{
    g_auto(places) p = { 0 };

    if (find_places(scene, &p, err) < 0)
        return -1;
    return make_items(scene, &p, n, true, err);
}

static int run(struct lab_scene scene, uint64_t n,
               int (*make)(const struct lab_scene *scene, uint64_t n,
                           struct err *err),
               const struct lab_generate_options *options, struct err *err)
{
    int status;

    if (lab_scene_open(&scene, options, err) < 0)
        return -1;
    status = make(&scene, n, err);
    lab_people_clear(&scene);
    return status;
}

int lab_generate(struct lab_store *store, int64_t mailbox, uint64_t n,
                 uint64_t seed, const struct lab_generate_options *options,
                 struct err *err)
{
    return run(
        (struct lab_scene){ .store = store, .mailbox = mailbox, .seed = seed },
        n, fill, options, err);
}

int lab_generate_more(struct lab_store *store, int64_t mailbox, uint64_t n,
                      uint64_t seed, const struct lab_generate_options *options,
                      struct err *err)
{
    return run(
        (struct lab_scene){ .store = store, .mailbox = mailbox, .seed = seed },
        n, add, options, err);
}
