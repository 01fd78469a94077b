#include "lab/generate.h"

#include <string.h>

#include "base/check.h"
#include "lab/digest.h"
#include "lab/fts_read.h"
#include "lab/mapi_tags.h"
#include "lab/store_fixture.h"

static const struct lab_generate_options small = {
    .attachment_bytes_max = 4000,
};

/* A server that keeps strings of eight bits. */
static const struct lab_store_options eight_bits = { .seed = 20 };

static unsigned int count_lines(const char *text)
{
    unsigned int n = 0;

    for (; *text != '\0'; text++)
        n += *text == '\n';
    return n;
}

static char *generated(uint64_t n, uint64_t seed, uint64_t more_seed)
{
    struct kept lab;
    struct err err;
    char *digest;

    kept_open(&lab, eight_bits);
    CHECK_OK(lab_generate(lab.store, lab.mailbox, n, seed, &small, &err), &err);
    if (more_seed != 0)
        CHECK_OK(lab_generate_more(lab.store, lab.mailbox, 40, more_seed,
                                   &small, &err),
                 &err);
    digest = kept_digest(&lab, true);
    kept_shut(&lab);
    return digest;
}

static void test_seeds(void)
{
    g_autofree char *a = generated(330, 1, 0), *again = generated(330, 1, 0);
    g_autofree char *b = generated(330, 2, 0);

    g_assert_cmpstr(a, ==, again);
    g_assert_cmpstr(a, !=, b);
}

static void test_more(void)
{
    g_autofree char *alone = generated(100, 1, 0);
    g_autofree char *a = generated(100, 1, 5), *again = generated(100, 1, 5);
    g_autofree char *b = generated(100, 1, 6);

    g_assert_cmpstr(a, ==, again);
    g_assert_cmpstr(a, !=, b);
    g_assert_cmpuint(count_lines(a), ==, count_lines(alone) + 40);
}

static void test_counts(void)
{
    static const uint64_t counts[] = { 0, 1, 10, 200, 201 };

    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
        struct kept lab;
        g_autofree char *visible = NULL;
        struct err err;

        kept_open(&lab, eight_bits);
        CHECK_OK(
            lab_generate(lab.store, lab.mailbox, counts[i], 3, &small, &err),
            &err);
        visible = kept_digest(&lab, false);
        g_assert_cmpuint(count_lines(visible), ==, counts[i]);
        kept_shut(&lab);
    }
}

/* ---- what is promised ------------------------------------------------ */

/* What has been seen in a mailbox: one counter for each promise. */
struct seen {
    GHashTable *classes, *search_keys;
    unsigned int plain, html, rtf, all_bodies, no_subject, empty_subject;
    unsigned int by_value, ole, embedded, deep, inline_image, photo;
    unsigned int series, exceptions, zones, recipients_many;
    unsigned int categories, flagged, eight_bit, unicode_subject;
    unsigned int read, unread, hidden, doubles, attachments;
    uint64_t largest;
};

static bool has(const struct mapi_props *props, uint32_t tag)
{
    return mapi_find(props, PROP_ID(tag)) != NULL;
}

static unsigned int depth_of(const struct mapi_message *m)
{
    unsigned int deepest = 0;

    for (size_t i = 0; i < m->n_attachments; i++)
        if (m->attachments[i].embedded != NULL)
            deepest = MAX(deepest, 1 + depth_of(m->attachments[i].embedded));
    return deepest;
}

static void look_at_attachment(struct seen *seen,
                               const struct mapi_attachment *a)
{
    const struct mapi_prop *data = mapi_find(&a->props, 0x3701);
    int32_t method = mapi_get_i32(mapi_find(&a->props, 0x3705), 0);

    seen->attachments++;
    seen->by_value += method == ATTACH_BY_VALUE;
    seen->ole += method == ATTACH_OLE;
    seen->embedded += method == ATTACH_EMBEDDED_MSG;
    seen->inline_image += has(&a->props, PR_ATTACH_CONTENT_ID);
    seen->photo += has(&a->props, PR_ATTACHMENT_CONTACTPHOTO);
    seen->exceptions += has(&a->props, PR_EXCEPTION_STARTTIME);
    if (data != NULL)
        seen->largest = MAX(seen->largest, data->size);
}

static void look_at_bodies(struct seen *seen, const struct mapi_props *props)
{
    bool plain = has(props, PR_BODY), html = has(props, PR_HTML);
    bool rtf = has(props, PR_RTF_COMPRESSED);

    seen->plain += plain && !html && !rtf;
    seen->html += html;
    seen->rtf += rtf;
    seen->all_bodies += plain && html && rtf;
}

static void look_at_subject(struct seen *seen, const struct mapi_props *props)
{
    g_autofree char *subject = mapi_dup_text(mapi_find(props, 0x0037));

    seen->no_subject += subject == NULL;
    seen->empty_subject += subject != NULL && *subject == '\0';
    seen->unicode_subject += subject != NULL && !g_str_is_ascii(subject);
}

static void look_at(struct seen *seen, const struct mapi_item *item)
{
    const struct mapi_message *m = &item->message;
    const struct mapi_props *props = &m->props;
    const struct mapi_prop *headers = mapi_find(props, 0x007D);

    look_at_bodies(seen, props);
    look_at_subject(seen, props);
    for (size_t i = 0; i < m->n_attachments; i++)
        look_at_attachment(seen, &m->attachments[i]);
    seen->deep += depth_of(m) > 1;
    seen->series += mapi_find_id(props, PSETID_APPOINTMENT, 0x8216) != NULL;
    seen->zones += mapi_find_id(props, PSETID_APPOINTMENT, 0x825E) != NULL;
    seen->categories +=
        mapi_find_text(props, PS_PUBLIC_STRINGS, "Keywords") != NULL;
    seen->flagged += mapi_get_i32(mapi_find(props, 0x1090), 0) == 2;
    seen->eight_bit += headers != NULL && PROP_TYPE(headers->tag) == PT_CP_1252;
    seen->recipients_many += m->n_recipients > 50;
}

static void look_at_row(struct kept *lab, struct seen *seen,
                        const struct lab_item *row)
{
    g_autoptr(GBytes) payload = NULL;
    g_autoptr(mapi_item) item = NULL;
    struct err err;
    gsize n;
    const uint8_t *data;

    CHECK_OK(lab_store_export(lab->store, lab->mailbox, row->id, &payload, NULL,
                              &err),
             &err);
    data = g_bytes_get_data(payload, &n);
    CHECK_OK(lab_fts_read(data, n, &item, &err), &err);
    seen->read += row->read;
    seen->unread += !row->read;
    g_hash_table_add(seen->classes, g_strdup(row->item_class));
    if (!g_hash_table_add(seen->search_keys, g_bytes_ref(row->search_key)))
        seen->doubles++;
    look_at(seen, item);
}

static void look_at_folder(struct kept *lab, struct seen *seen, const char *id)
{
    struct lab_list list = { .folder_id = id, .max = 10000 };
    g_autoptr(GPtrArray) rows = NULL;
    uint64_t total;
    struct err err;

    CHECK_OK(
        lab_store_list(lab->store, lab->mailbox, &list, &rows, &total, &err),
        &err);
    for (guint i = 0; i < rows->len; i++)
        look_at_row(lab, seen, g_ptr_array_index(rows, i));
}

static GPtrArray *all_folders(struct kept *lab)
{
    g_auto(lab_folder) root = { 0 };
    GPtrArray *folders = NULL;
    struct err err;

    CHECK_OK(lab_store_distinguished(lab->store, lab->mailbox, "msgfolderroot",
                                     &root, &err),
             &err);
    CHECK_OK(lab_store_folders(lab->store, lab->mailbox, root.id, true,
                               &folders, &err),
             &err);
    return folders;
}

static void assert_classes(const struct seen *seen)
{
    static const char *const promised[] = {
        "IPM.Note",
        "IPM.Note.SMIME.MultipartSigned",
        "IPM.Note.Invoice",
        "REPORT.IPM.Note.NDR",
        "REPORT.IPM.Note.IPNRN",
        "IPM.Appointment",
        "IPM.Schedule.Meeting.Request",
        "IPM.Contact",
        "IPM.DistList",
        "IPM.Task",
        "IPM.StickyNote",
        "IPM.Activity",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(promised); i++)
        CHECK_ROW(promised[i],
                  g_hash_table_contains(seen->classes, promised[i]));
}

static void look_at_all(struct kept *lab, struct seen *seen)
{
    g_autoptr(GPtrArray) folders = all_folders(lab);

    seen->classes =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    seen->search_keys = g_hash_table_new_full(
        g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
    for (guint i = 0; i < folders->len; i++) {
        const struct lab_folder *f = g_ptr_array_index(folders, i);

        seen->hidden += f->n_hidden;
        look_at_folder(lab, seen, f->id);
    }
}

static void test_every_kind(void)
{
    struct kept lab;
    struct seen seen = { 0 };
    struct err err;

    kept_open(&lab, eight_bits);
    CHECK_OK(lab_generate(lab.store, lab.mailbox, 400, 1, &small, &err), &err);
    look_at_all(&lab, &seen);
    assert_classes(&seen);
    {
        const struct {
            const char *name;
            unsigned int n;
        } rows[] = {
            { "plain", seen.plain },
            { "html", seen.html },
            { "rtf", seen.rtf },
            { "all bodies", seen.all_bodies },
            { "no or empty subject", seen.no_subject + seen.empty_subject },
            { "unicode subject", seen.unicode_subject },
            { "attachment by value", seen.by_value },
            { "OLE attachment", seen.ole },
            { "embedded message", seen.embedded },
            { "message two levels down", seen.deep },
            { "inline image", seen.inline_image },
            { "contact's photo", seen.photo },
            { "series", seen.series },
            { "exceptions", seen.exceptions },
            { "time zones", seen.zones },
            { "categories", seen.categories },
            { "flagged", seen.flagged },
            { "string of eight bits", seen.eight_bit },
            { "circular", seen.recipients_many },
            { "read", seen.read },
            { "unread", seen.unread },
            { "hidden", seen.hidden },
            { "doubles", seen.doubles },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
            CHECK_ROW(rows[i].name, rows[i].n > 0);
    }
    /* the cap holds for what is attached by value */
    g_assert_cmpuint(seen.largest, <=, 11000);
    g_hash_table_unref(seen.classes);
    g_hash_table_unref(seen.search_keys);
    kept_shut(&lab);
}

/* One in a hundred is there twice, byte for byte but for its own keys. */
static void test_doubles(void)
{
    g_autofree char *digest = generated(900, 1, 0);
    g_auto(GStrv) lines = g_strsplit(digest, "\n", -1);
    unsigned int doubles = 0;

    /* the lines are sorted */
    for (size_t i = 1; lines[i] != NULL; i++)
        doubles += strcmp(lines[i], lines[i - 1]) == 0;
    g_assert_cmpuint(doubles, >=, 4);
    g_assert_cmpuint(doubles, <=, 25);
}

static void test_awkward_names(void)
{
    static const char *const promised[] = {
        "Projects/2024",    "a/b/c",
        "100% done",        "%2F",
        ".hidden",          "Level 6",
        "trailing space ",  "🚀 Launch 👩‍💻",
        "back\\slash",      "Empty",
        "Unread or flagged"
    };
    struct kept lab;
    g_autoptr(GPtrArray) folders = NULL;
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    glong longest = 0;
    struct err err;

    kept_open(&lab, eight_bits);
    CHECK_OK(lab_generate(lab.store, lab.mailbox, 0, 1, NULL, &err), &err);
    folders = all_folders(&lab);
    for (guint i = 0; i < folders->len; i++) {
        struct lab_folder *f = g_ptr_array_index(folders, i);

        g_hash_table_add(names, f->name);
        longest = MAX(longest, g_utf8_strlen(f->name, -1));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(promised); i++)
        CHECK_ROW(promised[i], g_hash_table_contains(names, promised[i]));
    g_assert_cmpint(longest, >, 180);
    kept_shut(&lab);
}

static void test_large_attachments(void)
{
    struct kept lab;
    struct seen seen = { 0 };
    struct err err;

    kept_open(&lab, eight_bits);
    CHECK_OK(lab_generate(lab.store, lab.mailbox, 300, 1, NULL, &err), &err);
    look_at_all(&lab, &seen);
    g_assert_cmpuint(seen.largest, >=, 5 * 1024 * 1024);
    g_assert_cmpuint(seen.largest, <=, 30 * 1024 * 1024);
    g_hash_table_unref(seen.classes);
    g_hash_table_unref(seen.search_keys);
    kept_shut(&lab);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/generate/seeds", test_seeds);
    g_test_add_func("/generate/more", test_more);
    g_test_add_func("/generate/counts", test_counts);
    g_test_add_func("/generate/every-kind", test_every_kind);
    g_test_add_func("/generate/doubles", test_doubles);
    g_test_add_func("/generate/awkward-names", test_awkward_names);
    g_test_add_func("/generate/large", test_large_attachments);
    return g_test_run();
}
