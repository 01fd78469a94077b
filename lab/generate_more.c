#include <string.h>

#include "lab/generate_priv.h"
#include "lab/store_priv.h"

#define DAY INT64_C(86400000000)

/* As many as generate.c commits at a time. */
#define ITEMS_A_TRANSACTION 200

/* Items of an archive are this old at least. */
#define ARCHIVE_AGE (INT64_C(3) * 365 * DAY)

typedef int make_fn(const struct lab_scene *scene, uint64_t i, void *data,
                    struct err *err);

static int make_some(const struct lab_scene *scene, uint64_t from, uint64_t to,
                     make_fn *make, void *data, struct err *err)
{
    for (uint64_t i = from; i < to; i++)
        if (make(scene, i, data, err) < 0)
            return -1;
    return 0;
}

static int make_many(const struct lab_scene *scene, uint64_t n, make_fn *make,
                     void *data, struct err *err)
{
    for (uint64_t from = 0; from < n; from += ITEMS_A_TRANSACTION) {
        int status;

        if (lab_enter(scene->store, err) < 0)
            return -1;
        status = make_some(scene, from, MIN(from + ITEMS_A_TRANSACTION, n),
                           make, data, err);
        if (lab_leave(scene->store, status, err) < 0)
            return -1;
    }
    return 0;
}

/* An item of that kind and age in the folder. */
static int put(const struct lab_scene *scene, uint64_t seed, lab_kind_fn kind,
               const char *folder_id, int64_t age_us, struct err *err)
{
    g_autoptr(mapi_item) item = mapi_item_new();
    struct lab_sketch s = { .scene = scene,
                            .random = { seed },
                            .item = item,
                            .props = &item->message.props };

    s.at_us = scene->newest_us - age_us -
              (int64_t)(seed % 31536000) * INT64_C(1000000);
    kind(&s);
    return lab_store_put(scene->store, scene->mailbox, folder_id, false, item,
                         NULL, err);
}

static lab_kind_fn some_mail(uint64_t seed)
{
    static const lab_kind_fn kinds[] = {
        lab_kind_plain,     lab_kind_html,       lab_kind_html,  lab_kind_rtf,
        lab_kind_forwarded, lab_kind_no_subject, lab_kind_files,
    };

    return kinds[seed % G_N_ELEMENTS(kinds)];
}

/* ---- Recoverable Items ----------------------------------------------- */

static int make_recoverable(const struct lab_scene *scene, uint64_t i,
                            void *data, struct err *err)
{
    static const char *const places[] = {
        "recoverableitemsdeletions", "recoverableitemsdeletions",
        "recoverableitemsdeletions", "recoverableitemsversions",
        "recoverableitemspurges",
    };
    uint64_t seed = lab_hash_u64(scene->seed, i << 8 | 3);
    g_auto(lab_folder) f = { 0 };

    (void)data;
    if (lab_store_distinguished(scene->store, scene->mailbox,
                                places[i % G_N_ELEMENTS(places)], &f, err) < 0)
        return -1;
    return put(scene, seed, some_mail(seed), f.id, 0, err);
}

int lab_generate_recoverable(struct lab_store *store, int64_t mailbox,
                             uint64_t n, uint64_t seed, struct err *err)
{
    struct lab_scene scene = { .store = store,
                               .mailbox = mailbox,
                               .seed = seed };
    int status;

    if (lab_scene_open(&scene, NULL, err) < 0)
        return -1;
    status = make_many(&scene, n, make_recoverable, NULL, err);
    lab_people_clear(&scene);
    return status;
}

/* ---- archives -------------------------------------------------------- */

/* parent: a distinguished id, or the name of one further up. */
static const struct {
    const char *parent, *name, *folder_class;
} archive_folders[] = {
    { "archivemsgfolderroot", "2016", "IPF.Note" },
    { "archivemsgfolderroot", "2017", "IPF.Note" },
    { "2017", "Q1/Q2", "IPF.Note" },
    { "archivemsgfolderroot", "Inbox (old) ", "IPF.Note" },
    { "archivemsgfolderroot", "Calendar 2016", "IPF.Appointment" },
};

static int make_archive_folders(const struct lab_scene *scene, GPtrArray *ids,
                                struct err *err)
{
    for (size_t i = 0; i < G_N_ELEMENTS(archive_folders); i++) {
        g_auto(lab_folder) root = { 0 };
        g_auto(lab_folder) f = { 0 };
        const char *parent = NULL;

        for (size_t k = 0; k < i; k++)
            if (strcmp(archive_folders[k].name, archive_folders[i].parent) == 0)
                parent = g_ptr_array_index(ids, (guint)k);
        if (parent == NULL) {
            if (lab_store_distinguished(scene->store, scene->mailbox,
                                        archive_folders[i].parent, &root,
                                        err) < 0)
                return -1;
            parent = root.id;
        }
        if (lab_store_create_folder(
                scene->store, scene->mailbox, parent, archive_folders[i].name,
                archive_folders[i].folder_class, &f, err) < 0)
            return -1;
        g_ptr_array_add(ids, g_steal_pointer(&f.id));
    }
    return 0;
}

static int make_archived(const struct lab_scene *scene, uint64_t i, void *data,
                         struct err *err)
{
    GPtrArray *ids = data;
    uint64_t seed = lab_hash_u64(scene->seed, i << 8 | 4);
    guint at = (guint)(seed >> 32) % ids->len;
    bool calendar = at == ids->len - 1;

    return put(scene, seed, calendar ? lab_kind_appointment : some_mail(seed),
               g_ptr_array_index(ids, at), ARCHIVE_AGE, err);
}

static int fill_archive(const struct lab_scene *scene, uint64_t n,
                        struct err *err)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

    if (n == 0)
        return 0; /* as a server makes one: nothing in it */
    if (make_archive_folders(scene, ids, err) < 0)
        return -1;
    return make_many(scene, n, make_archived, ids, err);
}

int lab_generate_archive(struct lab_store *store, int64_t mailbox,
                         int64_t archive, uint64_t n, uint64_t seed,
                         struct err *err)
{
    struct lab_scene scene = { .store = store,
                               .mailbox = mailbox,
                               .seed = seed };
    int status;

    /* Who writes and is written to is the owner, not the archive. */
    if (lab_scene_open(&scene, NULL, err) < 0)
        return -1;
    scene.mailbox = archive;
    status = fill_archive(&scene, n, err);
    lab_people_clear(&scene);
    return status;
}

/* ---- one big folder -------------------------------------------------- */

/* A few lines from someone: the least that a mail is. */
static void small_mail(struct lab_sketch *s)
{
    g_autofree char *subject = lab_text_subject(&s->random);
    g_autofree char *text =
        lab_text_body(&s->random, 60 + lab_random_below(&s->random, 300));

    lab_part_head(s, "IPM.Note", subject);
    lab_part_sender(s, lab_someone(s));
    lab_part_recipient(s, &s->item->message, &s->scene->owner, 1);
    lab_part_body_plain(s, text);
}

static int make_small(const struct lab_scene *scene, uint64_t i, void *data,
                      struct err *err)
{
    const char *folder_id = data;

    return put(scene, lab_hash_u64(scene->seed, i << 8 | 5), small_mail,
               folder_id, 0, err);
}

int lab_generate_big(struct lab_store *store, int64_t mailbox, uint64_t n,
                     uint64_t seed, struct err *err)
{
    struct lab_scene scene = { .store = store,
                               .mailbox = mailbox,
                               .seed = seed };
    g_auto(lab_folder) root = { 0 };
    g_auto(lab_folder) f = { 0 };
    int status;

    if (lab_store_distinguished(store, mailbox, "msgfolderroot", &root, err) <
            0 ||
        lab_store_create_folder(store, mailbox, root.id, "Big", "IPF.Note", &f,
                                err) < 0 ||
        lab_scene_open(&scene, NULL, err) < 0)
        return -1;
    status = make_many(&scene, n, make_small, f.id, err);
    lab_people_clear(&scene);
    return status;
}

/* ---- permissions ----------------------------------------------------- */

/* Somebody who has left: the store keeps what named him. */
#define FORMER_COLLEAGUE "NT User:S-1-5-21-1004336348-1177238915-682003330-512"

#define SEES   (LAB_RIGHT_READ | LAB_RIGHT_VISIBLE)
#define WRITES (SEES | LAB_RIGHT_CREATE | LAB_RIGHT_EDIT_OWN)
#define MAINTAINS                                                              \
    (WRITES | LAB_RIGHT_DELETE_OWN | LAB_RIGHT_EDIT_ALL | LAB_RIGHT_DELETE_ALL)

/* other: the i-th after this mailbox's own; or one of enum lab_member. */
static const struct {
    const char *folder;
    int other; /* 0: the member below */
    int64_t member;
    uint32_t rights;
} shares[] = {
    { "calendar", 0, LAB_MEMBER_DEFAULT,
      LAB_RIGHT_FREEBUSY | LAB_RIGHT_FREEBUSY_DETAILS },
    { "calendar", 1, 0, SEES },
    { "calendar", 2, 0, MAINTAINS },
    { "calendar", 0, LAB_MEMBER_UNKNOWN, SEES },
    { "contacts", 1, 0, SEES },
    { "notes", 2, 0, MAINTAINS },
    { "notes", 0, LAB_MEMBER_DEFAULT, LAB_RIGHT_VISIBLE },
    { "tasks", 1, 0, WRITES | LAB_RIGHT_SUBFOLDERS },
};

static void permission_free(gpointer p)
{
    lab_permission_free(p);
}

static GPtrArray *members_of(const char *folder, size_t self,
                             const GPtrArray *mailboxes)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(permission_free);

    for (size_t i = 0; i < G_N_ELEMENTS(shares); i++) {
        struct lab_permission *p;
        size_t at = (self + (size_t)shares[i].other) % mailboxes->len;
        const struct lab_mailbox *m = g_ptr_array_index(mailboxes, (guint)at);

        if (strcmp(shares[i].folder, folder) != 0 ||
            (shares[i].other > 0 && (size_t)shares[i].other >= mailboxes->len))
            continue;
        p = g_new0(struct lab_permission, 1);
        p->member = shares[i].other > 0 ? m->key : shares[i].member;
        p->rights = shares[i].rights;
        p->name = g_strdup(FORMER_COLLEAGUE);
        g_ptr_array_add(all, p);
    }
    return all;
}

static int share(struct lab_store *store, const GPtrArray *mailboxes,
                 size_t self, struct err *err)
{
    /* not the inbox: by it tests tell whether a mailbox is somebody's own */
    static const char *const folders[] = { "calendar", "contacts", "notes",
                                           "tasks" };
    const struct lab_mailbox *m = g_ptr_array_index(mailboxes, (guint)self);

    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autoptr(GPtrArray) all = members_of(folders[i], self, mailboxes);
        g_auto(lab_folder) f = { 0 };

        if (lab_store_distinguished(store, m->key, folders[i], &f, err) < 0 ||
            lab_store_set_permissions(store, m->key, f.id, all, err) < 0)
            return -1;
    }
    return 0;
}

int lab_generate_permissions(struct lab_store *store, struct err *err)
{
    g_autoptr(GPtrArray) mailboxes = NULL;

    if (lab_store_mailboxes(store, &mailboxes, err) < 0)
        return -1;
    for (size_t i = 0; i < mailboxes->len; i++)
        if (share(store, mailboxes, i, err) < 0)
            return -1;
    return 0;
}
