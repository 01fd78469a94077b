#include "lab/store_fixture.h"

#include <glib/gstdio.h>

#include "base/check.h"
#include "lab/digest.h"
#include "lab/fts_read.h"
#include "lab/specimen.h"

struct lab_store *open_store(const char *path, uint64_t seed)
{
    struct lab_store_options options = { .path = path, .seed = seed };
    struct lab_store *store = NULL;
    struct err err;

    CHECK_OK(lab_store_open(&options, &store, &err), &err);
    return store;
}

int64_t add_mailbox(struct lab_store *store, const char *address,
                    uint64_t quota_bytes)
{
    int64_t key = 0;
    struct err err;

    CHECK_OK(
        lab_store_add_mailbox(store, address, NULL, quota_bytes, &key, &err),
        &err);
    return key;
}

/* ---- on disk --------------------------------------------------------- */

void store_file_init(struct store_file *f)
{
    f->dir = g_dir_make_tmp("lab-store-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "s.db", NULL);
}

void store_file_remove(struct store_file *f)
{
    static const char *const suffixes[] = { "", "-wal", "-shm" };

    for (size_t i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *path = g_strconcat(f->path, suffixes[i], NULL);

        (void)g_unlink(path);
    }
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    g_free(f->path);
    g_free(f->dir);
}

void kept_open(struct kept *k, struct lab_store_options options)
{
    struct err err;

    store_file_init(&k->file);
    options.path = k->file.path;
    CHECK_OK(lab_store_open(&options, &k->store, &err), &err);
    CHECK_OK(lab_store_add_mailbox(k->store, "ann@corp.example", "Ann Adams", 0,
                                   &k->mailbox, &err),
             &err);
}

void kept_shut(struct kept *k)
{
    lab_store_close(k->store);
    store_file_remove(&k->file);
}

char *kept_digest(const struct kept *k, bool all)
{
    struct lab_digest_options options = { .all = all };
    struct err err;
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);

    CHECK_OK(lab_digest_print(k->file.path, &options, out, &err), &err);
    fclose(out);
    return text;
}

/* ---- in memory ------------------------------------------------------- */

void set_up(struct fix *f)
{
    g_auto(lab_folder) root = { 0 };
    struct err err;

    *f = (struct fix){ .store = open_store(NULL, 3) };
    f->mailbox = add_mailbox(f->store, "ann@corp.example", 0);
    CHECK_OK(
        lab_store_distinguished(f->store, f->mailbox, "inbox", &f->inbox, &err),
        &err);
    CHECK_OK(lab_store_distinguished(f->store, f->mailbox, "msgfolderroot",
                                     &root, &err),
             &err);
    f->root = g_strdup(root.id);
}

void tear_down(struct fix *f)
{
    lab_folder_clear(&f->inbox);
    g_free(f->root);
    lab_store_close(f->store);
}

char *folder_id(struct fix *f, const char *distinguished)
{
    g_auto(lab_folder) folder = { 0 };
    struct err err;

    CHECK_OK(lab_store_distinguished(f->store, f->mailbox, distinguished,
                                     &folder, &err),
             &err);
    return g_steal_pointer(&folder.id);
}

GBytes *payload_of(const char *subject)
{
    g_autoptr(mapi_item) item = specimen_plain("IPM.Note", subject, "body");
    struct lab_profile p;

    lab_profile_init(&p, 42);
    return lab_fts_write(item, &p);
}

char *upload(struct fix *f, const char *folder, const char *item_id,
             const char *subject)
{
    g_autoptr(GBytes) payload = payload_of(subject);
    struct lab_upload u = { .action = item_id ? LAB_UPDATE : LAB_CREATE_NEW,
                            .folder_id = folder,
                            .item_id = item_id };
    g_auto(lab_item) stored = { 0 };
    struct err err;

    u.data = g_bytes_get_data(payload, &u.len);
    CHECK_OK(lab_store_upload(f->store, f->mailbox, &u, &stored, &err), &err);
    return g_steal_pointer(&stored.id);
}

void get_item(struct fix *f, const char *id, struct lab_item *ret)
{
    struct err err;

    lab_item_clear(ret);
    CHECK_OK(lab_store_item(f->store, f->mailbox, id, ret, &err), &err);
}

void get_folder(struct fix *f, const char *id, struct lab_folder *ret)
{
    struct err err;

    lab_folder_clear(ret);
    CHECK_OK(lab_store_folder(f->store, f->mailbox, id, ret, &err), &err);
}

char *make_folder(struct fix *f, const char *parent_id, const char *name)
{
    g_auto(lab_folder) folder = { 0 };
    struct err err;

    CHECK_OK(lab_store_create_folder(f->store, f->mailbox, parent_id, name,
                                     NULL, &folder, &err),
             &err);
    return g_steal_pointer(&folder.id);
}

struct mapi_item *exported(struct fix *f, const char *id)
{
    g_autoptr(GBytes) payload = NULL;
    struct mapi_item *tree = NULL;
    struct err err;
    gsize n;
    const uint8_t *data;

    CHECK_OK(lab_store_export(f->store, f->mailbox, id, &payload, NULL, &err),
             &err);
    data = g_bytes_get_data(payload, &n);
    CHECK_OK(lab_fts_read(data, n, &tree, &err), &err);
    return tree;
}

char *exported_digest(struct fix *f, const char *id)
{
    g_autoptr(mapi_item) tree = exported(f, id);
    char *digest = g_malloc(LAB_DIGEST_TEXT);

    lab_digest_item(tree, digest);
    return digest;
}
