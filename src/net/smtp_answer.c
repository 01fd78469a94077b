#include <string.h>

#include "net/smtp_priv.h"

/* Shorter ones stand in many texts by chance. */
#define PASSWORD_MIN 4

enum smtp_word smtp_word_after(enum smtp_word before, const char *line,
                               size_t n)
{
    static const struct {
        const char *text;
        enum smtp_word word;
    } rows[] = {
        { "EHLO", SMTP_WORD_OTHER },      { "HELO", SMTP_WORD_OTHER },
        { "STARTTLS", SMTP_WORD_OTHER },  { "AUTH ", SMTP_WORD_AUTH },
        { "MAIL FROM:", SMTP_WORD_MAIL }, { "RCPT TO:", SMTP_WORD_RCPT },
        { "DATA", SMTP_WORD_DATA },       { "QUIT", SMTP_WORD_QUIT },
    };

    /* Before MAIL all that is no command is part of signing in. */
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (n >= strlen(rows[i].text) &&
            g_ascii_strncasecmp(line, rows[i].text, strlen(rows[i].text)) == 0)
            return rows[i].word;
    return before;
}

/* In the clear, or as AUTH LOGIN and AUTH PLAIN have it. */
static bool tells_password(const struct smtp_server *s, const char *words)
{
    const char *password = s->password != NULL ? secret_peek(s->password) : "";
    size_t n = strlen(password), n_user = n > 0 ? strlen(s->user) : 0;
    g_autoptr(GString) plain = g_string_sized_new(n_user + n + 3);
    g_autofree char *login = NULL, *both = NULL;
    bool found;

    if (n == 0)
        return false;
    g_string_append_c(plain, '\0');
    g_string_append(plain, s->user);
    g_string_append_c(plain, '\0');
    g_string_append(plain, password);
    login = g_base64_encode((const guchar *)password, n);
    both = g_base64_encode((const guchar *)plain->str, plain->len);
    found = (n >= PASSWORD_MIN && strstr(words, password) != NULL) ||
            strstr(words, login) != NULL || strstr(words, both) != NULL;
    secret_wipe(plain->str, plain->len);
    secret_wipe(login, strlen(login));
    secret_wipe(both, strlen(both));
    return found;
}

/* One line, each code but the first left out: "550 5.1.1 no such user". */
static char *one_line(const char *words)
{
    g_auto(GStrv) lines = g_strsplit(words, "\n", -1);
    g_autofree char *good = NULL;
    GString *all = g_string_new(NULL);

    for (size_t i = 0; lines[i] != NULL; i++) {
        const char *line = g_strstrip(lines[i]);

        if (*line == '\0')
            continue;
        if (all->len == 0) {
            g_string_append(all, line);
            if (all->len > 3 && all->str[3] == '-')
                all->str[3] = ' ';
        } else if (strlen(line) > 4) {
            g_string_append_printf(all, " %s", line + 4);
        }
    }
    good = g_string_free(all, FALSE);
    return g_utf8_make_valid(good, -1);
}

/*
 * Refused for ever is what the server says of this mail: its recipient, its
 * content.  What it says of us, of who sends, would be said of each mail: the
 * mails wait until somebody has mended that.
 */
static bool is_about_mail(const struct smtp_answer *a, long status)
{
    /* 552 and 554 to MAIL FROM: the size that we told (RFC 1870) */
    if (a->word == SMTP_WORD_MAIL)
        return status == 552 || strstr(a->words, " 5.3.4") != NULL;
    return a->word == SMTP_WORD_RCPT || a->word == SMTP_WORD_DATA;
}

static const char *remedy_of(const struct smtp_answer *a)
{
    if (a->word == SMTP_WORD_AUTH)
        return "check mail.user and the password file, and whether that user "
               "may send by SMTP";
    if (a->word == SMTP_WORD_MAIL)
        return "check mail.from: the server must let this user send as it";
    return "ask whoever runs that server";
}

enum smtp_result smtp_answer_judge(const struct smtp_answer *a, long status,
                                   struct err *err)
{
    g_autofree char *said = one_line(a->words);
    bool final = status >= 500 && is_about_mail(a, status);

    if (tells_password(a->server, a->words)) {
        g_free(said);
        said = g_strdup_printf("%ld (it repeats the password)", status);
    }
    if (a->word == SMTP_WORD_RCPT || a->word == SMTP_WORD_DATA)
        err_set(err, ERR_ITEM, final ? ERR_RETRY_NEVER : ERR_RETRY_WAIT,
                (int)status, "server \"%s\" on mail to \"%s\": %s",
                a->server->url, a->to, said);
    else
        err_set(err, final ? ERR_ITEM : ERR_RUN,
                final ? ERR_RETRY_NEVER : ERR_RETRY_WAIT, (int)status,
                "server \"%s\": %s", a->server->url, said);
    err->name = final ? "smtp-refused" : "smtp-later";
    if (status >= 500 && !final)
        err_remedy(err, remedy_of(a));
    return final ? SMTP_REFUSED : SMTP_LATER;
}
