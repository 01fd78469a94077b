#include <string.h>

#include "base/check.h"
#include "lab/mapi_tags.h"
#include "lab/mime.h"
#include "lab/rtf.h"
#include "lab/sketch_fixture.h"

static const struct mapi_prop *prop(const struct mapi_item *item, uint32_t tag)
{
    return mapi_find(&item->message.props, PROP_ID(tag));
}

/* ---- who ------------------------------------------------------------- */

static void test_incoming_and_outgoing(void)
{
    struct lab_scene scene;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 30; seed++) {
        g_autoptr(mapi_item) in = sketched(&scene, lab_kind_plain, seed);
        g_autoptr(mapi_item) out =
            sketched_outgoing(&scene, lab_kind_plain, seed);
        g_autofree char *sender = mapi_dup_text(prop(out, PR_SENDER_NAME));
        g_autofree char *to =
            mapi_dup_text(mapi_find(&in->message.recipients[0], 0x39FE));
        int32_t flags = mapi_get_i32(prop(out, PR_MESSAGE_FLAGS), 0);

        g_assert_cmpstr(sender, ==, "Ann Adams");
        g_assert_cmpstr(to, ==, "ann@corp.example");
        g_assert_true((flags & MSGFLAG_FROMME) != 0);
        g_assert_true((flags & MSGFLAG_READ) != 0);
        g_assert_null(prop(out, PR_TRANSPORT_MESSAGE_HEADERS));
        g_assert_nonnull(prop(in, PR_TRANSPORT_MESSAGE_HEADERS));
        g_assert_nonnull(prop(in, PR_RECEIVED_BY_NAME));
        g_assert_null(prop(out, PR_RECEIVED_BY_NAME));
    }
    scene_clear(&scene);
}

/* Exchange entry: flags, provider, version and type, then the name. */
static void check_exchange_entry(const struct mapi_prop *p, const char *dn)
{
    struct cursor c = cursor_of(p);

    g_assert_cmpuint(take(&c, 4), ==, 0);
    g_assert_cmphex(take(&c, 4), ==, 0xC840A7DC);
    skip(&c, 12);
    g_assert_cmpuint(take(&c, 4), ==, 1);
    g_assert_cmpuint(take(&c, 4), ==, 0);
    g_assert_cmpuint((gsize)(c.end - c.at), ==, strlen(dn) + 1);
    g_assert_cmpstr((const char *)c.at, ==, dn);
}

/* One-off: flags, provider, version 0, MIME and Unicode, three strings. */
static void check_one_off(const struct mapi_prop *p)
{
    struct cursor c = cursor_of(p);
    unsigned int ends = 0;

    g_assert_cmpuint(take(&c, 4), ==, 0);
    g_assert_cmphex(take(&c, 4), ==, 0xA41F2B81);
    skip(&c, 12);
    g_assert_cmphex(take(&c, 4), ==, 0x90010000);
    while (c.at < c.end)
        ends += take(&c, 2) == 0;
    g_assert_cmpuint(ends, ==, 3);
}

static void test_recipients(void)
{
    struct lab_scene scene;
    unsigned int inside = 0, outside = 0;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 30; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_plain, seed);

        for (size_t i = 0; i < item->message.n_recipients; i++) {
            const struct mapi_props *r = &item->message.recipients[i];
            g_autofree char *kind = mapi_dup_text(mapi_find(r, 0x3002));
            g_autofree char *address = mapi_dup_text(mapi_find(r, 0x3003));
            int32_t type = mapi_get_i32(mapi_find(r, 0x0C15), 0);

            g_assert_cmpint(mapi_get_i32(mapi_find(r, 0x3000), -1), ==,
                            (int32_t)i);
            g_assert_true(type >= 1 && type <= 3);
            if (strcmp(kind, "EX") == 0) {
                check_exchange_entry(mapi_find(r, 0x0FFF), address);
                inside++;
            } else {
                check_one_off(mapi_find(r, 0x0FFF));
                outside++;
            }
        }
    }
    g_assert_cmpuint(inside, >, 20);
    g_assert_cmpuint(outside, >, 20);
    scene_clear(&scene);
}

/* ---- subject and conversation ---------------------------------------- */

static void test_prefixes(void)
{
    struct lab_scene scene;
    unsigned int with = 0, without = 0;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 80; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_plain, seed);
        g_autofree char *subject = mapi_dup_text(prop(item, PR_SUBJECT));
        g_autofree char *prefix = mapi_dup_text(prop(item, PR_SUBJECT_PREFIX));
        g_autofree char *topic =
            mapi_dup_text(prop(item, PR_CONVERSATION_TOPIC));
        g_autofree char *joined = g_strconcat(prefix, topic, NULL);

        g_assert_cmpstr(subject, ==, joined);
        with += *prefix != '\0';
        without += *prefix == '\0';
        g_assert_cmpuint(prop(item, PR_CONVERSATION_INDEX)->size, ==, 22);
        g_assert_cmpint(prop(item, PR_CONVERSATION_INDEX)->data[0], ==, 1);
        if (strcmp(prefix, "RE: ") == 0)
            g_assert_nonnull(prop(item, PR_IN_REPLY_TO));
    }
    g_assert_cmpuint(with, >, 15);
    g_assert_cmpuint(without, >, 30);
    scene_clear(&scene);
}

static void test_stamps_are_in_order(void)
{
    struct lab_scene scene;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 40; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_html, seed);
        int64_t sent = mapi_get_time(prop(item, PR_CLIENT_SUBMIT_TIME));
        int64_t received = mapi_get_time(prop(item, PR_MESSAGE_DELIVERY_TIME));
        int64_t created = mapi_get_time(prop(item, PR_CREATION_TIME));
        int64_t modified = mapi_get_time(prop(item, PR_LAST_MODIFICATION_TIME));

        g_assert_cmpint(sent, ==, SKETCH_AT);
        g_assert_cmpint(sent, <=, received);
        g_assert_cmpint(received, <=, created);
        g_assert_cmpint(created, <=, modified);
    }
    scene_clear(&scene);
}

/* ---- attachments ----------------------------------------------------- */

static size_t data_size(const struct mapi_attachment *a)
{
    const struct mapi_prop *p = mapi_find(&a->props, 0x3701);

    return p != NULL ? p->size : 0;
}

static void test_sizes_are_plausible(void)
{
    struct lab_scene scene;
    unsigned int small = 0, middle = 0, large = 0, n = 0;

    scene_init(&scene, 1);
    scene.attachment_max = 30 * 1024 * 1024;
    for (uint64_t seed = 0; seed < 400; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_files, seed);

        for (size_t i = 0; i < item->message.n_attachments; i++) {
            size_t size = data_size(&item->message.attachments[i]);

            g_assert_cmpuint(size, >=, 1024);
            g_assert_cmpuint(size, <=, 30 * 1024 * 1024);
            small += size < 60 * 1024;
            middle += size >= 60 * 1024 && size < 500 * 1024;
            large += size >= 500 * 1024;
            n++;
        }
    }
    /* mostly 2 to 60 KB, a few MB now and then */
    g_assert_cmpuint(small * 100 / n, >, 80);
    g_assert_cmpuint(middle * 100 / n, >, 4);
    g_assert_cmpuint(large, >, 3);
    g_assert_cmpuint(large * 100 / n, <, 5);
    scene_clear(&scene);
}

static void test_cap(void)
{
    struct lab_scene scene;
    g_autoptr(mapi_item) item = NULL, whole = NULL;

    scene_init(&scene, 1);
    scene.attachment_max = 777;
    item = sketched(&scene, lab_kind_large, 3);
    g_assert_cmpuint(data_size(&item->message.attachments[0]), ==, 777);
    scene.attachment_max = UINT64_MAX;
    whole = sketched(&scene, lab_kind_large, 3);
    g_assert_cmpuint(data_size(&whole->message.attachments[0]), >=,
                     5 * 1024 * 1024);
    g_assert_cmpuint(data_size(&whole->message.attachments[0]), <=,
                     30 * 1024 * 1024);
    scene_clear(&scene);
}

static void test_forwarded(void)
{
    struct lab_scene scene;
    unsigned int deep = 0;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 40; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_forwarded, seed);
        const struct mapi_attachment *a = &item->message.attachments[0];

        g_assert_cmpint(mapi_get_i32(mapi_find(&a->props, 0x3705), 0), ==,
                        ATTACH_EMBEDDED_MSG);
        g_assert_nonnull(a->embedded);
        g_assert_null(mapi_find(&a->props, 0x3701));
        g_assert_cmpuint(a->embedded->n_recipients, ==, 1);
        deep += a->embedded->n_attachments > 0;
    }
    g_assert_cmpuint(deep, >, 8);
    scene_clear(&scene);
}

static void test_ole(void)
{
    struct lab_scene scene;
    g_autoptr(mapi_item) item = NULL;
    const struct mapi_prop *p;

    scene_init(&scene, 1);
    item = sketched(&scene, lab_kind_ole, 5);
    p = mapi_find(&item->message.attachments[0].props, 0x3701);
    g_assert_cmphex(p->tag, ==, PR_ATTACH_DATA_OBJ);
    g_assert_true(memcmp(p->data, "\xD0\xCF\x11\xE0", 4) == 0);
    scene_clear(&scene);
}

/* ---- kinds ----------------------------------------------------------- */

static void test_kinds(void)
{
    /* clang-format off */
    static const struct {
        const char *name;
        lab_kind_fn make;
        const char *item_class;
        bool plain, html, rtf;
    } rows[] = {
        { "plain", lab_kind_plain, "IPM.Note", true, false, false },
        { "rtf", lab_kind_rtf, "IPM.Note", false, false, true },
        { "all bodies", lab_kind_all_bodies, "IPM.Note", true, true, true },
        { "files", lab_kind_files, "IPM.Note", false, true, false },
        { "ole", lab_kind_ole, "IPM.Note", false, false, true },
        { "signed", lab_kind_signed, "IPM.Note.SMIME.MultipartSigned",
          true, false, false },
        { "opaque", lab_kind_opaque, "IPM.Note.SMIME", false, false, false },
        { "wrong charset", lab_kind_wrong_charset, "IPM.Note",
          true, true, false },
        { "broken", lab_kind_broken, "IPM.Note", true, false, false },
        { "receipt wanted", lab_kind_receipt_wanted, "IPM.Note",
          false, true, false },
        { "pictures", lab_kind_pictures, "IPM.Note", true, true, false },
        { "nested", lab_kind_nested, "IPM.Note", true, false, false },
        { "voice", lab_kind_voice, "IPM.Note.Microsoft.Voicemail.UM.CA",
          true, false, false },
        { "html in rtf", lab_kind_html_rtf, "IPM.Note", false, false, true },
        { "odd dates", lab_kind_odd_dates, "IPM.Note", true, false, false },
        { "report", lab_kind_report, "REPORT.IPM.Note.NDR",
          true, false, false },
        { "receipt", lab_kind_receipt, "REPORT.IPM.Note.IPNNRN",
          false, false, false },
        { "custom", lab_kind_custom, "IPM.Note.Invoice", true, false, false },
        { "no subject", lab_kind_no_subject, "IPM.Note", true, false, false },
        { "draft", lab_kind_draft, "IPM.Note", false, true, false },
    };
    /* clang-format on */
    struct lab_scene scene;

    scene_init(&scene, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(mapi_item) item = sketched(&scene, rows[i].make, 11);
        g_autofree char *item_class =
            mapi_dup_text(prop(item, PR_MESSAGE_CLASS));

        CHECK_ROW(rows[i].name, strcmp(item_class, rows[i].item_class) == 0);
        CHECK_ROW(rows[i].name, (prop(item, PR_BODY) != NULL) == rows[i].plain);
        CHECK_ROW(rows[i].name, (prop(item, PR_HTML) != NULL) == rows[i].html);
        CHECK_ROW(rows[i].name,
                  (prop(item, PR_RTF_COMPRESSED) != NULL) == rows[i].rtf);
        CHECK_ROW(rows[i].name, prop(item, PR_SEARCH_KEY)->size == 16);
    }
    scene_clear(&scene);
}

/* ---- mail that gives trouble ----------------------------------------- */

/* What was signed stands in the mail as it stands in the attachment. */
static void test_signed(void)
{
    struct lab_scene scene;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 10; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_signed, seed);
        g_autofree char *mime = rendered(item);
        const struct mapi_prop *p =
            mapi_find(&item->message.attachments[0].props, 0x3701);
        g_autoptr(mapi_item) back = NULL;
        const struct mapi_prop *again;
        struct err err;

        g_assert_cmpuint(item->message.n_attachments, ==, 1);
        g_assert_nonnull(memmem(mime, strlen(mime), p->data, p->size));
        CHECK_OK(mime_parse((const uint8_t *)mime, strlen(mime), &back, &err),
                 &err);
        again = mapi_find(&back->message.attachments[0].props, 0x3701);
        g_assert_cmpuint(again->size, ==, p->size);
        g_assert_true(memcmp(again->data, p->data, p->size) == 0);
    }
    scene_clear(&scene);
}

static void test_reports(void)
{
    struct lab_scene scene;
    unsigned int unread = 0;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 40; seed++) {
        g_autoptr(mapi_item) ndr = sketched(&scene, lab_kind_report, seed);
        g_autoptr(mapi_item) receipt = sketched(&scene, lab_kind_receipt, seed);
        g_autofree char *text = rendered(ndr);
        g_autofree char *read = rendered(receipt);
        g_autofree char *item_class =
            mapi_dup_text(prop(receipt, PR_MESSAGE_CLASS));

        g_assert_nonnull(strstr(text, "report-type=delivery-status"));
        g_assert_nonnull(strstr(text, "\r\nStatus: 5.1.1\r\n"));
        g_assert_nonnull(strstr(text, "Reporting-MTA: dns;mail.corp.example"));
        g_assert_nonnull(strstr(read, "report-type=disposition-notification"));
        g_assert_nonnull(strstr(read, "Original-Message-ID: <"));
        unread += g_str_has_suffix(item_class, "IPNNRN") ? 1 : 0;
        g_assert_cmpint(strstr(read, "; deleted\r\n") != NULL, ==,
                        g_str_has_suffix(item_class, "IPNNRN"));
    }
    g_assert_cmpuint(unread, >, 3);
    g_assert_cmpuint(unread, <, 20);
    scene_clear(&scene);
}

static void test_html_in_rtf(void)
{
    struct lab_scene scene;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 10; seed++) {
        g_autoptr(mapi_item) item = sketched(&scene, lab_kind_html_rtf, seed);
        const struct mapi_prop *p = prop(item, PR_RTF_COMPRESSED);
        g_autoptr(GByteArray) rtf = rtf_decompress(p->data, p->size);
        g_autofree char *html = NULL;

        g_assert_nonnull(rtf);
        g_assert_cmpint(rtf_origin((const char *)rtf->data, rtf->len), ==,
                        RTF_FROM_HTML);
        html = rtf_to_html((const char *)rtf->data, rtf->len);
        g_assert_true(g_str_has_prefix(html, "<html><body><p>"));
        g_assert_true(g_str_has_suffix(html, "</p></body></html>"));
        g_assert_null(strstr(html, "htmltag"));
    }
    scene_clear(&scene);
}

static void test_trouble(void)
{
    struct lab_scene scene;
    unsigned int before = 0, after = 0;

    scene_init(&scene, 1);
    for (uint64_t seed = 0; seed < 20; seed++) {
        g_autoptr(mapi_item) dates = sketched(&scene, lab_kind_odd_dates, seed);
        g_autoptr(mapi_item) nested = sketched(&scene, lab_kind_nested, seed);
        g_autoptr(mapi_item) wanted =
            sketched(&scene, lab_kind_receipt_wanted, seed);
        g_autoptr(mapi_item) charset =
            sketched(&scene, lab_kind_wrong_charset, seed);
        int64_t sent = mapi_get_time(prop(dates, PR_CLIENT_SUBMIT_TIME));
        const struct mapi_message *m = &nested->message;
        const struct mapi_prop *html = prop(charset, PR_HTML);

        before += sent < 0;
        after += sent > INT64_C(2147483648000000);
        g_assert_null(prop(dates, PR_MESSAGE_DELIVERY_TIME));
        for (int level = 0; level < 3; level++) {
            m = m->attachments[0].embedded;
            g_assert_nonnull(m);
        }
        g_assert_cmpuint(data_size(&m->attachments[0]), >, 0);
        g_assert_true(
            mapi_get_bool(prop(wanted, PR_READ_RECEIPT_REQUESTED), false));
        g_assert_cmpint(mapi_get_i32(prop(wanted, PR_MESSAGE_FLAGS), 9), ==, 0);
        g_assert_false(g_utf8_validate((const char *)html->data,
                                       (gssize)html->size, NULL));
    }
    g_assert_cmpuint(before, >, 0);
    g_assert_cmpuint(after, >, 0);
    scene_clear(&scene);
}

/* As MIME and back nothing in them is lost. */
static void test_through_mime(void)
{
    static const lab_kind_fn kinds[] = {
        lab_kind_opaque,   lab_kind_wrong_charset, lab_kind_broken,
        lab_kind_pictures, lab_kind_nested,        lab_kind_voice,
    };
    struct lab_scene scene;

    scene_init(&scene, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(mapi_item) item = sketched(&scene, kinds[i], 4);
        g_autofree char *mime = rendered(item);
        g_autoptr(mapi_item) back = NULL;
        g_autofree char *once = NULL, *twice = NULL;
        g_autoptr(mapi_item) again = NULL;
        struct err err;

        CHECK_OK(mime_parse((const uint8_t *)mime, strlen(mime), &back, &err),
                 &err);
        g_assert_cmpuint(back->message.n_attachments, ==,
                         item->message.n_attachments);
        once = rendered(back);
        CHECK_OK(mime_parse((const uint8_t *)once, strlen(once), &again, &err),
                 &err);
        twice = rendered(again);
        g_assert_cmpstr(once, ==, twice);
    }
    scene_clear(&scene);
}

/* The seed is all: the same again, and another from another. */
static void test_seeds(void)
{
    static const lab_kind_fn kinds[] = {
        lab_kind_plain,  lab_kind_html,   lab_kind_files,     lab_kind_ole,
        lab_kind_custom, lab_kind_signed, lab_kind_forwarded, lab_kind_opaque,
        lab_kind_voice,  lab_kind_nested, lab_kind_report,    lab_kind_html_rtf,
        lab_kind_broken,
    };
    struct lab_scene scene;

    scene_init(&scene, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(mapi_item) a = sketched(&scene, kinds[i], 9);
        g_autoptr(mapi_item) b = sketched(&scene, kinds[i], 9);
        g_autoptr(mapi_item) c = sketched(&scene, kinds[i], 10);
        struct lab_profile p;
        g_autoptr(GBytes) x = NULL, y = NULL, z = NULL;

        lab_profile_init(&p, 1);
        x = lab_fts_write(a, &p);
        y = lab_fts_write(b, &p);
        z = lab_fts_write(c, &p);
        g_assert_true(g_bytes_equal(x, y));
        g_assert_false(g_bytes_equal(x, z));
    }
    scene_clear(&scene);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/generate-mail/direction", test_incoming_and_outgoing);
    g_test_add_func("/generate-mail/recipients", test_recipients);
    g_test_add_func("/generate-mail/prefixes", test_prefixes);
    g_test_add_func("/generate-mail/stamps", test_stamps_are_in_order);
    g_test_add_func("/generate-mail/sizes", test_sizes_are_plausible);
    g_test_add_func("/generate-mail/cap", test_cap);
    g_test_add_func("/generate-mail/forwarded", test_forwarded);
    g_test_add_func("/generate-mail/ole", test_ole);
    g_test_add_func("/generate-mail/kinds", test_kinds);
    g_test_add_func("/generate-mail/seeds", test_seeds);
    g_test_add_func("/generate-mail/signed", test_signed);
    g_test_add_func("/generate-mail/reports", test_reports);
    g_test_add_func("/generate-mail/html-in-rtf", test_html_in_rtf);
    g_test_add_func("/generate-mail/trouble", test_trouble);
    g_test_add_func("/generate-mail/through-mime", test_through_mime);
    return g_test_run();
}
