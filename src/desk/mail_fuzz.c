/*
 * Whatever comes in: texts are what they are said to be, reading twice finds
 * the same, and what is kept of a mail with passwords holds none of them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "desk/asked.h"
#include "desk/mail.h"

#define REQUIRE(condition)                                                     \
    do {                                                                       \
        if (!(condition))                                                      \
            abort();                                                           \
    } while (0)

static const struct mail_context context = {
    .authserv_id = "mx.provider.example",
    .own_address = "support@provider.example",
};

static void check_text(const char *text, size_t most, bool lines)
{
    if (text == NULL)
        return;
    REQUIRE(strlen(text) <= most);
    REQUIRE(g_utf8_validate(text, -1, NULL));
    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        REQUIRE(!g_unichar_iscntrl(c) || (lines && (c == '\n' || c == '\t')));
    }
}

static void check_mail(const struct mail *m)
{
    check_text(m->subject, MAIL_LINE_MAX, false);
    check_text(m->from, MAIL_LINE_MAX, false);
    check_text(m->from_name, MAIL_LINE_MAX, false);
    check_text(m->reply_to, MAIL_LINE_MAX, false);
    check_text(m->return_path, MAIL_LINE_MAX, false);
    check_text(m->message_id, MAIL_LINE_MAX, false);
    /* another charset may take three times its bytes in UTF-8 */
    check_text(m->text, 4 * MAIL_TEXT_MAX, true);
    check_text(m->html_text, 4 * MAIL_TEXT_MAX, true);
    REQUIRE((m->from == NULL) == ((m->faults & MAIL_NO_SENDER) != 0));
    REQUIRE((m->nature == MAIL_PERSONAL) == (m->nature_why == NULL));
    REQUIRE(m->references->len <= MAIL_REFERENCES_MAX);
    REQUIRE(m->files->len <= MAIL_FILES_MAX);
    for (guint i = 0; i < m->files->len; i++) {
        const struct mail_file *f = m->files->pdata[i];

        check_text(f->name, MAIL_LINE_MAX, false);
        REQUIRE(f->bytes == NULL || f->kind == MAIL_FILE_IMPORT);
    }
}

static void check_asked(const struct asked *a)
{
    check_text(a->partner, ASKED_PARTNER_MAX, false);
    check_text(a->domain, 253, false);
    check_text(a->owa_url, ASKED_URL_MAX, false);
    check_text(a->user, ASKED_USER_MAX, false);
    check_text(a->start, 10, false);
    check_text(a->cutover, 10, false);
}

static void check_kept(const uint8_t *data, size_t size, const struct mail *m,
                       const GPtrArray *secrets)
{
    g_autoptr(GBytes) kept = mail_redacted(data, size, m, secrets);
    gsize n;
    const void *bytes = g_bytes_get_data(kept, &n);

    for (guint i = 0; i < secrets->len; i++) {
        const char *word = secret_peek(secrets->pdata[i]);

        /* what stands instead of one may hold a short one */
        if (strlen(word) > 9)
            REQUIRE(memmem(bytes, n, word, strlen(word)) == NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(mail_t) m = mail_read(data, size, &context);
    g_autoptr(mail_t) again = mail_read(data, size, &context);
    g_auto(asked) a;

    check_mail(m);
    REQUIRE(strcmp(m->text, again->text) == 0);
    REQUIRE(m->faults == again->faults && m->proof == again->proof);
    asked_of_mail(m, &a);
    check_asked(&a);
    check_kept(data, size, m, a.secrets);
    return 0;
}
