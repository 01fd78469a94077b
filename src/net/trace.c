#include "net/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/timestamp.h"

#define REDACTED "<redacted>"

struct net_trace {
    FILE *file;
    size_t body_max;
    uint64_t n_exchanges;
    pthread_mutex_t lock; /* guards file and n_exchanges */
};

/*
 * Gathered whole and written at once, so exchanges of several connections do
 * not mix.  A stretch is held back until it ends: only then is it known where
 * the secrets in it are.
 */
struct trace_entry {
    struct net_trace *trace;
    GPtrArray *secrets; /* text that must not appear, longest first */
    size_t secret_max;  /* length of the longest */
    GString *text;
    enum trace_kind kind; /* of the stretch under way */
    size_t body_max;      /* of a body that is shown */
    GString *stretch;
    uint64_t stretch_bytes; /* all of it, also what is not kept */
};

int net_trace_open(const char *path, size_t body_max_bytes,
                   struct net_trace **ret, struct err *err)
{
    struct net_trace *t;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file;

    if (fd < 0)
        return err_errno(err, ERR_RUN, errno, "trace file \"%s\"", path);
    /* It may have been there, and readable by others. */
    if (fchmod(fd, 0600) < 0 || (file = fdopen(fd, "w")) == NULL) {
        err_errno(err, ERR_RUN, errno, "trace file \"%s\"", path);
        close(fd);
        return -1;
    }
    t = g_new0(struct net_trace, 1);
    t->file = file;
    t->body_max = body_max_bytes;
    pthread_mutex_init(&t->lock, NULL);
    *ret = t;
    return 0;
}

void net_trace_close(struct net_trace *trace)
{
    if (trace == NULL)
        return;
    fclose(trace->file);
    pthread_mutex_destroy(&trace->lock);
    g_free(trace);
}

static void wipe_and_free(void *text)
{
    secret_wipe(text, strlen(text));
    g_free(text);
}

static void free_stretch(GString *s)
{
    secret_wipe(s->str, s->len);
    g_string_free(s, TRUE);
}

static int longest_first(const void *a, const void *b)
{
    size_t la = strlen(*(char *const *)a), lb = strlen(*(char *const *)b);

    return (la < lb) - (la > lb);
}

/* A password, and what becomes of it in XML and in an address. */
void trace_hide(struct trace_entry *e, const struct secret *text)
{
    const char *plain = text != NULL ? secret_peek(text) : "";

    if (plain[0] == '\0')
        return;
    g_ptr_array_add(e->secrets, g_strdup(plain));
    g_ptr_array_add(e->secrets, g_markup_escape_text(plain, -1));
    g_ptr_array_add(e->secrets, g_uri_escape_string(plain, NULL, FALSE));
    /* The longest first: it may hold a shorter one. */
    g_ptr_array_sort(e->secrets, longest_first);
    e->secret_max = strlen(e->secrets->pdata[0]);
}

struct trace_entry *trace_begin(struct net_trace *trace,
                                const struct net_auth *auth)
{
    struct trace_entry *e = g_new0(struct trace_entry, 1);

    e->trace = trace;
    e->body_max = trace->body_max;
    e->secrets = g_ptr_array_new_with_free_func(wipe_and_free);
    trace_hide(e, auth != NULL ? auth->password : NULL);
    e->text = g_string_new(NULL);
    e->stretch = g_string_new(NULL);
    return e;
}

void trace_hide_bodies(struct trace_entry *e)
{
    e->body_max = 0;
    e->secret_max = 0;
}

static bool is_body(enum trace_kind kind)
{
    return kind == TRACE_BODY_OUT || kind == TRACE_BODY_IN;
}

/* The length of the secret that begins here; 0: none does. */
static size_t secret_at(const struct trace_entry *e, size_t at)
{
    const GString *s = e->stretch;

    for (guint i = 0; i < e->secrets->len; i++) {
        const char *form = e->secrets->pdata[i];
        size_t len = strlen(form);

        if (len <= s->len - at && memcmp(s->str + at, form, len) == 0)
            return len;
    }
    return 0;
}

/*
 * What may be shown of a stretch, from its first `most` bytes.  In one pass,
 * for a secret may also stand in the mark that hides another; and a secret
 * that begins before the end is hidden whole.  Returns the bytes dealt with.
 */
static size_t redact(const struct trace_entry *e, size_t most, GString *out)
{
    size_t at = 0;

    while (at < MIN(e->stretch->len, most)) {
        size_t len = secret_at(e, at);

        if (len > 0)
            g_string_append(out, REDACTED);
        else
            g_string_append_c(out, e->stretch->str[at]);
        at += MAX(len, 1);
    }
    return at;
}

/*
 * Values that open a mailbox to whoever reads them.  The scheme before a
 * credential stays: it says how the signing in went.
 */
static const struct {
    const char *name;
    bool scheme_stays;
} hidden[] = {
    { "Authorization", true },
    { "Proxy-Authorization", true },
    { "Cookie", false },
    { "Set-Cookie", false },
};

static size_t bytes_that_stay(const char *line)
{
    size_t name = strcspn(line, ":");

    for (size_t i = 0; line[name] != '\0' && i < G_N_ELEMENTS(hidden); i++) {
        size_t value = name + 1 + strspn(line + name + 1, " ");
        size_t scheme = strcspn(line + value, " ");

        if (strlen(hidden[i].name) != name ||
            g_ascii_strncasecmp(line, hidden[i].name, name) != 0)
            continue;
        if (!hidden[i].scheme_stays || line[value + scheme] == '\0')
            return value;
        return value + scheme + 1;
    }
    return SIZE_MAX;
}

static void append_header(GString *out, const char *mark, const char *line)
{
    size_t len = strlen(line), stays = bytes_that_stay(line);

    g_string_append(out, mark);
    if (stays > len)
        g_string_append(out, line);
    else
        g_string_append_printf(out, "%.*s" REDACTED, (int)stays, line);
    g_string_append_c(out, '\n');
}

static void append_headers(struct trace_entry *e, const char *mark)
{
    GString *clean = g_string_new(NULL);
    g_auto(GStrv) lines = NULL;

    (void)redact(e, SIZE_MAX, clean);
    lines = g_strsplit(clean->str, "\n", -1);
    g_string_free(clean, TRUE);
    for (size_t i = 0; lines[i] != NULL; i++) {
        g_strchomp(lines[i]);
        if (lines[i][0] != '\0')
            append_header(e->text, mark, lines[i]);
    }
}

/* People read it on a terminal, which must not obey what a server sends. */
static void make_printable(GString *s)
{
    for (size_t i = 0; i < s->len; i++) {
        unsigned char c = (unsigned char)s->str[i];

        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            s->str[i] = '.';
    }
}

static void append_body(struct trace_entry *e)
{
    uint64_t shown = redact(e, e->body_max, e->text);

    g_string_append_c(e->text, '\n');
    if (shown < e->stretch_bytes)
        g_string_append_printf(e->text, "[%" G_GUINT64_FORMAT " bytes more]\n",
                               e->stretch_bytes - shown);
}

static void end_stretch(struct trace_entry *e)
{
    if (is_body(e->kind))
        append_body(e);
    else if (e->kind != TRACE_NOTHING)
        append_headers(e, e->kind == TRACE_HEADER_OUT ? "> " : "< ");
    g_string_truncate(e->stretch, 0);
    e->stretch_bytes = 0;
}

void trace_add(struct trace_entry *e, enum trace_kind kind, const char *bytes,
               size_t n)
{
    size_t most;

    if (kind != e->kind)
        end_stretch(e);
    e->kind = kind;
    e->stretch_bytes += n;
    /* A little more than will be shown: a secret may stand across the cut. */
    most = is_body(kind) ? e->body_max + e->secret_max : SIZE_MAX;
    if (e->stretch->len < most)
        g_string_append_len(e->stretch, bytes,
                            (gssize)MIN(n, most - e->stretch->len));
}

static void write_entry(struct net_trace *t, const struct trace_entry *e,
                        const char *how)
{
    g_autofree char *time = timestamp_format(timestamp_now());

    pthread_mutex_lock(&t->lock);
    /* A disk that is full must not end the migration: let the log end. */
    (void)fprintf(t->file, "=== exchange %" G_GUINT64_FORMAT ", ended %s\n",
                  ++t->n_exchanges, time);
    (void)fwrite(e->text->str, 1, e->text->len, t->file);
    (void)fprintf(t->file, "=== %s\n\n", how);
    (void)fflush(t->file);
    pthread_mutex_unlock(&t->lock);
}

void trace_end(struct trace_entry *e, const char *how)
{
    end_stretch(e);
    make_printable(e->text);
    write_entry(e->trace, e, how);
    g_ptr_array_unref(e->secrets);
    g_string_free(e->text, TRUE);
    free_stretch(e->stretch);
    g_free(e);
}
