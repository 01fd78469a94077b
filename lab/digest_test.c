#include "lab/digest.h"

#include <string.h>

#include "base/check.h"
#include "lab/fts_edit.h"
#include "lab/generate.h"
#include "lab/mapi_tags.h"
#include "lab/specimen.h"
#include "lab/store_fixture.h"

static void edit(struct mapi_item **item, uint64_t seed)
{
    struct lab_profile p;
    struct lab_edit e = { .profile = &p,
                          .mid = seed * 1000,
                          .change = seed * 1001,
                          .now_us = INT64_C(1700000000000000) + (int64_t)seed,
                          .created_us = TIMESTAMP_NONE };
    g_autoptr(GBytes) stream = NULL, stored = NULL;
    struct mapi_item *tree = NULL;
    struct err err;
    gsize n;
    const uint8_t *data;

    lab_profile_init(&p, seed + 17);
    stream = lab_fts_write(*item, &p);
    data = g_bytes_get_data(stream, &n);
    lab_profile_init(&p, seed);
    CHECK_OK(lab_fts_edit(data, n, &e, &stored, &tree, &err), &err);
    mapi_item_free(*item);
    *item = tree;
}

static void test_equal_after_two_moves(void)
{
    for (uint64_t seed = 0; seed < 16; seed++) {
        g_autoptr(mapi_item) fresh = specimen_new();
        struct mapi_item *item = specimen_new();
        char first[LAB_DIGEST_TEXT], last[LAB_DIGEST_TEXT];

        lab_digest_item(fresh, first);
        edit(&item, seed);
        edit(&item, seed + 5);
        lab_digest_item(item, last);
        g_assert_cmpstr(first, ==, last);
        mapi_item_free(item);
    }
}

/* ---- each kind of change shows --------------------------------------- */

static void flip(struct mapi_item *item, struct mapi_prop *p, size_t at)
{
    uint8_t *data = mapi_copy(item, p->data, p->size);

    g_assert_cmpuint(at, <, p->size);
    data[at] ^= 1;
    p->data = data;
}

static struct mapi_props *top(struct mapi_item *item)
{
    return &item->message.props;
}

static void subject(struct mapi_item *i)
{
    mapi_set_text(i, top(i), PR_SUBJECT, "Gruesse");
}
static void body_byte(struct mapi_item *i)
{
    flip(i, mapi_find(top(i), 0x1000), 0);
}
static void html_last_byte(struct mapi_item *i)
{
    flip(i, mapi_find(top(i), 0x1013), 99999);
}
static void body_gone(struct mapi_item *i)
{
    mapi_remove(top(i), 0x1013);
}
static void time_by_one(struct mapi_item *i)
{
    flip(i, mapi_find(top(i), 0x0E06), 0);
}
static void unread(struct mapi_item *i)
{
    mapi_set_i32(i, top(i), PR_MESSAGE_FLAGS, MSGFLAG_INTERNET);
}
static void unsent(struct mapi_item *i)
{
    mapi_set_i32(i, top(i), PR_MESSAGE_FLAGS,
                 MSGFLAG_READ | MSGFLAG_INTERNET | MSGFLAG_UNSENT);
}
static void named_number(struct mapi_item *i)
{
    flip(i, mapi_find_id(top(i), PSETID_COMMON, 0x8501), 0);
}
static void named_gone(struct mapi_item *i)
{
    mapi_remove(
        top(i),
        PROP_ID(mapi_find_text(top(i), PS_PUBLIC_STRINGS, "Keywords")->tag));
}
static void named_other(struct mapi_item *i)
{
    struct mapi_prop *p = mapi_find_id(top(i), PSETID_COMMON, 0x8501);
    struct mapi_name *name = mapi_copy(i, p->name, sizeof(*p->name));

    name->id = 0x8502;
    p->name = name;
}
static void category(struct mapi_item *i)
{
    struct mapi_prop *p = mapi_find_text(top(i), PS_PUBLIC_STRINGS, "Keywords");

    flip(i, p, 4);
}
static void new_property(struct mapi_item *i)
{
    mapi_set_i32(i, top(i), PROP_TAG(0x6900, PT_LONG), 0);
}
static void other_type(struct mapi_item *i)
{
    mapi_find(top(i), 0x6805)->tag = PROP_TAG(0x6805, PT_R4);
}
static void recipient_gone(struct mapi_item *i)
{
    i->message.n_recipients--;
}
static void first_recipient(struct mapi_item *i)
{
    mapi_set_text(i, &i->message.recipients[0], PR_DISPLAY_NAME, "anne");
}
static void recipient_type(struct mapi_item *i)
{
    mapi_set_i32(i, &i->message.recipients[1], PR_RECIPIENT_TYPE, 3);
}
static void recipients_swapped(struct mapi_item *i)
{
    struct mapi_props first = i->message.recipients[0];

    i->message.recipients[0] = i->message.recipients[1];
    i->message.recipients[1] = first;
}
static void attachment_byte(struct mapi_item *i)
{
    flip(i, mapi_find(&i->message.attachments[0].props, 0x3701), 50000);
}
static void attachment_name(struct mapi_item *i)
{
    mapi_set_text(i, &i->message.attachments[0].props, PR_ATTACH_LONG_FILENAME,
                  "large.bim");
}
static void attachment_gone(struct mapi_item *i)
{
    i->message.n_attachments--;
}
static void ole_byte(struct mapi_item *i)
{
    flip(i, mapi_find(&i->message.attachments[1].props, 0x3701), 3);
}
static void inner_subject(struct mapi_item *i)
{
    mapi_set_text(i, &specimen_inner(i)->props, PR_SUBJECT, "innes");
}
static void inner_emptied(struct mapi_item *i)
{
    i->message.attachments[2].embedded = NULL;
}

/* Changes that are none: what a server does. */
static void order(struct mapi_item *i)
{
    struct mapi_prop first = top(i)->v[0];

    memmove(top(i)->v, top(i)->v + 1, (top(i)->n - 1) * sizeof(first));
    top(i)->v[top(i)->n - 1] = first;
}
static void code_page(struct mapi_item *i)
{
    mapi_find(top(i), 0x0037)->tag = PROP_TAG(0x0037, PT_CP_UNICODE);
}
static void eight_bits(struct mapi_item *i)
{
    mapi_set_text(i, top(i), PROP_TAG(0x007D, PT_UNICODE),
                  "X-Note: café €\r\n");
}
static void computed_flags(struct mapi_item *i)
{
    mapi_set_i32(i, top(i), PR_MESSAGE_FLAGS,
                 MSGFLAG_READ | MSGFLAG_INTERNET | MSGFLAG_HASATTACH |
                     MSGFLAG_EVERREAD);
}
static void search_key(struct mapi_item *i)
{
    mapi_set(i, top(i), PR_SEARCH_KEY, "fedcba9876543210", 16);
}
static void row_number(struct mapi_item *i)
{
    mapi_set_i32(i, &i->message.recipients[0], PR_ROWID, 7);
}

static void test_changes(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        void (*change)(struct mapi_item *item);
        bool shows;
    } rows[] = {
        { "subject", subject, true },
        { "a byte of the body", body_byte, true },
        { "the last byte of the HTML", html_last_byte, true },
        { "a body gone", body_gone, true },
        { "received 100 ns later", time_by_one, true },
        { "unread", unread, true },
        { "a draft", unsent, true },
        { "a named number", named_number, true },
        { "a named property gone", named_gone, true },
        { "under another name", named_other, true },
        { "a category", category, true },
        { "one property more", new_property, true },
        { "another type", other_type, true },
        { "a recipient gone", recipient_gone, true },
        { "the first recipient's name", first_recipient, true },
        { "To becomes Bcc", recipient_type, true },
        { "recipients swapped", recipients_swapped, true },
        { "a byte of an attachment", attachment_byte, true },
        { "an attachment's name", attachment_name, true },
        { "an attachment gone", attachment_gone, true },
        { "a byte of an OLE object", ole_byte, true },
        { "a subject two levels down", inner_subject, true },
        { "an embedded message gone", inner_emptied, true },
        { "order", order, false },
        { "form of a string", code_page, false },
        { "eight bits as Unicode", eight_bits, false },
        { "flags that a store computes", computed_flags, false },
        { "search key", search_key, false },
        { "a row's number", row_number, false },
    };
    /* clang-format on */
    g_autoptr(mapi_item) plain = specimen_new();
    char before[LAB_DIGEST_TEXT];

    lab_digest_item(plain, before);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mapi_item) item = specimen_new();
        char after[LAB_DIGEST_TEXT];

        rows[i].change(item);
        lab_digest_item(item, after);
        CHECK_ROW(rows[i].name, (strcmp(before, after) != 0) == rows[i].shows);
    }
}

/* ---- a store's digest ------------------------------------------------ */

static void put(struct kept *lab, const char *folder_id, const char *subject_of)
{
    g_autoptr(mapi_item) item = specimen_plain("IPM.Note", subject_of, "b");
    struct err err;

    CHECK_OK(lab_store_put(lab->store, lab->mailbox, folder_id, false, item,
                           NULL, &err),
             &err);
}

static void test_lines(void)
{
    struct kept lab;
    g_auto(lab_folder) inbox = { 0 }, odd = { 0 }, sub = { 0 };
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    struct err err;

    kept_open(&lab, (struct lab_store_options){ .language = "de", .seed = 4 });
    CHECK_OK(
        lab_store_distinguished(lab.store, lab.mailbox, "inbox", &inbox, &err),
        &err);
    g_assert_cmpstr(inbox.name, ==, "Posteingang");
    CHECK_OK(lab_store_create_folder(lab.store, lab.mailbox, inbox.id,
                                     "a/b\t100%", NULL, &odd, &err),
             &err);
    CHECK_OK(lab_store_create_folder(lab.store, lab.mailbox, odd.id, "Größe ",
                                     NULL, &sub, &err),
             &err);
    put(&lab, inbox.id, "one");
    put(&lab, sub.id, "two");
    /* while the store is open: another connection reads it */
    text = kept_digest(&lab, false);
    lines = g_strsplit(text, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 3);
    g_assert_true(
        g_str_has_prefix(lines[0], "ann@corp.example\tInbox\tIPM.Note\t"));
    g_assert_true(g_str_has_prefix(
        lines[1], "ann@corp.example\tInbox/a%2Fb%09100%25/Größe \tIPM.Note\t"));
    g_assert_cmpuint(strlen(strrchr(lines[0], '\t') + 1), ==, 64);
    kept_shut(&lab);
}

static void test_what_is_left_out(void)
{
    struct kept lab;
    g_auto(lab_folder) inbox = { 0 };
    g_autoptr(mapi_item) rule = specimen_plain("IPM.Rule", "r", "");
    g_auto(lab_item) item = { 0 };
    g_autofree char *visible = NULL, *all = NULL;
    struct err err;

    kept_open(&lab, (struct lab_store_options){ .language = "en", .seed = 4 });
    CHECK_OK(
        lab_store_distinguished(lab.store, lab.mailbox, "inbox", &inbox, &err),
        &err);
    CHECK_OK(lab_store_put(lab.store, lab.mailbox, inbox.id, true, rule, &item,
                           &err),
             &err);
    put(&lab, inbox.id, "seen");
    lab_item_clear(&item);
    {
        g_autoptr(mapi_item) gone = specimen_plain("IPM.Note", "gone", "");

        CHECK_OK(lab_store_put(lab.store, lab.mailbox, inbox.id, false, gone,
                               &item, &err),
                 &err);
        CHECK_OK(lab_store_delete_item(lab.store, lab.mailbox, item.id,
                                       LAB_DELETE_SOFT, &err),
                 &err);
    }
    visible = kept_digest(&lab, false);
    all = kept_digest(&lab, true);
    g_assert_null(strstr(visible, "IPM.Rule"));
    g_assert_nonnull(strstr(all, "IPM.Rule"));
    g_assert_cmpint(strchr(visible, '\n')[1], ==, '\0');
    kept_shut(&lab);
}

/* An item that cannot be read is there all the same; one mailbox of two. */
static void test_damaged_and_filtered(void)
{
    struct kept lab;
    g_auto(lab_folder) inbox = { 0 }, theirs = { 0 };
    g_auto(lab_item) item = { 0 };
    g_autoptr(mapi_item) tree = specimen_plain("IPM.Note", "x", "");
    struct lab_digest_options options = { .mailbox = "ann@corp.example" };
    g_autofree char *all = NULL, *one = NULL;
    FILE *out;
    size_t n;
    int64_t ben;
    struct err err;

    kept_open(&lab, (struct lab_store_options){ .language = "en", .seed = 4 });
    CHECK_OK(lab_store_add_mailbox(lab.store, "ben@corp.example", NULL, 0, &ben,
                                   &err),
             &err);
    CHECK_OK(
        lab_store_distinguished(lab.store, lab.mailbox, "inbox", &inbox, &err),
        &err);
    CHECK_OK(lab_store_distinguished(lab.store, ben, "inbox", &theirs, &err),
             &err);
    put(&lab, inbox.id, "ann's");
    CHECK_OK(lab_store_put(lab.store, ben, theirs.id, false, tree, &item, &err),
             &err);
    CHECK_OK(lab_store_damage(lab.store, ben, item.id, 3, &err), &err);
    all = kept_digest(&lab, false);
    g_assert_nonnull(strstr(all, "ann@corp.example\tInbox\t"));
    g_assert_nonnull(
        strstr(all, "ben@corp.example\tInbox\tIPM.Note\tunreadable\n"));
    out = open_memstream(&one, &n);
    CHECK_OK(lab_digest_print(lab.file.path, &options, out, &err), &err);
    fclose(out);
    g_assert_null(strstr(one, "ben@"));
    g_assert_nonnull(strstr(one, "ann@"));
    kept_shut(&lab);
}

/* Every generated item, uploaded to another server by its export. */
static void copy_folder(struct kept *from, struct kept *to,
                        const struct lab_folder *source,
                        const struct lab_folder *target)
{
    struct lab_list list = { .folder_id = source->id, .max = 10000 };
    g_autoptr(GPtrArray) items = NULL;
    uint64_t total;
    struct err err;

    CHECK_OK(
        lab_store_list(from->store, from->mailbox, &list, &items, &total, &err),
        &err);
    for (guint i = 0; i < items->len; i++) {
        const struct lab_item *item = g_ptr_array_index(items, i);
        g_autoptr(GBytes) payload = NULL;
        g_auto(lab_item) stored = { 0 };
        struct lab_upload upload = { .folder_id = target->id };

        CHECK_OK(lab_store_export(from->store, from->mailbox, item->id,
                                  &payload, NULL, &err),
                 &err);
        upload.data = g_bytes_get_data(payload, &upload.len);
        CHECK_OK(
            lab_store_upload(to->store, to->mailbox, &upload, &stored, &err),
            &err);
    }
}

static void copy_tree(struct kept *from, struct kept *to, const char *source_id,
                      const char *target_id)
{
    g_autoptr(GPtrArray) folders = NULL;
    struct err err;

    CHECK_OK(lab_store_folders(from->store, from->mailbox, source_id, false,
                               &folders, &err),
             &err);
    for (guint i = 0; i < folders->len; i++) {
        const struct lab_folder *f = g_ptr_array_index(folders, i);
        g_auto(lab_folder) made = { 0 };

        if (f->kind == LAB_FOLDER_SEARCH)
            continue;
        if (f->distinguished != NULL)
            CHECK_OK(lab_store_distinguished(to->store, to->mailbox,
                                             f->distinguished, &made, &err),
                     &err);
        else
            CHECK_OK(lab_store_create_folder(to->store, to->mailbox, target_id,
                                             f->name, f->folder_class, &made,
                                             &err),
                     &err);
        copy_folder(from, to, f, &made);
        copy_tree(from, to, f->id, made.id);
    }
}

static void test_faithful_move_is_equal(void)
{
    struct lab_generate_options small = { .attachment_bytes_max = 5000 };
    struct kept from, to;
    g_auto(lab_folder) a = { 0 }, b = { 0 };
    g_autofree char *source = NULL, *target = NULL;
    struct err err;

    kept_open(&from, (struct lab_store_options){ .language = "en", .seed = 3 });
    kept_open(&to, (struct lab_store_options){ .language = "de", .seed = 4 });
    CHECK_OK(lab_generate(from.store, from.mailbox, 400, 1, &small, &err),
             &err);
    CHECK_OK(lab_store_distinguished(from.store, from.mailbox, "msgfolderroot",
                                     &a, &err),
             &err);
    CHECK_OK(lab_store_distinguished(to.store, to.mailbox, "msgfolderroot", &b,
                                     &err),
             &err);
    copy_tree(&from, &to, a.id, b.id);
    source = kept_digest(&from, false);
    target = kept_digest(&to, false);
    g_assert_cmpuint(strlen(source), >, 400 * 80);
    g_assert_cmpstr(source, ==, target);
    kept_shut(&from);
    kept_shut(&to);
}

static void test_no_store(void)
{
    struct lab_digest_options options = { 0 };
    struct err err;

    g_assert_cmpint(
        lab_digest_print("/nonexistent/store.db", &options, stdout, &err), ==,
        -1);
    g_assert_nonnull(strstr(err.msg, "/nonexistent/store.db"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/digest/two-moves", test_equal_after_two_moves);
    g_test_add_func("/digest/changes", test_changes);
    g_test_add_func("/digest/lines", test_lines);
    g_test_add_func("/digest/left-out", test_what_is_left_out);
    g_test_add_func("/digest/damaged", test_damaged_and_filtered);
    g_test_add_func("/digest/faithful-move", test_faithful_move_is_equal);
    g_test_add_func("/digest/no-store", test_no_store);
    return g_test_run();
}
