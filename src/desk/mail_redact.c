/*
 * What is kept of a mail that carried passwords.
 *
 * A password may stand in several bodies, encoded and quoted in ways that no
 * search would find.  So none of them is kept: only the header, in which
 * nobody writes one, and the new text as we read it, without the secrets.
 */
#include <string.h>

#include "base/secret.h"
#include "desk/mail_priv.h"

#define REMOVED "[removed]"

/* A text with more of them is no text that anybody wrote. */
#define SECRETS_MAX 50

/* In one pass, however often it stands there. */
static GString *without(GString *text, const char *word)
{
    GString *out = g_string_new(NULL);
    const char *at = text->str, *found;

    while ((found = strstr(at, word)) != NULL) {
        g_string_append_len(out, at, found - at);
        g_string_append(out, REMOVED);
        at = found + strlen(word);
    }
    g_string_append(out, at);
    secret_wipe(text->str, text->len);
    g_string_free(text, TRUE);
    return out;
}

static GString *take_out(GString *text, const GPtrArray *secrets)
{
    for (guint i = 0; i < secrets->len && i < SECRETS_MAX; i++) {
        const char *word = secret_peek(secrets->pdata[i]);

        if (*word != '\0')
            text = without(text, word);
    }
    return text;
}

/* These say how the bodies were written, which are no more. */
static bool is_of_body(const char *line, size_t n)
{
    return (n >= 8 && g_ascii_strncasecmp(line, "content-", 8) == 0) ||
           (n >= 13 && g_ascii_strncasecmp(line, "mime-version:", 13) == 0);
}

static void put_header(GString *out, const char *bytes, size_t n)
{
    const char *end = bytes + n;
    bool left_out = false;

    while (bytes < end) {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t len = (size_t)((stop != NULL ? stop + 1 : end) - bytes);

        if (*bytes == '\r' || *bytes == '\n')
            return;
        /* a line that begins with a blank goes on with its field */
        if (*bytes != ' ' && *bytes != '\t')
            left_out = is_of_body(bytes, len);
        if (!left_out)
            g_string_append_len(out, bytes, (gssize)len);
        bytes += len;
    }
}

static void put_files(GString *out, const struct mail *m)
{
    for (guint i = 0; i < m->files->len; i++) {
        const struct mail_file *f = m->files->pdata[i];

        g_string_append_printf(
            out, "\n[file \"%s\", %s, %" G_GUINT64_FORMAT " bytes, SHA-256 %s]",
            f->name, mail_file_kind_name(f->kind), f->size, f->sha256);
    }
}

GBytes *mail_redacted(const void *bytes, size_t n, const struct mail *m,
                      const GPtrArray *secrets)
{
    GString *out = g_string_new(NULL);
    bool few = secrets->len <= SECRETS_MAX;
    gsize len;
    char *text;

    put_header(out, bytes, mail_header_length(bytes, n));
    for (gsize i = 0; i < out->len; i++)
        if (out->str[i] == '\0')
            out->str[i] = ' '; /* a search would end here */
    g_string_append(out, "MIME-Version: 1.0\n"
                         "Content-Type: text/plain; charset=utf-8\n"
                         "Content-Transfer-Encoding: 8bit\n"
                         "X-Mailferry-Redacted: passwords\n");
    g_string_append_printf(out, "\n%s\n", few ? m->text : REMOVED);
    if (m->forwarded != NULL && few)
        g_string_append_printf(
            out, "\n---------- Forwarded message ----------\n%s\n",
            m->forwarded);
    put_files(out, m);
    g_string_append_c(out, '\n');
    out = take_out(out, secrets);
    len = out->len;
    text = g_string_free(out, FALSE);
    return g_bytes_new_take(text, len);
}
